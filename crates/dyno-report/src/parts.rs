//! What flows and requests of a step amount to, each under its name: the same
//! figures as of the whole step, over the valid trials of a target.

use std::collections::BTreeMap;

use dyno_result::{Distribution, FailureKind, PartCounts, RequestFigures, Summary};

use crate::figures::{Row, StepFigures};
use crate::measured::{Played, QuantileSpread};
use crate::text;

/// A flow or a request of one target.
pub(crate) struct Part<'a> {
    /// `sign in`, or `sign in: login` where there are several flows.
    pub(crate) name: String,
    /// Of the target; empty where there is one.
    pub(crate) of: String,
    /// Of each valid trial.
    pub(crate) trials: Vec<Seen<'a>>,
}

/// A flow or a request in one trial.
pub(crate) struct Seen<'a> {
    pub(crate) counts: PartCounts,
    pub(crate) time: &'a Distribution,
    pub(crate) failures: Vec<(FailureKind, u64)>,
}

/// The flows of a step, if it was stored with any.
pub(crate) fn flows<'a>(step: &StepFigures<'a>) -> Option<Vec<Part<'a>>> {
    let parts = collect(step, |played| {
        let flows = played.step.flows.iter();
        let seen = flows.map(|flow| {
            let seen = Seen {
                counts: flow.counts,
                time: &flow.time,
                failures: Vec::new(),
            };
            (text::line(&flow.name), seen)
        });
        seen.collect()
    });
    (!parts.is_empty()).then_some(parts)
}

/// The requests of a step, if it was stored with several.
pub(crate) fn requests<'a>(step: &StepFigures<'a>) -> Option<Vec<Part<'a>>> {
    let parts = collect(step, |played| {
        let requests = &played.step.requests;
        let names = request_names(requests).into_iter();
        let seen = names.zip(requests).map(|(name, request)| {
            let failures = request.failures.iter();
            let seen = Seen {
                counts: request.counts,
                time: &request.response,
                failures: failures.map(|f| (f.kind, f.count)).collect(),
            };
            (name, seen)
        });
        seen.collect()
    });
    (!parts.is_empty()).then_some(parts)
}

/// What requests are called: by their flow too, where there are several.
pub(crate) fn request_names(requests: &[RequestFigures]) -> Vec<String> {
    let first = requests.first().map(|request| &request.flow);
    // The requests of the short form are flows of one, called the same.
    let is_short = requests.iter().all(|request| request.flow == request.name);
    let several = !is_short && requests.iter().any(|r| Some(&r.flow) != first);
    let names = requests.iter().map(|request| match several {
        true => text::line(&format!("{}: {}", request.flow, request.name)),
        false => text::line(&request.name),
    });
    names.collect()
}

/// Parts in the order of the first trial, in them the targets.
fn collect<'a>(
    step: &StepFigures<'a>,
    of_trial: impl Fn(&Played<'a>) -> Vec<(String, Seen<'a>)>,
) -> Vec<Part<'a>> {
    let rows = || step.rows.iter().filter(|row| row.measured().is_some());
    let is_one = rows().count() < 2;
    let mut parts: Vec<Vec<Part<'a>>> = Vec::new();
    for row in rows() {
        let of_row = of_row(row, &of_trial);
        for (place, (name, trials)) in of_row.into_iter().enumerate() {
            if parts.len() <= place {
                parts.push(Vec::new());
            }
            parts[place].push(Part {
                name,
                of: if is_one {
                    String::new()
                } else {
                    row.name.clone()
                },
                trials,
            });
        }
    }
    parts.into_iter().flatten().collect()
}

/// The parts of one target, each with what its trials saw of it.
fn of_row<'a>(
    row: &Row<'a>,
    of_trial: impl Fn(&Played<'a>) -> Vec<(String, Seen<'a>)>,
) -> Vec<(String, Vec<Seen<'a>>)> {
    let mut parts: Vec<(String, Vec<Seen<'a>>)> = Vec::new();
    let trials = row.measured().map_or(&[][..], |measured| &measured.trials);
    for played in trials {
        for (place, (name, seen)) in of_trial(played).into_iter().enumerate() {
            match parts.get_mut(place) {
                Some((_, trials)) => trials.push(seen),
                None => parts.push((name, vec![seen])),
            }
        }
    }
    parts
}

impl Part<'_> {
    /// Those that came due, over all trials.
    pub(crate) fn due(&self) -> u64 {
        self.trials.iter().map(|seen| seen.counts.due).sum()
    }

    /// Failed, dropped and unfinished.
    pub(crate) fn lost(&self) -> u64 {
        let lost = |counts: &PartCounts| counts.failed + counts.dropped + counts.unfinished;
        self.trials.iter().map(|seen| lost(&seen.counts)).sum()
    }

    pub(crate) fn lost_share(&self) -> f64 {
        match self.due() {
            0 => 0.0,
            due => self.lost() as f64 / due as f64,
        }
    }

    /// What was lost by kind, most frequent first.
    pub(crate) fn losses(&self) -> Vec<(&'static str, u64)> {
        let mut kinds: BTreeMap<&'static str, u64> = BTreeMap::new();
        for seen in &self.trials {
            for (kind, count) in &seen.failures {
                *kinds.entry(kind.id()).or_default() += count;
            }
            *kinds.entry("dropped").or_default() += seen.counts.dropped;
            *kinds.entry("unfinished").or_default() += seen.counts.unfinished;
        }
        let mut kinds: Vec<_> = kinds.into_iter().filter(|(_, count)| *count > 0).collect();
        kinds.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        kinds
    }

    /// A quantile over trials; none when some trial has too few for it.
    pub(crate) fn quantile(&self, q: f64) -> Option<QuantileSpread> {
        let sample = self.trials.iter().map(|seen| seen.time.quantile(q));
        QuantileSpread::of(sample.collect::<Option<_>>()?)
    }

    /// The slowest that was right.
    pub(crate) fn max(&self) -> Option<Summary> {
        let max = self.trials.iter().filter_map(|seen| seen.time.max_ns);
        Summary::of(&max.map(|ns| ns as f64).collect::<Vec<_>>())
    }
}
