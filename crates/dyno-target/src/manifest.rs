//! What a `target.toml` says, as meant.
//!
//! The types here are also the JSON Schema of the file (`manifest/schema.rs`).
//! How the text becomes them, with all problems at once, is in
//! `manifest/read.rs`; which files exist is the catalogue's business.

mod read;
mod schema;
mod tables;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use dyno_result::Class;
use schemars::JsonSchema;

use crate::Error;
use crate::placeholder::Values;

pub use schema::schema;

/// One backend: what it is, how it is built, started, seen ready and stopped.
///
/// Paths are relative to the folder of the file; with `extends`, to the folder
/// of the parent, where the sources are.
#[derive(Debug, Clone, PartialEq, JsonSchema)]
#[schemars(deny_unknown_fields, title = "A target of dyno")]
pub struct Manifest {
    /// Version of this format.
    #[schemars(range(min = 1, max = 1))]
    pub schema: u32,
    /// Name of the target: the name of its folder.
    pub id: String,
    /// Folder of another target, `../other`. What this file does not say is
    /// taken from there, except `schema`, `id` and `name`.
    #[schemars(default)]
    pub extends: Option<String>,
    /// Name for people.
    pub name: String,
    /// The API it promises, `greet/1`.
    #[schemars(regex(pattern = r"^[a-z][a-z0-9-]*/[1-9][0-9]*$"))]
    pub contract: String,
    /// What its settings claim to be.
    pub class: Class,
    /// Programming language.
    pub language: String,
    /// Framework, server, driver, …: free words.
    #[schemars(default)]
    pub stack: BTreeMap<String, String>,
    /// Globs of the files counted as its source.
    pub source: Vec<String>,
    /// What is worth knowing about its settings.
    #[schemars(default)]
    pub notes: String,
    /// Evidence for every setting that is not a default; needed by class
    /// `production`.
    #[schemars(default)]
    pub docs: Vec<String>,
    /// Tools that must be installed.
    #[schemars(default)]
    pub require: Vec<Requirement>,
    /// How it is built; absent when there is nothing to build.
    #[schemars(default)]
    pub build: Option<BuildPlan>,
    /// How it is run.
    pub run: RunPlan,
    /// When it is ready.
    #[schemars(default)]
    pub ready: Ready,
    /// What it declares about itself.
    #[schemars(default)]
    pub behaviour: Behaviour,
    /// What it asks of the kernel.
    #[schemars(default)]
    pub limits: Limits,
    /// The folder that paths are relative to, absolute.
    #[schemars(skip)]
    pub dir: PathBuf,
    /// The text of the file, and of the one it extends.
    #[schemars(skip)]
    pub text: String,
}

/// A tool that must be installed.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Requirement {
    /// Its command, `go`.
    pub tool: String,
    /// The oldest version that will do, `1.24`.
    #[schemars(default)]
    pub min: Option<String>,
}

/// How a target is built. Nothing goes through a shell.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct BuildPlan {
    /// Commands, run one after the other in the target's folder; `{work}` and
    /// `{dir}` are filled.
    pub steps: Vec<Vec<String>>,
    /// Globs of the files that the build reads: their hash is the cache's key.
    pub inputs: Vec<String>,
    /// Files and folders that the build makes; they are sized.
    #[schemars(default)]
    pub artefacts: Vec<String>,
    /// Whether the build needs a registry.
    #[schemars(default)]
    pub network: bool,
    /// The file that fixes the versions of its dependencies.
    #[schemars(default)]
    pub lockfile: Option<String>,
}

/// How a target is run.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct RunPlan {
    /// The command that serves; `{port}`, `{host}`, `{cpus}`, `{workers}`,
    /// `{work}` and `{dir}` are filled. It must stay in the foreground.
    pub command: Vec<String>,
    /// Worker processes: a number, or `cpus` for one a CPU.
    #[schemars(default)]
    pub workers: Workers,
    /// Environment variables besides PATH, HOME, LANG, TZ, PORT, HOST and
    /// WORKERS; nothing else is passed on.
    #[schemars(default)]
    pub env: BTreeMap<String, String>,
    /// How it is stopped.
    #[schemars(default)]
    pub stop: StopPlan,
    /// A command that prints its versions as JSON, `{"uvicorn": "0.38.0"}`.
    #[schemars(default)]
    pub versions: Vec<String>,
}

