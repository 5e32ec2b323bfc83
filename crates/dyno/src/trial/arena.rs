//! A target of ours as the ground on which a search plays its probes.

use dyno_engine::Played;
use dyno_result::Surroundings;
use dyno_scenario::{Scenario, Step};

use super::{Watched, probe_seed};
use crate::failure::Failure;
use crate::progress::Progress;
use crate::search::Ground;

/// Where the probes of a search are played.
pub(super) struct Arena<'a> {
    pub(super) watched: &'a Watched<'a>,
    pub(super) scenario: &'a Scenario,
    pub(super) seed: u64,
    pub(super) progress: &'a Progress,
}

impl Ground for Arena<'_> {
    async fn play(&mut self, probe: &Step, number: u64) -> Result<Played, Failure> {
        let seed = probe_seed(self.seed, number);
        let played = self
            .watched
            .play(self.scenario, (probe, seed), self.progress);
        played.await
    }

    fn is_dead(&self) -> bool {
        self.watched.running.has_exited().is_some()
    }

    fn surroundings(&self) -> Surroundings {
        Surroundings::of_target(&self.watched.bench.layout)
    }

    fn say(&self, text: &str) {
        self.progress.say(text);
    }
}
