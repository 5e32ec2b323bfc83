//! The sentences beside the tables of where the time goes.

use dyno_result::{AttributionDoubts, DatabaseCheck};

use super::{Split, is_told, steps, targets};
use crate::figures::{Figures, Row, StepFigures};
use crate::{number, text};

/// What must be known of the figures of a step: the database's own view, what else
/// answers tell, and what does not go together.
pub(crate) fn lines(step: &StepFigures) -> Vec<String> {
    let mut lines: Vec<String> = step.rows.iter().filter_map(cross_check).collect();
    for split in targets(step) {
        lines.extend(others(&split));
        lines.extend(doubts(&split));
    }
    lines.iter().map(|line| text::line(line)).collect()
}

/// How to read the tables.
pub(crate) fn legend(figures: &Figures) -> Option<String> {
    const WORDS: &str = "Where the time goes: shares of the service time of right answers, from \
        the Server-Timing field of the target. Outside is what the target does not see: network, \
        accept queue, waiting for the event loop, writing the answer. Own is the time in the \
        handler without the waits for database and hashing that follow. p50 and p99 of the parts \
        are within 1 % and do not add up.";
    is_told(figures).then(|| WORDS.to_owned())
}

/// The target's word against the database's.
fn cross_check(row: &Row) -> Option<String> {
    let checks = steps(row).filter_map(|step| step.database_check());
    let (told, active) = checks.fold((0_u64, 0_u64), |(told, active), check| {
        (
            told.saturating_add(check.told_ns),
            active.saturating_add(check.active_ns),
        )
    });
    let check = DatabaseCheck::of(told, active)?;
    let (told, active) = (number::time(told as f64), number::time(active as f64));
    let gap = number::percent(check.gap_percent.abs() / 100.0);
    let verdict = match check.gap_percent < 0.0 {
        false => format!("a gap of {gap} for driver and wire"),
        true => format!("a gap of \u{2212}{gap}: it worked for what no right answer tells"),
    };
    Some(format!(
        "{}: answers tell {told} in the database, which says it was active for {active}: {verdict}.",
        row.name
    ))
}

fn others(split: &Split) -> Option<String> {
    let others = split.others.iter();
    let others = others.map(|(name, ns)| format!("{name} {}", number::time(*ns)));
    let others: Vec<String> = others.collect();
    (!others.is_empty()).then(|| {
        format!(
            "{} also tells, contained in these parts, for an answer: {}.",
            split.name,
            others.join(", ")
        )
    })
}

fn doubts(split: &Split) -> Option<String> {
    let AttributionDoubts {
        without_app,
        app_exceeded,
        service_exceeded,
        unreadable,
        left_out,
    } = split.doubts;
    let told = [
        (
            without_app,
            "answers tell no app (their own time is in outside)",
        ),
        (
            app_exceeded,
            "answers tell parts that are more than their app",
        ),
        (
            service_exceeded,
            "answers tell more than their service time",
        ),
        (unreadable, "durations could not be read"),
        (left_out, "durations of further names are not kept"),
    ];
    let told = told.iter().filter(|(count, _)| *count > 0);
    let told: Vec<String> = told
        .map(|(count, what)| format!("{} {what}", number::count(*count)))
        .collect();
    let answers = number::count(split.answers);
    (!told.is_empty())
        .then(|| format!("{}, of {answers} answers: {}.", split.name, told.join("; ")))
}
