//! The root of `run.json` and what was planned before the first request.
//!
//! Field names carry their unit (`_ns`, `_s`, `_bytes`, `_per_s`, `_fraction`).
//! Missing is `null`, never 0 or −1.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Environment, Layout, Target, Trial};

/// One command's result: enough alone for every table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Run {
    /// Always [`crate::SCHEMA`].
    pub schema: String,
    /// Version of this structure, semantic: a larger minor only adds.
    pub schema_version: String,
    /// Which command wrote it.
    pub kind: RunKind,
    /// The dyno that wrote it.
    pub tool: Tool,
    /// UUID version 7.
    pub run_id: String,
    /// Start, RFC 3339, UTC.
    pub created_at: String,
    /// End, RFC 3339, UTC; null while unfinished.
    pub finished_at: Option<String>,
    /// When it was taken up again after an end in the middle, RFC 3339, UTC (since
    /// schema 1.3).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resumed_at: Vec<String>,
    /// Whether everything planned was done.
    pub status: Status,
    /// Short steps for a first look: figures are not for publication.
    pub quick: bool,
    /// The command line as given.
    pub command: Vec<String>,
    /// Seed of the order of trials.
    pub seed: u64,
    /// What was asked.
    pub scenario: ScenarioRecord,
    /// The machine.
    pub environment: Environment,
    /// Which CPUs served whom.
    pub layout: Layout,
    /// The steps, one entry for each level.
    pub steps: Vec<StepPlan>,
    /// The backends, measured or not; the first measured one is the reference.
    pub targets: Vec<Target>,
    /// The levels of what is swept between trials; empty when nothing is (since
    /// schema 1.3).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variants: Vec<Variant>,
    /// The order drawn for the trials.
    pub order: Vec<PlannedTrial>,
    /// What was measured, in time order.
    pub trials: Vec<Trial>,
    /// Doubts about the whole run, in words.
    pub warnings: Vec<String>,
}

/// Which command wrote a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RunKind {
    /// `dyno run`
    Run,
    /// `dyno hit`
    Hit,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// All that was planned was done.
    Complete,
    /// Stopped by a signal; what was measured until then is here.
    Interrupted,
    /// Still running, or killed at once.
    Unfinished,
    /// dyno could not go on; what was measured until then is here.
    Failed,
}

/// The program that wrote a result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tool {
    /// `dyno`
    pub name: String,
    /// Its version.
    pub version: String,
}

/// The scenario, inline, so that a run explains itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ScenarioRecord {
    /// Its `name`.
    pub name: String,
    /// The question it asks: its first comment.
    pub question: String,
    /// The contract that its targets promise, if any.
    pub contract: Option<String>,
    /// The file's name as given on the command line.
    pub file: String,
    /// SHA-256 of `text`, hexadecimal.
    pub sha256: String,
    /// The whole file.
    pub text: String,
    /// What was put over it, `PATH=VALUE` each, in this order (since schema 1.3).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub settings: Vec<String>,
    /// What its flows ask, in the order of the file; none of more than 100 (since
    /// schema 1.4).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requests: Vec<RequestRecord>,
}

/// A request of the scenario.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RequestRecord {
    /// The name of its flow.
    pub flow: String,
    /// Its own name.
    pub name: String,
    /// `GET`, `POST`, …
    pub method: String,
    /// Path and query, with an ellipsis for each value that is filled in.
    pub path: String,
}

/// One level of everything that is swept between trials.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Variant {
    /// Unique within the run and fit for a file name: `size-39-workers-1`.
    pub id: String,
    /// Values of `{{vars.NAME}}`, swept or not.
    pub vars: BTreeMap<String, String>,
    /// Variables of the target's environment, likewise.
    pub env: BTreeMap<String, String>,
}

