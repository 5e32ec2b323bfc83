//! The process between dyno and a target, or a database: it outlives dyno just
//! long enough to leave nothing behind.
//!
//! ```text
//! dyno ──orders──► supervisor ──spawns──► become ──exec──► the target
//!      ◄──events──
//! ```
//!
//! The supervisor is a subreaper, so a daemon that the target forks becomes its
//! child and not a stranger. When its stdin ends, dyno is dead, by whatever
//! signal, and the whole tree is ended. When the supervisor itself is killed,
//! the kernel ends the target's main process (PR_SET_PDEATHSIG). A scratch folder
//! that nobody is left to remove goes with the tree.

use std::io::{self, BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::{fs::File, os::unix::process::CommandExt};

use nix::errno::Errno;
use nix::sys::prctl::set_child_subreaper;
use nix::sys::signal::{SigSet, Signal};
use nix::sys::wait::wait;
use nix::unistd::getpid;

use crate::become_target::BECOME;
use crate::command::{ended, exit_words};
use crate::ending::Ending;
use crate::protocol::{Event, Order, Setup, StopOrder, receive, send};
use crate::scratch;

/// The hidden command that makes dyno a supervisor.
pub(crate) const SUPERVISE: &str = "__supervise";

/// Runs as the supervisor until nothing of the target is left. Returns the exit
/// code of this process.
pub(crate) fn supervise() -> i32 {
    // A Ctrl-C in the terminal is dyno's to answer. Blocked, not ignored: the
    // target's first process unblocks them again.
    let blocked = SigSet::from_iter([Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP]);
    let ready = blocked
        .thread_block()
        .and_then(|()| set_child_subreaper(true));
    let mut orders = BufReader::new(io::stdin());
    let Some(order) = receive::<Order>(&mut orders) else {
        return 1;
    };
    let started = ready
        .map_err(|error| format!("could not prepare the supervisor: {error}"))
        .and_then(|()| hold(&order))
        .and_then(|hold| Ok((hold, start(&order)?)));
    match started {
        Ok((_hold, (child, exec_ns))) => {
            let pid = i32::try_from(child.id()).unwrap_or(-1);
            tell(&Event::Started { pid, exec_ns });
            let (news, events) = channel();
            let orphaned = Arc::new(AtomicBool::new(false));
            listen(orders, news.clone(), Arc::clone(&orphaned));
            reap(news);
            let stop = Ending::of(pid, order.setup.death_signal, events);
            // While dyno lives the folder is its own to remove.
            if orphaned.load(Ordering::SeqCst)
                && let Some(folder) = &order.scratch
            {
                let _ = scratch::remove(folder);
            }
            // The groups are empty now; dyno may not live to remove them.
            for folder in order.setup.groups.iter().filter_map(|file| file.parent()) {
                let _ = std::fs::remove_dir(folder);
            }
            tell(&Event::Gone(stop));
            0
        }
        Err(problem) => {
            tell(&Event::NotStarted { problem });
            1
        }
    }
}

/// Keeps others from taking the scratch folder for a leftover.
fn hold(order: &Order) -> Result<Option<File>, String> {
    let held = order.scratch.as_deref().map(scratch::hold).transpose();
    held.map_err(|error| format!("could not hold its folder: {error}"))
}

/// Starts the first process of the target, and waits for its exec. What it
/// tells comes through a pipe that the exec closes.
fn start(order: &Order) -> Result<(Child, u64), String> {
    let log = File::options().append(true).create(true).open(&order.log);
    let log = log.map_err(|error| format!("could not open {}: {error}", order.log.display()))?;
    let setup = serde_json::to_string(&Setup {
        parent: getpid().as_raw(),
        ..order.setup.clone()
    });
    let setup = setup.map_err(|error| error.to_string())?;
    let mut child = Command::new("/proc/self/exe")
        .arg(BECOME)
        .arg(setup)
        .args(&order.command)
        .env_clear()
        .envs(&order.env)
        .current_dir(&order.dir)
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(log)
        .spawn()
        .map_err(|error| format!("could not start in {}: {error}", order.dir.display()))?;
    let mut said = BufReader::new(child.stdout.take().expect("stdout was piped"));
    let mut stamp = String::new();
    let mut problem = String::new();
    let read = said
        .read_line(&mut stamp)
        .and_then(|_| said.read_line(&mut problem));
    match (read, stamp.trim_end().parse()) {
        (Ok(0), Ok(stamp)) => Ok((child, stamp)),
        _ => {
            // It has said why and ends; it has no children yet.
            let exit = child.wait().map(exit_words).unwrap_or_default();
            let said = format!("{stamp}{problem}");
            let why = said.lines().last().map(str::to_owned);
            Err(why.unwrap_or_else(|| format!("it ended before its exec with {exit}")))
        }
    }
}

/// What can happen to the supervisor.
pub(crate) enum News {
    /// dyno wants an end.
    Stop(StopOrder),
    /// dyno is gone.
    Orphaned,
    /// A process of the tree has ended: its pid, and how.
    Ended(i32, String),
    /// No process of the tree is left.
    Childless,
}

/// Hears what dyno says, in a thread that blocks on stdin.
fn listen(mut orders: BufReader<io::Stdin>, news: Sender<News>, orphaned: Arc<AtomicBool>) {
    thread::spawn(move || {
        while let Some(order) = receive(&mut orders) {
            let _ = news.send(News::Stop(order));
        }
        orphaned.store(true, Ordering::SeqCst);
        let _ = news.send(News::Orphaned);
    });
}

/// Reaps all children, born or adopted, in a thread that blocks on wait(2).
fn reap(news: Sender<News>) {
    thread::spawn(move || {
        loop {
            let sent = match wait() {
                Err(Errno::EINTR) => continue,
                Err(_) => {
                    let _ = news.send(News::Childless);
                    return;
                }
                Ok(status) => match ended(status) {
                    Some((pid, exit)) => news.send(News::Ended(pid, exit)),
                    None => Ok(()),
                },
            };
            if sent.is_err() {
                return;
            }
        }
    });
}

pub(crate) fn tell(event: &Event) {
    // When dyno is gone nobody listens, and that is the time to go on.
    let _ = send(io::stdout().lock(), event);
}
