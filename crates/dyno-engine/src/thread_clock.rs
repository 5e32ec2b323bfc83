//! What a load thread knows of its own time: when it last came back from the
//! kernel, and how long it has been at work.

use std::cell::Cell;
use std::time::{Duration, Instant};

use nix::time::{ClockId, clock_gettime};

thread_local! {
    static WOKEN: Cell<Option<Instant>> = const { Cell::new(None) };
    static SPUN: Cell<Duration> = const { Cell::new(Duration::ZERO) };
}

/// The thread is back from the kernel and has not looked at anything yet.
pub(crate) fn woken(now: Instant) {
    WOKEN.set(Some(now));
}

/// How long before `now` the thread came back. Whatever an answer shows later
/// than that, dyno itself may have added.
pub(crate) fn since_woken(now: Instant) -> Duration {
    WOKEN
        .get()
        .map_or(Duration::ZERO, |woken| now.saturating_duration_since(woken))
}

/// The thread has polled for so long while nothing was to be done.
pub(crate) fn spun(time: Duration) {
    SPUN.set(SPUN.get() + time);
}

/// Time that this thread has been at work on a CPU: without what it spun.
pub(crate) fn worked() -> Duration {
    let cpu = clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID);
    cpu.map(Duration::from)
        .unwrap_or_default()
        .saturating_sub(SPUN.get())
}
