//! When requests start. The connections of a load thread ask here for their
//! next start; how they carry it out is left to `worker.rs`.
//!
//! In the closed model a start is due the moment a connection is free. A clock
//! driven schedule slots in behind the same [`Starts::next`].

use std::cell::Cell;
use std::time::{Duration, Instant};

use crate::Stop;

/// A request that is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Start {
    /// Number within the thread and phase, from 0.
    pub(crate) number: u64,
    /// When it should go out: response time counts from here.
    pub(crate) intended: Instant,
}

/// When a phase ends, for one load thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// After so many starts of this thread.
    Starts(u64),
    /// No start at or after this time.
    At(Instant),
}

/// The starts of one thread in one phase.
#[derive(Debug)]
pub(crate) struct Starts {
    end: End,
    handed_out: Cell<u64>,
    stop: Stop,
}

impl Starts {
    pub(crate) fn new(end: End, stop: Stop) -> Self {
        Self {
            end,
            handed_out: Cell::new(0),
            stop,
        }
    }

    /// The next start for a connection that has been free since `free`; `None`
    /// when the phase is over.
    #[expect(clippy::unused_async, reason = "a clock-driven schedule waits here")]
    pub(crate) async fn next(&self, free: Instant) -> Option<Start> {
        let number = self.handed_out.get();
        let more = match self.end {
            End::Starts(count) => number < count,
            End::At(end) => free < end,
        };
        if !more || self.stop.is_set() {
            return None;
        }
        self.handed_out.set(number + 1);
        Some(Start {
            number,
            intended: free,
        })
    }

    /// Starts handed out so far: what came due.
    pub(crate) fn due(&self) -> u64 {
        self.handed_out.get()
    }
}

/// Splits `total` in proportion to `weights`; the parts add up to `total`.
pub(crate) fn shares(total: u64, weights: &[u64]) -> Vec<u64> {
    let sum: u128 = weights.iter().map(|weight| u128::from(*weight)).sum();
    let mut cumulative = 0_u128;
    let mut given = 0_u64;
    weights
        .iter()
        .map(|weight| {
            cumulative += u128::from(*weight);
            let until = u128::from(total) * cumulative / sum.max(1);
            let until = u64::try_from(until).expect("a part is not larger than the whole");
            let share = until - given;
            given = until;
            share
        })
        .collect()
}

/// `total` in `parts` parts that differ by at most one, larger ones first.
pub(crate) fn even(total: u64, parts: u64) -> Vec<u64> {
    (0..parts)
        .map(|part| total / parts + u64::from(part < total % parts))
        .collect()
}

/// How long to wait before connecting again after `failures` in a row: 0, 1, 2,
/// 4 … 100 ms, of which a random half keeps connections apart.
pub(crate) fn back_off(failures: u32) -> Duration {
    let full = match failures {
        0 | 1 => return Duration::ZERO,
        _ => 1_000_u64.saturating_mul(1 << (failures - 2).min(10)),
    };
    let full = full.min(100_000);
    Duration::from_micros(full / 2 + fastrand::u64(0..=full / 2))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn remainders_are_distributed() {
        assert_eq!(even(10, 3), [4, 3, 3]);
        assert_eq!(even(2, 4), [1, 1, 0, 0]);
        assert_eq!(shares(10_007, &[50, 50]), [5_003, 5_004]);
        assert_eq!(shares(5, &[2, 1]), [3, 2]);
        assert_eq!(shares(1, &[1, 1, 1]), [0, 0, 1]);
    }

    proptest! {
        #[test]
        fn nothing_is_lost_in_splitting(total in 0u64..1 << 40, weights in prop::collection::vec(1u64..1000, 1..20)) {
            prop_assert_eq!(shares(total, &weights).iter().sum::<u64>(), total);
            let parts = weights.len() as u64;
            prop_assert_eq!(even(total, parts).iter().sum::<u64>(), total);
        }

        #[test]
        fn backing_off_is_bounded(failures in 0u32..) {
            prop_assert!(back_off(failures) <= Duration::from_millis(100));
        }
    }

    #[tokio::test]
    async fn exactly_as_many_starts_as_asked() {
        let now = Instant::now();
        let starts = Starts::new(End::Starts(3), Stop::default());
        let mut numbers = Vec::new();
        while let Some(start) = starts.next(now).await {
            numbers.push(start.number);
        }
        assert_eq!((numbers, starts.due()), (vec![0, 1, 2], 3));
    }

    #[tokio::test]
    async fn no_start_at_the_end_or_after_a_stop() {
        let now = Instant::now();
        let end = now + Duration::from_secs(1);
        let stop = Stop::default();
        let starts = Starts::new(End::At(end), stop.clone());
        assert!(starts.next(now).await.is_some());
        assert_eq!(starts.next(end).await, None);
        stop.set();
        assert_eq!(starts.next(now).await, None);
    }
}
