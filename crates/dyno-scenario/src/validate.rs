//! From the file as written to the scenario as meant.
//!
//! Fills in defaults, spells out levels, makes ids, and reports values that are
//! of the right type but make no sense. After a report the value returned does
//! not count, so that anything may stand in for what was wrong.

use dyno_toml::{Problem, Spanned};

use crate::id::is_slug;
use crate::model::{Mode, Scenario};
use crate::{defaults, raw};

mod load;
mod names;
mod plan;
mod request;
mod search;
mod step;
mod sweep;

pub use request::is_token;
pub(crate) use request::percent_encoded;

/// Takes notice of one more problem.
pub(crate) type Report<'a> = &'a dyn Fn(Problem);

/// The longest name of anything, in characters; it must fit file names.
const LONGEST_NAME: usize = 100;

/// The scenario as meant. Counts only when nothing was reported, here or before.
pub(crate) fn scenario(raw: raw::Scenario, question: String, report: Report<'_>) -> Scenario {
    check_name(raw.name.as_ref(), report);
    check_contract(raw.contract.as_ref(), report);
    check_targets(&raw.targets, report);
    let mode = raw.sweep.as_ref().and_then(|sweep| sweep.mode.as_ref());
    let mode = value(mode, Mode::default());
    Scenario {
        question,
        plan: plan::plan(&raw, report),
        variants: sweep::variants(&raw, mode, report),
        steps: step::steps(&raw, mode, report),
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

fn value<T: Clone>(given: Option<&Spanned<T>>, default: T) -> T {
    given.map_or(default, |given| given.value.clone())
}
