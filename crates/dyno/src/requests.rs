//! The requests of a scenario as they are recorded: names, methods and paths.

use dyno_result::RequestRecord;
use dyno_scenario::{Flow, Part, Plan, Request, Template};

/// Requests that are recorded by name.
const MOST: usize = 100;

/// What a plan asks; a value that is filled in is an ellipsis. Logs have more than
/// anybody reads: nothing of so many.
pub(crate) fn of(plan: &Plan) -> Vec<RequestRecord> {
    let path = |template: &Template| {
        let parts = template.parts.iter();
        let parts = parts.map(|part| match part {
            Part::Text(text) => String::from_utf8_lossy(text).into_owned(),
            Part::Value { .. } => "…".to_owned(),
        });
        parts.collect::<String>()
    };
    let of_flow = |flow: &Flow| {
        let name = flow.name.clone();
        let record = |request: &Request| RequestRecord {
            flow: name.clone(),
            name: request.name.clone(),
            method: request.method.clone(),
            path: path(&request.path),
        };
        flow.requests.iter().map(record).collect::<Vec<_>>()
    };
    let all = plan.flows.iter().flat_map(of_flow);
    let all: Vec<RequestRecord> = all.take(MOST + 1).collect();
    match all.len() > MOST {
        true => Vec::new(),
        false => all,
    }
}

#[cfg(test)]
mod tests {
    use dyno_scenario::{Escape, Source};

    use super::*;

    #[test]
    fn requests_are_recorded_by_name_but_not_all_of_a_log() {
        let plan = |count: usize| {
            let mut request = Request::new("GET", "/users/");
            request.path.parts.push(Part::Value {
                source: Source::Seq,
                escape: Escape::Url,
                place: 0..0,
            });
            Plan::of(vec![request; count])
        };
        let recorded = of(&plan(2));
        assert_eq!(recorded.len(), 2);
        assert_eq!(
            (&*recorded[0].method, &*recorded[0].path),
            ("GET", "/users/…")
        );
        assert_eq!(of(&plan(MOST)).len(), MOST);
        assert_eq!(of(&plan(MOST + 1)), []);
    }
}
