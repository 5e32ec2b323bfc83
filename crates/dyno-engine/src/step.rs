//! A step from its first connection to its result: warm-up, then measurement.

use dyno_result::Warmup;
use dyno_scenario::{Load, Until};
use nix::sys::resource::{Usage, UsageWho, getrusage};

use crate::crew::Crew;
use crate::outcome::outcome;
use crate::play::{Play, Played};
use crate::time::ns;
use crate::{Error, Event};

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
