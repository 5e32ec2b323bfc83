//! The load threads of a step, seen from the control side: started, given their
//! phases, asked for their totals.

use std::time::{Duration, Instant};

use dyno_result::{Counts, Histogram, Pacing};
use dyno_scenario::{Arrivals, Load, Profile, Until};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::arrivals::Schedule;
use crate::connection::Route;
use crate::hiccup::Hiccups;
use crate::merge::Merger;
use crate::play::Play;
use crate::poisson;
use crate::recorder::Totals;
use crate::request::Rendered;
use crate::share::{even, shares};
use crate::starts::{End, Source};
use crate::thread::{self, Job, Phase, Report};
use crate::worker::Setting;
use crate::{Error, Event, Stop};

/// How many starts may wait for a connection, as the time in which they came at
/// the highest rate.
const QUEUE: Duration = Duration::from_secs(10);

/// The load threads of a step.
pub(crate) struct Crew {
    threads: Vec<Member>,
    reports: UnboundedReceiver<Report>,
    stop: Stop,
    seed: u64,
    pacing: Pacing,
    timeout: Duration,
}

struct Member {
    connections: u64,
    phases: UnboundedSender<Phase>,
}

/// One phase, over all threads.
pub(crate) struct PlayedPhase {
    pub(crate) totals: Totals,
    pub(crate) merger: Merger,
    pub(crate) window: Duration,
    pub(crate) drain: Duration,
    /// Largest share of the phase that a thread was at work on a CPU.
    pub(crate) busy_fraction: f64,
    /// How late a napping thread woke up.
    pub(crate) hiccups: Histogram,
    pub(crate) pacing: Option<Pacing>,
    pub(crate) poisson_p: Option<f64>,
}

impl Crew {
    /// Starts the threads; they open their connections.
    pub(crate) fn start(play: &Play<'_>) -> Result<Self, Error> {
        let Play { step, address, .. } = play;
        let connections = step.load.connections();
        let count = (play.threads.len().max(1) as u64).min(u64::from(connections));
        let (sender, reports) = unbounded_channel();
        let route = Route::new(address)?;
        let render = |request| Rendered::new(request, address, step.keepalive);
        let requests: Vec<_> = play.plan.requests().map(render).collect::<Result<_, _>>()?;
        let mut before = 0;
        let mut crew = Vec::new();
        for (index, connections) in even(u64::from(connections), count).into_iter().enumerate() {
            let (phases, inbox) = unbounded_channel();
            let job = Job {
                setting: Setting {
                    route: route.clone().after(before),
                    requests: requests.clone(),
                    timeout: step.timeout,
                    keepalive: step.keepalive,
                },
                connections: u32::try_from(connections).expect("a part of a u32"),
                cpu: play.threads.get(index).copied().flatten(),
                stop: play.stop.clone(),
                phases: inbox,
                reports: sender.clone(),
            };
            std::thread::Builder::new()
                .name(format!("load-{index}"))
                .spawn(move || thread::run(job))
                .map_err(Error::Thread)?;
            before += connections;
            crew.push(Member {
                connections,
                phases,
            });
        }
        Ok(Self {
            threads: crew,
            reports,
            stop: play.stop.clone(),
            seed: play.seed,
            pacing: play.pacing,
            timeout: step.timeout,
        })
    }

    /// How many threads there are.
    pub(crate) fn threads(&self) -> usize {
        self.threads.len()
    }

    /// Waits until the connections are open, or long enough.
    pub(crate) async fn ready(&mut self) -> Result<(), Error> {
        for _ in 0..self.threads.len() {
            match self.reports.recv().await {
                Some(Report::Ready) => {}
                Some(Report::Failed(error)) => return Err(Error::Thread(error)),
                Some(Report::Done { .. }) | None => return Err(Error::ThreadLost),
            }
        }
        Ok(())
    }

