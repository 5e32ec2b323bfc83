//! The rows of a search: its answer, and each of its probes by its number.

use dyno_result::{Probe, ProbeOutcome, Recovery, Search, SearchEnd};

use super::times;
use crate::search::{lost_share, mode};

/// Takes a metric, its value and its unit.
type Add<'a> = dyn FnMut(&str, Option<String>, &'static str) + 'a;

/// Levels are starts per second or connections, as the scenario says.
pub(super) fn values(search: &Search, add: &mut Add<'_>) {
    let level = |end: Option<SearchEnd>| end.map(|end| end.level.to_string());
    let agree = |end: Option<SearchEnd>| end.map(|end| end.probes.to_string());
    add("search.holds", level(search.held), "level");
    add("search.holds_probes", agree(search.held), "1");
    add("search.breaks", level(search.broken), "level");
    add("search.breaks_probes", agree(search.broken), "1");
    for (number, probe) in (1..).zip(&search.probes) {
        self::probe(&format!("probe.{number:02}"), probe, add);
    }
    if let Some(overload) = &search.overload {
        self::probe("overload", &overload.probe, add);
        for of in &overload.modes {
            let metric = format!("overload.{}", mode(of.mode).replace(' ', "_"));
            add(&metric, Some(of.fraction.to_string()), "1");
        }
    }
}

fn probe(name: &str, probe: &Probe, add: &mut Add<'_>) {
    let outcome = match probe.outcome {
        ProbeOutcome::Held => "held",
        ProbeOutcome::Broke => "broke",
        ProbeOutcome::Void => "void",
    };
    let mut put = |metric: &str, value: String, unit| {
        add(&format!("{name}.{metric}"), Some(value), unit);
    };
    put("level", probe.level.to_string(), "level");
    put("outcome", outcome.to_owned(), "");
    put("due", probe.counts.due.to_string(), "1");
    put("lost", lost_share(probe).to_string(), "1");
    put("throughput", probe.throughput_per_s.to_string(), "1/s");
    put("goodput", probe.goodput_per_s.to_string(), "1/s");
    match probe.recovery {
        Some(Recovery::Recovered { after_ns }) => put("recovery", after_ns.to_string(), "ns"),
        Some(Recovery::NotWithin { watched_ns }) => {
            put("recovery", watched_ns.to_string(), "ns (at least)");
        }
        Some(Recovery::Died) => put("recovery", "inf".to_owned(), "ns"),
        None => {}
    }
    let response = format!("{name}.response");
    times(&response, &probe.response, &mut |metric, value, unit| {
        add(metric, value, unit)
    });
}
