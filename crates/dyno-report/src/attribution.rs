//! Where the time of right answers goes: sums over the valid trials of a target, and
//! what must be said beside them.

mod words;

use dyno_result::{Attribution, AttributionDoubts, PARTS, Step, Summary};

use crate::figures::{Figures, Row, StepFigures};
use crate::parts;

pub(crate) use words::{legend, lines};

/// What the parts are called, in the order of [`PARTS`].
pub(crate) const TITLES: [&str; PARTS.len()] = [
    "outside",
    "own",
    "pool wait",
    "database",
    "hash queue",
    "hash",
];

/// The time of one target, or of one request of it.
pub(crate) struct Split {
    /// The target, or the request.
    pub(crate) name: String,
    /// The target of a request, where there are several.
    pub(crate) of: String,
    pub(crate) answers: u64,
    /// Of an answer, ns.
    pub(crate) mean_ns: f64,
    pub(crate) parts: [PartOfTime; PARTS.len()],
    /// Names and means of what the parts already contain, ns.
    pub(crate) others: Vec<(String, f64)>,
    pub(crate) doubts: AttributionDoubts,
}

/// One part of the time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct PartOfTime {
    /// Of an answer, ns.
    pub(crate) mean_ns: f64,
    /// Tenths of a percent; those of all parts are 1,000.
    pub(crate) tenths: u64,
    /// Over trials, ns; none where some trial does not know it.
    pub(crate) p50: Option<Summary>,
    pub(crate) p99: Option<Summary>,
}

/// The targets of a step whose answers tell their times.
pub(crate) fn targets(step: &StepFigures) -> Vec<Split> {
    let rows = step.rows.iter();
    let splits = rows.filter_map(|row| {
        let told = steps(row).filter_map(|step| step.attribution.as_ref());
        Split::of(row.name.clone(), String::new(), &told.collect::<Vec<_>>())
    });
    splits.collect()
}

/// Their requests, each beside the same one of the other targets.
pub(crate) fn requests(step: &StepFigures) -> Vec<Split> {
    let is_one = step
        .rows
        .iter()
        .filter(|row| row.measured().is_some())
        .count()
        < 2;
    let mut splits = Vec::new();
    for row in &step.rows {
        let names = steps(row)
            .next()
            .map(|step| parts::request_names(&step.requests));
        for (place, name) in names.unwrap_or_default().into_iter().enumerate() {
            let told = steps(row).filter_map(|step| {
                let request = step.requests.get(place)?;
                request.attribution.as_ref()
            });
            let of = if is_one {
                String::new()
            } else {
                row.name.clone()
            };
            let split = Split::of(name, of, &told.collect::<Vec<_>>());
            splits.extend(split.map(|split| (place, split)));
        }
    }
    splits.sort_by_key(|(place, _)| *place);
    splits.into_iter().map(|(_, split)| split).collect()
}

/// Whether anybody told anything.
pub(crate) fn is_told(figures: &Figures) -> bool {
    figures.steps.iter().any(|step| !targets(step).is_empty())
}

/// The step of each valid trial.
fn steps<'a>(row: &'a Row<'_>) -> impl Iterator<Item = &'a Step> {
    let trials = row.measured().map_or(&[][..], |measured| &measured.trials);
    trials.iter().map(|played| played.step)
}

impl Split {
    /// None where the trials tell no time at all.
    fn of(name: String, of: String, trials: &[&Attribution]) -> Option<Self> {
        let totals = PARTS.map(|part| total(trials, |told| told.part(part).map(|p| p.total_ns)));
        let answers = total(trials, |told| Some(told.answers));
        if answers == 0 || totals.iter().all(|ns| *ns == 0) {
            return None;
        }
        let tenths = tenths(totals);
        let parts = std::array::from_fn(|index| {
            let quantile = |of: fn(&dyno_result::AttributedPart) -> Option<u64>| {
                let sample = trials.iter().map(|told| of(told.part(PARTS[index])?));
                let sample = sample.map(|ns| ns.map(|ns| ns as f64));
                Summary::of(&sample.collect::<Option<Vec<f64>>>()?)
            };
            PartOfTime {
                mean_ns: totals[index] as f64 / answers as f64,
                tenths: tenths[index],
                p50: quantile(|part| part.p50_ns),
                p99: quantile(|part| part.p99_ns),
            }
        });
        Some(Self {
            name,
            of,
            answers,
            mean_ns: parts.iter().map(|part: &PartOfTime| part.mean_ns).sum(),
            parts,
            others: others(trials, answers),
            doubts: doubts(trials),
        })
    }
}

fn total(trials: &[&Attribution], of: impl Fn(&Attribution) -> Option<u64>) -> u64 {
    let values = trials.iter().filter_map(|told| of(told));
    values.fold(0, u64::saturating_add)
}

/// What is told beside the parts; `app` is what they are made of.
fn others(trials: &[&Attribution], answers: u64) -> Vec<(String, f64)> {
    let mut sums: Vec<(String, u64)> = Vec::new();
    let told = trials.iter().flat_map(|told| &told.others);
    for other in told.filter(|other| other.name != "app") {
        match sums.iter_mut().find(|(name, _)| *name == other.name) {
            Some((_, sum)) => *sum += other.total_ns,
            None => sums.push((other.name.clone(), other.total_ns)),
        }
    }
    let means = sums.into_iter();
    means
        .map(|(name, sum)| (name, sum as f64 / answers as f64))
        .collect()
}

fn doubts(trials: &[&Attribution]) -> AttributionDoubts {
    let mut sum = AttributionDoubts::default();
    for doubts in trials.iter().map(|told| told.doubts) {
        sum.without_app += doubts.without_app;
        sum.app_exceeded += doubts.app_exceeded;
        sum.service_exceeded += doubts.service_exceeded;
        sum.unreadable += doubts.unreadable;
        sum.left_out += doubts.left_out;
    }
    sum
}

/// Shares in tenths of a percent that add up to 1,000: the largest remainders are
/// rounded up (Hamilton 1792).
fn tenths<const N: usize>(totals: [u64; N]) -> [u64; N] {
    let whole = totals.iter().map(|ns| u128::from(*ns)).sum::<u128>().max(1);
    let quota = |ns: u64| {
        (
            u128::from(ns) * 1_000 / whole,
            u128::from(ns) * 1_000 % whole,
        )
    };
    let mut shares = totals.map(|ns| u64::try_from(quota(ns).0).unwrap_or(1_000));
    let mut order: Vec<usize> = (0..N).collect();
    order.sort_by_key(|index| std::cmp::Reverse(quota(totals[*index]).1));
    let given: u64 = shares.iter().sum();
    let left = usize::try_from(1_000_u64.saturating_sub(given)).unwrap_or(0);
    for index in order.into_iter().take(left) {
        shares[index] += 1;
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_add_up_to_the_whole() {
        let check = |totals: [u64; 3], expected: [u64; 3]| {
            let seen = tenths(totals);
            assert_eq!(seen, expected, "{totals:?}");
            assert_eq!(seen.iter().sum::<u64>(), 1_000, "{totals:?}");
        };
        check([1, 1, 1], [334, 333, 333]);
        check([2, 1, 0], [667, 333, 0]);
        check([1, 9_999, 0], [0, 1_000, 0]);
        check([6, 9_994, 0], [1, 999, 0]);
        check([u64::MAX, u64::MAX, 0], [500, 500, 0]);
        check([0, 0, 7], [0, 0, 1_000]);
    }
}
