//! When starts are due, as a pure function of rate, seed and number: no clock,
//! nothing that an answer could change.

use dyno_scenario::{Arrivals, Rate};

/// The due times of one load thread, in ns since the common start, never going
/// back. Constant arrivals are dealt to the threads in turn; independent Poisson
/// streams add up to one Poisson stream (superposition), so each thread draws
/// its own.
#[derive(Debug, Clone)]
pub(crate) enum Schedule {
    Constant {
        rate: Rate,
        /// Number of the next start, over all threads.
        next: u64,
        threads: u64,
    },
    Poisson {
        random: fastrand::Rng,
        /// Mean distance of this thread's starts, ns.
        mean_ns: f64,
        at_ns: f64,
    },
}

impl Schedule {
    /// The schedule of thread `thread` of `threads`.
    pub(crate) fn new(
        rate: Rate,
        arrivals: Arrivals,
        seed: u64,
        (thread, threads): (u64, u64),
    ) -> Self {
        match arrivals {
            Arrivals::Constant => Self::Constant {
                rate,
                next: thread,
                threads,
            },
            Arrivals::Poisson => Self::Poisson {
                random: fastrand::Rng::with_seed(seed ^ thread.wrapping_mul(0x9E37_79B9_7F4A_7C15)),
                mean_ns: rate.per_ns as f64 / rate.starts as f64 * threads as f64,
                at_ns: 0.0,
            },
        }
    }
}

impl Iterator for Schedule {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        match self {
            Self::Constant {
                rate,
                next,
                threads,
            } => {
                let at = u128::from(*next) * u128::from(rate.per_ns) / u128::from(rate.starts);
                *next += *threads;
                u64::try_from(at).ok()
            }
            Self::Poisson {
                random,
                mean_ns,
                at_ns,
            } => {
                // 1 − u is in (0, 1]: its logarithm is finite.
                *at_ns -= *mean_ns * (1.0 - random.f64()).ln();
                Some(*at_ns as u64)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn merged(rate: Rate, arrivals: Arrivals, seed: u64, threads: u64, count: usize) -> Vec<u64> {
        let of = |thread| Schedule::new(rate, arrivals, seed, (thread, threads)).take(count);
        let mut all: Vec<u64> = (0..threads).flat_map(of).collect();
        all.sort_unstable();
        all
    }

    proptest! {
        #[test]
        fn constant_starts_are_exact_whatever_the_threads(
            starts in 1u64..1_000_000, per_ns in 1u64..10_000_000_000, threads in 1u64..9,
        ) {
            let rate = Rate { starts, per_ns };
            let seen = merged(rate, Arrivals::Constant, 0, threads, 50);
            for (k, at) in seen.iter().take(50).enumerate() {
                let exact = k as u128 * u128::from(per_ns) / u128::from(starts);
                prop_assert_eq!(u128::from(*at), exact);
            }
        }

        #[test]
        fn starts_never_go_back(seed: u64, starts in 1u64..1_000_000) {
            let rate = Rate { starts, per_ns: 1_000_000_000 };
            let schedule = Schedule::new(rate, Arrivals::Poisson, seed, (0, 1));
            let times: Vec<u64> = schedule.take(200).collect();
            prop_assert!(times.is_sorted());
        }
    }

    /// Kolmogorov-Smirnov at 1 % (D < 1.63/√n), and the coefficient of variation.
    #[test]
    fn poisson_distances_are_exponential_over_all_threads() {
        let rate = Rate {
            starts: 1000,
            per_ns: 1_000_000_000,
        };
        let n = 100_000;
        let mut times = merged(rate, Arrivals::Poisson, 42, 4, n / 4);
        // Threads end at different times: only the common part is one stream.
        times.truncate(n * 9 / 10);
        let mut gaps: Vec<f64> = times
            .windows(2)
            .map(|pair| (pair[1] - pair[0]) as f64 / 1e6)
            .collect();
        let count = gaps.len() as f64;
        let mean = gaps.iter().sum::<f64>() / count;
        let variance = gaps.iter().map(|gap| (gap - mean).powi(2)).sum::<f64>() / count;
        assert!((mean - 1.0).abs() < 0.02, "mean {mean} ms");
        assert!((variance.sqrt() / mean - 1.0).abs() < 0.015);
        gaps.sort_by(f64::total_cmp);
        let distance = gaps
            .iter()
            .enumerate()
            .map(|(i, gap)| ((i as f64 + 0.5) / count - (1.0 - (-gap).exp())).abs());
        let largest = distance.fold(0.0, f64::max);
        assert!(largest < 1.63 / count.sqrt(), "D = {largest}");
    }
}
