//! The control side of a step: starts the load threads, gives them their
//! phases, and puts the result together.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use dyno_result::{
    Counts, Distribution, FailureCount, FailureKind, Generator, Interval, Step, StepHistograms,
    Warmup,
};
use dyno_scenario::{Load, Request, Until};
use nix::sys::resource::{Usage, UsageWho, getrusage};
use nix::sys::time::TimeValLike as _;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::merge::Merger;
use crate::recorder::Totals;
use crate::request::Rendered;
use crate::schedule::{End, even, shares};
use crate::thread::{self, Job, Phase, Report};
use crate::worker::Setting;
use crate::{Error, Event, Stop};

/// Where the load goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// Address and port.
    pub socket: SocketAddr,
    /// `host:port` for the `Host` field.
    pub authority: String,
}

/// A step that was played.
#[derive(Debug, Clone, PartialEq)]
pub struct Played {
    /// Its figures; the target's resources are left to others.
    pub step: Step,
    /// Its histograms, a slice a second.
    pub histograms: StepHistograms,
    /// Its outcome, a slice a second.
    pub intervals: Vec<Interval>,
}

/// Plays `step` at `address` from the load threads given: each stays on its CPU,
/// or goes where the kernel likes for `None`. More threads than connections are
/// not started. `on` hears what happens. A set `stop` ends the step early with
/// what was seen until then.
pub async fn play(
    step: &dyno_scenario::Step,
    requests: &[Request],
    address: &Address,
    threads: &[Option<u32>],
    stop: &Stop,
    on: &mut dyn FnMut(Event),
) -> Result<Played, Error> {
    let Load::Closed { connections, until } = step.load;
    let mut crew = Crew::start(step, requests, address, threads, connections, stop)?;
    crew.ready().await?;
    let mut warmup = None;
    if !step.warmup.is_zero() && !stop.is_set() {
        on(Event::Warmup);
        let until = Until::Elapsed(step.warmup);
        let played = crew.phase(&step.id, until, false, &mut |_| {}).await?;
        warmup = Some(Warmup {
            window_ns: ns(played.window),
            counts: played.totals.counts,
        });
    }
    on(Event::Measure);
    let before = usage();
    let played = crew.phase(&step.id, until, true, on).await?;
    let after = usage();
    on(Event::Drained);
    Ok(result(
        step,
        warmup,
        played,
        crew.threads.len(),
        &before,
        &after,
    ))
}

/// The load threads of a step.
struct Crew {
    threads: Vec<Member>,
    reports: UnboundedReceiver<Report>,
    stop: Stop,
}

struct Member {
    connections: u64,
    phases: UnboundedSender<Phase>,
}

/// One phase, over all threads.
struct PlayedPhase {
    totals: Totals,
    merger: Merger,
    window: Duration,
    drain: Duration,
    /// Largest share of the phase that a thread was on a CPU.
    busy_fraction: f64,
}

impl Crew {
    fn start(
        step: &dyno_scenario::Step,
        requests: &[Request],
        address: &Address,
        threads: &[Option<u32>],
        connections: u32,
        stop: &Stop,
    ) -> Result<Self, Error> {
        let count = (threads.len().max(1) as u64).min(u64::from(connections));
        let (sender, reports) = unbounded_channel();
        let mut crew = Vec::new();
        for (index, connections) in even(u64::from(connections), count).into_iter().enumerate() {
            let (phases, inbox) = unbounded_channel();
            let render = |request| Rendered::new(request, &address.authority, step.keepalive);
            let job = Job {
                setting: Setting {
                    address: address.socket,
                    requests: requests.iter().map(render).collect(),
                    timeout: step.timeout,
                    keepalive: step.keepalive,
                },
                connections: u32::try_from(connections).expect("a part of a u32"),
                cpu: threads.get(index).copied().flatten(),
                stop: stop.clone(),
                phases: inbox,
                reports: sender.clone(),
            };
            std::thread::Builder::new()
                .name(format!("load-{index}"))
                .spawn(move || thread::run(job))
                .map_err(Error::Thread)?;
            crew.push(Member {
                connections,
                phases,
            });
        }
        Ok(Self {
            threads: crew,
            reports,
            stop: stop.clone(),
        })
    }

    async fn ready(&mut self) -> Result<(), Error> {
        for _ in 0..self.threads.len() {
            match self.reports.recv().await {
                Some(Report::Ready) => {}
                Some(Report::Failed(error)) => return Err(Error::Thread(error)),
                Some(Report::Done { .. }) | None => return Err(Error::ThreadLost),
            }
        }
        Ok(())
    }

