//! Random numbers as pure functions of a seed and a number, so that a test can
//! know what the server will draw for the k-th request.

/// A number in (0, 1\], evenly distributed: the k-th of `seed` (SplitMix64,
/// Steele, Lea and Flood 2014, entered at any place).
pub fn unit(seed: u64, k: u64) -> f64 {
    const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;
    // Seeds are mixed first: neighbours would give the same stream, shifted.
    let state = mix(seed.wrapping_add(GOLDEN)).wrapping_add(k.wrapping_add(1).wrapping_mul(GOLDEN));
    ((mix(state) >> 11) + 1) as f64 / (1u64 << 53) as f64
}

/// An exponentially distributed time, ns: the k-th of `seed`.
pub fn exponential_ns(seed: u64, k: u64, mean_ns: u64) -> u64 {
    (-unit(seed, k).ln() * mean_ns as f64) as u64
}

/// Whether the k-th request of `seed` belongs to the chosen `share` of all.
pub fn is_chosen(seed: u64, k: u64, share: f64) -> bool {
    unit(seed, k) <= share
}

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Mean 1, coefficient of variation 1, no correlation of neighbours or of
    /// neighbouring seeds: five standard errors of 200,000 draws.
    #[test]
    fn draws_are_exponential_and_independent() {
        const N: u64 = 200_000;
        let draw = |seed: u64, k: u64| exponential_ns(seed, k, 1_000_000) as f64 / 1e6;
        let mean = (0..N).map(|k| draw(7, k)).sum::<f64>() / N as f64;
        assert!((mean - 1.0).abs() < 0.012, "mean {mean}");
        let square = (0..N).map(|k| (draw(7, k) - 1.0).powi(2)).sum::<f64>() / N as f64;
        assert!((square.sqrt() - 1.0).abs() < 0.02, "deviation {square}");
        for (what, other) in [("next", (7, 1)), ("next seed", (8, 0))] {
            let (seed, shift) = other;
            let product = |k: u64| (draw(7, k) - 1.0) * (draw(seed, k + shift) - 1.0);
            let correlation = (0..N).map(product).sum::<f64>() / N as f64;
            assert!(correlation.abs() < 0.012, "{what}: {correlation}");
        }
    }

    #[test]
    fn the_chosen_share_is_chosen() {
        let chosen = (0..100_000).filter(|k| is_chosen(1, *k, 0.01)).count();
        assert!((850..1150).contains(&chosen), "{chosen}");
        assert!((0..100).all(|k| is_chosen(1, k, 1.0) && !is_chosen(1, k, 0.0)));
    }
}
