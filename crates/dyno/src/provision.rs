//! What targets need beside themselves: a database of their own, a sink for their
//! tasks, and the environment that tells them of both.
//!
//! One PostgreSQL serves a whole command. Each start of a target gets a fresh copy of
//! the seeded database and a fresh sink, and gives them back when it ends. What the
//! environment means is said in `targets/contracts/auth-1.md`.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::{process, thread};

use dyno_postgres::{AUTH_SCHEMA, Cluster, Database, Profile, SEED_USERS, Settings, Source};
use dyno_result::{DatabaseServer, Layout};
use dyno_sink::{Behaviour, Sink};
use dyno_target::Manifest;

use crate::failure::Failure;
use crate::preparation::Env;

/// Connections of a target to its database, in total.
pub(crate) const POOL: u32 = 20;

/// The cost of a password hash, unless the target or the scenario says otherwise.
const BCRYPT_COST: &str = "10";

/// What a target of auth/1 is told, unless its manifest or the scenario says
/// otherwise; what depends on the start is added to it.
const DEFAULTS: &[(&str, &str)] = &[
    ("BCRYPT_COST", BCRYPT_COST),
    ("JWT_TTL_S", "900"),
    // The limiter works and never bites.
    ("RATE_RPS", "1000000"),
    ("RATE_BURST", "1000000"),
    ("TRUST_PROXY", "1"),
    ("QUEUE_SIZE", "10000"),
    ("QUEUE_WORKERS", "4"),
    ("SERVER_TIMING", "1"),
    ("LOG_LEVEL", "warn"),
];

/// The database server of a command, if one of its targets needs one.
#[derive(Debug)]
pub(crate) struct Provision {
    cluster: Option<Cluster>,
    /// CPUs of a target.
    cpus: usize,
    jwt_secret: String,
    places: AtomicU32,
}

/// What one start of a target has for itself.
#[derive(Debug, Default)]
pub(crate) struct Place {
    /// Its environment beside that of its manifest.
    pub(crate) env: Env,
    pub(crate) database: Option<Database>,
    pub(crate) sink: Option<Arc<Sink>>,
}

/// Where the database of a command comes from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'a> {
    /// A server that somebody else runs.
    pub(crate) url: Option<&'a str>,
    pub(crate) profile: Profile,
}

impl Provision {
    /// For targets that need nothing beside themselves.
    pub(crate) fn none() -> Self {
        Self {
            cluster: None,
            cpus: 1,
            jwt_secret: secret(),
            places: AtomicU32::new(0),
        }
    }

