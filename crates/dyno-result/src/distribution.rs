//! A histogram boiled down to figures, with failures kept in.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Histogram;

/// The quantiles stored with every distribution.
pub const QUANTILES: &[f64] = &[0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 0.9999];

/// Times of one kind over one step. Failed requests are part of it: they sort
/// behind every answer, timeouts first (known to be at least the limit), then
/// the rest (no answer at any time).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Distribution {
    /// Right answers (or opened connections): the recorded values.
    pub count: u64,
    /// Requests known only to have taken at least `limit_ns`.
    pub timed_out: u64,
    /// Requests that failed in any other way.
    pub failed: u64,
    /// The time limit, ns; null where none applies.
    pub limit_ns: Option<u64>,
    /// Smallest recorded value, ns; null without values.
    pub min_ns: Option<u64>,
    /// Mean of the recorded values, ns.
    pub mean_ns: Option<f64>,
    /// Standard deviation of the recorded values, ns.
    pub stddev_ns: Option<f64>,
    /// Largest recorded value, ns.
    pub max_ns: Option<u64>,
    /// At the levels of [`QUANTILES`].
    pub quantiles: Vec<Quantile>,
}

/// A quantile in \[0, 1\] and what stands there.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Quantile {
    /// Level.
    pub q: f64,
    /// Value; null when fewer than ten requests lie beyond the level.
    pub value: Option<QuantileValue>,
}

/// What stands at a quantile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum QuantileValue {
    /// A measured time, ns.
    Ns(u64),
    /// A timeout: the true time is at least this, ns.
    AtLeastNs(u64),
    /// A request without a right answer.
    Failed,
}

/// Fewest requests beyond a level for its quantile to be reported.
const BEYOND: f64 = 10.0;

impl Distribution {
    /// Figures of `histogram` (right answers), with `timed_out` requests at
    /// `limit_ns` and `failed` ones behind them.
    pub fn of(histogram: &Histogram, timed_out: u64, failed: u64, limit_ns: Option<u64>) -> Self {
        let count = histogram.len();
        let some = count > 0;
        let mut distribution = Self {
            count,
            timed_out,
            failed,
            limit_ns,
            min_ns: some.then(|| histogram.min()),
            mean_ns: some.then(|| histogram.mean()),
            stddev_ns: some.then(|| histogram.stdev()),
            max_ns: some.then(|| histogram.max()),
            quantiles: Vec::new(),
        };
        distribution.quantiles = QUANTILES
            .iter()
            .map(|&q| Quantile {
                q,
                value: distribution.at(histogram, q),
            })
            .collect();
        distribution
    }

    /// All requests: right, timed out and failed.
    pub fn total(&self) -> u64 {
        self.count + self.timed_out + self.failed
    }

    /// The stored quantile at a level of [`QUANTILES`].
    pub fn quantile(&self, q: f64) -> Option<QuantileValue> {
        let stored = self.quantiles.iter().find(|stored| stored.q == q)?;
        stored.value
    }

    /// The value at rank ⌈q·total⌉ of all requests, failures last.
    fn at(&self, histogram: &Histogram, q: f64) -> Option<QuantileValue> {
        let total = self.total();
        if total == 0 || (q > 0.5 && total as f64 * (1.0 - q) < BEYOND - 1e-6) {
            return None;
        }
        let rank = ((q * total as f64) - 1e-9).ceil().max(1.0) as u64;
        if rank <= self.count {
            // Among the recorded values alone the same rank has this level.
            let level = (rank as f64 - 0.5) / self.count as f64;
            return Some(QuantileValue::Ns(histogram.value_at_quantile(level)));
        }
        match self.limit_ns {
            Some(limit) if rank <= self.count + self.timed_out => {
                Some(QuantileValue::AtLeastNs(limit))
            }
            _ => Some(QuantileValue::Failed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::new_histogram;

    /// 1..=answers µs recorded, then the failures.
    fn check(answers: u64, timed_out: u64, failed: u64, expected: &[(f64, Option<QuantileValue>)]) {
        let mut histogram = new_histogram();
        for value in 1..=answers {
            histogram.record(value * 1000).unwrap();
        }
        let seen = Distribution::of(&histogram, timed_out, failed, Some(5_000_000));
        for (q, value) in expected {
            let found = seen.quantile(*q);
            match (found, value) {
                (Some(QuantileValue::Ns(found)), Some(QuantileValue::Ns(wanted))) => {
                    let error = found.abs_diff(*wanted) as f64 / *wanted as f64;
                    assert!(error < 0.001, "q {q}: {found} instead of {wanted}");
                }
                _ => assert_eq!(found, *value, "q {q}"),
            }
        }
    }

    #[test]
    fn failures_stay_in_the_percentiles() {
        use QuantileValue::{AtLeastNs, Failed, Ns};
        check(
            1000,
            0,
            0,
            &[
                (0.5, Some(Ns(500_000))),
                (0.99, Some(Ns(990_000))),
                (0.999, None),
            ],
        );
        // 2 % timeouts: p95 is an answer, p99 only known to be late.
        check(
            980,
            20,
            0,
            &[
                (0.95, Some(Ns(950_000))),
                (0.99, Some(AtLeastNs(5_000_000))),
            ],
        );
        // 2 % timeouts and 1 % refused: p99 is the last timeout, p99.9 of 10,000 fails.
        check(
            9700,
            200,
            100,
            &[(0.99, Some(AtLeastNs(5_000_000))), (0.999, Some(Failed))],
        );
        check(0, 0, 50, &[(0.5, Some(Failed))]);
        check(0, 0, 0, &[(0.5, None)]);
    }
}
