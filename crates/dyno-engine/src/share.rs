//! Dealing out work and waiting times: who gets how much, and when to try again.

use std::time::Duration;

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
}
