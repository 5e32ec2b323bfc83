//! The one clock of everything here: CLOCK_MONOTONIC in nanoseconds, the same
//! for every process of a machine.

use nix::time::{ClockId, clock_gettime};

/// A second, ns.
pub(crate) const SECOND_NS: u64 = 1_000_000_000;

/// Now, CLOCK_MONOTONIC, ns.
pub fn now_ns() -> u64 {
    let now = clock_gettime(ClockId::CLOCK_MONOTONIC)
        .expect("every Linux has CLOCK_MONOTONIC, and it is never negative");
    now.tv_sec().unsigned_abs() * SECOND_NS + now.tv_nsec().unsigned_abs()
}
