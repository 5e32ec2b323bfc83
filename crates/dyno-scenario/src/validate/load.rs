//! From the keys of a step to its loads, one for each level.

use std::time::Duration;

use dyno_toml::{Problem, Spanned};

use super::{Report, value};
use crate::duration::LONGEST_DURATION;
use crate::model::{Arrivals, Load, Rate, Until};
use crate::profile::{Profile, Stage};
use crate::{defaults, print_duration, print_rate, raw};

/// The load of a step at each of its levels.
pub(super) fn loads(step: &raw::Step, report: Report<'_>) -> Vec<Load> {
    let duration = value(step.duration.as_ref(), Duration::ZERO);
    if let Some(rates) = &step.rate {
        check_twice("step.rate", rates, |rate| print_rate(*rate), report);
        let steady = |rate: &Spanned<Rate>| Profile::Steady {
            rate: rate.value,
            duration,
        };
        let profiles = rates.iter().map(steady);
        return profiles.map(|profile| open(step, profile)).collect();
    }
    let profile = if let Some(ramp) = &step.ramp {
        ramp_profile(ramp, duration, report)
    } else if let Some(stages) = &step.stages {
        stages_profile(stages, report)
    } else if let Some(burst) = &step.burst {
        Profile::Bursts {
            starts: value(burst.starts.as_ref(), 1),
            every: value(burst.every.as_ref(), LONGEST_DURATION),
            duration,
        }
    } else {
        return closed(step, report);
    };
    vec![open(step, profile)]
}

fn closed(step: &raw::Step, report: Report<'_>) -> Vec<Load> {
    let until = match (&step.requests, &step.duration) {
        (Some(requests), _) => Until::Requests(requests.value),
        (None, Some(duration)) => Until::Elapsed(duration.value),
        (None, None) => Until::Requests(1),
    };
    let levels = step.connections.as_deref().unwrap_or_default();
    check_twice("step.connections", levels, u32::to_string, report);
    let load = |level: &Spanned<u32>| Load::Closed {
        connections: level.value,
        until,
    };
    levels.iter().map(load).collect()
}

fn open(step: &raw::Step, profile: Profile) -> Load {
    let pool = step.connections.as_deref().unwrap_or_default().first();
    let arrivals = match profile {
        Profile::Bursts { .. } => Arrivals::Constant,
        Profile::Steady { .. } | Profile::Stages(_) => defaults::ARRIVALS,
    };
    Load::Open {
        profile,
        arrivals: value(step.arrivals.as_ref(), arrivals),
        connections: value(pool, defaults::OPEN_CONNECTIONS),
    }
}

fn ramp_profile(ramp: &raw::Ramp, duration: Duration, report: Report<'_>) -> Profile {
    if let (Some(from), Some(to)) = (&ramp.from, &ramp.to)
        && from.value == to.value
    {
        let message = format!("`step.ramp` stays at {}", print_rate(to.value));
        let hint = "give it two rates; one that stays is written rate = \"500/s\"";
        report(Problem::new(message, to.place.clone()).hint(hint));
    }
    Profile::Stages(vec![Stage {
        from: value(ramp.from.as_ref(), Rate::ZERO),
        to: value(ramp.to.as_ref(), Rate::ZERO),
        duration,
    }])
}

fn stages_profile(raw: &[raw::Stage], report: Report<'_>) -> Profile {
    let mut stages = Vec::new();
    let (mut before, mut whole) = (Rate::ZERO, Duration::ZERO);
    // Where a problem with all of them is shown.
    let mut place = None;
    for stage in raw {
        let to = value(stage.rate.as_ref().or(stage.to.as_ref()), Rate::ZERO);
        let from = if stage.rate.is_some() { to } else { before };
        let duration = value(stage.duration.as_ref(), Duration::ZERO);
        stages.push(Stage { from, to, duration });
        before = to;
        whole = whole.saturating_add(duration);
        place = stage.duration.as_ref().map(|duration| &duration.place);
    }
    let is_nothing = |stage: &Stage| stage.from.starts + stage.to.starts == 0;
    let Some(place) = place else {
        return Profile::Stages(stages);
    };
    if stages.iter().all(is_nothing) {
        let hint = "give one of them a rate above 0/s";
        report(Problem::new("`step.stages` start nothing", place.clone()).hint(hint));
    }
    if whole > LONGEST_DURATION {
        let longest = print_duration(LONGEST_DURATION);
        let message = format!("`step.stages` are together longer than {longest}");
        report(Problem::new(message, place.clone()));
    }
    Profile::Stages(stages)
}

/// Each level once, however it is written.
fn check_twice<T: PartialEq>(
    key: &str,
    levels: &[Spanned<T>],
    print: impl Fn(&T) -> String,
    report: Report<'_>,
) {
    for (index, level) in levels.iter().enumerate() {
        let before = &levels[..index];
        if before.iter().any(|other| other.value == level.value) {
            let message = format!("`{key}` lists {} twice", print(&level.value));
            report(Problem::new(message, level.place.clone()));
        }
    }
}
