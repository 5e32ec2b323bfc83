//! A step by flow and by request, and examples of its wrong answers.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Attribution, Distribution, FailureCount, FailureKind};

/// One flow of a step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FlowFigures {
    /// Its name in the scenario.
    pub name: String,
    /// How many there were. A flow fails with its first request that fails.
    pub counts: PartCounts,
    /// From the intended start of those that succeeded to the end of their last
    /// answer, thinking included.
    pub time: Distribution,
}

/// One request of a step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RequestFigures {
    /// The name of its flow.
    pub flow: String,
    /// Its own name.
    pub name: String,
    /// How many there were. What comes behind a request that failed never came due.
    pub counts: PartCounts,
    /// Failed ones by kind, most frequent first.
    pub failures: Vec<FailureCount>,
    /// End minus intended start: that of the flow for its first request, and for
    /// the others the end of the answer before, plus the time to think.
    pub response: Distribution,
    /// Where the time of its right answers went; null when none had a
    /// `Server-Timing` field with durations (since schema 1.4).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attribution: Option<Attribution>,
}

/// The books of a flow or a request: due = succeeded + failed + dropped +
/// unfinished.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PartCounts {
    /// Those that came due.
    pub due: u64,
    /// Right throughout.
    pub succeeded: u64,
    /// Wrong, late or absent answers.
    pub failed: u64,
    /// Due, never begun (open model only). A dropped flow drops its first request.
    pub dropped: u64,
    /// Not at their end when the drain ended.
    pub unfinished: u64,
}

/// A wrong answer, for people to look at. Secrets, cookies and credentials are left
/// out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Example {
    /// The name of the flow.
    pub flow: String,
    /// The name of the request.
    pub request: String,
    /// What kind of failure it was.
    pub kind: FailureKind,
    /// Which check it did not pass; empty for the status and the whole body.
    pub check: String,
    /// Status line and fields.
    pub head: String,
    /// The body, or its beginning.
    pub body: String,
    /// There was more of it.
    pub is_cut: bool,
}
