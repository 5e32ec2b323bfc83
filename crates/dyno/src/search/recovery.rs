//! How often, how long and how closely a target is looked at after a load that it
//! could not bear.

use std::time::Duration;

use dyno_scenario::{Load, Step};

/// A target that has not got over a load by then is given up.
pub(crate) const LONGEST: Duration = Duration::from_secs(60);

/// Seconds with fewer starts would say little.
const STARTS: f64 = 10.0;

/// A second at half the level that holds, longer where that is hardly a start.
pub(crate) fn look(step: &Step, held: f64) -> Step {
    let level = held / 2.0;
    let seconds = match &step.load {
        Load::Open { .. } => (STARTS / level).clamp(1.0, 10.0),
        Load::Closed { .. } => 1.0,
    };
    let mut look = step.probe(level).lasting(Duration::from_secs_f64(seconds));
    look.id = format!("{}-look", step.id);
    look.name = format!("{}, recovering", step.name);
    look
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_are_short_and_light() {
        for (by, held, expected) in [
            (
                "search = { from = '1/s', limit = 'max < 1s' }",
                300.0,
                (150.0, 1.0),
            ),
            (
                "search = { from = '1/s', limit = 'max < 1s' }",
                5.0,
                (2.5, 4.0),
            ),
            (
                "search = { from = '1/s', limit = 'max < 1s' }",
                0.1,
                (0.05, 10.0),
            ),
            (
                "search = { by = 'connections', from = 1, limit = 'max < 1s' }",
                1.0,
                (1.0, 1.0),
            ),
        ] {
            let text = format!("name = 'x'\n[[request]]\npath = '/'\n[[step]]\nname = 's'\n{by}");
            let scenario = dyno_scenario::parse("x.toml", &text).unwrap();
            let look = look(&scenario.steps[0], held);
            let level = match &look.load {
                Load::Open { profile, .. } => profile.mean_per_second(),
                closed => f64::from(closed.connections()),
            };
            let seconds = look.load.duration().unwrap().as_secs_f64();
            assert_eq!((level, seconds), expected, "{by} {held}");
            assert!(look.search.is_none() && look.warmup.is_zero());
        }
    }
}
