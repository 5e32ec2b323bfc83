//! From a step of the file to a step at each of its levels.

use std::time::Duration;

use dyno_toml::{Problem, Spanned};

use super::load::{check_twice, load};
use super::search::search;
use super::sweep::{Axis, levels};
use super::{Report, check_title, value};
use crate::model::{Load, Mode, Step};
use crate::{Arrivals, Profile, Rate, defaults, print_duration, print_rate, raw, slug, step_id};

/// One step for each level, in the order of the file.
pub(super) fn steps(raw: &raw::Scenario, mode: Mode, report: Report<'_>) -> Vec<Step> {
    let mut names = Vec::new();
    let mut steps: Vec<Step> = Vec::new();
    for step in raw.step.iter().flatten() {
        let levels = at_levels(step, raw, mode, report);
        if let Some(name) = &step.name {
            check_title("step.name", name, report);
            let taken = |level: &&Step| steps.iter().any(|other| other.id == level.id);
            if names.contains(&&name.value) {
                let message = format!("`step.name`: there is a step {:?} already", name.value);
                report(Problem::new(message, name.place.clone()));
            } else if let Some(level) = levels.iter().find(taken) {
                let message = format!("`step.name`: another step has the id {:?} too", level.id);
                let hint = "ids keep only letters a-z and digits of a name";
                report(Problem::new(message, name.place.clone()).hint(hint));
            }
            names.push(&name.value);
        }
        steps.extend(levels);
    }
    steps
}

/// The values of a step at one level; `None` where the file has none.
#[derive(Debug, Default)]
pub(super) struct Level {
    pub(super) requests: Option<u64>,
    pub(super) duration: Option<Duration>,
    pub(super) rate: Option<Rate>,
    pub(super) speed: Option<f64>,
    pub(super) arrivals: Option<Arrivals>,
    pub(super) connections: Option<u32>,
    warmup: Option<Duration>,
    timeout: Option<Duration>,
    keepalive: Option<bool>,
    /// What of it is swept and not said by the load: `-t2s`.
    suffix: String,
}

/// A step at each of its levels.
fn at_levels(step: &raw::Step, raw: &raw::Scenario, mode: Mode, report: Report<'_>) -> Vec<Step> {
    let name = value(step.name.as_ref(), String::new());
    let mut steps = Vec::new();
    for indices in levels(&axes(step, report), mode, report) {
        let level = level(step, &indices);
        // What is wrong with a shape is wrong at each level.
        let report: Report<'_> = if steps.is_empty() { report } else { &|_| {} };
        let load = load(step, &level, report);
        let timeout = or(level.timeout, raw.timeout.as_ref(), defaults::TIMEOUT);
        let id = match &step.search {
            Some(_) => format!("{}-search", slug(&name)),
            None => step_id(&name, &load),
        };
        steps.push(Step {
            id: id + &level.suffix,
            name: name.clone(),
            warmup: warmup(step, raw, &level, &load, report),
            load,
            search: (step.search.as_ref()).map(|raw| search(raw, timeout, report)),
            timeout,
            keepalive: or(level.keepalive, raw.keepalive.as_ref(), defaults::KEEPALIVE),
        });
    }
    steps
}

/// The lists of a step, in the order in which [`level`] takes them.
fn axes(step: &raw::Step, report: Report<'_>) -> Vec<Axis> {
    vec![
        axis("requests", &step.requests, u64::to_string, report),
        axis(
            "duration",
            &step.duration,
            |time| print_duration(*time),
            report,
        ),
        axis("rate", &step.rate, |rate| print_rate(*rate), report),
        axis("replay.speed", speeds(step), f64::to_string, report),
        axis(
            "arrivals",
            &step.arrivals,
            |word| word.word().to_owned(),
            report,
        ),
        axis("connections", &step.connections, u32::to_string, report),
        axis("warmup", &step.warmup, |time| print_duration(*time), report),
        axis(
            "timeout",
            &step.timeout,
            |time| print_duration(*time),
            report,
        ),
        axis("keepalive", &step.keepalive, bool::to_string, report),
    ]
}

fn speeds(step: &raw::Step) -> &Option<Vec<Spanned<f64>>> {
    step.replay.as_ref().map_or(&None, |replay| &replay.speed)
}

