//! One load thread: a runtime of its own, its connections, its recorder. It
//! shares nothing with the others; the control side sends phases and gets their
//! totals.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use dyno_result::FailureKind;
use nix::sched::{CpuSet, sched_setaffinity};
use nix::sys::prctl::set_timerslack;
use nix::unistd::Pid;
use tokio::runtime::{Builder, LocalOptions};
use tokio::sync::Semaphore;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};
use tokio::task::JoinHandle;

use crate::Stop;
use crate::alarm::Alarm;
use crate::cast::Cast;
use crate::connection::{Opened, connect, lines};
use crate::data::Deck;
use crate::limit::Limit;
use crate::parts::Parts;
use crate::recorder::{Recorder, Totals};
use crate::slice::Slice;
use crate::starts::{End, Source, Starts};
use crate::thread_clock::{self, worked};
use crate::worker::{Setting, Stage, Worker};

/// Connections that a thread opens at the same time: opening them is no part of
/// the load, and must not overflow a listen queue.
const OPENING: usize = 128;
/// Without a further connection for this long the phase begins: those that are
/// not open by then keep their first request waiting, which counts.
const PATIENCE: Duration = Duration::from_millis(250);

/// Tasks that run before the sockets are looked at again: all that one look has
/// woken, at any number of connections that a thread can keep busy.
const HARVEST: u32 = 1024;

/// What a thread has to do.
pub(crate) struct Job {
    pub(crate) setting: Setting,
    pub(crate) connections: u32,
    /// CPU to stay on; none for wherever the kernel likes.
    pub(crate) cpu: Option<u32>,
    pub(crate) stop: Stop,
    /// Phases to play; the thread ends when the sender is dropped.
    pub(crate) phases: UnboundedReceiver<Phase>,
    pub(crate) reports: UnboundedSender<Report>,
}

/// One phase of a step, for one thread.
pub(crate) struct Phase {
    pub(crate) t0: Instant,
    pub(crate) source: Source,
    /// Which flows the starts play, and with which rows.
    pub(crate) cast: Cast,
    pub(crate) deck: Deck,
    /// Empty, if flows and requests are to be told apart.
    pub(crate) parts: Option<Box<Parts>>,
    /// Wrong answers are kept from the first on.
    pub(crate) is_curious: bool,
    /// Connections opened before this phase belong to it.
    pub(crate) measured: bool,
    pub(crate) slices: UnboundedSender<Slice>,
}

/// What a thread says.
pub(crate) enum Report {
    /// It could not pin itself or make a runtime.
    Failed(std::io::Error),
    /// Its connections are open, or it has waited long enough.
    Ready,
    /// A phase is over.
    Done {
        totals: Box<Totals>,
        /// Time on a CPU during the phase, without polling while nothing was to
        /// be done.
        busy: Duration,
        /// What other phases must not have again.
        spent: Spent,
    },
}

/// What a thread has used up in a phase.
#[derive(Debug, Default)]
pub(crate) struct Spent {
    /// One more than the largest number of a start.
    pub(crate) starts: u64,
    /// Rows of each data.
    pub(crate) draws: Vec<u64>,
    /// What the last flow of its first connection has captured.
    pub(crate) captured: Option<Vec<Vec<u8>>>,
}

impl Spent {
    /// The most of both.
    pub(crate) fn add(&mut self, other: Self) {
        self.starts = self.starts.max(other.starts);
        self.draws
            .resize(self.draws.len().max(other.draws.len()), 0);
        for (most, draws) in self.draws.iter_mut().zip(other.draws) {
            *most = draws.max(*most);
        }
        self.captured = self.captured.take().or(other.captured);
    }
}

/// Runs a load thread until its phases end.
pub(crate) fn run(job: Job) {
    let reports = job.reports.clone();
    // Wake-ups may be this late; the default is 50 us. Without it only the pace
    // suffers, and the send lag shows it.
    let _ = set_timerslack(1);
    let started = pin(job.cpu).and_then(|()| {
        Builder::new_current_thread()
            .enable_all()
            .on_thread_unpark(|| thread_clock::woken(Instant::now()))
            .event_interval(HARVEST)
            .max_io_events_per_tick(64)
            .build_local(LocalOptions::default())
    });
    match started {
        Ok(runtime) => runtime.block_on(play(job)),
        Err(error) => {
            // Nobody listens any more only if the run is over.
            let _ = reports.send(Report::Failed(error));
        }
    }
}

