//! One start.

use std::time::Instant;

/// A request that is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Start {
    /// Number within the thread and phase, from 0.
    pub(crate) number: u64,
    /// When it should go out: response time counts from here.
    pub(crate) intended: Instant,
    /// When a connection was there for it. Later than `intended` only if it had
    /// to wait for one.
    pub(crate) found: Instant,
    /// The start comes from a clock: the actual start is to be stamped.
    pub(crate) clocked: bool,
    /// It is a later request of a flow, or one after a pause: the moment is of the
    /// flow's making.
    pub(crate) follows: bool,
}
