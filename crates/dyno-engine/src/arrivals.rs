//! When starts are due, as a pure function of profile, seed and number: no clock,
//! nothing that an answer could change.

use dyno_scenario::{Arrivals, Profile};

use crate::curve::Curve;

/// The due times of one load thread, in ns since the common start, never going
/// back. Constant arrivals and bursts are dealt to the threads in turn;
/// independent Poisson streams add up to one Poisson stream (superposition), so
/// each thread draws its own.
///
/// A rate that is held goes on for ever, everything else ends with its profile.
#[derive(Debug, Clone)]
pub(crate) struct Schedule {
    curve: Curve,
    numbers: Numbers,
    last_ns: u64,
}

/// Which starts of all are those of this thread.
#[derive(Debug, Clone)]
enum Numbers {
    InTurn {
        /// Number of the next start, over all threads.
        next: u64,
        threads: u64,
    },
    /// On a scale where one start is due in each unit of all threads, the gaps
    /// are exponential; the curve bends them into time.
    Random {
        random: fastrand::Rng,
        /// Mean distance of this thread's starts on that scale.
        threads: f64,
        at: f64,
    },
}

impl Schedule {
    /// The schedule of thread `thread` of `threads`.
    pub(crate) fn new(
        profile: &Profile,
        arrivals: Arrivals,
        seed: u64,
        (thread, threads): (u64, u64),
    ) -> Self {
        let arrivals = match profile {
            Profile::Steady { .. } | Profile::Stages(_) => arrivals,
            Profile::Bursts { .. } | Profile::Recorded(_) => Arrivals::Constant,
        };
        let numbers = match arrivals {
            Arrivals::Constant => Numbers::InTurn {
                next: thread,
                threads,
            },
            Arrivals::Poisson => Numbers::Random {
                random: fastrand::Rng::with_seed(seed ^ thread.wrapping_mul(0x9E37_79B9_7F4A_7C15)),
                threads: threads as f64,
                at: 0.0,
            },
        };
        Self {
            curve: Curve::new(profile),
            numbers,
            last_ns: 0,
        }
    }
}

impl Iterator for Schedule {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        let due = match &mut self.numbers {
            Numbers::InTurn { next, threads } => {
                let number = *next;
                *next += *threads;
                self.curve.due(number)
            }
            Numbers::Random {
                random,
                threads,
                at,
            } => {
                // 1 − u is in (0, 1]: its logarithm is finite.
                *at -= *threads * (1.0 - random.f64()).ln();
                self.curve.reached(*at)
            }
        }?;
        // Rounding moves a start by less than the distance of the fastest rate;
        // should it ever be more, the schedule still does not go back.
        self.last_ns = self.last_ns.max(due);
        Some(self.last_ns)
    }
}

#[cfg(test)]
#[path = "arrivals_tests.rs"]
mod tests;
