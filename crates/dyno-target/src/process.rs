//! A running target: started through the supervisor, watched, stopped.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::ops::Deref;
use std::time::Duration;

use dyno_result::Stop;
use nix::sys::signal::Signal;

use crate::Error;
use crate::launch::Launch;
use crate::manifest::{Manifest, StopSignal};
use crate::supervised::{Program, Supervised};

/// Starts a target and returns as soon as its command runs.
pub async fn start(launch: Launch<'_>) -> Result<Running, Error> {
    // Without this, an answer of whoever has the port could pass for ours.
    if TcpListener::bind((Ipv4Addr::LOCALHOST, launch.port)).is_err() {
        return Err(Error::PortInUse { port: launch.port });
    }
    let program = Program {
        command: launch.command(),
        env: launch.environment(),
        dir: launch.manifest.dir.clone(),
        log: launch.log.to_owned(),
        cpus: launch.cpus.to_vec(),
        nofile: launch.manifest.limits.nofile,
        owner: None,
        death_signal: Signal::SIGKILL,
        scratch: None,
        group: format!("dyno-{}-{}", std::process::id(), launch.port),
    };
    Ok(Running {
        process: Supervised::start(launch.dyno, program).await?,
        address: SocketAddr::from((Ipv4Addr::LOCALHOST, launch.port)),
        manifest: launch.manifest.clone(),
    })
}

/// A target that runs. Dropping it kills every process of it, without waiting
/// for their end.
#[derive(Debug)]
pub struct Running {
    pub(crate) process: Supervised,
    /// Where it listens, or will.
    pub address: SocketAddr,
    pub(crate) manifest: Manifest,
}

/// What can be seen of a target can be seen of any process.
impl Deref for Running {
    type Target = Supervised;

    fn deref(&self) -> &Supervised {
        &self.process
    }
}

impl Running {
    /// Stops it as its manifest says, and waits until no process is left. One
    /// that has ended before tells how that was.
    pub async fn stop(mut self) -> Result<Stop, Error> {
        let plan = self.manifest.run.stop;
        let signal = match plan.signal {
            StopSignal::Term => Signal::SIGTERM,
            StopSignal::Int => Signal::SIGINT,
        };
        let grace = Duration::from_secs(u64::from(plan.grace_s));
        self.process.end(Some(signal), grace).await
    }

    /// Kills every process of it at once, and waits until none is left.
    pub async fn kill(mut self) -> Result<Stop, Error> {
        self.process.end(None, Duration::ZERO).await
    }
}
