//! The exit codes: one list for every command.

use std::process::ExitCode;

use dyno_result::{Level, Run, Status, Step, Trial};
use serde::{Deserialize, Serialize};

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Exit {
    /// Done.
    Done = 0,
    /// dyno itself failed.
    Failed = 1,
    /// Wrong usage or input, found before any load.
    Input = 2,
    /// No valid measurement: a step is INVALID (dyno or its machine was the limit,
    /// or there was no right answer), or the target died in mid-run.
    Invalid = 5,
    /// A target could not be built, started, become ready, or conform. Said
    /// rather than 5 when both are true.
    Target = 6,
    /// Interrupted; what was measured is written and marked.
    Interrupted = 130,
}

impl Exit {
    /// How a run went; `is_ours` if dyno has started its targets. One that is broken
    /// comes before an invalid measurement: it is what must be mended first, and the
    /// verdict stands in the result all the same.
    pub(crate) fn of(run: &Run, is_ours: bool) -> Self {
        let is_empty = |trial: &Trial| trial.steps.is_empty();
        let is_spoilt = |trial: &Trial| {
            is_empty(trial)
                || !trial.invalid_reasons.is_empty()
                || trial.steps.iter().any(is_invalid)
        };
        let is_broken = || {
            let excluded = run.targets.iter().any(|target| target.excluded.is_some());
            excluded || run.trials.iter().any(is_empty)
        };
        if run.status == Status::Interrupted {
            Self::Interrupted
        } else if is_ours && is_broken() {
            Self::Target
        } else if run.trials.iter().any(is_spoilt) {
            Self::Invalid
        } else {
            Self::Done
        }
    }
}

/// Whether the verdict says that a step's figures are not the target's.
fn is_invalid(step: &Step) -> bool {
    let verdict = step.verdict.as_ref();
    verdict.is_some_and(|verdict| verdict.level == Level::Invalid)
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
