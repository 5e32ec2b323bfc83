//! A step from its first connection to its result: warm-up, then measurement.

use dyno_result::{Interval, Pacing, Step, StepHistograms, Warmup};
use std::time::Duration;

use dyno_scenario::{Load, Request, Until};
use nix::sys::resource::{Usage, UsageWho, getrusage};

use crate::address::Address;
use crate::crew::Crew;
use crate::outcome::{ns, outcome};
use crate::{Error, Event, Stop};

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

/// What is to be played.
#[derive(Debug, Clone, Copy)]
pub struct Play<'a> {
    /// The step.
    pub step: &'a dyno_scenario::Step,
    /// What is asked; several take turns.
    pub requests: &'a [Request],
    /// Where.
    pub address: &'a Address,
    /// The load threads: each stays on its CPU, or goes where the kernel likes
    /// for `None`. More threads than connections are not started.
    pub threads: &'a [Option<u32>],
    /// Seed of random arrivals.
    pub seed: u64,
    /// How the load threads wait for due times.
    pub pacing: Pacing,
    /// Ends the step early, with what was seen until then.
    pub stop: &'a Stop,
}

/// Plays a step. `on` hears what happens.
pub async fn play(play: Play<'_>, on: &mut dyn FnMut(Event)) -> Result<Played, Error> {
    let step = play.step;
    let mut crew = Crew::start(&play)?;
    crew.ready().await?;
    let mut warmup = None;
    if !step.warmup.is_zero() && !play.stop.is_set() {
        on(Event::Warmup);
        let load = for_as_long(step.load, step.warmup);
        let played = crew.phase(&step.id, load, false, &mut |_| {}).await?;
        warmup = Some(Warmup {
            window_ns: ns(played.window),
            counts: played.totals.counts,
        });
    }
    on(Event::Measure);
    let before = usage();
    let played = crew.phase(&step.id, step.load, true, on).await?;
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

/// The same load, for another time.
fn for_as_long(load: Load, time: Duration) -> Load {
    match load {
        Load::Closed { connections, .. } => Load::Closed {
            connections,
            until: Until::Elapsed(time),
        },
        Load::Open {
            rate,
            arrivals,
            connections,
            ..
        } => Load::Open {
            rate,
            arrivals,
            connections,
            duration: time,
        },
    }
}

fn usage() -> Usage {
    getrusage(UsageWho::RUSAGE_SELF).expect("the kernel tells a process its own usage")
}
