//! A first look instead of a measurement: the same scenario, cut short.

use std::time::Duration;

use crate::model::{Load, Scenario, Until};

/// Cuts a scenario short for `dyno run --quick`: a fifth of each duration (at
/// least 500 ms) and of each number of requests (at least 100), little warm-up
/// and rest, a timeout of four seconds (a step waits as long for stragglers),
/// three trials at most. Rates stay, so that ramps are steeper and bursts fewer. A
/// search is coarser, and two probes must agree at its ends.
/// Nothing ever becomes longer than it was.
pub fn apply_quick(scenario: &mut Scenario) {
    scenario.repeat = scenario.repeat.min(3);
    scenario.idle = scenario.idle.min(Duration::from_millis(300));
    scenario.cooldown = scenario.cooldown.min(Duration::from_millis(100));
    for step in &mut scenario.steps {
        step.warmup = step.warmup.min(Duration::from_millis(200));
        step.timeout = step.timeout.min(Duration::from_secs(4));
        if let Some(search) = &mut step.search {
            search.precision = search.precision.max(0.1);
            search.confirm = search.confirm.min(2);
        }
        match &mut step.load {
            Load::Closed { until, .. } => *until = quick_end(*until),
            Load::Open { profile, .. } => {
                *profile = profile.lasting(quick_duration(profile.duration()));
            }
        }
    }
}

fn quick_end(until: Until) -> Until {
    match until {
        Until::Requests(requests) => Until::Requests((requests / 5).max(100).min(requests)),
        Until::Elapsed(duration) => Until::Elapsed(quick_duration(duration)),
    }
}

fn quick_duration(duration: Duration) -> Duration {
    let fifth = (duration / 5).max(Duration::from_millis(500));
    fifth.min(duration)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fifth_but_not_too_little_and_never_more() {
        let elapsed = |ms| Until::Elapsed(Duration::from_millis(ms));
        for (until, expected) in [
            (elapsed(5000), elapsed(1000)),
            (elapsed(1000), elapsed(500)),
            (elapsed(200), elapsed(200)),
            (Until::Requests(10_000), Until::Requests(2000)),
            (Until::Requests(300), Until::Requests(100)),
            (Until::Requests(20), Until::Requests(20)),
        ] {
            assert_eq!(quick_end(until), expected, "{until:?}");
        }
    }

    #[test]
    fn a_step_with_a_rate_keeps_all_but_its_duration() {
        let parse = |duration: &str| {
            let text = format!(
                "name = 'x'\n[[request]]\npath = '/'\n\
                 [[step]]\nname = 's'\nrate = '500/s'\nduration = '{duration}'\n"
            );
            crate::parse("x.toml", &text).unwrap()
        };
        for (written, quick) in [("10s", "2s"), ("1s", "500ms"), ("200ms", "200ms")] {
            let mut scenario = parse(written);
            apply_quick(&mut scenario);
            assert_eq!(scenario.steps[0].load, parse(quick).steps[0].load);
        }
    }

    #[test]
    fn a_search_is_coarser_and_sure_of_less() {
        let text = "name = 'x'\n[[request]]\npath = '/'\n\
                    [[step]]\nname = 's'\nsearch = { from = '5/s', limit = 'p99 < 1s' }\n";
        let mut scenario = crate::parse("x.toml", text).unwrap();
        apply_quick(&mut scenario);
        let step = &scenario.steps[0];
        assert_eq!(step.load.duration(), Some(Duration::from_secs(2)));
        let search = step.search.as_ref().unwrap();
        assert_eq!((search.precision, search.confirm), (0.1, 2));
    }

    #[test]
    fn rests_and_trials_shrink_too() {
        let text = "name = 'x'\nrepeat = 5\nidle = '200ms'\n[[request]]\npath = '/'\n\
                    [[step]]\nname = 's'\nrequests = 500\nconnections = 1\n";
        let mut scenario = crate::parse("x.toml", text).unwrap();
        apply_quick(&mut scenario);
        assert_eq!(scenario.repeat, 3);
        assert_eq!(scenario.idle, Duration::from_millis(200));
        assert_eq!(scenario.cooldown, Duration::from_millis(100));
        assert_eq!(scenario.steps[0].warmup, Duration::from_millis(200));
    }
}
