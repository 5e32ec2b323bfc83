//! Load that asks for more connections than dyno can have, and what came of it.

use std::time::Duration;

use dyno_engine::{Address, Play, Stock, Stop};
use dyno_result::{
    Counts, Evidence, FailureKind, Fault, Level, Pacing, Signal, Surroundings, Thresholds, verdict,
};
use dyno_scenario::{Load, Plan, Request, Step, Until};

/// One request on each connection. Answers come so late that every connection is
/// still in use when the last one is tried.
pub(crate) fn play(address: &Address, connections: u32) -> dyno_result::Step {
    let request = Request::new("GET", "/delay?time=2s");
    let step = Step {
        id: "limits".to_owned(),
        name: "limits".to_owned(),
        load: Load::Closed {
            connections,
            until: Until::Requests(connections.into()),
        },
        search: None,
        warmup: Duration::ZERO,
        timeout: Duration::from_secs(20),
        keepalive: true,
    };
    let what = Play {
        step: &step,
        plan: &Plan::of(vec![request]),
        stock: &Stock::default(),
        address,
        threads: &[None],
        seed: 1,
        pacing: Pacing::Sleep,
        stop: &Stop::default(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let played = runtime.block_on(dyno_engine::play(what, &mut |_| {}));
    let seen = played.unwrap().step;
    assert!(seen.counts.balanced(), "{:?}", seen.counts);
    assert_eq!(seen.counts.due, u64::from(connections));
    seen
}

/// Every failure of the step, all of them dyno's own; the verdict must say so.
pub(crate) fn failures(step: &dyno_result::Step) -> Vec<(FailureKind, u64)> {
    let Counts { due, failed, .. } = step.counts;
    let evidence = Evidence {
        step,
        load: &dyno_result::Load::Closed {
            connections: due.try_into().unwrap(),
            requests: Some(due),
            duration_s: None,
        },
        intervals: &[],
        surroundings: Surroundings::default(),
    };
    let verdict = verdict(&evidence, &Thresholds::default());
    let mut reasons = verdict.reasons.iter();
    let own = reasons.find(|reason| reason.signal == Signal::GeneratorFailures);
    let share = failed as f64 / due as f64;
    assert_eq!(
        own.map(|own| (own.level, own.value)),
        Some((Level::Invalid, share))
    );
    let failures = step.failures.iter().map(|failure| {
        assert_eq!(failure.kind.fault(), Fault::Generator, "{failure:?}");
        (failure.kind, failure.count)
    });
    failures.collect()
}
