//! Every number below a bound once, in an order drawn from a seed, without
//! remembering any of them.

use crate::random::mix;

/// Rounds of the network: four are enough to look random (Luby and Rackoff 1988).
const ROUNDS: u64 = 4;

/// A bijection of the numbers below `count`: a Feistel network over the next power
/// of four, walked until it is back below the bound (Black and Rogaway 2002).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Permutation {
    count: u64,
    seed: u64,
    /// Bits of each half.
    half: u32,
}

impl Permutation {
    pub(crate) fn new(count: u64, seed: u64) -> Self {
        let bits = u64::BITS - count.saturating_sub(1).leading_zeros();
        let half = bits.div_ceil(2).max(1);
        Self { count, seed, half }
    }

    /// The number at `place`, which is below the bound.
    pub(crate) fn at(&self, place: u64) -> u64 {
        let mut number = place;
        loop {
            number = self.network(number);
            if number < self.count {
                return number;
            }
        }
    }

    fn network(&self, number: u64) -> u64 {
        let mask = (1 << self.half) - 1;
        let (mut left, mut right) = (number >> self.half, number & mask);
        for round in 0..ROUNDS {
            let key = self.seed.wrapping_add(round);
            (left, right) = (right, left ^ (mix(key, right) & mask));
        }
        left << self.half | right
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_comes_once() {
        for count in [1, 2, 3, 5, 16, 17, 1000, 4097] {
            for seed in 0..5 {
                let order = Permutation::new(count, seed);
                let mut seen: Vec<u64> = (0..count).map(|place| order.at(place)).collect();
                let fixed = seen
                    .iter()
                    .zip(0..)
                    .filter(|(number, place)| *number == place);
                assert!(count < 1000 || fixed.count() < 10, "{count} {seed}");
                seen.sort_unstable();
                assert!(seen.into_iter().eq(0..count), "{count} {seed}");
            }
        }
    }

    /// Neighbours are as likely to rise as to fall, and other seeds give other
    /// orders: within five standard errors.
    #[test]
    fn the_order_looks_random() {
        let count = 100_000;
        let (one, other) = (Permutation::new(count, 1), Permutation::new(count, 2));
        let rises = (1..count)
            .filter(|&place| one.at(place) > one.at(place - 1))
            .count();
        let expected = count as f64 / 2.0;
        let error = (count as f64 / 12.0).sqrt();
        assert!((rises as f64 - expected).abs() < 5.0 * error, "{rises}");
        let mean = (0..1000).map(|place| one.at(place) as f64).sum::<f64>() / 1000.0;
        let error = count as f64 / 12f64.sqrt() / 1000f64.sqrt();
        assert!((mean - expected).abs() < 5.0 * error, "{mean}");
        assert!(
            (0..count)
                .filter(|&place| one.at(place) == other.at(place))
                .count()
                < 20
        );
    }

    #[test]
    fn large_bounds_are_walked_in_bounds() {
        let order = Permutation::new(u64::from(u32::MAX) * 3, 7);
        assert!((0..10_000).all(|place| order.at(place) < u64::from(u32::MAX) * 3));
    }
}
