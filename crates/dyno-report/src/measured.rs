//! What the valid trials of a target at a step amount to: one figure for each
//! metric. Medians over trials with their range; failures are summed;
//! histograms are merged, and percentiles are never averaged over slices.

use std::cmp::{Ordering, Reverse};
use std::collections::BTreeMap;

use dyno_result::{
    Distribution, FailureKind, Histogram, IntervalHistograms, Packed, QuantileValue, Step,
    StepHistograms, Summary, Trial, Verdict, new_histogram,
};

use crate::number;

/// The figures of one target at one step.
pub(crate) struct Measured<'a> {
    /// The valid trials.
    pub(crate) trials: Vec<Played<'a>>,
    pub(crate) throughput: Summary,
    pub(crate) goodput: Summary,
    /// Median throughput divided by that of the reference.
    pub(crate) ratio: Option<f64>,
    /// User and system CPU time for each answer, ns.
    pub(crate) cpu_per_request: Option<Summary>,
    /// Largest resident set, bytes.
    pub(crate) memory: Option<Summary>,
    /// From exec to the first right answer of the readiness probe, ns.
    pub(crate) ready: Option<Summary>,
    /// Slowest right answer, ns.
    pub(crate) max: Option<Summary>,
    /// Sum over trials, most frequent first.
    pub(crate) failures: Vec<(FailureKind, u64)>,
    pub(crate) due: u64,
    pub(crate) dropped: u64,
    pub(crate) unfinished: u64,
    /// Failed, dropped and unfinished.
    pub(crate) lost: u64,
}

/// One step of one trial.
#[derive(Clone)]
pub(crate) struct Played<'a> {
    pub(crate) trial: &'a Trial,
    pub(crate) step: &'a Step,
    pub(crate) histograms: Option<&'a StepHistograms>,
    /// As stored; of an old run, by today's thresholds.
    pub(crate) verdict: Verdict,
}

/// A quantile of the response time over trials.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct QuantileSpread {
    pub(crate) median: QuantileValue,
    pub(crate) low: QuantileValue,
    pub(crate) high: QuantileValue,
}

impl<'a> Measured<'a> {
    pub(crate) fn of(trials: Vec<Played<'a>>) -> Self {
        let always = |of: fn(&Step) -> f64| {
            let sample: Vec<f64> = trials.iter().map(|p| of(p.step)).collect();
            Summary::of(&sample).expect("there is at least one trial")
        };
        let sometimes = |of: fn(&Played) -> Option<f64>| {
            Summary::of(&trials.iter().filter_map(of).collect::<Vec<_>>())
        };
        let total = |of: fn(&Step) -> u64| trials.iter().map(|p| of(p.step)).sum::<u64>();
        Self {
            throughput: always(|s| s.throughput_per_s),
            goodput: always(|s| s.goodput_per_s),
            ratio: None,
            cpu_per_request: sometimes(|p| p.step.resources.as_ref()?.cpu_per_request_ns),
            memory: sometimes(|p| Some(p.step.resources.as_ref()?.rss_peak_bytes as f64)),
            ready: sometimes(|p| Some(p.trial.start.as_ref()?.ready_ns as f64)),
            max: sometimes(|p| Some(p.step.response.max_ns? as f64)),
            failures: failures(&trials),
            due: total(|s| s.counts.due),
            dropped: total(|s| s.counts.dropped),
            unfinished: total(|s| s.counts.unfinished),
            lost: total(|s| s.counts.failed + s.counts.dropped + s.counts.unfinished),
            trials,
        }
    }

    /// Share of the requests due that got no right answer.
    pub(crate) fn lost_share(&self) -> f64 {
        if self.due == 0 {
            0.0
        } else {
            self.lost as f64 / self.due as f64
        }
    }

    /// What was lost, by kind: `receive.timeout 320`.
    pub(crate) fn losses(&self) -> Vec<String> {
        let kinds = self.failures.iter().map(|(kind, n)| (kind.id(), *n));
        let rest = [("dropped", self.dropped), ("unfinished", self.unfinished)];
        kinds
            .chain(rest)
            .filter(|(_, n)| *n > 0)
            .map(|(what, n)| format!("{what} {}", number::count(n)))
            .collect()
    }

