//! Were the actual starts a Poisson process? The gaps between them against the
//! exponential distribution (Kolmogorov-Smirnov with a known mean).

use dyno_result::Histogram;

/// Gaps taken as evidence at most. More would find the microseconds by which any
/// thread is late, and call a good arrival process bad for its length alone.
const EVIDENCE: f64 = 1_000.0;

/// How likely gaps as odd as these are if they are exponential with this mean;
/// none without at least 100 gaps.
pub(crate) fn p_value(gaps: &Histogram, mean_ns: f64) -> Option<f64> {
    if gaps.len() < 100 {
        return None;
    }
    let count = gaps.len() as f64;
    let expected = |ns: u64| 1.0 - (-(ns as f64) / mean_ns).exp();
    let mut below = 0.0;
    let mut distance: f64 = 0.0;
    for bucket in gaps.iter_recorded() {
        let value = bucket.value_iterated_to();
        let (low, high) = (
            gaps.lowest_equivalent(value),
            gaps.highest_equivalent(value),
        );
        distance = distance.max((below / count - expected(low)).abs());
        below += bucket.count_since_last_iteration() as f64;
        distance = distance.max((below / count - expected(high + 1)).abs());
    }
    Some(survival(distance * count.min(EVIDENCE).sqrt()))
}

/// P(K > x) of the Kolmogorov distribution: 2 sum (-1)^(k-1) exp(-2 k^2 x^2).
fn survival(x: f64) -> f64 {
    if x < 0.2 {
        return 1.0;
    }
    let term = |k: i32| {
        let sign = if k % 2 == 1 { 2.0 } else { -2.0 };
        sign * (-2.0 * f64::from(k * k) * x * x).exp()
    };
    (1..=100).map(term).sum::<f64>().clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use dyno_result::new_histogram;

    /// Critical values of the Kolmogorov distribution (Smirnov 1948).
    #[test]
    fn the_distribution_has_its_known_quantiles() {
        for (x, p) in [
            (1.2238, 0.10),
            (1.3581, 0.05),
            (1.6276, 0.01),
            (1.9495, 0.001),
        ] {
            assert!((survival(x) - p).abs() < p * 0.01, "{x}: {}", survival(x));
        }
    }

    #[test]
    fn exponential_gaps_pass_and_others_do_not() {
        let mean = 1e6;
        let check = |gap: &dyn Fn(f64) -> f64, passes: bool| {
            let mut gaps = new_histogram();
            for k in 0..20_000 {
                let u = (f64::from(k) + 0.5) / 20_000.0;
                gaps.record(gap(u).max(1.0) as u64).unwrap();
            }
            let p = p_value(&gaps, mean).unwrap();
            assert_eq!(p > 0.01, passes, "p = {p}");
        };
        check(&|u| -mean * (1.0 - u).ln(), true);
        // 2 us late now and then does not matter at 1,000 starts a second.
        check(&|u| -mean * (1.0 - u).ln() + 2_000.0, true);
        check(&|_| mean, false);
        check(&|u| -1.2 * mean * (1.0 - u).ln(), false);
        check(&|u| 2.0 * mean * u, false);
    }

    #[test]
    fn too_few_gaps_tell_nothing() {
        assert_eq!(p_value(&new_histogram(), 1e6), None);
    }
}
