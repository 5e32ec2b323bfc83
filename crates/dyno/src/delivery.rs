//! A target and what stands around it, as the checks of contracts use them.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use dyno_contract::{Attempt, AuthBench, Database, Mood, Pace, Subject, Task};
use dyno_sink::{Behaviour, Kind, Outcome, Reply, Sink};
use dyno_target::Manifest;

use crate::provision::Place;

/// The subject of checks: the target at `address`, started with `place`.
pub(crate) fn subject(address: SocketAddr, manifest: &Manifest, place: &Place) -> Subject {
    let bench = place.database.as_ref().zip(place.sink.as_ref());
    let auth = bench.map(|(database, sink)| {
        let number = |name| {
            place
                .variable(name, manifest)
                .and_then(|text| text.parse().ok())
        };
        let cpus = number("HASH_PARALLELISM").unwrap_or(1);
        AuthBench {
            database: Database::Postgres(database.url.clone()),
            jwt_secret: place
                .variable("JWT_SECRET", manifest)
                .unwrap_or_default()
                .to_owned(),
            jwt_ttl: Duration::from_secs(number("JWT_TTL_S").unwrap_or(900).into()),
            bcrypt_cost: number("BCRYPT_COST").unwrap_or(10),
            db_pool_size: number("DB_POOL_SIZE").unwrap_or(1),
            cpus: cpus as usize,
            workers: number("WORKERS").unwrap_or_else(|| manifest.run.workers.on(cpus as usize)),
            rate_limit_scope: manifest.behaviour.rate_limit_scope,
            server_timing: manifest.behaviour.server_timing
                && place.variable("SERVER_TIMING", manifest) == Some("1"),
            sink: Arc::new(Watched(Arc::clone(sink))),
            pace: Pace::default(),
        }
    });
    Subject { address, auth }
}

/// A sink whose deliveries keep their bodies.
#[derive(Debug)]
struct Watched(Arc<Sink>);

/// What a sink does whose deliveries are looked into.
pub(crate) const WITH_BODIES: Behaviour = Behaviour {
    delay: Duration::ZERO,
    reply: Reply::Accept,
    next: None,
    keep_bodies: true,
};

impl dyno_contract::Sink for Watched {
    fn attempts(&self, seen: usize) -> Vec<Attempt> {
        let deliveries = self.0.deliveries_from(seen).into_iter();
        deliveries
            .map(|delivery| Attempt {
                task: match delivery.kind {
                    Kind::Mail => Task::Mail,
                    Kind::Webhook => Task::Webhook,
                },
                at: delivery.arrival,
                delivered: delivery.outcome == Outcome::Delivered,
                body: delivery.body,
            })
            .collect()
    }

    fn connections(&self) -> u64 {
        self.0.counts().connections
    }

    fn set(&self, mood: Mood) {
        let behaviour = match mood {
            Mood::Accept => WITH_BODIES,
            Mood::Delay(delay) => Behaviour {
                delay,
                ..WITH_BODIES
            },
            Mood::RefuseNext(count) => Behaviour {
                reply: Reply::Fail { share: 1.0 },
                next: Some(count),
                ..WITH_BODIES
            },
            Mood::HangNext(count) => Behaviour {
                reply: Reply::Hang,
                next: Some(count),
                ..WITH_BODIES
            },
            Mood::Hang => Behaviour {
                reply: Reply::Hang,
                ..WITH_BODIES
            },
        };
        self.0.set(behaviour);
    }
}