/// Worker processes of a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Workers {
    /// One for each CPU of the target.
    Cpus,
    /// So many.
    Count(u32),
}

impl Workers {
    /// How many on so many CPUs.
    pub fn on(self, cpus: usize) -> u32 {
        match self {
            Self::Cpus => u32::try_from(cpus).unwrap_or(u32::MAX).max(1),
            Self::Count(count) => count,
        }
    }
}

impl Default for Workers {
    fn default() -> Self {
        Self::Count(1)
    }
}

/// How a target is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema)]
#[schemars(deny_unknown_fields, default)]
pub struct StopPlan {
    /// The signal that asks it to end.
    pub signal: StopSignal,
    /// Seconds it may take before it is killed.
    pub grace_s: u32,
}

impl Default for StopPlan {
    fn default() -> Self {
        Self {
            signal: StopSignal::Term,
            grace_s: 10,
        }
    }
}

/// A signal that asks a process to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema)]
#[schemars(rename_all = "UPPERCASE")]
pub enum StopSignal {
    /// SIGTERM.
    Term,
    /// SIGINT.
    Int,
}

/// When a target counts as ready.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema)]
#[schemars(deny_unknown_fields, default)]
pub struct Ready {
    /// Path that is asked.
    pub path: String,
    /// The status that means ready.
    #[schemars(range(min = 100, max = 599))]
    pub status: u16,
    /// Seconds after which it is given up.
    #[schemars(range(min = 1))]
    pub timeout_s: u32,
}

impl Default for Ready {
    fn default() -> Self {
        Self {
            path: "/".to_owned(),
            status: 200,
            timeout_s: 30,
        }
    }
}

impl Ready {
    /// How long to wait.
    pub fn timeout(&self) -> Duration {
        Duration::from_secs(self.timeout_s.into())
    }
}

/// What a target declares about itself.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema)]
#[schemars(deny_unknown_fields, default)]
pub struct Behaviour {
    /// Whether it keeps connections open between requests.
    pub keepalive: bool,
    /// Processes it runs as, in words: `workers+1`.
    pub processes: Option<String>,
    /// Ids of checks that it may fail; class `published` only.
    pub allowed_failures: Vec<String>,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            keepalive: true,
            processes: None,
            allowed_failures: Vec::new(),
        }
    }
}

/// What a target asks of the kernel.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, JsonSchema)]
#[schemars(deny_unknown_fields, default)]
pub struct Limits {
    /// Open files; as many as dyno itself when absent.
    pub nofile: Option<u64>,
}

impl Manifest {
    /// Reads the `target.toml` at `path`, or says everything that is wrong
    /// with it.
    pub fn read(path: &Path) -> Result<Self, Error> {
        read::file(path)
    }

    /// The placeholders that a build knows.
    pub(crate) fn values(&self, work: &Path) -> Values {
        Values::default()
            .with("work", work.display())
            .with("dir", self.dir.display())
    }

    /// The start of a [`dyno_result::Target`]: what the manifest knows of it.
    /// Command, versions, build and conformance are the caller's to add.
    pub fn describe(&self) -> dyno_result::Target {
        dyno_result::Target {
            id: self.id.clone(),
            name: self.name.clone(),
            class: self.class,
            language: self.language.clone(),
            notes: self.notes.clone(),
            stack: self.stack.clone(),
            command: self.run.command.clone(),
            versions: BTreeMap::new(),
            manifest_sha256: crate::inputs::sha256(self.text.as_bytes()),
            build: None,
            size: None,
            conformance: None,
            excluded: None,
        }
    }
}
