//! Looks into the target's database: was the work really done?
//!
//! What is looked at is here; how PostgreSQL is asked is in
//! `database/postgres.rs`.

mod postgres;

use std::fmt::Debug;
use std::sync::Arc;

use postgres::Postgres;

/// Where checks look.
#[derive(Debug, Clone)]
pub enum Database {
    /// A PostgreSQL database: `postgres://dyno@127.0.0.1:5432/name`. The user
    /// must be its owner, and pg_stat_statements be created in it.
    Postgres(String),
    /// What a target without a database shows instead.
    StandIn(Arc<dyn StandIn>),
}

/// What stands in for a database.
pub trait StandIn: Debug + Send + Sync {
    /// The row with this e-mail, as it is stored.
    fn row(&self, email: &str) -> Option<Row>;
    /// How many rows `users` has.
    fn count(&self) -> u64;
    /// Changes a row without the target.
    fn overwrite(&self, id: i64, name: &str, created_at: &str);
    /// Statements that the target has executed so far.
    fn statements(&self) -> Vec<Statement>;
    /// Connections that the target holds.
    fn connections(&self) -> u64;
    /// Ends all connections and lets nobody in.
    fn close(&self);
    /// Lets the target in again.
    fn open(&self);
}

/// A row of `users`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its `id`.
    pub id: i64,
    /// Its `email`.
    pub email: String,
    /// Its `name`.
    pub name: String,
    /// Its `password_hash`.
    pub password_hash: String,
    /// Its `created_at`, as answers have it: `2026-11-22T04:31:51.958Z`.
    pub created_at: String,
}

/// A kind of statement, and how often it was executed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Its text, constants left out.
    pub text: String,
    /// Executions.
    pub calls: u64,
}

/// What a look came to; an error says why there was none.
pub(crate) type Looked<T> = Result<T, String>;

impl Database {
    fn postgres(&self) -> Result<Postgres<'_>, &Arc<dyn StandIn>> {
        match self {
            Self::Postgres(url) => Ok(Postgres { url }),
            Self::StandIn(stand_in) => Err(stand_in),
        }
    }

    pub(crate) async fn row(&self, email: &str) -> Looked<Option<Row>> {
        match self.postgres() {
            Ok(postgres) => postgres.row(email).await,
            Err(stand_in) => Ok(stand_in.row(email)),
        }
    }

    pub(crate) async fn count(&self) -> Looked<u64> {
        match self.postgres() {
            Ok(postgres) => postgres.count().await,
            Err(stand_in) => Ok(stand_in.count()),
        }
    }

    /// Changes a row behind the target's back; `created_at` as in [`Row`].
    pub(crate) async fn overwrite(&self, id: i64, name: &str, created_at: &str) -> Looked<()> {
        match self.postgres() {
            Ok(postgres) => postgres.overwrite(id, name, created_at).await,
            Err(stand_in) => {
                stand_in.overwrite(id, name, created_at);
                Ok(())
            }
        }
    }

    pub(crate) async fn statements(&self) -> Looked<Vec<Statement>> {
        match self.postgres() {
            Ok(postgres) => postgres.statements().await,
            Err(stand_in) => Ok(stand_in.statements()),
        }
    }

    pub(crate) async fn connections(&self) -> Looked<u64> {
        match self.postgres() {
            Ok(postgres) => postgres.connections().await,
            Err(stand_in) => Ok(stand_in.connections()),
        }
    }

    /// Ends the target's connections and lets it open none, until
    /// [`Database::open`].
    pub(crate) async fn close(&self) -> Looked<()> {
        match self.postgres() {
            Ok(postgres) => postgres.close().await,
            Err(stand_in) => {
                stand_in.close();
                Ok(())
            }
        }
    }

    pub(crate) async fn open(&self) -> Looked<()> {
        match self.postgres() {
            Ok(postgres) => postgres.open().await,
            Err(stand_in) => {
                stand_in.open();
                Ok(())
            }
        }
    }
}
