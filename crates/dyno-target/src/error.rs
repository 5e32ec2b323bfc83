//! Why a target could not be measured: the phase, the reason, the end of its
//! log, and the way out.

use std::io;
use std::path::{Path, PathBuf};

use crate::log::Tail;

/// What kept dyno from preparing, starting or stopping a target.
///
/// `Display` is the headline. The log's end and the way out, if any, are in
/// [`Error::log`] and [`Error::hint`], to be shown below it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A manifest that says what it must not, or not what it must.
    #[error(transparent)]
    Manifest(#[from] dyno_toml::Problems),

    /// A file or folder that could not be read or written.
    #[error("could not use {path}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the kernel said.
        source: io::Error,
    },

    /// No target of that name.
    #[error("there is no target {id:?}")]
    UnknownTarget {
        /// The name asked for.
        id: String,
        /// The nearest name, or all names.
        hint: String,
    },

    /// Tools that are not installed or too old.
    #[error("{id} cannot be built here: {}", .problems.join("; "))]
    Tools {
        /// The target.
        id: String,
        /// One sentence a tool.
        problems: Vec<String>,
        /// Where to get them.
        hint: String,
    },

    /// `build.inputs` that match nothing, or artefacts that were not made.
    #[error("{id}: `{key}` names {pattern:?}, which is not there")]
    Absent {
        /// The target.
        id: String,
        /// The key of the manifest.
        key: &'static str,
        /// The glob or path.
        pattern: String,
    },

    /// A build step that failed.
    #[error("could not build {id}: `{command}` ended with {exit}")]
    Build {
        /// The target.
        id: String,
        /// The step, as one line.
        command: String,
        /// `exit 1`, `signal 9`, or why it could not be started.
        exit: String,
        /// The end of the build's log.
        log: Tail,
    },

    /// The `versions` command failed or printed something else.
    #[error("could not ask {id} for its versions: `{command}` {problem}")]
    Versions {
        /// The target.
        id: String,
        /// The command, as one line.
        command: String,
        /// What it did instead.
        problem: String,
    },

    /// dyno's own process that watches over the target could not be started.
    #[error("could not start the supervisor {path}")]
    Supervisor {
        /// The executable.
        path: PathBuf,
        /// What the kernel said.
        source: io::Error,
    },

    /// The command could not be run at all.
    #[error("could not run `{command}`: {problem}")]
    NotStarted {
        /// The command, as one line.
        command: String,
        /// What the kernel said, and to which call.
        problem: String,
    },

    /// Somebody else listens on the port. The caller may try another one.
    #[error("port {port} is in use")]
    PortInUse {
        /// The port.
        port: u16,
    },

    /// The process ended before it was ready.
    #[error("the target ended at start with {exit}")]
    DiedAtStart {
        /// `exit 1`, `signal 11`.
        exit: String,
        /// The end of its log.
        log: Tail,
    },

    /// The process lives and does not become ready.
    #[error("the target was not ready after {seconds} s: {seen}")]
    NeverReady {
        /// How long dyno waited, s.
        seconds: u32,
        /// The last answer or the last reason for none.
        seen: String,
        /// The end of its log.
        log: Tail,
    },

    /// The supervisor itself went away.
    #[error("lost the supervisor of the process")]
    SupervisorLost,
}

impl Error {
    /// An error of the file system.
    pub(crate) fn file(path: impl AsRef<Path>, source: io::Error) -> Self {
        Self::File {
            path: path.as_ref().to_owned(),
            source,
        }
    }

    /// The part of a target's life that failed: one word for messages.
    pub fn phase(&self) -> &'static str {
        match self {
            Self::Manifest(_) | Self::UnknownTarget { .. } | Self::File { .. } => "manifest",
            Self::Tools { .. } | Self::Absent { .. } | Self::Build { .. } => "build",
            Self::Versions { .. } => "versions",
            Self::Supervisor { .. } | Self::NotStarted { .. } | Self::PortInUse { .. } => "start",
            Self::DiedAtStart { .. } | Self::NeverReady { .. } => "ready",
            Self::SupervisorLost => "watch",
        }
    }

    /// The end of the log that belongs to it.
    pub fn log(&self) -> Option<&Tail> {
        match self {
            Self::Build { log, .. }
            | Self::DiedAtStart { log, .. }
            | Self::NeverReady { log, .. } => Some(log),
            _ => None,
        }
    }

    /// The way out, when we know it.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::UnknownTarget { hint, .. } | Self::Tools { hint, .. } => hint.clone(),
            Self::Absent { key, .. } if *key == "build.artefacts" => {
                "the steps ran, but did not make it: correct the path or the steps".to_owned()
            }
            Self::Absent { .. } => "paths are relative to the target's folder".to_owned(),
            Self::NotStarted { problem, .. } if problem.contains("open files") => {
                "raise the hard limit (`ulimit -Hn`, limits.conf) or lower `limits.nofile`"
                    .to_owned()
            }
            Self::NotStarted { .. } => {
                "check `run.command`; a path needs a slash, other names are looked up in PATH"
                    .to_owned()
            }
            Self::PortInUse { .. } => "stop the other program, or let dyno pick a port".to_owned(),
            Self::DiedAtStart { exit, .. } if exit == "exit 0" => {
                "it may have gone to the background: `run.command` must stay in the foreground"
                    .to_owned()
            }
            Self::NeverReady { seen, .. } if seen.starts_with("nothing listens") => {
                "does it listen on {host} and {port} (also given as HOST and PORT)?".to_owned()
            }
            Self::NeverReady { .. } => {
                "correct `ready.path` and `ready.status`, or raise `ready.timeout_s`".to_owned()
            }
            _ => return None,
        };
        Some(hint)
    }
}
