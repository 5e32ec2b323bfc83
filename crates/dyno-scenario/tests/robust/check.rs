//! What must hold for any text in place of a scenario file. The fuzz target in
//! `fuzz/` includes this file.

use std::time::Duration;

use dyno_scenario::{Load, Profile, Scenario, Step, Until, apply_quick, parse};

/// Parses. Problems must print and stand within the text; a scenario must have
/// something to play, and its quick form must not be longer.
pub(crate) fn check(text: &str) {
    match parse("t.toml", text) {
        Ok(scenario) => shorten(&scenario),
        Err(problems) => {
            assert!(problems.iter().next().is_some(), "refused without a reason");
            let printed = problems.to_string();
            for problem in problems.iter() {
                assert!(text.get(problem.place.clone()).is_some(), "{problem:?}");
                assert!(!problem.message.is_empty(), "{problem:?}");
                assert!(printed.contains(&problem.message), "{printed}");
            }
        }
    }
}

fn shorten(scenario: &Scenario) {
    let replays = |step: &Step| is_replay(&step.load);
    assert!(!scenario.plan.flows.is_empty() || scenario.steps.iter().all(replays));
    assert!(!scenario.steps.is_empty() && !scenario.variants.is_empty());
    let mut quick = scenario.clone();
    apply_quick(&mut quick);
    assert!((1..=scenario.repeat).contains(&quick.repeat));
    assert_eq!(quick.steps.len(), scenario.steps.len());
    for (quick, step) in quick.steps.iter().zip(&scenario.steps) {
        let (short, long) = (extent(&quick.load), extent(&step.load));
        assert!(short <= long, "{short:?} > {long:?}");
        let unread = is_replay(&step.load);
        assert!(unread || short > (0, Duration::ZERO), "nothing to do");
        assert!(quick.timeout <= step.timeout && !quick.timeout.is_zero());
        assert!(quick.warmup <= step.warmup);
    }
}

/// Whether a log has to be read before there is something to do.
fn is_replay(load: &Load) -> bool {
    let Load::Open { profile, .. } = load else {
        return false;
    };
    matches!(profile, Profile::Recorded(_))
}

/// Requests and duration of a load, as far as they are fixed.
fn extent(load: &Load) -> (u64, Duration) {
    match load {
        Load::Closed {
            until: Until::Requests(requests),
            ..
        } => (*requests, Duration::ZERO),
        Load::Closed {
            until: Until::Elapsed(duration),
            ..
        } => (0, *duration),
        Load::Open { profile, .. } => (0, profile.duration()),
    }
}