    async fn phase(
        &mut self,
        step: &str,
        until: Until,
        measured: bool,
        on: &mut dyn FnMut(Event),
    ) -> Result<PlayedPhase, Error> {
        let (sender, mut slices) = unbounded_channel();
        let t0 = Instant::now();
        for (member, end) in self.threads.iter().zip(self.ends(until, t0)) {
            let phase = Phase {
                t0,
                end,
                measured,
                slices: sender.clone(),
            };
            (member.phases.send(phase)).map_err(|_| Error::ThreadLost)?;
        }
        drop(sender);
        let mut merger = Merger::new(step, self.threads.len());
        while let Some(slice) = slices.recv().await {
            if let Some(interval) = merger.add(slice) {
                on(Event::Interval(interval));
            }
        }
        merger.finish();
        let (totals, busy) = self.totals().await?;
        let last_end = totals.last_end.unwrap_or(t0).max(t0);
        let window_end = match until {
            Until::Elapsed(length) if !self.stop.is_set() => t0 + length,
            _ => last_end,
        };
        Ok(PlayedPhase {
            totals,
            merger,
            window: window_end - t0,
            drain: last_end.saturating_duration_since(window_end),
            busy_fraction: busy.as_secs_f64() / (last_end.max(window_end) - t0).as_secs_f64(),
        })
    }

    fn ends(&self, until: Until, t0: Instant) -> Vec<End> {
        match until {
            Until::Elapsed(length) => vec![End::At(t0 + length); self.threads.len()],
            Until::Requests(count) => {
                let weights: Vec<u64> = self.threads.iter().map(|t| t.connections).collect();
                shares(count, &weights)
                    .into_iter()
                    .map(End::Starts)
                    .collect()
            }
        }
    }

    /// The totals of all threads, checked, and the busiest thread's CPU time.
    async fn totals(&mut self) -> Result<(Totals, Duration), Error> {
        let mut sum: Option<Totals> = None;
        let mut busiest = Duration::ZERO;
        for _ in 0..self.threads.len() {
            let Some(Report::Done { totals, busy }) = self.reports.recv().await else {
                return Err(Error::ThreadLost);
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

fn result(
    step: &dyno_scenario::Step,
    warmup: Option<Warmup>,
    played: PlayedPhase,
    threads: usize,
    before: &Usage,
    after: &Usage,
) -> Played {
    let PlayedPhase { totals, merger, .. } = &played;
    let seconds = played.window.as_secs_f64();
    let per_second = |count: u64| {
        if seconds > 0.0 {
            count as f64 / seconds
        } else {
            0.0
        }
    };
    let answered = totals.statuses.iter().sum::<u64>();
    let kinds = FailureKind::ALL.iter().zip(totals.failures);
    let mut failures: Vec<FailureCount> = kinds
        .filter(|(_, count)| *count > 0)
        .map(|(&kind, count)| FailureCount { kind, count })
        .collect();
    failures.sort_by_key(|failure| std::cmp::Reverse(failure.count));
    let late = failures.iter().filter(|failure| failure.kind.is_timeout());
    let timed_out: u64 = late.map(|failure| failure.count).sum();
    let failed = totals.counts.failed - timed_out;
    let response = Distribution::of(&merger.response, timed_out, failed, Some(ns(step.timeout)));
    let user = (after.user_time() - before.user_time()).num_nanoseconds();
    let system = (after.system_time() - before.system_time()).num_nanoseconds();
    let step = Step {
        id: step.id.clone(),
        window_ns: ns(played.window),
        drain_ns: ns(played.drain),
        counts: totals.counts,
        failures,
        statuses: (0..)
            .zip(totals.statuses.iter().copied())
            .filter(|(_, count)| *count > 0)
            .collect(),
        bytes: totals.bytes,
        throughput_per_s: per_second(totals.answered_in_window),
        goodput_per_s: per_second(totals.succeeded_in_window),
        response,
        first_byte: Distribution::of(&merger.first_byte, 0, 0, None),
        connect: Distribution::of(&merger.connect, 0, 0, None),
        resources: None,
        generator: Generator {
            threads: u32::try_from(threads).unwrap_or(u32::MAX),
            cpu_user_ns: user.unsigned_abs(),
            cpu_system_ns: system.unsigned_abs(),
            cpu_per_request_ns: (answered > 0).then(|| (user + system) as f64 / answered as f64),
            busy_fraction: played.busy_fraction,
            rss_peak_bytes: after.max_rss().unsigned_abs() * 1024,
        },
        warmup,
    };
    Played {
        step,
        histograms: played.merger.histograms,
        intervals: played.merger.intervals,
    }
}

fn usage() -> Usage {
    getrusage(UsageWho::RUSAGE_SELF).expect("the kernel tells a process its own usage")
}

fn ns(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
