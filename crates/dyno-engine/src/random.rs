//! Random numbers of the n-th start as a function of the seed and n alone:
//! whatever happened before, the same seed asks the same.

use fastrand::Rng;

/// A number that looks random, of two that need not (SplitMix64's finaliser, Steele,
/// Lea and Flood 2014).
pub(crate) fn mix(seed: u64, number: u64) -> u64 {
    let mut z = seed
        .wrapping_add(number.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15))
        .rotate_left(17)
        ^ seed.wrapping_mul(0xD1B5_4A32_D192_ED03);
    for factor in [0xBF58_476D_1CE4_E5B9, 0x94D0_49BB_1331_11EB] {
        z = (z ^ (z >> 30)).wrapping_mul(factor);
    }
    z ^ (z >> 31)
}

/// The random numbers of start `number` of a thread, in the order in which they
/// are used.
pub(crate) fn of_start(seed: u64, thread: u64, number: u64) -> Rng {
    Rng::with_seed(mix(mix(seed, thread), number))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Neighbours in any of the three are independent: the first draws correlate
    /// by less than five standard errors.
    #[test]
    fn neighbours_are_independent() {
        const N: u64 = 100_000;
        let first = |seed, thread, number| of_start(seed, thread, number).f64() - 0.5;
        for (what, other) in [
            ("seed", (2, 0, 0)),
            ("thread", (1, 1, 0)),
            ("number", (1, 0, 1)),
        ] {
            let (seed, thread, shift) = other;
            let product = |n| first(1, 0, n) * first(seed, thread, n + shift);
            let correlation = (0..N).map(product).sum::<f64>() / N as f64 * 12.0;
            let error = 1.0 / (N as f64).sqrt();
            assert!(correlation.abs() < 5.0 * error, "{what}: {correlation}");
        }
        let mean = (0..N).map(|n| first(9, 0, n)).sum::<f64>() / N as f64;
        assert!(mean.abs() < 5.0 / (12.0 * N as f64).sqrt(), "{mean}");
        assert_eq!(first(1, 2, 3), first(1, 2, 3));
    }
}
