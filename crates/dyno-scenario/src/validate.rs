//! From the file as written to the scenario as meant.
//!
//! Fills in defaults, spells out levels, makes ids, and reports values that are
//! of the right type but make no sense. After a report the value returned does
//! not count, so that anything may stand in for what was wrong.

use std::time::Duration;

use dyno_toml::{Problem, Spanned};

use crate::id::is_slug;
use crate::model::{Load, Scenario, Step};
use crate::{Plan, defaults, raw, step_id};

mod load;
mod request;

pub use request::is_token;

/// Takes notice of one more problem.
pub(crate) type Report<'a> = &'a dyn Fn(Problem);

/// The longest name of anything, in characters; it must fit file names.
const LONGEST_NAME: usize = 100;

/// The scenario as meant. Counts only when nothing was reported, here or before.
pub(crate) fn scenario(raw: raw::Scenario, question: String, report: Report<'_>) -> Scenario {
    check_name(raw.name.as_ref(), report);
    check_contract(raw.contract.as_ref(), report);
    check_targets(&raw.targets, report);
    let requests = raw.request.as_deref().unwrap_or_default();
    Scenario {
        question,
        plan: Plan::of(
            requests
                .iter()
                .map(|request| request::request(request, report))
                .collect(),
        ),
        steps: steps(&raw, report),
        name: raw.name.map(|name| name.value).unwrap_or_default(),
        contract: raw.contract.map(|contract| contract.value),
        targets: raw.targets.into_iter().map(|id| id.value).collect(),
        repeat: value(raw.repeat.as_ref(), defaults::REPEAT),
        idle: value(raw.idle.as_ref(), defaults::IDLE),
        cooldown: value(raw.cooldown.as_ref(), defaults::COOLDOWN),
    }
}

fn check_name(name: Option<&Spanned<String>>, report: Report<'_>) {
    let Some(name) = name else { return };
    if !is_slug(&name.value) || name.value.len() > LONGEST_NAME {
        let message = format!("`name` cannot be {:?}", name.value);
        let hint =
            format!("it names a folder: a-z, 0-9 and `-`, at most {LONGEST_NAME} characters");
        report(Problem::new(message, name.place.clone()).hint(hint));
    }
}

fn check_contract(contract: Option<&Spanned<String>>, report: Report<'_>) {
    let Some(contract) = contract else { return };
    let version = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let parts = contract.value.split_once('/');
    if !parts.is_some_and(|(name, number)| is_slug(name) && version(number)) {
        let message = format!("`contract` cannot be {:?}", contract.value);
        let hint = "a name and a version, such as \"greet/1\"";
        report(Problem::new(message, contract.place.clone()).hint(hint));
    }
}

fn check_targets(targets: &[Spanned<String>], report: Report<'_>) {
    for (index, id) in targets.iter().enumerate() {
        let before = &targets[..index];
        if id.value.trim().is_empty() {
            report(Problem::new("`targets` has an empty id", id.place.clone()));
        } else if before.iter().any(|other| other.value == id.value) {
            let message = format!("`targets` lists {:?} twice", id.value);
            let hint = "for more trials of each target use `repeat`";
            report(Problem::new(message, id.place.clone()).hint(hint));
        }
    }
}

/// One step for each level, in the order of the file.
fn steps(raw: &raw::Scenario, report: Report<'_>) -> Vec<Step> {
    let mut names = Vec::new();
    let mut steps: Vec<Step> = Vec::new();
    for step in raw.step.iter().flatten() {
        let levels = levels(step, raw, report);
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

/// A step at each of its levels.
fn levels(step: &raw::Step, raw: &raw::Scenario, report: Report<'_>) -> Vec<Step> {
    let name = value(step.name.as_ref(), String::new());
    let level = |load| Step {
        id: step_id(&name, &load),
        name: name.clone(),
        warmup: warmup(step, raw, &load, report),
        load,
        timeout: value(first(&step.timeout, &raw.timeout), defaults::TIMEOUT),
        keepalive: value(first(&step.keepalive, &raw.keepalive), defaults::KEEPALIVE),
    };
    let loads = load::loads(step, report);
    loads.into_iter().map(level).collect()
}

/// How long the step is warmed up: not at all where it begins with nothing.
fn warmup(step: &raw::Step, raw: &raw::Scenario, load: &Load, report: Report<'_>) -> Duration {
    let warmup = value(first(&step.warmup, &raw.warmup), defaults::WARMUP);
    match load {
        Load::Open { profile, .. } if profile.warmup(warmup).is_none() => {}
        Load::Open { .. } | Load::Closed { .. } => return warmup,
    }
    if let Some(own) = step.warmup.as_ref().filter(|own| !own.value.is_zero()) {
        let message = "`step.warmup` has nothing to play: the step begins at 0/s";
        let hint = "leave it out, or begin with the rate to warm up at";
        report(Problem::new(message, own.place.clone()).hint(hint));
    }
    Duration::ZERO
}

/// A name for people: something to see, on one line, not too long for a file.
fn check_title(key: &str, title: &Spanned<String>, report: Report<'_>) {
    let text = &title.value;
    let wrong = if text.trim().is_empty() {
        "is empty"
    } else if text.chars().any(char::is_control) {
        "must be on one line, without control characters"
    } else if text.chars().count() > LONGEST_NAME {
        "is longer than 100 characters"
    } else {
        return;
    };
    report(Problem::new(
        format!("`{key}` {wrong}"),
        title.place.clone(),
    ));
}

fn first<'a, T>(own: &'a Option<T>, common: &'a Option<T>) -> Option<&'a T> {
    own.as_ref().or(common.as_ref())
}

fn value<T: Clone>(given: Option<&Spanned<T>>, default: T) -> T {
    given.map_or(default, |given| given.value.clone())
}
