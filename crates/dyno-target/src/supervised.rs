//! A command below a supervisor: started, watched, brought to its end. What it
//! means to be a target is said in `process`, what a database is elsewhere.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use dyno_result::{Mark, Stop};
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;
use tokio::sync::watch;

use crate::account::Account;
use crate::cgroup;
use crate::command::line;
use crate::log::Tail;
use crate::protocol::{Event, Order, Owner, Setup, StopOrder, receive, send};
use crate::supervisor::SUPERVISE;
use crate::{Error, Scratch};

/// What to run below a supervisor, and how.
#[derive(Debug, Clone)]
pub struct Program<'a> {
    /// The command; a path needs a slash, other names are looked up in PATH.
    pub command: Vec<String>,
    /// Its whole environment.
    pub env: BTreeMap<String, String>,
    /// Its working folder.
    pub dir: PathBuf,
    /// The file that its stdout and stderr are appended to.
    pub log: PathBuf,
    /// CPUs that it may use; all of dyno's when empty.
    pub cpus: Vec<u32>,
    /// Open files that it may have; as dyno when absent.
    pub nofile: Option<u64>,
    /// Whose process it becomes; dyno's user when absent. Only root has the choice.
    pub owner: Option<Owner>,
    /// What its main process gets when dyno or the supervisor is gone. After any
    /// other than SIGKILL it has five seconds to end.
    pub death_signal: Signal,
    /// The folder that it works in, which the supervisor removes if dyno cannot.
    pub scratch: Option<&'a Scratch>,
    /// The name of its control group: one component of a path.
    pub group: String,
}

/// A process below a supervisor. Dropping it ends every process of it as if dyno
/// were gone, without waiting for that.
#[derive(Debug)]
pub struct Supervised {
    /// Its main process.
    pub pid: i32,
    /// The exec of its command, on the monotonic clock, ns.
    pub exec_ns: u64,
    /// What it prints.
    pub log: PathBuf,
    log_from: u64,
    pub(crate) account: Arc<Account>,
    orders: Option<ChildStdin>,
    sight: watch::Receiver<Seen>,
}

impl Supervised {
    /// Starts it below `dyno`, whose `main` must call [`crate::hidden_command`]
    /// first, and returns as soon as its command runs.
    ///
    /// # Errors
    /// The supervisor or the command could not be started.
    pub async fn start(dyno: &Path, program: Program<'_>) -> Result<Self, Error> {
        let group = cgroup::create(&program.group);
        let order = Order {
            command: program.command,
            env: program.env,
            dir: program.dir,
            log: program.log,
            scratch: program.scratch.map(|scratch| scratch.folder().to_owned()),
            setup: Setup {
                cpus: program.cpus,
                nofile: program.nofile,
                owner: program.owner,
                parent: 0,
                death_signal: program.death_signal as i32,
                groups: group.as_ref().map_or(Vec::new(), cgroup::Group::entrances),
            },
        };
        let log_from = fs::metadata(&order.log).map_or(0, |log| log.len());
        let spawned = spawn(dyno, &order).map_err(|source| Error::Supervisor {
            path: dyno.to_owned(),
            source,
        });
        let (supervisor, orders) = spawned?;
        let mut sight = watch_over(supervisor, program.death_signal);
        let started = sight
            .wait_for(|seen| seen.started.is_some() || seen.over)
            .await;
        let started = started.ok().and_then(|seen| seen.started.clone());
        match started {
            None => Err(Error::SupervisorLost),
            Some(Err(problem)) => Err(Error::NotStarted {
                command: line(&order.command),
                problem,
            }),
            Some(Ok((pid, exec_ns))) => Ok(Self {
                pid,
                exec_ns,
                log: order.log,
                log_from,
                account: Arc::new(Account::new(pid, group)),
                orders: Some(orders),
                sight,
            }),
        }
    }

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

    /// Sends its main process `signal` and waits until no process is left; after
    /// `grace`, or at once without a signal, all are killed. One that has ended
    /// before tells how that was.
    ///
    /// # Errors
    /// The supervisor went away.
    pub async fn end(&mut self, signal: Option<Signal>, grace: Duration) -> Result<Stop, Error> {
        let order = StopOrder {
            signal: signal.map(|signal| signal as i32),
            grace_ms: u64::try_from(grace.as_millis()).unwrap_or(u64::MAX),
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

/// Hears what the supervisor tells, in a thread that blocks on its stdout.
fn watch_over(mut supervisor: Child, death_signal: Signal) -> watch::Receiver<Seen> {
    let events = supervisor.stdout.take().expect("stdout was piped");
    let (seen, sight) = watch::channel(Seen::default());
    thread::spawn(move || {
        let mut events = BufReader::new(events);
        while let Some(event) = receive(&mut events) {
            seen.send_modify(|seen| seen.take(event));
        }
        let orphan = seen.borrow().orphan();
        if let Some(group) = orphan.map(Pid::from_raw) {
            // The kernel has signalled the main process; this is for its workers.
            // One that ends its workers itself must live to do so.
            let _ = match death_signal {
                Signal::SIGKILL => killpg(group, Signal::SIGKILL),
                signal => kill(group, signal),
            };
        }
        seen.send_modify(|seen| seen.over = true);
        let _ = supervisor.wait();
    });
    sight
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
    /// The process group of a process whose supervisor went away without a word.
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
