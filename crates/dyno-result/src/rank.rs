//! Rank tests: whether two samples come from one distribution, whatever it is.

/// Samples up to this size together are compared exactly.
const EXACT: usize = 60;

/// Mann-Whitney (1947), two-sided p-value: exact for up to sixty values, else
/// the normal approximation with the corrections for continuity and ties. 1 for
/// an empty sample. NaN must not be in it.
pub(crate) fn mann_whitney(a: &[f64], b: &[f64]) -> f64 {
    if a.is_empty() || b.is_empty() {
        return 1.0;
    }
    let ranks = doubled_ranks(a, b);
    let sum: usize = ranks[..a.len()].iter().sum();
    if ranks.len() <= EXACT {
        exact(&ranks, a.len(), sum)
    } else {
        approximate(&ranks, a.len(), sum)
    }
}

/// Midranks of both samples together, `a` first, twice their value so that
/// ties keep them whole.
fn doubled_ranks(a: &[f64], b: &[f64]) -> Vec<usize> {
    let all: Vec<f64> = a.iter().chain(b).copied().collect();
    let rank = |value: &f64| {
        let below = all.iter().filter(|other| *other < value).count();
        let same = all.iter().filter(|other| *other == value).count();
        2 * below + same + 1
    };
    all.iter().map(rank).collect()
}

/// Over every choice of `size` ranks: how many have a sum as far out as `seen`.
fn exact(ranks: &[usize], size: usize, seen: usize) -> f64 {
    let most: usize = ranks.iter().sum();
    // ways[k][s]: choices of k ranks with sum s.
    let mut ways = vec![vec![0.0_f64; most + 1]; size + 1];
    ways[0][0] = 1.0;
    for rank in ranks {
        for k in (1..=size).rev() {
            let (below, above) = ways.split_at_mut(k);
            let from = &below[k - 1];
            for s in *rank..=most {
                above[0][s] += from[s - rank];
            }
        }
    }
    let all: f64 = ways[size].iter().sum();
    let low: f64 = ways[size][..=seen].iter().sum();
    let high: f64 = ways[size][seen..].iter().sum();
    (2.0 * low.min(high) / all).min(1.0)
}

fn approximate(ranks: &[usize], size: usize, sum: usize) -> f64 {
    let (n, m) = (ranks.len() as f64, size as f64);
    let mean = m * (n + 1.0) / 2.0;
    let centre = (n + 1.0) / 2.0;
    let square = |rank: &usize| (*rank as f64 / 2.0 - centre).powi(2);
    // The variance of the ranks as they are has the correction for ties in it.
    let spread: f64 = ranks.iter().map(square).sum::<f64>() / (n - 1.0);
    let deviation = (spread * m * (n - m) / n).sqrt();
    if deviation == 0.0 {
        return 1.0;
    }
    let distance = ((sum as f64 / 2.0 - mean).abs() - 0.5).max(0.0);
    2.0 * upper_tail(distance / deviation)
}

/// P(Z > z) of the standard normal distribution for z >= 0: Abramowitz and
/// Stegun (1964), 26.2.17, off by less than 7.5e-8.
fn upper_tail(z: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.231_641_9 * z);
    let terms = [
        0.319_381_53,
        -0.356_563_782,
        1.781_477_937,
        -1.821_255_978,
        1.330_274_429,
    ];
    let polynomial = terms.iter().rev().fold(0.0, |sum, term| t * (sum + term));
    (-z * z / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt() * polynomial
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(a: &[f64], b: &[f64], expected: f64) {
        let seen = mann_whitney(a, b);
        assert!((seen - expected).abs() < 1e-6, "{seen} not {expected}");
        assert!((mann_whitney(b, a) - expected).abs() < 1e-6, "swapped");
    }

    #[test]
    fn agrees_with_published_values() {
        // Hollander and Wolfe (1973), p. 69, as in R's help of wilcox.test,
        // where alternative = "greater" gives 0.1272.
        let a = [0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46];
        let b = [1.15, 0.88, 0.90, 0.74, 1.21];
        check(&a, &b, 2.0 * 0.127_206_127);
        // Of the 252 ways to divide ten ranks one is this far out on each side.
        let low = [1.0, 2.0, 3.0, 4.0, 5.0];
        let high = [6.0, 7.0, 8.0, 9.0, 10.0];
        check(&low, &high, 2.0 / 252.0);
        check(&[1.0, 1.0, 1.0], &[1.0, 1.0, 1.0], 1.0);
        check(&[], &[1.0], 1.0);
    }

    #[test]
    fn the_approximation_joins_the_exact_values() {
        let value = |n: usize| ((n * 37) % 61) as f64;
        let a: Vec<f64> = (0..30).map(value).collect();
        let b: Vec<f64> = (30..60).map(|n| value(n) + 9.0).collect();
        let ranks = doubled_ranks(&a, &b);
        let sum = ranks[..30].iter().sum();
        let (exact, rough) = (exact(&ranks, 30, sum), approximate(&ranks, 30, sum));
        assert!((exact - rough).abs() < 0.002, "{exact} {rough}");
        assert!((upper_tail(1.959_964) - 0.025).abs() < 1e-6);
    }
}
