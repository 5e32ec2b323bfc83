//! What one request and its answer need and leave behind, whatever is spoken.

use std::time::{Duration, Instant};

use crate::answer::Familiar;

/// What all connections of a thread read with.
#[derive(Debug)]
pub(crate) struct Reader {
    /// Answers are parsed in place; only incomplete heads are copied.
    pub(crate) buffer: Box<[u8]>,
    pub(crate) familiar: Familiar,
}

/// One request sent and its answer received.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Exchange {
    /// When the first byte of the answer was there.
    pub(crate) first_byte: Option<Instant>,
    /// How long it may have been there before.
    pub(crate) loop_delay: Duration,
    /// When the last one was there.
    pub(crate) end: Option<Instant>,
    /// Bytes written, before encryption.
    pub(crate) sent: u64,
    /// Bytes read, after decryption.
    pub(crate) received: u64,
    /// The connection can carry another request.
    pub(crate) reusable: bool,
    /// There is no answer, and the server surely did not process the request: it
    /// may be sent again.
    pub(crate) unprocessed: bool,
}
