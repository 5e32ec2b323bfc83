//! A step from its first connection to its result: warm-up, then measurement.

use dyno_result::{Interval, Pacing, Step, StepHistograms, Warmup};
use dyno_scenario::{Load, Plan, Until};
use nix::sys::resource::{Usage, UsageWho, getrusage};

use crate::address::Address;
use crate::crew::Crew;
use crate::outcome::{ns, outcome};
use crate::stock::Stock;
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
    /// What is asked.
    pub plan: &'a Plan,
    /// What its templates are filled with: one for all steps of a trial.
    pub stock: &'a Stock,
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
pub async fn play(play: Play<'_>, on: &mut dyn FnMut(Event<'_>)) -> Result<Played, Error> {
    let step = play.step;
    let mut crew = Crew::start(&play)?;
    crew.ready().await?;
    let mut warmup = None;
    if let Some(load) = warmup_load(step).filter(|_| !play.stop.is_set()) {
        on(Event::Warmup);
        let played = crew.phase(&step.id, &load, false, &mut |_| {}).await?;
        warmup = Some(Warmup {
            window_ns: ns(played.window),
            counts: played.totals.counts,
        });
    }
    on(Event::Measure);
    let before = usage();
    let played = crew.phase(&step.id, &step.load, true, on).await?;
    let after = usage();
    on(Event::Drained);
    Ok(outcome(
        step,
        warmup,
        played,
        (crew.threads(), crew.plan(), play.stock),
        (&before, &after),
    ))
}

/// The load of the warm-up, if there is one: the same for another time, and a
/// rate that changes as it begins.
fn warmup_load(step: &dyno_scenario::Step) -> Option<Load> {
    if step.warmup.is_zero() {
        return None;
    }
    Some(match &step.load {
        Load::Closed { connections, .. } => Load::Closed {
            connections: *connections,
            until: Until::Elapsed(step.warmup),
        },
        Load::Open {
            profile,
            arrivals,
            connections,
        } => Load::Open {
            profile: profile.warmup(step.warmup)?,
            arrivals: *arrivals,
            connections: *connections,
        },
    })
}

fn usage() -> Usage {
    getrusage(UsageWho::RUSAGE_SELF).expect("the kernel tells a process its own usage")
}
