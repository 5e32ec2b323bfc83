//! What each load thread has to do in a phase: its starts, its flows, its rows.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use dyno_scenario::{Entry, Load, Plan, Profile, Until};

use super::Crew;
use crate::Error;
use crate::arrivals::Schedule;
use crate::cast::{Cast, Role};
use crate::data::Deck;
use crate::play::Play;
use crate::random::mix;
use crate::share::shares;
use crate::starts::{End, Source};
use crate::stock::Begin;

/// How many starts may wait for a connection, as the time in which they came at
/// the highest rate.
const QUEUE: Duration = Duration::from_secs(10);

/// The plan of a step, and what starts when if a log says so.
pub(super) fn asked<'a>(play: &Play<'a>) -> (Cow<'a, Plan>, Option<Arc<Vec<Entry>>>) {
    match &play.step.load {
        Load::Open {
            profile: Profile::Recorded(recording),
            ..
        } => {
            let plan = Plan::of(recording.requests.to_vec());
            (Cow::Owned(plan), Some(Arc::clone(&recording.entries)))
        }
        Load::Open { .. } | Load::Closed { .. } => (Cow::Borrowed(play.plan), None),
    }
}

impl Crew<'_> {
    /// The flows and the rows of each thread.
    pub(super) async fn cast_and_decks(&self, begin: &Begin) -> Result<Vec<(Cast, Deck)>, Error> {
        let threads = self.threads.len() as u64;
        let mut parts = Vec::new();
        for thread in 0..threads {
            let role = Role {
                seed: mix(self.seed, begin.phase),
                thread,
                threads,
                numbers: begin.numbers,
            };
            let cast = Cast::new(&self.plan, self.recorded.as_ref(), role);
            let mut deck = Deck::default();
            if self.is_scripted {
                let dealt = self.stock.deck(begin, self.seed, (thread, threads));
                deck = dealt.map_err(Error::Thread)?;
                deck.ready().await;
            }
            parts.push((cast, deck));
        }
        Ok(parts)
    }

    /// The starts of each thread.
    pub(super) fn sources(&self, load: &Load, t0: Instant, measured: bool) -> Vec<Source> {
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
}

/// The measured phase does not meet the random arrivals of its warm-up again, as
/// if the target had been shown the questions before.
fn phase_seed(seed: u64, measured: bool) -> u64 {
    match measured {
        true => seed,
        false => seed ^ 0xD1B5_4A32_D192_ED03,
    }
}
