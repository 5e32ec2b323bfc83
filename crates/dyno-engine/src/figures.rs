//! What came of the flows and requests of a step, under their names.

use dyno_result::{
    Distribution, Example, FailureCount, FailureKind, FlowFigures, PartCounts, RequestFigures,
};
use dyno_scenario::Plan;

use crate::attribution::Timings;
use crate::examples::Examples;
use crate::parts::{Part, Parts};
use crate::redact::Redactor;

/// Figures of each flow, if any has more than one request.
pub(crate) fn flows(plan: &Plan, parts: &Parts) -> Vec<FlowFigures> {
    let is_more = |flow: &dyno_scenario::Flow| {
        flow.requests.len() > 1 || flow.requests.iter().any(|request| request.repeat > 1)
    };
    if !plan.flows.iter().any(is_more) {
        return Vec::new();
    }
    let flows = plan.flows.iter().zip(&parts.flows);
    flows
        .map(|(flow, part)| {
            let counts = counts(part, part.dropped);
            let others = counts.failed + counts.dropped + counts.unfinished;
            FlowFigures {
                name: flow.name.clone(),
                counts,
                time: Distribution::of(&part.times, 0, others, None),
            }
        })
        .collect()
}

/// Figures of each request, if there is more than one.
pub(crate) fn requests(
    plan: &Plan,
    parts: &Parts,
    timings: &Timings,
    limit_ns: u64,
) -> Vec<RequestFigures> {
    if parts.requests.len() < 2 {
        return Vec::new();
    }
    let mut all = parts.requests.iter();
    let mut figures = Vec::new();
    for (flow, whole) in plan.flows.iter().zip(&parts.flows) {
        for (number, (request, part)) in flow.requests.iter().zip(&mut all).enumerate() {
            let counts = counts(part, if number == 0 { whole.dropped } else { 0 });
            let is_timeout = |(kind, _): &(&FailureKind, &u64)| kind.is_timeout();
            let kinds = FailureKind::ALL.iter().zip(&part.failures);
            let timed_out = kinds.filter(is_timeout).map(|(_, count)| count).sum();
            let others = counts.failed - timed_out + counts.dropped + counts.unfinished;
            figures.push(RequestFigures {
                flow: flow.name.clone(),
                name: request.name.clone(),
                counts,
                failures: FailureCount::of(&part.failures),
                response: Distribution::of(&part.times, timed_out, others, Some(limit_ns)),
                attribution: timings.of(figures.len()),
            });
        }
    }
    figures
}

/// The wrong answers, without what must not be shown.
pub(crate) fn examples(plan: &Plan, examples: &Examples, redactor: &Redactor) -> Vec<Example> {
    let names: Vec<(&str, &str)> = (plan.flows.iter())
        .flat_map(|flow| {
            let names = flow.requests.iter().map(|request| request.name.as_str());
            names.map(|name| (flow.name.as_str(), name))
        })
        .collect();
    let example = |kept: &crate::examples::Kept| {
        let (flow, request) = names.get(kept.place).copied().unwrap_or_default();
        Example {
            flow: flow.to_owned(),
            request: request.to_owned(),
            kind: kept.kind,
            check: kept.check.to_owned(),
            head: redactor.head(&kept.head, kept.is_cut),
            body: redactor.text(&kept.body, kept.is_cut),
            is_cut: kept.is_cut,
        }
    };
    examples.kept.iter().map(example).collect()
}

fn counts(part: &Part, dropped: u64) -> PartCounts {
    PartCounts {
        due: part.begun + dropped,
        succeeded: part.succeeded,
        failed: part.failed,
        dropped,
        unfinished: part.unfinished(),
    }
}
