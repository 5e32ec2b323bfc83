//! The statements with tokio-postgres and deadpool.

use std::time::Instant;

use anyhow::Result;
use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod};
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Error, NoTls, Row};

use super::{BY_ID, CREDENTIALS, DELETE, INSERT, PAGE, PING, PUBLIC, RENAME};
use crate::timing::{self, Part};
use crate::users::{Credentials, PublicUser, User};

type Parameters<'a> = &'a [&'a (dyn ToSql + Sync)];

/// The table of users.
pub(crate) struct Database {
    pool: Pool,
}

impl Database {
    /// Returns when all connections are open.
    pub(crate) async fn open(url: &str, size: usize) -> Result<Self> {
        // A connection that is closed is replaced; none is asked before its use.
        let recycling_method = RecyclingMethod::Fast;
        let config = ManagerConfig { recycling_method };
        let manager = Manager::from_config(url.parse()?, NoTls, config);
        let pool = Pool::builder(manager).max_size(size).build()?;
        // Held at once, or the first would be handed out again.
        let mut held = Vec::with_capacity(size);
        for _ in 0..size {
            held.push(pool.get().await?);
        }
        drop(held);
        Ok(Self { pool })
    }

    /// Fails when the database does not answer.
    pub(crate) async fn ping(&self) -> Result<()> {
        self.row(PING, &[]).await?;
        Ok(())
    }

    /// Adds a user; none when the e-mail is taken.
    pub(crate) async fn insert(&self, email: &str, name: &str, hash: &str) -> Result<Option<User>> {
        match self.row(INSERT, &[&email, &name, &hash]).await {
            Ok(row) => Ok(row.map(User::try_from).transpose()?),
            Err(error) if is_duplicate(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// What a login needs of the user with this e-mail.
    pub(crate) async fn credentials(&self, email: &str) -> Result<Option<Credentials>> {
        let row = self.row(CREDENTIALS, &[&email]).await?;
        Ok(row.map(Credentials::try_from).transpose()?)
    }

    pub(crate) async fn by_id(&self, id: i64) -> Result<Option<User>> {
        let row = self.row(BY_ID, &[&id]).await?;
        Ok(row.map(User::try_from).transpose()?)
    }

    pub(crate) async fn rename(&self, id: i64, name: &str) -> Result<Option<User>> {
        let row = self.row(RENAME, &[&id, &name]).await?;
        Ok(row.map(User::try_from).transpose()?)
    }

    /// The id of the user, who is no more.
    pub(crate) async fn delete(&self, id: i64) -> Result<Option<i64>> {
        let row = self.row(DELETE, &[&id]).await?;
        Ok(row.map(|row| row.try_get(0)).transpose()?)
    }

    pub(crate) async fn public(&self, id: i64) -> Result<Option<PublicUser>> {
        let row = self.row(PUBLIC, &[&id]).await?;
        Ok(row.map(PublicUser::try_from).transpose()?)
    }

    /// The first users, at most `limit`, whose ids are above `after`.
    pub(crate) async fn page(&self, after: i64, limit: i64) -> Result<Vec<PublicUser>> {
        let rows = self.rows(PAGE, &[&after, &limit]).await?;
        let users: Result<_, _> = rows.into_iter().map(PublicUser::try_from).collect();
        Ok(users?)
    }

    async fn row(&self, statement: &str, parameters: Parameters<'_>) -> Result<Option<Row>> {
        Ok(self.rows(statement, parameters).await?.pop())
    }

    async fn rows(&self, statement: &str, parameters: Parameters<'_>) -> Result<Vec<Row>> {
        let asked = Instant::now();
        let connection = self.pool.get().await;
        timing::add(Part::Pool, asked.elapsed());
        let connection = connection?;

        let sent = Instant::now();
        let rows = async {
            let statement = connection.prepare_cached(statement).await?;
            connection.query(&statement, parameters).await
        };
        let rows = rows.await;
        timing::add(Part::Database, sent.elapsed());
        Ok(rows?)
    }
}

fn is_duplicate(error: &anyhow::Error) -> bool {
    let error = error.downcast_ref::<Error>();
    error.and_then(Error::code) == Some(&SqlState::UNIQUE_VIOLATION)
}

impl TryFrom<Row> for User {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.try_get(0)?,
            email: row.try_get(1)?,
            name: row.try_get(2)?,
            created_at: row.try_get(3)?,
            updated_at: row.try_get(4)?,
        })
    }
}

impl TryFrom<Row> for PublicUser {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.try_get(0)?,
            name: row.try_get(1)?,
            created_at: row.try_get(2)?,
        })
    }
}

impl TryFrom<Row> for Credentials {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.try_get(0)?,
            password_hash: row.try_get(1)?,
        })
    }
}
