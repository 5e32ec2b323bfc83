//! A backend as it was measured: where it came from, what it promised, how it
//! started and stopped.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Size;

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
    /// Its code and dependencies; null when it could not be built (since schema 1.4).
    #[serde(default)]
    pub size: Option<Size>,
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

/// A build of a target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Build {
    /// Hash of everything that goes into it: the key of the build cache.
    pub inputs_sha256: String,
    /// Whether an earlier build with the same inputs was used.
    pub cached: bool,
    /// Time of the build that made the artefacts, s. What the language's own caches
    /// had of it is not known.
    pub duration_s: f64,
    /// Time of a build with nothing compiled before, s: downloads stay. Null unless it
    /// was asked for, `dyno targets build --cold` (since schema 1.4).
    #[serde(default)]
    pub cold_s: Option<f64>,
    /// Time of the same steps once more, with everything there, s (since schema 1.4).
    #[serde(default)]
    pub warm_s: Option<f64>,
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

/// How a trial's process came up. All times count from the exec of the target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Start {
    /// First accepted TCP connection, ns.
    pub listen_ns: u64,
    /// First answer with the status of the readiness probe, ns.
    pub ready_ns: u64,
    /// Requests that dyno sent to find out.
    pub probes: u64,
    /// First right answer to a request of the contract itself, sent as soon as it was
    /// ready, ns; null when there was none, or the contract has no such request (since
    /// schema 1.4).
    #[serde(default)]
    pub first_ns: Option<u64>,
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
