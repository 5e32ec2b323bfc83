//! What a probe says of its level: did the limit hold, did the target keep up, and
//! can dyno be believed. Pure.

use dyno_engine::Played;
use dyno_result::{
    Backlog, ClauseSeen, Histogram, Interval, Level, LimitClause, LimitMetric, LimitUnit, Load,
    ProbeOutcome, QuantileValue, Reason, Seen, Step, Summary, Verdict,
};

/// Share of the starts that may wait at the end of a probe without being looked at.
const WAITING: f64 = 0.01;
/// How much longer the last quarter waits than the first if a queue grows. One that
/// begins empty and grows evenly has a multiple of seven.
const GROWTH: u64 = 2;

/// What a probe says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Judged {
    pub(crate) outcome: ProbeOutcome,
    pub(crate) clauses: Vec<ClauseSeen>,
    pub(crate) backlog: Option<Backlog>,
    /// Whether there was an answer, every clause held and no queue grew, whatever dyno
    /// itself did.
    pub(crate) is_well: bool,
    /// Right answers that came later than the limit allows any.
    pub(crate) late: u64,
}

/// Judges a probe with its `load` by `limit`; `verdict` is that of its figures.
pub(crate) fn judge(
    limit: &[LimitClause],
    load: &Load,
    played: &Played,
    verdict: &Verdict,
) -> Judged {
    let (step, counts) = (&played.step, played.step.counts);
    let response = played.histograms.whole(|interval| &interval.response);
    let clauses = limit.iter().map(|clause| look(clause, step, &response));
    let clauses: Vec<ClauseSeen> = clauses.collect();
    let backlog = match load {
        Load::Open { .. } => backlog(step, &played.intervals),
        Load::Closed { .. } => None,
    };
    let holds = backlog.is_none() && clauses.iter().all(|clause| clause.holds);
    let is_well = holds && counts.succeeded > 0;
    let own = |reason: &Reason| reason.level == Level::Invalid && reason.signal.is_of_generator();
    // Of random starts there may be none.
    let is_void = counts.due == 0 || verdict.reasons.iter().any(own);
    Judged {
        outcome: match (is_void, is_well) {
            (true, _) => ProbeOutcome::Void,
            (false, true) => ProbeOutcome::Held,
            (false, false) => ProbeOutcome::Broke,
        },
        clauses,
        backlog,
        is_well,
        late: late(limit, &response),
    }
}

fn look(clause: &LimitClause, step: &Step, response: &Histogram) -> ClauseSeen {
    let counts = step.counts;
    let right = |time: Option<f64>| match time {
        Some(ns) => QuantileValue::Ns(ns as u64),
        None => QuantileValue::Failed,
    };
    // Of the starts due, in the time of the window.
    let asked_per_s = counts.due as f64 / (step.window_ns.max(1) as f64 / 1e9);
    let flow = |per_s: f64| match clause.unit {
        LimitUnit::Fraction => Seen::Fraction(per_s / asked_per_s.max(f64::MIN_POSITIVE)),
        LimitUnit::Ns | LimitUnit::PerS => Seen::PerS(per_s),
    };
    let seen = match clause.metric {
        LimitMetric::Quantile => Seen::Time(at(step, response, clause.quantile.unwrap_or(1.0))),
        LimitMetric::Max => Seen::Time(right(step.response.max_ns.map(|ns| ns as f64))),
        LimitMetric::Mean => Seen::Time(right(step.response.mean_ns)),
        LimitMetric::Failed => {
            let lost = counts.due.saturating_sub(counts.succeeded);
            Seen::Fraction(lost as f64 / counts.due.max(1) as f64)
        }
        LimitMetric::Throughput => flow(step.throughput_per_s),
        LimitMetric::Goodput => flow(step.goodput_per_s),
    };
    ClauseSeen {
        holds: holds(clause, seen),
        seen,
    }
}

fn holds(clause: &LimitClause, seen: Seen) -> bool {
    let value = match seen {
        Seen::Time(QuantileValue::Ns(ns)) => ns as f64,
        Seen::Time(QuantileValue::AtLeastNs(_) | QuantileValue::Failed) => f64::INFINITY,
        Seen::Fraction(value) | Seen::PerS(value) => value,
    };
    let is_equal = clause.or_equal && value == clause.bound;
    match clause.metric {
        LimitMetric::Throughput | LimitMetric::Goodput => value > clause.bound || is_equal,
        _ => value < clause.bound || is_equal,
    }
}

/// The value at rank ⌈q·total⌉ of all requests, failures last, however few there are:
/// a decision needs one, and the ends of the answer are asked again.
fn at(step: &Step, right: &Histogram, q: f64) -> QuantileValue {
    let all = &step.response;
    let rank = (q * all.total() as f64 - 1e-9).ceil().max(1.0) as u64;
    if rank <= right.len() {
        let level = (rank as f64 - 0.5) / right.len() as f64;
        return QuantileValue::Ns(right.value_at_quantile(level));
    }
    match all.limit_ns {
        Some(limit) if rank <= right.len() + all.timed_out => QuantileValue::AtLeastNs(limit),
        _ => QuantileValue::Failed,
    }
}

/// Right answers beyond the tightest bound of a time.
fn late(limit: &[LimitClause], response: &Histogram) -> u64 {
    let bounds = limit.iter().filter(|clause| clause.unit == LimitUnit::Ns);
    let tightest = bounds.map(|clause| clause.bound).min_by(f64::total_cmp);
    let Some(bound) = tightest.filter(|_| !response.is_empty()) else {
        return 0;
    };
    let bound = (bound as u64).saturating_add(1);
    match bound <= response.max() {
        true => response.count_between(bound, response.max()),
        false => 0,
    }
}

/// A queue that grew to the end: a limit that allows long waits holds until it has,
/// and what a short probe bears a long one would not.
fn backlog(step: &Step, intervals: &[Interval]) -> Option<Backlog> {
    let counts = step.counts;
    let answered = (step.throughput_per_s * step.window_ns as f64 / 1e9).round() as u64;
    let without = step
        .failures
        .iter()
        .filter(|failure| !failure.kind.is_answer());
    let without: u64 = without.map(|failure| failure.count).sum();
    let waiting = counts
        .due
        .saturating_sub(answered + without + counts.dropped);
    let is_whole = |slice: &&Interval| slice.start_ns + slice.length_ns <= step.window_ns;
    let slices: Vec<&Interval> = intervals.iter().filter(is_whole).collect();
    let quarter = slices.len() / 4;
    if quarter == 0 || (waiting as f64) < WAITING * counts.due as f64 {
        return None;
    }
    let p50 = |slices: &[&Interval]| {
        let all = slices.iter().filter_map(|slice| slice.response_p50_ns);
        let all: Vec<f64> = all.map(|ns| ns as f64).collect();
        Some(Summary::of(&all)?.median as u64)
    };
    let first_p50_ns = p50(&slices[..quarter])?;
    let last_p50_ns = p50(&slices[slices.len() - quarter..])?;
    (last_p50_ns > GROWTH.saturating_mul(first_p50_ns)).then_some(Backlog {
        waiting,
        first_p50_ns,
        last_p50_ns,
    })
}

#[cfg(test)]
mod tests;
