//! When this thread last came back from waiting for the kernel. Whatever an
//! answer shows later than that, dyno itself may have added.

use std::cell::Cell;
use std::time::{Duration, Instant};

thread_local! {
    static WOKEN: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// The thread is back from the kernel and has not looked at anything yet.
pub(crate) fn begin(now: Instant) {
    WOKEN.set(Some(now));
}

/// How long before `now` the thread came back.
pub(crate) fn age(now: Instant) -> Duration {
    WOKEN
        .get()
        .map_or(Duration::ZERO, |woken| now.saturating_duration_since(woken))
}