async fn play(mut job: Job) {
    let setting = Rc::new(job.setting);
    let opened = Rc::new(RefCell::new(Vec::new()));
    let mut workers = ready(&setting, job.connections, &opened).await;
    let _ = job.reports.send(Report::Ready);
    while let Some(phase) = job.phases.recv().await {
        let before = worked();
        let (window_end, is_open) = match &phase.source {
            Source::Closed(End::At(end)) => (Some(*end), false),
            Source::Closed(End::Starts(_)) => (None, false),
            Source::Open { end, .. } => (Some(*end), true),
        };
        let limit = match &phase.source {
            Source::Closed(End::At(end)) => Some(*end + setting.timeout),
            Source::Closed(End::Starts(_)) => None,
            Source::Open { end, drain, .. } => Some(*end + *drain),
        };
        let parts = phase.parts;
        let flows = parts.as_ref().map(|parts| parts.flows.len());
        let mut recorder = Recorder::new(phase.t0, window_end, is_open, phase.slices, parts);
        recorder.examples().is_curious = phase.is_curious;
        let recorder = Rc::new(RefCell::new(recorder));
        let mut starts = Starts::new(phase.source, job.stop.clone());
        if let Some(flows) = flows {
            starts = starts.by_flow(phase.cast.clone(), flows);
        }
        let starts = Rc::new(starts);
        let stage = setting.script.as_ref().map(|_| {
            Rc::new(Stage {
                cast: phase.cast,
                deck: phase.deck,
                alarm: Alarm::default(),
            })
        });
        let keeper = stage.clone().map(|stage| {
            let stop = job.stop.clone();
            tokio::task::spawn_local(async move { stage.alarm.keep(limit, &stop).await })
        });
        let note_opened = || {
            if phase.measured {
                let times = std::mem::take(&mut *opened.borrow_mut());
                let mut recorder = recorder.borrow_mut();
                times.into_iter().for_each(|time| recorder.connected(time));
            }
        };
        note_opened();
        let tasks: Vec<JoinHandle<Worker>> = workers
            .drain(..)
            .map(|mut worker| {
                let (setting, starts) = (Rc::clone(&setting), Rc::clone(&starts));
                let (recorder, t0) = (Rc::clone(&recorder), phase.t0);
                // Two kinds of task, so that the one that most loads need is small.
                match stage.clone() {
                    None => tokio::task::spawn_local(async move {
                        worker.run(&setting, &starts, &recorder, t0).await;
                        worker
                    }),
                    Some(stage) => tokio::task::spawn_local(async move {
                        let both = (&*setting, &*stage);
                        worker.run_flows(both, &starts, &recorder, t0).await;
                        worker
                    }),
                }
            })
            .collect();
        if let Err(error) = starts.dispatch(phase.t0).await {
            let _ = job.reports.send(Report::Failed(error));
            return;
        }
        for task in tasks {
            workers.push(task.await.expect("a connection's loop does not panic"));
        }
        if let Some(keeper) = keeper {
            keeper.abort();
        }
        note_opened();
        let recorder = Rc::into_inner(recorder).expect("every task has ended");
        let recorder = recorder.into_inner();
        let totals = recorder.finish(starts.due(), starts.dropped(), &starts.dropped_flows());
        let busy = worked().saturating_sub(before);
        let captured = workers.first().and_then(Worker::captured);
        let _ = job.reports.send(Report::Done {
            totals: Box::new(totals),
            busy,
            spent: Spent {
                starts: starts.numbers().max(starts.due()),
                draws: stage.map(|stage| stage.deck.draws()).unwrap_or_default(),
                captured: captured.map(<[Vec<u8>]>::to_vec),
            },
        });
    }
}

/// The thread's connections. Those that are used again are opened now; `opened`
/// gets the time each one took.
async fn ready(
    setting: &Rc<Setting>,
    connections: u32,
    opened: &Rc<RefCell<Vec<Duration>>>,
) -> Vec<Worker> {
    let lines = lines(&setting.route, connections);
    let mut workers: Vec<Worker> = lines.iter().cloned().map(Worker::new).collect();
    if !setting.keepalive {
        return workers;
    }
    let turns = Rc::new(Semaphore::new(OPENING));
    let (done, mut all_done) = tokio::sync::mpsc::channel::<()>(1);
    for (worker, line) in workers.iter_mut().zip(lines) {
        let setting = Rc::clone(setting);
        let (opened, done) = (Rc::clone(opened), done.clone());
        let turns = Rc::clone(&turns);
        worker.opening(tokio::task::spawn_local(async move {
            let _done = done;
            let Ok(_turn) = turns.acquire().await else {
                return Err(FailureKind::ConnectTimeout);
            };
            let mut limit = Limit::new();
            limit.set(Instant::now() + setting.timeout);
            let connection: Opened = connect(&setting.route, &line, &mut limit).await;
            if let Ok((_, Some(time))) = &connection {
                opened.borrow_mut().push(*time);
            }
            connection
        }));
    }
    drop(done);
    // The channel closes when the last opening task has dropped its sender.
    let mut before = 0;
    while tokio::time::timeout(PATIENCE, all_done.recv())
        .await
        .is_err()
        && opened.borrow().len() > before
    {
        before = opened.borrow().len();
    }
    // Those that had no turn try again when a request needs them.
    turns.close();
    workers
}

fn pin(cpu: Option<u32>) -> std::io::Result<()> {
    let Some(cpu) = cpu else {
        return Ok(());
    };
    let mut set = CpuSet::new();
    set.set(cpu as usize)?;
    Ok(sched_setaffinity(Pid::from_raw(0), &set)?)
}

#[cfg(test)]
mod tests {
    use dyno_scenario::{Mix, Plan, Request};

    use super::*;
    use crate::Address;
    use crate::route::Route;
    use crate::script::Script;
    use crate::stock::Stock;

    /// With hundreds of connections the caches decide: what every fixed request goes
    /// through is not to grow unnoticed.
    #[tokio::test]
    async fn the_task_of_a_fixed_request_stays_small() {
        let address = Address::plain(([127, 0, 0, 1], 1).into(), "h:1".to_owned());
        let plan = Plan::of(vec![Request::new("GET", "/")]);
        let script = Script::new(&plan.flows, &address, true, &Stock::default()).unwrap();
        let setting = Setting {
            route: Route::new(&address).unwrap(),
            requests: script.as_fixed(Mix::Turns).unwrap(),
            script: None,
            timeout: Duration::from_secs(1),
            keepalive: true,
        };
        let mut worker = Worker::new(lines(&setting.route, 1).remove(0));
        let starts = Starts::new(Source::Closed(End::Starts(0)), Stop::default());
        let (full, _) = tokio::sync::mpsc::unbounded_channel();
        let now = Instant::now();
        let recorder = RefCell::new(Recorder::new(now, None, false, full, None));
        let task = worker.run(&setting, &starts, &recorder, now);
        assert!(size_of_val(&task) <= 600, "{} bytes", size_of_val(&task));
    }
}
