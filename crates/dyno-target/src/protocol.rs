//! What dyno and a supervisor say to each other: one JSON value a line, orders on
//! the supervisor's stdin, events on its stdout.

use std::collections::BTreeMap;
use std::io::{self, BufRead, Write};
use std::path::PathBuf;

use dyno_result::Stop;
use nix::time::{ClockId, clock_gettime};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// The first line: what to start, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Order {
    /// The command, placeholders filled.
    pub(crate) command: Vec<String>,
    /// Its whole environment.
    pub(crate) env: BTreeMap<String, String>,
    /// Its working folder.
    pub(crate) dir: PathBuf,
    /// The file that its stdout and stderr are appended to.
    pub(crate) log: PathBuf,
    /// A folder of [`crate::Scratch`] that it works in. The supervisor holds it, and
    /// removes it when dyno is gone.
    pub(crate) scratch: Option<PathBuf>,
    /// How its first process is set up.
    pub(crate) setup: Setup,
}

/// What must be done inside the new process, before its exec.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Setup {
    /// CPUs that it may use; all when empty.
    pub(crate) cpus: Vec<u32>,
    /// Open files that it may have; as its parent when absent.
    pub(crate) nofile: Option<u64>,
    /// Whose process it becomes; dyno's user when absent.
    pub(crate) owner: Option<Owner>,
    /// The supervisor, whose death is its own.
    pub(crate) parent: i32,
    /// The signal that it gets when the supervisor or dyno is gone.
    pub(crate) death_signal: i32,
    /// Files to write `0` to: the ways into its control group. One that cannot
    /// be entered is done without.
    pub(crate) groups: Vec<PathBuf>,
}

/// The user and group that a process runs as, without further groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// User id.
    pub uid: u32,
    /// Group id.
    pub gid: u32,
}

/// The second line, if any: stop now. End of file instead means that dyno is
/// gone, and everything must go with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StopOrder {
    /// The signal for the main process; none kills everything at once.
    pub(crate) signal: Option<i32>,
    /// How long the main process may take, ms.
    pub(crate) grace_ms: u64,
}

/// What the supervisor tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Event {
    /// The command is about to run.
    Started {
        /// Its pid, which is its process group too.
        pid: i32,
        /// The moment, on the monotonic clock, ns.
        exec_ns: u64,
    },
    /// It could not be run.
    NotStarted {
        /// What the kernel said, and to which call.
        problem: String,
    },
    /// The main process has ended: `exit 0`, `signal 9`.
    Exited(String),
    /// No process of it is left.
    Gone(Stop),
}

/// Writes one line and flushes it.
pub(crate) fn send(mut to: impl Write, message: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(message)?;
    line.push(b'\n');
    to.write_all(&line)?;
    to.flush()
}

/// Reads one line; `None` at the end of the stream or when it breaks.
pub(crate) fn receive<T: DeserializeOwned>(from: &mut impl BufRead) -> Option<T> {
    let mut line = String::new();
    from.read_line(&mut line).ok()?;
    serde_json::from_str(&line).ok()
}

/// The monotonic clock, the same for all processes of the machine, ns.
pub(crate) fn now_ns() -> u64 {
    let now = clock_gettime(ClockId::CLOCK_MONOTONIC).expect("every Linux has this clock");
    let seconds = u64::try_from(now.tv_sec()).unwrap_or(0);
    seconds * 1_000_000_000 + u64::try_from(now.tv_nsec()).unwrap_or(0)
}
