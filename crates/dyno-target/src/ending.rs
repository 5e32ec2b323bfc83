//! How the supervisor brings a target to its end, and what it notes of it.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use dyno_result::Stop;
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, getpid};

use crate::procfs;
use crate::protocol::{Event, StopOrder, now_ns};
use crate::supervisor::{News, tell};

/// Helpers that end by themselves when the main process does have so long
/// before they count as left over.
const LINGER: Duration = Duration::from_millis(100);

/// What the main process may take to end when dyno is gone, ms.
const ORPHAN_GRACE_MS: u64 = 5_000;

/// Between two rounds of killing, for processes born meanwhile.
const AGAIN: Duration = Duration::from_millis(5);

/// The end of a target, in the order in which it may come.
pub(crate) struct Ending {
    main: i32,
    /// What the main process gets when dyno is gone.
    death_signal: i32,
    news: Receiver<News>,
    began_ns: u64,
    stop: Stop,
}

impl Ending {
    /// Waits until no process of the target `main` is left, and gives the
    /// record of that.
    pub(crate) fn of(main: i32, death_signal: i32, news: Receiver<News>) -> Stop {
        let mut ending = Self {
            main,
            death_signal,
            news,
            began_ns: now_ns(),
            stop: Stop {
                exit: String::new(),
                duration_ns: 0,
                killed: false,
                leftover_processes: 0,
            },
        };
        ending.serve();
        ending.stop
    }

    /// Waits for the first reason to end, and ends.
    fn serve(&mut self) {
        while let Ok(news) = self.news.recv() {
            match news {
                News::Ended(pid, exit) if pid == self.main => {
                    self.began_ns = now_ns();
                    self.main_ended(exit);
                    return self.linger();
                }
                News::Ended(..) => {}
                News::Stop(order) => return self.stop(order),
                News::Orphaned => return self.stop(self.last_order()),
                News::Childless => break,
            }
        }
        self.kill_all();
    }

    /// What dyno is no longer there to order.
    fn last_order(&self) -> StopOrder {
        let asks = self.death_signal != Signal::SIGKILL as i32;
        StopOrder {
            signal: asks.then_some(self.death_signal),
            grace_ms: ORPHAN_GRACE_MS,
        }
    }

    /// Asks the main process to end, and kills it when its grace is over.
    fn stop(&mut self, order: StopOrder) {
        self.began_ns = now_ns();
        let signal = order
            .signal
            .and_then(|number| Signal::try_from(number).ok());
        let Some(signal) = signal else {
            return self.kill_all();
        };
        let _ = kill(Pid::from_raw(self.main), signal);
        let end_ns = self.began_ns + order.grace_ms * 1_000_000;
        loop {
            let left = Duration::from_nanos(end_ns.saturating_sub(now_ns()));
            match self.news.recv_timeout(left) {
                Ok(News::Ended(pid, exit)) if pid == self.main => {
                    self.main_ended(exit);
                    return self.linger();
                }
                Ok(News::Ended(..) | News::Stop(_)) => {}
                Ok(News::Orphaned) => return self.stop(self.last_order()),
                Ok(News::Childless) => return self.kill_all(),
                Err(_) => {
                    self.stop.killed = true;
                    return self.kill_all();
                }
            }
        }
    }

    /// After the main process: the others end by themselves, or are left over.
    fn linger(&mut self) {
        let end_ns = now_ns() + u64::try_from(LINGER.as_nanos()).unwrap_or(0);
        loop {
            let left = Duration::from_nanos(end_ns.saturating_sub(now_ns()));
            match self.news.recv_timeout(left) {
                Ok(News::Childless) => return self.over_at(now_ns()),
                Ok(News::Orphaned) => return self.kill_all(),
                Ok(_) => {}
                Err(_) => {
                    self.stop.leftover_processes = u32::try_from(tree().len()).unwrap_or(u32::MAX);
                    return self.kill_all();
                }
            }
        }
    }

    /// Kills the tree, again and again, until no process is left.
    fn kill_all(&mut self) {
        loop {
            for pid in tree() {
                let _ = kill(pid, Signal::SIGKILL);
            }
            loop {
                match self.news.recv_timeout(AGAIN) {
                    Ok(News::Childless) => return self.over_at(now_ns()),
                    Ok(News::Ended(pid, exit)) if pid == self.main => self.main_ended(exit),
                    Ok(_) => {}
                    Err(RecvTimeoutError::Timeout) => break,
                    // Both threads have said their last word.
                    Err(RecvTimeoutError::Disconnected) => return self.over_at(now_ns()),
                }
            }
        }
    }

    fn main_ended(&mut self, exit: String) {
        self.stop.exit.clone_from(&exit);
        tell(&Event::Exited(exit));
    }

    fn over_at(&mut self, now_ns: u64) {
        self.stop.duration_ns = now_ns.saturating_sub(self.began_ns);
    }
}

/// The living processes below this one.
fn tree() -> Vec<Pid> {
    let own = getpid().as_raw();
    let below = procfs::tree(own).into_iter();
    below
        .filter(|process| process.pid != own && process.state != 'Z')
        .map(|process| Pid::from_raw(process.pid))
        .collect()
}
