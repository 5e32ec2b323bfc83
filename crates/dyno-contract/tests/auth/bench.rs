//! What stands around the double: its database, its sink, the subject of checks.

use std::sync::Arc;
use std::time::Duration;

use dyno_contract::{Attempt, AuthBench, Database, Mood, Pace, Sink, Subject, Task};
use dyno_result::RateLimitScope;
use dyno_sink::{Behaviour, Kind, Outcome, Reply};

use crate::double::{Double, Settings};
use crate::fault::Fault;
use crate::rows::{POOL, Rows};

/// What a run has, and what the process of the limiter's checks has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Limits {
    Wide,
    Tight,
}

const COST: u32 = 5;
const CPUS: usize = 2;
const SECRET: &str = "a secret of the double, 32 bytes";
/// A tenth of what a contract has.
const PACE: Pace = Pace {
    idle: Duration::from_millis(600),
    task_timeout: Duration::from_millis(500),
};

/// A double with this fault, and all that its checks need.
pub(crate) async fn subject(fault: Fault, limits: Limits) -> Subject {
    let sink = dyno_sink::Sink::start(behaviour(Mood::Accept)).unwrap();
    let (rate, burst, queue_size, is_timed) = match limits {
        Limits::Wide => (1_000_000, 1_000_000, 10_000, true),
        Limits::Tight => (5, 10, 16, false),
    };
    let settings = Settings {
        jwt_secret: SECRET.to_owned(),
        jwt_ttl_s: 900,
        bcrypt_cost: COST,
        cpus: CPUS,
        rate,
        burst,
        sink: sink.address,
        queue_size,
        is_timed,
        task_timeout: PACE.task_timeout,
        idle: PACE.idle,
    };
    let rows = Arc::new(Rows::seeded(fault, COST));
    let address = Double::serve(fault, settings, Arc::clone(&rows)).await;
    Subject {
        address,
        auth: Some(AuthBench {
            database: Database::StandIn(rows),
            jwt_secret: SECRET.to_owned(),
            jwt_ttl: Duration::from_secs(900),
            bcrypt_cost: COST,
            db_pool_size: POOL,
            cpus: CPUS,
            workers: 1,
            rate_limit_scope: RateLimitScope::Global,
            server_timing: is_timed,
            sink: Arc::new(CountingSink(sink)),
            pace: PACE,
        }),
    }
}

/// dyno's own sink, as checks use it.
#[derive(Debug)]
struct CountingSink(dyno_sink::Sink);

impl Sink for CountingSink {
    fn attempts(&self, seen: usize) -> Vec<Attempt> {
        let deliveries = self.0.deliveries_from(seen).into_iter();
        let attempts = deliveries.map(|delivery| Attempt {
            task: match delivery.kind {
                Kind::Mail => Task::Mail,
                Kind::Webhook => Task::Webhook,
            },
            at: delivery.arrival,
            delivered: delivery.outcome == Outcome::Delivered,
            body: delivery.body,
        });
        attempts.collect()
    }

    fn connections(&self) -> u64 {
        self.0.counts().connections
    }

    fn set(&self, mood: Mood) {
        self.0.set(behaviour(mood));
    }
}

fn behaviour(mood: Mood) -> Behaviour {
    let (delay, reply, next) = match mood {
        Mood::Accept => (Duration::ZERO, Reply::Accept, None),
        Mood::Delay(delay) => (delay, Reply::Accept, None),
        Mood::RefuseNext(count) => (Duration::ZERO, Reply::Fail { share: 1.0 }, Some(count)),
        Mood::HangNext(count) => (Duration::ZERO, Reply::Hang, Some(count)),
        Mood::Hang => (Duration::ZERO, Reply::Hang, None),
    };
    Behaviour {
        delay,
        reply,
        next,
        keep_bodies: true,
    }
}
