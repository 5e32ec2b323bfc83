//! A backend, plans played on it, and books that must balance.

use std::time::Duration;

use dyno_engine::{Address, Play, Played, Stock, Stop, Wall, play};
use dyno_scenario::{Arrivals, Load, Plan, Profile, Rate, Step, Until, Variant};

use crate::backend::Backend;

pub(crate) fn closed(connections: u32, until: Until) -> Load {
    Load::Closed { connections, until }
}

pub(crate) fn open(per_second: u64, connections: u32, duration: Duration) -> Load {
    let rate = Rate {
        starts: per_second,
        per_ns: 1_000_000_000,
    };
    Load::Open {
        profile: Profile::Steady { rate, duration },
        arrivals: Arrivals::Constant,
        connections,
    }
}

pub(crate) fn stock(plan: &Plan) -> Stock {
    let wall = Wall {
        at: std::time::Instant::now(),
        since_1970: Duration::from_secs(1_767_323_045),
    };
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    Stock::read(plan, &Variant::default(), folder, wall).unwrap()
}

pub(crate) struct Bench {
    pub(crate) backend: Backend,
    pub(crate) timeout: Duration,
    pub(crate) keepalive: bool,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self {
            backend: Backend::start(),
            timeout: Duration::from_secs(10),
            keepalive: true,
        }
    }

    pub(crate) fn address(&self) -> Address {
        Address::plain(self.backend.address, self.backend.address.to_string())
    }

    pub(crate) async fn play(
        &self,
        plan: &Plan,
        stock: &Stock,
        load: Load,
        threads: usize,
    ) -> Played {
        self.stopped(plan, stock, load, threads, &Stop::default())
            .await
    }

    pub(crate) async fn stopped(
        &self,
        plan: &Plan,
        stock: &Stock,
        load: Load,
        threads: usize,
        stop: &Stop,
    ) -> Played {
        let step = Step {
            id: "step".to_owned(),
            name: "step".to_owned(),
            load,
            search: None,
            warmup: Duration::ZERO,
            timeout: self.timeout,
            keepalive: self.keepalive,
        };
        let what = Play {
            step: &step,
            plan,
            stock,
            address: &self.address(),
            threads: &vec![None; threads],
            seed: 1,
            pacing: dyno_result::Pacing::Sleep,
            stop,
        };
        let played = play(what, &mut |_| {}).await.unwrap();
        balance(&played);
        played
    }
}

/// The books of the step, of its flows and of its requests agree.
pub(crate) fn balance(played: &Played) {
    let counts = played.step.counts;
    assert!(counts.balanced(), "{counts:?}");
    let all = played.step.flows.iter().map(|flow| flow.counts);
    for part in all.chain(played.step.requests.iter().map(|request| request.counts)) {
        let sum = part.succeeded + part.failed + part.dropped + part.unfinished;
        assert_eq!(part.due, sum, "{part:?}");
    }
    if !played.step.requests.is_empty() {
        let sum = |of: fn(&dyno_result::PartCounts) -> u64| -> u64 {
            played
                .step
                .requests
                .iter()
                .map(|request| of(&request.counts))
                .sum()
        };
        assert_eq!(sum(|part| part.due), counts.due);
        assert_eq!(sum(|part| part.succeeded), counts.succeeded);
        assert_eq!(sum(|part| part.failed), counts.failed);
        assert_eq!(sum(|part| part.dropped), counts.dropped);
        assert_eq!(sum(|part| part.unfinished), counts.unfinished);
    }
}
