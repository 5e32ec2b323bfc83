//! Why playing was impossible. Failed requests are not errors but data.

use std::io;
use std::path::PathBuf;

use thiserror::Error;
use tokio_rustls::rustls;

use crate::exam::BadCheck;
use crate::stock::StockError;

/// dyno could not do its job.
#[derive(Debug, Error)]
pub enum Error {
    /// No load thread could be started, or one could not set itself up.
    #[error("could not start a load thread")]
    Thread(#[source] io::Error),
    /// Connections cannot be encrypted as asked for.
    #[error(transparent)]
    Tls(TlsError),
    /// HTTP/2 has no way of saying this.
    #[error("{request} cannot be sent over HTTP/2: correct its path and headers")]
    Http2Request {
        /// Method and path.
        request: String,
        /// What is wrong.
        #[source]
        source: http::Error,
    },
    /// A value that a template names is not to be had.
    #[error(transparent)]
    Stock(#[from] StockError),
    /// A check or a capture cannot be used.
    #[error(transparent)]
    Check(#[from] BadCheck),
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

/// Why connections cannot be encrypted as asked for.
#[derive(Debug, Error)]
pub enum TlsError {
    /// The file of trusted authorities is unusable.
    #[error("could not read certificates from {path}: give a PEM file", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: io::Error,
    },
    /// This machine trusts nobody.
    #[error(
        "this machine has no certificates to trust: install the package ca-certificates, \
         or name a PEM file"
    )]
    NoAuthorities,
    /// No certificate can be for this name.
    #[error("{0:?} is neither a host name nor an IP address")]
    ServerName(String),
    /// The TLS library refused its settings.
    #[error("could not set up TLS")]
    Setup(#[source] rustls::Error),
}
