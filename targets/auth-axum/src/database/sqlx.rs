//! The statements with sqlx; their types are checked when they run.

use std::time::Instant;

use anyhow::Result;
use sqlx::postgres::{PgArguments, PgPool, PgPoolOptions, PgRow};
use sqlx::query::QueryAs;
use sqlx::{Error, FromRow, Postgres, query_as};

use super::{BY_ID, CREDENTIALS, DELETE, INSERT, PAGE, PING, PUBLIC, RENAME};
use crate::timing::{self, Part};
use crate::users::{Credentials, PublicUser, User};

/// A statement whose rows are `T`.
type Statement<'q, T> = QueryAs<'q, Postgres, T, PgArguments>;

/// The table of users.
pub(crate) struct Database {
    pool: PgPool,
}

impl Database {
    /// Returns when all connections are open.
    pub(crate) async fn open(url: &str, size: usize) -> Result<Self> {
        let size = u32::try_from(size)?;
        let pool = PgPoolOptions::new()
            .min_connections(size)
            .max_connections(size)
            // No round trip before a statement; the one after it cannot be turned off.
            .test_before_acquire(false)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect(url)
            .await?;
        Ok(Self { pool })
    }

    /// Fails when the database does not answer.
    pub(crate) async fn ping(&self) -> Result<()> {
        self.row::<(i32,)>(query_as(PING)).await?;
        Ok(())
    }

    /// Adds a user; none when the e-mail is taken.
    pub(crate) async fn insert(&self, email: &str, name: &str, hash: &str) -> Result<Option<User>> {
        let insert = query_as(INSERT).bind(email).bind(name).bind(hash);
        match self.row(insert).await {
            Err(Error::Database(error)) if error.is_unique_violation() => Ok(None),
            user => Ok(user?),
        }
    }

    /// What a login needs of the user with this e-mail.
    pub(crate) async fn credentials(&self, email: &str) -> Result<Option<Credentials>> {
        Ok(self.row(query_as(CREDENTIALS).bind(email)).await?)
    }

    pub(crate) async fn by_id(&self, id: i64) -> Result<Option<User>> {
        Ok(self.row(query_as(BY_ID).bind(id)).await?)
    }

    pub(crate) async fn rename(&self, id: i64, name: &str) -> Result<Option<User>> {
        Ok(self.row(query_as(RENAME).bind(id).bind(name)).await?)
    }

    /// The id of the user, who is no more.
    pub(crate) async fn delete(&self, id: i64) -> Result<Option<i64>> {
        let row = self.row::<(i64,)>(query_as(DELETE).bind(id)).await?;
        Ok(row.map(|(id,)| id))
    }

    pub(crate) async fn public(&self, id: i64) -> Result<Option<PublicUser>> {
        Ok(self.row(query_as(PUBLIC).bind(id)).await?)
    }

    /// The first users, at most `limit`, whose ids are above `after`.
    pub(crate) async fn page(&self, after: i64, limit: i64) -> Result<Vec<PublicUser>> {
        Ok(self.rows(query_as(PAGE).bind(after).bind(limit)).await?)
    }

    async fn row<T>(&self, statement: Statement<'_, T>) -> Result<Option<T>, Error>
    where
        T: for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        Ok(self.rows(statement).await?.pop())
    }

    async fn rows<T>(&self, statement: Statement<'_, T>) -> Result<Vec<T>, Error>
    where
        T: for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        let asked = Instant::now();
        let connection = self.pool.acquire().await;
        timing::add(Part::Pool, asked.elapsed());
        let mut connection = connection?;

        let sent = Instant::now();
        let rows = statement.fetch_all(&mut *connection).await;
        timing::add(Part::Database, sent.elapsed());
        rows
    }
}