fn axis<T: PartialEq>(
    key: &str,
    list: &Option<Vec<Spanned<T>>>,
    print: impl Fn(&T) -> String,
    report: Report<'_>,
) -> Axis {
    let key = format!("step.{key}");
    let list = list.as_deref().unwrap_or_default();
    check_twice(&key, list, print, report);
    Axis {
        key,
        levels: list.len().max(1),
        place: list.first().map_or(0..0, |first| first.place.clone()),
    }
}

/// The values at the places that `indices` gives, one for each of the [`axes`].
fn level(step: &raw::Step, indices: &[usize]) -> Level {
    let &[
        requests,
        duration,
        rate,
        speed,
        arrivals,
        connections,
        warmup,
        timeout,
        keepalive,
    ] = indices
    else {
        return Level::default();
    };
    let time = |letter: char| move |time: &Duration| format!("{letter}{}", print_duration(*time));
    let reuse = |reuse: &bool| if *reuse { "keepalive" } else { "close" }.to_owned();
    // The connections of a closed load and the rate of an open one stand in its id;
    // of a search neither does.
    let pool = |connections: &u32| format!("c{connections}");
    let pool = word(&step.connections, connections, pool).filter(|_| is_open(step));
    let words = [
        word(&step.requests, requests, |requests| format!("n{requests}")),
        word(&step.duration, duration, time('d')),
        word(&step.arrivals, arrivals, |arrivals| {
            arrivals.word().to_owned()
        }),
        pool,
        word(&step.warmup, warmup, time('w')),
        word(&step.timeout, timeout, time('t')),
        word(&step.keepalive, keepalive, reuse),
    ];
    let words = words.into_iter().flatten();
    Level {
        requests: at(&step.requests, requests),
        duration: at(&step.duration, duration),
        rate: at(&step.rate, rate),
        speed: at(speeds(step), speed),
        arrivals: at(&step.arrivals, arrivals),
        connections: at(&step.connections, connections),
        warmup: at(&step.warmup, warmup),
        timeout: at(&step.timeout, timeout),
        keepalive: at(&step.keepalive, keepalive),
        suffix: words.map(|word| format!("-{word}")).collect(),
    }
}

fn at<T: Clone>(list: &Option<Vec<Spanned<T>>>, index: usize) -> Option<T> {
    list.as_ref()?.get(index).map(|level| level.value.clone())
}

/// What an id says of a level, if there are others.
fn word<T>(
    list: &Option<Vec<Spanned<T>>>,
    index: usize,
    print: impl Fn(&T) -> String,
) -> Option<String> {
    let list = list.as_ref().filter(|list| list.len() > 1)?;
    list.get(index).map(|level| print(&level.value))
}

/// Whether the connections are but a pool for the starts, or searched for.
fn is_open(step: &raw::Step) -> bool {
    step.rate.is_some()
        || step.ramp.is_some()
        || step.stages.is_some()
        || step.burst.is_some()
        || step.replay.is_some()
        || step.search.is_some()
}

/// How long the step is warmed up: not at all where it begins with nothing.
fn warmup(
    step: &raw::Step,
    raw: &raw::Scenario,
    level: &Level,
    load: &Load,
    report: Report<'_>,
) -> Duration {
    let warmup = or(level.warmup, raw.warmup.as_ref(), defaults::WARMUP);
    let (nothing, hint) = match load {
        Load::Open { profile, .. } if profile.warmup(warmup).is_none() => match profile {
            Profile::Recorded(_) => ("a log is played once", "leave it out"),
            Profile::Steady { .. } | Profile::Stages(_) | Profile::Bursts { .. } => (
                "the step begins at 0/s",
                "leave it out, or begin with the rate to warm up at",
            ),
        },
        Load::Open { .. } | Load::Closed { .. } => return warmup,
    };
    let mut own = step.warmup.iter().flatten();
    if let Some(own) = own.find(|own| !own.value.is_zero()) {
        let message = format!("`step.warmup` has nothing to play: {nothing}");
        report(Problem::new(message, own.place.clone()).hint(hint));
    }
    Duration::ZERO
}

/// A level's own value, or that of the whole scenario.
fn or<T: Clone>(own: Option<T>, common: Option<&Spanned<T>>, default: T) -> T {
    own.unwrap_or_else(|| value(common, default))
}
