//! Whether `dyno` measured, for tests that do not ask whether figures are valid:
//! only the machine may have spoilt those.

use dyno_result::{Level, Run, Signal};

/// The signals of a machine that was busy with something else, each with words
/// that are in its sentence and in no other.
const OF_MACHINE: [(Signal, &str); 8] = [
    (Signal::SendLag, "send lag p"),
    (
        Signal::LateStarts,
        "of the starts were sent after the window",
    ),
    (Signal::Busy, "dyno's busiest thread"),
    (Signal::RunDelay, "a load thread was ready without a CPU"),
    (Signal::Steal, "the hypervisor gave"),
    (Signal::Throttled, "a CPU quota held back dyno"),
    (Signal::Hiccup, "the machine stood still for dyno"),
    (Signal::Search, "dyno or its machine was the limit at"),
];

/// Done (0) and nothing is INVALID, or invalid (5) for no reason but the machine.
pub(crate) fn is_measured(code: i32, run: &Run) -> bool {
    let steps = || run.trials.iter().flat_map(|trial| &trial.steps);
    let reasons = steps().filter_map(|step| step.verdict.as_ref());
    let reasons = reasons.flat_map(|verdict| &verdict.reasons);
    let invalid: Vec<_> = reasons
        .filter(|reason| reason.level == Level::Invalid)
        .map(|reason| OF_MACHINE.iter().any(|(of, _)| *of == reason.signal))
        .collect();
    let spoilt = run
        .trials
        .iter()
        .any(|trial| !trial.invalid_reasons.is_empty());
    steps().next().is_some() && !spoilt && agrees(code, &invalid)
}

/// The same by the summary of `dyno hit`.
pub(crate) fn is_measured_by_its_words(code: i32, summary: &str) -> bool {
    let invalid: Vec<_> = summary
        .split("INVALID:")
        .skip(1)
        .filter_map(|rest| rest.lines().next())
        .map(|sentence| OF_MACHINE.iter().any(|(_, words)| sentence.contains(words)))
        .collect();
    summary.contains("Summary:") && agrees(code, &invalid)
}

/// Whether `code` goes with INVALID reasons, of each of which is said whether it
/// is the machine's.
fn agrees(code: i32, invalid: &[bool]) -> bool {
    match code {
        0 => invalid.is_empty(),
        5 => !invalid.is_empty() && invalid.iter().all(|of_machine| *of_machine),
        _ => false,
    }
}
