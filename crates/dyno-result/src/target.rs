//! A backend as it was measured: where it came from, what it promised, how it
//! started and stopped.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A backend of the run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Target {
    /// Folder name under `targets/`.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// What its settings claim to be.
    pub class: Class,
    /// Programming language.
    pub language: String,
    /// What is worth knowing about its settings.
    pub notes: String,
    /// Framework, server, … as the manifest says.
    pub stack: BTreeMap<String, String>,
    /// The command that serves, placeholders filled.
    pub command: Vec<String>,
    /// Versions that it reports of itself.
    pub versions: BTreeMap<String, String>,
    /// SHA-256 of the manifest.
    pub manifest_sha256: String,
    /// The build; null when there was nothing to build or it failed.
    pub build: Option<Build>,
    /// The contract's checks; null when none ran.
    pub conformance: Option<Conformance>,
    /// Why it was not measured; null when it was.
    pub excluded: Option<String>,
}

/// What the settings of a target claim to be. Never ranked across classes
/// without saying so.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// As in a blog post, faults included.
    Published,
    /// Library defaults, contract satisfied.
    Stock,
    /// Only settings that the project's own deployment docs recommend.
    Production,
    /// Anything that still passes the contract.
    Tuned,
}

impl Class {
    /// The word used in manifests and tables.
    pub fn word(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Stock => "stock",
            Self::Production => "production",
            Self::Tuned => "tuned",
        }
    }
}

/// Whose rate limit a target keeps.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RateLimitScope {
    /// One for the whole target.
    #[default]
    Global,
    /// One for each of its processes: a client gets up to as many times the limit.
    Process,
}

/// A build of a target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Build {
    /// Hash of everything that goes into it: the key of the build cache.
    pub inputs_sha256: String,
    /// Whether an earlier build with the same inputs was used.
    pub cached: bool,
    /// Time of the build that made the artefacts, s.
    pub duration_s: f64,
    /// Size of the artefacts, bytes.
    pub artefact_bytes: u64,
}

/// The result of a contract's checks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Conformance {
    /// The contract, `greet/1`.
    pub contract: String,
    /// Seed of the random inputs.
    pub seed: u64,
    /// Every check.
    pub checks: Vec<Check>,
    /// What operations cost in the database; empty for contracts without one.
    #[serde(default)]
    pub work: Vec<Work>,
}

impl Conformance {
    /// The checks that failed and may not.
    pub fn failures(&self) -> impl Iterator<Item = &Check> {
        self.checks
            .iter()
            .filter(|check| check.problem.is_some() && !check.allowed)
    }
}

/// One check of a contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Check {
    /// Stable name, `greet.keepalive-fast`.
    pub id: String,
    /// What was seen instead; null when it passed.
    pub problem: Option<String>,
    /// A target of class *published* may fail this one; the result names it.
    pub allowed: bool,
}

/// What an operation costs in the database, counted there over some requests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Work {
    /// The operation, `POST /auth/login`.
    pub operation: String,
    /// How often it was asked for.
    pub requests: u64,
    /// Statements that the contract has for so many.
    pub wanted: u64,
    /// Statements of its own that it executed.
    pub statements: u64,
    /// `BEGIN`, `COMMIT` and what else is around them.
    pub transactions: u64,
    /// Others: pings, settings, looks at types.
    pub other: u64,
}

impl Work {
    /// Whether it executes more than half as many statements again as the
    /// contract has.
    pub fn is_chatty(&self) -> bool {
        2 * self.statements > 3 * self.wanted
    }
}

/// How a trial's process came up. All times count from the exec of the target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Start {
    /// First accepted TCP connection, ns.
    pub listen_ns: u64,
    /// First answer with the status of the readiness probe, ns.
    pub ready_ns: u64,
    /// Requests that dyno sent to find out.
    pub probes: u64,
}

/// How a trial's process went down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Stop {
    /// `exit 0`, `signal 15`, …
    pub exit: String,
    /// From the stop signal to the end of the last process, ns.
    pub duration_ns: u64,
    /// Whether it had to be killed after its grace.
    pub killed: bool,
    /// Processes of its group or tree that outlived the main one.
    pub leftover_processes: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_is_chatty_above_one_and_a_half_times_the_contract() {
        for (statements, wanted, expected) in [
            (10, 10, false),
            (15, 10, false),
            (16, 10, true),
            (0, 0, false),
            (1, 0, true),
        ] {
            let work = Work {
                operation: "GET /users".to_owned(),
                requests: 10,
                wanted,
                statements,
                transactions: 20,
                other: 10,
            };
            assert_eq!(work.is_chatty(), expected, "{statements} of {wanted}");
        }
    }
}
