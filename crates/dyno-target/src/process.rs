//! A running target: started through the supervisor, watched, stopped.

use std::fs;
use std::io::{self, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Arc;
use std::thread;

use dyno_result::{Mark, Stop};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use tokio::sync::watch;

use crate::Error;
use crate::account::Account;
use crate::cgroup;
use crate::command::line;
use crate::launch::Launch;
use crate::log::Tail;
use crate::manifest::{Manifest, StopSignal};
use crate::protocol::{Event, Order, Setup, StopOrder, receive, send};
use crate::supervisor::SUPERVISE;

/// Starts a target and returns as soon as its command runs.
pub async fn start(launch: Launch<'_>) -> Result<Running, Error> {
    // Without this, an answer of whoever has the port could pass for ours.
    if TcpListener::bind((Ipv4Addr::LOCALHOST, launch.port)).is_err() {
        return Err(Error::PortInUse { port: launch.port });
    }
    let command = launch.command();
    let lost = |source| Error::Supervisor {
        path: launch.dyno.to_owned(),
        source,
    };
    let group = cgroup::create(&format!("dyno-{}-{}", std::process::id(), launch.port));
    let order = Order {
        command: command.clone(),
        env: launch.environment(),
        dir: launch.manifest.dir.clone(),
        log: launch.log.to_owned(),
        setup: Setup {
            cpus: launch.cpus.to_vec(),
            nofile: launch.manifest.limits.nofile,
            parent: 0,
            groups: group.as_ref().map_or(Vec::new(), cgroup::Group::entrances),
        },
    };
    let (mut supervisor, orders) = spawn(launch.dyno, &order).map_err(lost)?;
    let log_from = fs::metadata(launch.log).map_or(0, |log| log.len());
    let events = supervisor.stdout.take().expect("stdout was piped");
    let (seen, mut sight) = watch::channel(Seen::default());
    thread::spawn(move || {
        let mut events = BufReader::new(events);
        while let Some(event) = receive(&mut events) {
            seen.send_modify(|seen| seen.take(event));
        }
        let orphan = seen.borrow().orphan();
        if let Some(group) = orphan {
            // The kernel has killed the main process; this is for its workers.
            let _ = killpg(Pid::from_raw(group), Signal::SIGKILL);
        }
        seen.send_modify(|seen| seen.over = true);
        let _ = supervisor.wait();
    });
    let started = sight
        .wait_for(|seen| seen.started.is_some() || seen.over)
        .await;
    let started = started.ok().and_then(|seen| seen.started.clone());
    match started {
        None => Err(Error::SupervisorLost),
        Some(Err(problem)) => Err(Error::NotStarted {
            command: line(&command),
            problem,
        }),
        Some(Ok((pid, exec_ns))) => Ok(Running {
            pid,
            account: Arc::new(Account::new(pid, group)),
            exec_ns,
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, launch.port)),
            log: launch.log.to_owned(),
            log_from,
            manifest: launch.manifest.clone(),
            orders: Some(orders),
            sight,
        }),
    }
}

fn spawn(dyno: &Path, order: &Order) -> io::Result<(Child, ChildStdin)> {
    use std::os::unix::process::CommandExt;
    let mut supervisor = Command::new(dyno)
        .arg(SUPERVISE)
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut orders = supervisor.stdin.take().expect("stdin was piped");
    send(&mut orders, order)?;
    Ok((supervisor, orders))
}

/// What the supervisor has told so far.
#[derive(Debug, Default)]
struct Seen {
    started: Option<Result<(i32, u64), String>>,
    exit: Option<String>,
    gone: Option<Stop>,
    over: bool,
}

impl Seen {
    /// The process group of a target whose supervisor went away without a word.
    fn orphan(&self) -> Option<i32> {
        match (&self.started, &self.gone) {
            (Some(Ok((pid, _))), None) => Some(*pid),
            _ => None,
        }
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::Started { pid, exec_ns } => self.started = Some(Ok((pid, exec_ns))),
            Event::NotStarted { problem } => self.started = Some(Err(problem)),
            Event::Exited(exit) => self.exit = Some(exit),
            Event::Gone(stop) => self.gone = Some(stop),
        }
    }
}

/// A target that runs. Dropping it kills every process of it, without waiting
/// for their end.
#[derive(Debug)]
pub struct Running {
    /// Its main process.
    pub pid: i32,
    /// The exec of its command, on the monotonic clock, ns.
    pub exec_ns: u64,
    /// Where it listens, or will.
    pub address: SocketAddr,
    /// What it prints.
    pub log: PathBuf,
    log_from: u64,
    pub(crate) account: Arc<Account>,
    pub(crate) manifest: Manifest,
    orders: Option<ChildStdin>,
    sight: watch::Receiver<Seen>,
}

impl Running {
    /// How its main process has ended, `exit 1` or `signal 9`; `None` while it
    /// lives.
    pub fn has_exited(&self) -> Option<String> {
        let seen = self.sight.borrow();
        let lost = seen.over.then(|| "the loss of its supervisor".to_owned());
        seen.exit.clone().or(lost)
    }

    /// Waits for the end of its main process; says how it was.
    pub fn exited(&self) -> impl Future<Output = String> + use<> {
        let mut sight = self.sight.clone();
        async move {
            let seen = sight
                .wait_for(|seen| seen.exit.is_some() || seen.over)
                .await;
            let exit = seen.ok().and_then(|seen| seen.exit.clone());
            exit.unwrap_or_else(|| "the loss of its supervisor".to_owned())
        }
    }

    /// A careful look at its processes, too dear for the middle of a step.
    pub fn mark(&self) -> io::Result<Mark> {
        self.account.mark()
    }

    /// Where its CPU time comes from: `cgroup v2`, `cgroup v1` or `/proc`.
    pub fn source(&self) -> &'static str {
        self.account.source()
    }

    /// The end of what it has printed since its start.
    pub fn log_tail(&self) -> Tail {
        Tail::read(&self.log, self.log_from)
    }

    /// Bytes that it has printed since its start.
    pub fn log_bytes(&self) -> u64 {
        let length = fs::metadata(&self.log).map_or(0, |log| log.len());
        length.saturating_sub(self.log_from)
    }

    /// Stops it as its manifest says, and waits until no process is left. One
    /// that has ended before tells how that was.
    pub async fn stop(mut self) -> Result<Stop, Error> {
        let plan = self.manifest.run.stop;
        let signal = match plan.signal {
            StopSignal::Term => Signal::SIGTERM,
            StopSignal::Int => Signal::SIGINT,
        };
        self.end(Some(signal), u64::from(plan.grace_s) * 1000).await
    }

    /// Kills every process of it at once, and waits until none is left.
    pub async fn kill(mut self) -> Result<Stop, Error> {
        self.end(None, 0).await
    }

    pub(crate) async fn end(
        &mut self,
        signal: Option<Signal>,
        grace_ms: u64,
    ) -> Result<Stop, Error> {
        let order = StopOrder {
            signal: signal.map(|signal| signal as i32),
            grace_ms,
        };
        if let Some(orders) = &mut self.orders {
            // A broken pipe means that it has ended already and told so.
            let _ = send(orders, &order);
        }
        let seen = self.sight.wait_for(|seen| seen.over).await;
        let gone = seen.ok().and_then(|seen| seen.gone.clone());
        self.orders = None;
        gone.ok_or(Error::SupervisorLost)
    }
}
