//! Why playing was impossible. Failed requests are not errors but data.

use std::io;

use thiserror::Error;

/// dyno could not do its job.
#[derive(Debug, Error)]
pub enum Error {
    /// No load thread could be started, or one could not set itself up.
    #[error("could not start a load thread")]
    Thread(#[source] io::Error),
    /// A load thread ended without its result.
    #[error("a load thread ended without a result: this is a bug in dyno")]
    ThreadLost,
    /// Something due was forgotten or counted twice.
    #[error(
        "the books of the step do not balance: {due} due, {succeeded} succeeded, {failed} failed, \
         {dropped} dropped, {unfinished} unfinished: this is a bug in dyno"
    )]
    Unbalanced {
        /// Starts that came due.
        due: u64,
        /// Right answers.
        succeeded: u64,
        /// Failures.
        failed: u64,
        /// Never sent.
        dropped: u64,
        /// In flight at the end.
        unfinished: u64,
    },
}
