//! Times as results have them: whole nanoseconds.

use std::time::Duration;

use dyno_result::Histogram;

/// Whole nanoseconds.
pub(crate) fn ns(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// Notes a time; none is shorter than 1 ns.
pub(crate) fn record(histogram: &mut Histogram, time: Duration) {
    histogram
        .record(ns(time).max(1))
        .expect("a histogram that may grow takes every value");
}
