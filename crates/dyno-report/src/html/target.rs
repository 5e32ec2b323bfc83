//! The card of a target: what it is, how it was built, started and checked.

use dyno_result::{Class, Summary, Target};

use crate::figures::Figures;
use crate::{number, text};

/// What the page tells of a target.
pub(super) struct Card {
    pub(super) name: String,
    pub(super) id: String,
    pub(super) class: &'static str,
    pub(super) meaning: &'static str,
    pub(super) notes: String,
    pub(super) excluded: String,
    pub(super) facts: Vec<(String, String)>,
    pub(super) command: String,
}

/// All that is known of a target.
pub(super) fn card(figures: &Figures, target: &Target) -> Card {
    let mut facts: Vec<(String, String)> = Vec::new();
    let mut add = |key: &str, value: String| {
        if !value.is_empty() {
            facts.push((text::line(key), text::line(&value)));
        }
    };
    add("language", target.language.clone());
    for (key, value) in &target.stack {
        add(key, value.clone());
    }
    let versions: Vec<String> = target
        .versions
        .iter()
        .map(|(tool, version)| format!("{tool} {version}"))
        .collect();
    add("versions", versions.join(", "));
    if let Some(build) = &target.build {
        let size = number::bytes(build.artefact_bytes as f64);
        let cached = if build.cached { ", from the cache" } else { "" };
        add(
            "build",
            format!(
                "{size}, built in {}{cached}",
                number::time(build.duration_s * 1e9)
            ),
        );
    }
    let ready: Vec<f64> = figures
        .valid_trials(&target.id)
        .filter_map(|trial| Some(trial.start.as_ref()?.ready_ns as f64))
        .collect();
    if let Some(ready) = Summary::of(&ready) {
        let of = if ready.n == 1 {
            "1 start"
        } else {
            "median of the starts"
        };
        let range = match ready.n {
            1 => String::new(),
            _ => format!(", {}", number::time_range(ready.low, ready.high)),
        };
        add(
            "start-up",
            format!("{} ({of}{range})", number::time(ready.median)),
        );
    }
    add("conformance", conformance(target));
    add("manifest", format!("SHA-256 {}", target.manifest_sha256));
    Card {
        name: text::line(&target.name),
        id: text::line(&target.id),
        class: target.class.word(),
        meaning: meaning(target.class),
        notes: text::line(&target.notes),
        excluded: text::line(target.excluded.as_deref().unwrap_or_default()),
        facts,
        command: text::command(&target.command),
    }
}

fn meaning(class: Class) -> &'static str {
    match class {
        Class::Published => "as in a blog post, faults included",
        Class::Stock => "library defaults, contract satisfied",
        Class::Production => "settings that the project's own deployment docs recommend",
        Class::Tuned => "anything that still passes the contract",
    }
}

fn conformance(target: &Target) -> String {
    let Some(conformance) = &target.conformance else {
        return "not checked".to_owned();
    };
    let failed: Vec<String> = conformance
        .checks
        .iter()
        .filter_map(|check| {
            let problem = check.problem.as_ref()?;
            let leave = if check.allowed {
                ", allowed for its class"
            } else {
                ""
            };
            Some(format!("{} ({problem}{leave})", check.id))
        })
        .collect();
    let passed = conformance.checks.len() - failed.len();
    let mut words = format!(
        "{}: {passed} of {} checks passed",
        conformance.contract,
        conformance.checks.len()
    );
    if !failed.is_empty() {
        words += &format!("; failed: {}", failed.join("; "));
    }
    words
}