/// One step at one level.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StepPlan {
    /// Unique within the run and fit for a file name: `closed-loop-c100`.
    pub id: String,
    /// The step's name in the scenario.
    pub name: String,
    /// The load.
    pub load: Load,
    /// Play time before counting starts, s.
    pub warmup_s: f64,
    /// A request without an answer for this long has failed, s.
    pub timeout_s: f64,
    /// Whether connections are used again.
    pub keepalive: bool,
}

/// How starts come about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "model")]
pub enum Load {
    /// A start waits for an answer on one of `connections`. Exactly one of
    /// `requests` and `duration_s` is set.
    Closed {
        /// Connections.
        connections: u32,
        /// Stop after exactly so many requests.
        requests: Option<u64>,
        /// Stop starting after this time, s.
        duration_s: Option<f64>,
    },
    /// Starts come from a clock.
    Open {
        /// Starts asked for, per second: the mean over `duration_s`.
        rate_per_s: f64,
        /// How they lie in time; `constant` for bursts.
        arrivals: Arrivals,
        /// Connections that may carry them.
        connections: u32,
        /// How long starts come, s.
        duration_s: f64,
        /// How the rate changes; null for one that is held.
        #[serde(default)]
        shape: Option<Shape>,
    },
}

/// How the rate of an open load changes over its time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Shape {
    /// It is held or moves evenly, one stage after the other.
    Stages {
        /// At least one; a ramp is one alone.
        stages: Vec<Stage>,
    },
    /// Every so often many starts are due at the same instant, the first at the
    /// beginning.
    Bursts {
        /// Starts of one burst.
        starts: u64,
        /// From one burst to the next, s.
        every_s: f64,
    },
    /// When a log says (since schema 1.3).
    Recorded {
        /// The file as the scenario names it.
        log: String,
        /// How much faster than recorded.
        speed: f64,
    },
}

/// A time in which a rate is held or moves evenly.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Stage {
    /// Starts per second at its beginning.
    pub from_per_s: f64,
    /// Starts per second at its end.
    pub to_per_s: f64,
    /// How long it lasts, s.
    pub duration_s: f64,
}

/// How the starts of an open load lie in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Arrivals {
    /// At equal distances.
    Constant,
    /// At random, independent of each other.
    Poisson,
}

/// A place in the order of trials.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PlannedTrial {
    /// Round, from 1: each target has one trial a round, or one of each variant.
    pub round: u32,
    /// Position within the round, from 1, drawn at random.
    pub position: u32,
    /// Target id.
    pub target: String,
    /// Id of the [`Variant`]; empty when nothing is swept (since schema 1.3).
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub variant: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_load_written_before_there_were_shapes_holds_its_rate() {
        let open = |shape| Load::Open {
            rate_per_s: 510.0,
            arrivals: Arrivals::Poisson,
            connections: 256,
            duration_s: 2.0,
            shape,
        };
        let text = |rest: &str| {
            format!(
                r#"{{"model":"open","rate_per_s":510.0,"arrivals":"poisson","connections":256,"duration_s":2.0{rest}}}"#
            )
        };
        let ramp = Shape::Stages {
            stages: vec![Stage {
                from_per_s: 10.0,
                to_per_s: 500.0,
                duration_s: 2.0,
            }],
        };
        let bursts = Shape::Bursts {
            starts: 100,
            every_s: 1.5,
        };
        for (rest, shape) in [
            ("", None),
            (r#","shape":null"#, None),
            (
                r#","shape":{"kind":"stages","stages":[{"from_per_s":10.0,"to_per_s":500.0,"duration_s":2.0}]}"#,
                Some(ramp),
            ),
            (
                r#","shape":{"kind":"bursts","starts":100,"every_s":1.5}"#,
                Some(bursts),
            ),
        ] {
            let read: Load = serde_json::from_str(&text(rest)).unwrap();
            assert_eq!(read, open(shape), "{rest}");
            let written = serde_json::to_string(&read).unwrap();
            let null = if rest.is_empty() {
                ",\"shape\":null"
            } else {
                rest
            };
            assert_eq!(written, text(null));
        }
    }
}