    /// Plays one phase and waits for its last answer.
    pub(crate) async fn phase(
        &mut self,
        step: &str,
        load: &Load,
        measured: bool,
        on: &mut dyn FnMut(Event<'_>),
    ) -> Result<PlayedPhase, Error> {
        let (sender, mut slices) = unbounded_channel();
        let hiccups = Hiccups::watch().map_err(Error::Thread)?;
        let t0 = Instant::now();
        for (member, source) in self.threads.iter().zip(self.sources(load, t0, measured)) {
            let phase = Phase {
                t0,
                source,
                measured,
                slices: sender.clone(),
            };
            (member.phases.send(phase)).map_err(|_| Error::ThreadLost)?;
        }
        drop(sender);
        let mut merger = Merger::new(step, self.threads.len(), self.timeout);
        while let Some(slice) = slices.recv().await {
            merger.add(slice, on);
        }
        merger.finish();
        let hiccups = hiccups.finish();
        let (totals, busy) = self.totals().await?;
        let last_end = totals.last_end.unwrap_or(t0).max(t0);
        let window_end = match load.duration() {
            Some(length) if !self.stop.is_set() => t0 + length,
            _ => last_end,
        };
        let is_open = matches!(load, Load::Open { .. });
        let poisson_p = match load {
            Load::Open {
                profile: Profile::Steady { rate, .. },
                arrivals: Arrivals::Poisson,
                ..
            } => {
                let mean = rate.per_ns as f64 / rate.starts as f64 * self.threads.len() as f64;
                poisson::p_value(&totals.gaps, mean)
            }
            Load::Open { .. } | Load::Closed { .. } => None,
        };
        Ok(PlayedPhase {
            pacing: is_open.then_some(self.pacing),
            poisson_p,
            hiccups,
            totals,
            merger,
            window: window_end - t0,
            drain: last_end.saturating_duration_since(window_end),
            busy_fraction: busy.as_secs_f64() / (last_end.max(window_end) - t0).as_secs_f64(),
        })
    }

    /// The part of each thread.
    fn sources(&self, load: &Load, t0: Instant, measured: bool) -> Vec<Source> {
        let threads = self.threads.len();
        match load {
            Load::Closed {
                until: Until::Elapsed(length),
                ..
            } => {
                vec![Source::Closed(End::At(t0 + *length)); threads]
            }
            Load::Closed {
                until: Until::Requests(count),
                ..
            } => {
                let weights: Vec<u64> = self.threads.iter().map(|t| t.connections).collect();
                let shares = shares(*count, &weights).into_iter();
                shares
                    .map(|share| Source::Closed(End::Starts(share)))
                    .collect()
            }
            Load::Open {
                profile, arrivals, ..
            } => {
                let threads = threads as u64;
                let queue = profile.most_starts_in(QUEUE);
                let seed = phase_seed(self.seed, measured);
                let source = |thread| Source::Open {
                    pacing: self.pacing,
                    schedule: Schedule::new(profile, *arrivals, seed, (thread, threads)),
                    end: t0 + profile.duration(),
                    queue: (queue / threads as f64).ceil() as usize,
                    drain: self.timeout,
                };
                (0..threads).map(source).collect()
            }
        }
    }

    /// The totals of all threads, checked, and the busiest thread's CPU time.
    async fn totals(&mut self) -> Result<(Totals, Duration), Error> {
        let mut sum: Option<Totals> = None;
        let mut busiest = Duration::ZERO;
        for _ in 0..self.threads.len() {
            let (totals, busy) = match self.reports.recv().await {
                Some(Report::Done { totals, busy }) => (totals, busy),
                Some(Report::Failed(error)) => return Err(Error::Thread(error)),
                Some(Report::Ready) | None => return Err(Error::ThreadLost),
            };
            busiest = busiest.max(busy);
            match &mut sum {
                Some(sum) => sum.add(&totals),
                None => sum = Some(*totals),
            }
        }
        let totals = sum.ok_or(Error::ThreadLost)?;
        check(&totals.counts)?;
        Ok((totals, busiest))
    }
}

/// The measured phase does not meet the random arrivals of its warm-up again, as
/// if the target had been shown the questions before.
fn phase_seed(seed: u64, measured: bool) -> u64 {
    match measured {
        true => seed,
        false => seed ^ 0xD1B5_4A32_D192_ED03,
    }
}

/// The conservation law.
fn check(counts: &Counts) -> Result<(), Error> {
    if counts.balanced() {
        return Ok(());
    }
    Err(Error::Unbalanced {
        due: counts.due,
        succeeded: counts.succeeded,
        failed: counts.failed,
        dropped: counts.dropped,
        unfinished: counts.unfinished,
    })
}
