//! A step from its first connection to its result: warm-up, then measurement.

use std::net::SocketAddr;

use dyno_result::{Interval, Step, StepHistograms, Warmup};
use dyno_scenario::{Load, Request, Until};
use nix::sys::resource::{Usage, UsageWho, getrusage};

use crate::crew::Crew;
use crate::outcome::{ns, outcome};
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
    Ok(outcome(
        step,
        warmup,
        played,
        crew.threads(),
        (&before, &after),
    ))
}

fn usage() -> Usage {
    getrusage(UsageWho::RUSAGE_SELF).expect("the kernel tells a process its own usage")
}
