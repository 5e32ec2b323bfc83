//! The card of a target: what it is, how it was built, started and checked.

use dyno_result::{Class, Dependencies, Size, Summary, Target};

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
        let cold = match (build.cold_s, build.warm_s) {
            (Some(cold), Some(warm)) => format!(
                "; with nothing compiled before in {}, and again in {}",
                number::time(cold * 1e9),
                number::time(warm * 1e9)
            ),
            _ => String::new(),
        };
        add(
            "build",
            format!(
                "{size}, built in {}{cached}{cold}",
                number::time(build.duration_s * 1e9)
            ),
        );
    }
    if let Some(size) = &target.size {
        add("source", source(size));
        let dependencies = size.dependencies.as_ref();
        add("dependencies", dependencies.map_or(String::new(), depends));
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

/// Lines of code, file by file.
fn source(size: &Size) -> String {
    let lines = |lines: Option<u64>| lines.map_or(number::MISSING.to_owned(), number::count);
    let files = size.files.iter();
    let files = files.map(|file| format!("{} {}", file.path, lines(file.code_lines)));
    let files: Vec<String> = files.collect();
    format!(
        "{} lines of code ({}), {} gzipped",
        lines(size.code_lines),
        files.join(", "),
        number::bytes(size.gzip_bytes as f64)
    )
}

fn depends(all: &Dependencies) -> String {
    let direct = match all.direct {
        Some(direct) => format!(", {direct} of them direct"),
        None => String::new(),
    };
    format!("{}{direct} ({})", all.total, all.counted)
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
