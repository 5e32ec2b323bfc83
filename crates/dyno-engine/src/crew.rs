//! The load threads of a step, seen from the control side: started, given their
//! phases, asked for their totals.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use dyno_result::{Counts, Histogram, Pacing};
use dyno_scenario::{Arrivals, Entry, Load, Plan, Profile};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::hiccup::Hiccups;
use crate::merge::Merger;
use crate::parts::{self, Parts};
use crate::play::Play;
use crate::poisson;
use crate::recorder::Totals;
use crate::route::Route;
use crate::script::Script;
use crate::share::even;
use crate::stock::Stock;
use crate::thread::{self, Job, Phase, Report, Spent};
use crate::worker::Setting;
use crate::{Error, Event, Stop};

mod roles;

use roles::asked;

/// The load threads of a step.
pub(crate) struct Crew<'a> {
    threads: Vec<Member>,
    reports: UnboundedReceiver<Report>,
    stop: Stop,
    seed: u64,
    pacing: Pacing,
    timeout: Duration,
    plan: Cow<'a, Plan>,
    stock: &'a Stock,
    /// What a log says starts when.
    recorded: Option<Arc<Vec<Entry>>>,
    /// Flows, and requests in all, if they are to be told apart.
    parts: Option<(usize, usize)>,
    is_scripted: bool,
    has_numbers: bool,
    /// Answers are kept as examples from the first on.
    pub(crate) is_curious: bool,
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
    /// What a flow has captured: that of a setup.
    pub(crate) captured: Option<Vec<Vec<u8>>>,
}

impl<'a> Crew<'a> {
    /// Starts the threads; they open their connections.
    pub(crate) fn start(play: &Play<'a>) -> Result<Self, Error> {
        let Play {
            step,
            address,
            stock,
            ..
        } = *play;
        let (plan, recorded) = asked(play);
        let connections = step.load.connections();
        let count = (play.threads.len().max(1) as u64).min(u64::from(connections));
        let (sender, reports) = unbounded_channel();
        let route = Route::new(address)?;
        let script = Script::new(&plan.flows, address, step.keepalive, stock)?;
        let has_numbers = script.has_numbers();
        let fixed = script.as_fixed(plan.mix).filter(|_| recorded.is_none());
        let (requests, script) = match fixed {
            Some(requests) => (requests, None),
            None => (Vec::new(), Some(script)),
        };
        let (flows, all) = (plan.flows.len(), plan.requests().count());
        let parts = (script.is_some() || all > 1).then_some((flows, all));
        let parts = parts.filter(|(flows, all)| flows + all <= parts::MOST);
        let mut before = 0;
        let mut crew = Vec::new();
        for (index, connections) in even(u64::from(connections), count).into_iter().enumerate() {
            let (phases, inbox) = unbounded_channel();
            let job = Job {
                setting: Setting {
                    route: route.clone().after(before),
                    requests: requests.clone(),
                    script: script.clone(),
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
            is_scripted: script.is_some(),
            plan,
            stock,
            recorded,
            parts,
            has_numbers,
            is_curious: false,
        })
    }

    /// How many threads there are.
    pub(crate) fn threads(&self) -> usize {
        self.threads.len()
    }

    /// What is asked.
    pub(crate) fn plan(&self) -> &Plan {
        &self.plan
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
        let begin = self.stock.begin();
        let casts = self.cast_and_decks(&begin).await?;
        let hiccups = Hiccups::watch().map_err(Error::Thread)?;
        // Its memory is made before the load begins, which may have the same CPU.
        let mut merger = Merger::new(step, self.threads.len(), self.timeout);
        let parts: Vec<_> = (self.threads.iter())
            .map(|_| self.parts.map(Parts::new).map(Box::new))
            .collect();
        let t0 = Instant::now();
        let sources = self.sources(load, t0, measured).into_iter();
        let all = sources.zip(casts).zip(parts);
        for (member, ((source, (cast, deck)), parts)) in self.threads.iter().zip(all) {
            let phase = Phase {
                t0,
                source,
                cast,
                deck,
                parts,
                is_curious: self.is_curious,
                measured,
                slices: sender.clone(),
            };
            (member.phases.send(phase)).map_err(|_| Error::ThreadLost)?;
        }
        drop(sender);
        while let Some(slice) = slices.recv().await {
            merger.add(slice, on);
        }
        merger.finish();
        let hiccups = hiccups.finish();
        let (totals, busy, spent) = self.totals().await?;
        let starts = if self.has_numbers { spent.starts } else { 0 };
        self.stock
            .end(&begin, self.threads.len() as u64, starts, &spent.draws);
        let last_end = totals.last_end.unwrap_or(t0).max(t0);
        let window_end = match load.duration() {
            Some(length) if !self.stop.is_set() && !totals.ran_out => t0 + length,
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
            captured: spent.captured,
            hiccups,
            totals,
            merger,
            window: window_end - t0,
            drain: last_end.saturating_duration_since(window_end),
            busy_fraction: share(busy, last_end.max(window_end) - t0),
        })
    }

    /// The totals of all threads, checked, the busiest thread's CPU time, and the
    /// most that any thread has spent.
    async fn totals(&mut self) -> Result<(Totals, Duration, Spent), Error> {
        let mut sum: Option<Totals> = None;
        let mut busiest = Duration::ZERO;
        let mut most = Spent::default();
        for _ in 0..self.threads.len() {
            let (totals, busy, spent) = match self.reports.recv().await {
                Some(Report::Done {
                    totals,
                    busy,
                    spent,
                }) => (totals, busy, spent),
                Some(Report::Failed(error)) => return Err(Error::Thread(error)),
                Some(Report::Ready) | None => return Err(Error::ThreadLost),
            };
            busiest = busiest.max(busy);
            most.add(spent);
            match &mut sum {
                Some(sum) => sum.add(&totals),
                None => sum = Some(*totals),
            }
        }
        let totals = sum.ok_or(Error::ThreadLost)?;
        check(&totals.counts)?;
        Ok((totals, busiest, most))
    }
}

/// Of a phase without a start, which takes no time, nothing.
fn share(busy: Duration, of: Duration) -> f64 {
    match of.is_zero() {
        true => 0.0,
        false => busy.as_secs_f64() / of.as_secs_f64(),
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
