//! The life of a backend under test, and what it costs.
//!
//! Found ([`catalogue`]) → built ([`build`]) → started ([`start`]) → ready
//! ([`Running::ready`]) → watched ([`Sampler`], [`Supervised::mark`]) → stopped
//! ([`Running::stop`]). Only this crate starts processes and reads the kernel's
//! files. Load is the engine's business, order of trials the `dyno` command's.
//!
//! A target runs below a supervisor, which is the caller's own executable
//! started again: its `main` must call [`hidden_command`] before anything else.

use std::ffi::OsString;

mod account;
mod become_target;
mod builder;
pub mod catalogue;
pub mod cgroup;
mod command;
pub mod contract;
pub mod detached;
mod ending;
mod error;
pub mod findings;
pub mod generator;
pub mod host;
mod inputs;
mod launch;
pub mod layout;
mod log;
mod manifest;
mod placeholder;
mod port;
mod process;
pub mod procfs;
mod protocol;
mod readiness;
mod requirement;
mod sampler;
mod scratch;
mod sockets;
mod supervised;
mod supervisor;
pub mod tool;
mod versions;

pub use builder::{Built, build};
pub use error::Error;
pub use inputs::sha256;
pub use launch::Launch;
pub use log::Tail;
pub use manifest::{
    Behaviour, BuildPlan, Limits, Manifest, Ready, Requirement, RunPlan, StopPlan, StopSignal,
    Workers, schema,
};
pub use port::Port;
pub use process::{Running, start};
pub use protocol::Owner;
pub use requirement::{Found, check_tools, find_tools};
pub use sampler::{Sampler, resources};
pub use scratch::{Scratch, sweep};
pub use sockets::{Sockets, sockets};
pub use supervised::{Program, Supervised};
pub use versions::versions;

/// Does the work of a hidden command of dyno, if `arguments` (the program's
/// name first) are one: returns the exit code to end with. `None` for people's
/// commands.
///
/// To be called first thing in `main`, before any thread or runtime.
pub fn hidden_command(arguments: impl IntoIterator<Item = OsString>) -> Option<i32> {
    let arguments: Vec<OsString> = arguments.into_iter().skip(1).collect();
    match arguments.split_first()? {
        (first, []) if first == supervisor::SUPERVISE => Some(supervisor::supervise()),
        (first, [setup, command @ ..]) if first == become_target::BECOME => Some(
            become_target::become_target(&setup.to_string_lossy(), command),
        ),
        _ => None,
    }
}