    /// A quantile over trials; none when some trial has too few requests for it.
    pub(crate) fn quantile(&self, q: f64) -> Option<QuantileSpread> {
        self.quantile_of(|step| Some(&step.response), q)
    }

    /// The same of another time; none when some trial does not have it.
    pub(crate) fn quantile_of(
        &self,
        kind: fn(&Step) -> Option<&Distribution>,
        q: f64,
    ) -> Option<QuantileSpread> {
        let mut sample = Vec::new();
        for played in &self.trials {
            sample.push(kind(played.step)?.quantile(q)?);
        }
        QuantileSpread::of(sample)
    }

    /// Histograms of one kind of all valid trials added up.
    pub(crate) fn merged(&self, kind: fn(&IntervalHistograms) -> &Packed) -> Histogram {
        let mut merged = new_histogram();
        for histograms in self.trials.iter().filter_map(|p| p.histograms) {
            merged
                .add(histograms.whole(kind))
                .expect("a histogram that may grow takes every value");
        }
        merged
    }

    /// Connections opened, over all valid trials.
    pub(crate) fn opened(&self) -> u64 {
        self.trials.iter().map(|p| p.step.connect.count).sum()
    }

    /// Requests sent, over all valid trials.
    pub(crate) fn sent(&self) -> u64 {
        self.trials.iter().map(|p| p.step.counts.sent).sum()
    }

    /// Longest time that a connection took to open, ns.
    pub(crate) fn slowest_connect(&self) -> Option<u64> {
        self.trials
            .iter()
            .filter_map(|p| p.step.connect.max_ns)
            .max()
    }
}

impl QuantileSpread {
    /// Median and range, a time before a limit before a failure. Between a
    /// time and something later the median is the later: never the kinder one.
    pub(crate) fn of(mut sample: Vec<QuantileValue>) -> Option<Self> {
        sample.sort_by(later);
        let n = sample.len();
        let (low, high) = (*sample.first()?, *sample.last()?);
        let median = match (sample[(n - 1) / 2], sample[n / 2]) {
            (QuantileValue::Ns(a), QuantileValue::Ns(b)) => QuantileValue::Ns(a.midpoint(b)),
            (_, upper) => upper,
        };
        Some(Self { median, low, high })
    }
}

fn later(a: &QuantileValue, b: &QuantileValue) -> Ordering {
    let key = |value: &QuantileValue| match value {
        QuantileValue::Ns(ns) => (0, *ns),
        QuantileValue::AtLeastNs(ns) => (1, *ns),
        QuantileValue::Failed => (2, 0),
    };
    key(a).cmp(&key(b))
}

fn failures(trials: &[Played]) -> Vec<(FailureKind, u64)> {
    let mut sums: BTreeMap<FailureKind, u64> = BTreeMap::new();
    for failure in trials.iter().flat_map(|p| &p.step.failures) {
        *sums.entry(failure.kind).or_default() += failure.count;
    }
    let mut sums: Vec<_> = sums.into_iter().filter(|(_, n)| *n > 0).collect();
    sums.sort_by_key(|(kind, n)| (Reverse(*n), *kind));
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use QuantileValue::{AtLeastNs, Failed, Ns};

    #[test]
    fn a_median_over_trials_is_never_kinder_than_its_trials() {
        let check = |sample: &[QuantileValue], expected: Option<QuantileValue>| {
            let seen = QuantileSpread::of(sample.to_vec()).map(|spread| spread.median);
            assert_eq!(seen, expected, "{sample:?}");
        };
        check(&[], None);
        check(&[Ns(3)], Some(Ns(3)));
        check(&[Ns(9), Ns(1)], Some(Ns(5)));
        check(&[Failed, Ns(1)], Some(Failed));
        check(&[Failed, Ns(1), AtLeastNs(5)], Some(AtLeastNs(5)));
        check(&[AtLeastNs(5), Ns(70), Ns(2)], Some(Ns(70)));
    }
}
