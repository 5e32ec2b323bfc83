//! The exit codes: one list for every command.

use std::process::ExitCode;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
