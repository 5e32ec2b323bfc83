//! From the keys of a step to its load at one level.

use std::sync::Arc;
use std::time::Duration;

use dyno_toml::{Problem, Spanned};

use super::step::Level;
use super::{Report, value};
use crate::duration::LONGEST_DURATION;
use crate::model::{Arrivals, Load, Rate, Until};
use crate::profile::{Profile, Stage};
use crate::{LogFormat, Recording, defaults, print_duration, print_rate, raw};

/// The load of a step at one level.
pub(super) fn load(step: &raw::Step, level: &Level, report: Report<'_>) -> Load {
    if let Some(search) = &step.search {
        return super::search::first(search, level);
    }
    let duration = level.duration.unwrap_or_default();
    let profile = if step.rate.is_some() {
        Profile::Steady {
            rate: level.rate.unwrap_or(Rate::ZERO),
            duration,
        }
    } else if let Some(ramp) = &step.ramp {
        ramp_profile(ramp, duration, report)
    } else if let Some(stages) = &step.stages {
        stages_profile(stages, report)
    } else if let Some(burst) = &step.burst {
        Profile::Bursts {
            starts: value(burst.starts.as_ref(), 1),
            every: value(burst.every.as_ref(), LONGEST_DURATION),
            duration,
        }
    } else if let Some(replay) = &step.replay {
        Profile::Recorded(recording(replay, level))
    } else {
        return closed(level);
    };
    open(level, profile)
}

fn closed(level: &Level) -> Load {
    let until = match (level.requests, level.duration) {
        (None, Some(duration)) => Until::Elapsed(duration),
        (requests, _) => Until::Requests(requests.unwrap_or(1)),
    };
    Load::Closed {
        connections: level.connections.unwrap_or(1),
        until,
    }
}

fn open(level: &Level, profile: Profile) -> Load {
    let arrivals = match profile {
        Profile::Bursts { .. } | Profile::Recorded(_) => Arrivals::Constant,
        Profile::Steady { .. } | Profile::Stages(_) => defaults::ARRIVALS,
    };
    Load::Open {
        profile,
        arrivals: level.arrivals.unwrap_or(arrivals),
        connections: level.connections.unwrap_or(defaults::OPEN_CONNECTIONS),
    }
}

fn recording(replay: &raw::Replay, level: &Level) -> Recording {
    let log = value(replay.log.as_ref(), String::new());
    Recording {
        format: value(replay.format.as_ref(), LogFormat::of(&log)),
        log,
        speed: level.speed.unwrap_or(1.0),
        requests: Arc::default(),
        entries: Arc::default(),
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
pub(super) fn check_twice<T: PartialEq>(
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