    /// Starts what `manifests` need: the database on the CPUs of the generator, so that
    /// targets have theirs alone.
    pub(crate) async fn of<'a>(
        manifests: impl IntoIterator<Item = &'a Manifest>,
        wanted: Wanted<'_>,
        layout: &Layout,
        dyno: &Path,
    ) -> Result<Self, Failure> {
        let mut provision = Self {
            cpus: cpus_of(layout),
            ..Self::none()
        };
        if manifests.into_iter().any(|one| one.needs.postgres) {
            let settings = Settings {
                source: Source::find(wanted.url).map_err(Failure::database)?,
                profile: wanted.profile,
                pool_total: POOL,
                cpus: &layout.generator_cpus,
                dyno,
                log: None,
            };
            let cluster = Cluster::start(settings).await;
            provision.cluster = Some(cluster.map_err(Failure::database)?);
        }
        Ok(provision)
    }

    /// A place for one start of a target, with the variables of `env` over those of
    /// its manifest.
    pub(crate) async fn place(
        &self,
        manifest: &Manifest,
        env: &Env,
        sink: Behaviour,
    ) -> Result<Place, Failure> {
        if !manifest.needs.postgres && !manifest.needs.sink {
            let env = env.clone();
            return Ok(Place {
                env,
                ..Place::default()
            });
        }
        let sink = match manifest.needs.sink {
            true => Some(Arc::new(Sink::start(sink).map_err(Failure::dyno)?)),
            false => None,
        };
        let database = self.database(manifest, env).await?;
        let mut told: Env = (DEFAULTS.iter())
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        told.insert("JWT_SECRET".to_owned(), self.jwt_secret.clone());
        told.insert("DB_POOL_SIZE".to_owned(), POOL.to_string());
        told.insert("HASH_PARALLELISM".to_owned(), self.cpus.to_string());
        if let Some(database) = &database {
            told.insert("DATABASE_URL".to_owned(), database.url.clone());
        }
        if let Some(sink) = &sink {
            told.insert("SINK_URL".to_owned(), sink.url.clone());
        }
        // Its own words count more than ours, and the scenario's most.
        told.retain(|name, _| !manifest.run.env.contains_key(name));
        told.extend(env.clone());
        Ok(Place {
            env: told,
            database,
            sink,
        })
    }

    /// A fresh copy of the database whose passwords cost what the target's do.
    async fn database(&self, manifest: &Manifest, env: &Env) -> Result<Option<Database>, Failure> {
        let Some(cluster) = self.cluster.as_ref().filter(|_| manifest.needs.postgres) else {
            return Ok(None);
        };
        let cost = cost(manifest, env)?;
        let template = cluster
            .prepare_template(AUTH_SCHEMA, SEED_USERS, cost)
            .await;
        let template = template.map_err(Failure::database)?;
        let number = self.places.fetch_add(1, Ordering::Relaxed);
        let name = format!("trial_{}_{number}", process::id());
        let database = cluster.clone_template(&template, &name).await;
        let database = database.map_err(Failure::database)?;
        if cluster.process().is_some() {
            // So that no step has to write what the copying left in memory. Somebody
            // else's server may not allow it.
            cluster.checkpoint().await.map_err(Failure::database)?;
        }
        Ok(Some(database))
    }

    /// Takes back what a target had that has ended.
    pub(crate) async fn leave(&self, place: Place) -> Result<(), Failure> {
        if let (Some(cluster), Some(database)) = (&self.cluster, place.database) {
            let dropped = cluster.drop_database(database).await;
            dropped.map_err(Failure::database)?;
        }
        Ok(())
    }

    /// What is recorded of the database server, if there is one.
    pub(crate) async fn describe(&self) -> Result<Option<DatabaseServer>, Failure> {
        match &self.cluster {
            Some(cluster) => Ok(Some(cluster.describe().await.map_err(Failure::database)?)),
            None => Ok(None),
        }
    }

    /// Ends the database server.
    pub(crate) async fn stop(self) -> Result<(), Failure> {
        match self.cluster {
            Some(cluster) => cluster.stop().await.map(|_| ()).map_err(Failure::database),
            None => Ok(()),
        }
    }
}

impl Place {
    /// The variable `name` as a target gets it that has this place.
    pub(crate) fn variable<'a>(&'a self, name: &str, manifest: &'a Manifest) -> Option<&'a str> {
        let own = || manifest.run.env.get(name);
        self.env.get(name).or_else(own).map(String::as_str)
    }
}

/// CPUs of a target.
fn cpus_of(layout: &Layout) -> usize {
    match layout.target_cpus.len() {
        0 => thread::available_parallelism().map_or(1, usize::from),
        count => count,
    }
}

fn cost(manifest: &Manifest, env: &Env) -> Result<u32, Failure> {
    let own = || manifest.run.env.get("BCRYPT_COST");
    let text = env.get("BCRYPT_COST").or_else(own);
    let text = text.map_or(BCRYPT_COST, String::as_str);
    text.parse().map_err(|_| {
        Failure::input(
            format!("BCRYPT_COST of {} cannot be {text:?}", manifest.id),
            "use a number from 4 to 14",
        )
    })
}

/// 48 characters that nobody guesses.
fn secret() -> String {
    let mut rng = fastrand::Rng::new();
    std::iter::repeat_with(|| rng.alphanumeric())
        .take(48)
        .collect()
}
