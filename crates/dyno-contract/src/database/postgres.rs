//! The looks into a real PostgreSQL, 15 or newer.
//!
//! Each look has a connection of its own: there are few, and a target's database
//! may be closed and opened between two of them.

use std::error::Error;
use std::fmt::Display;

use tokio_postgres::{Client, Config, NoTls, Row as Found};

use super::{Looked, Row, Statement};

/// How dyno's own connections are told from the target's.
const APPLICATION: &str = "dyno-contract";
/// The database that is there in every cluster.
const MAINTENANCE: &str = "postgres";

/// A database at its address.
pub(super) struct Postgres<'a> {
    pub(super) url: &'a str,
}

impl Postgres<'_> {
    pub(super) async fn row(&self, email: &str) -> Looked<Option<Row>> {
        let text = "SELECT id, email, name, password_hash, \
                    to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"') \
                    FROM users WHERE email = $1";
        let client = self.client().await?;
        let row = client.query_opt(text, &[&email]).await.map_err(failed)?;
        row.map(|row| user(&row)).transpose().map_err(failed)
    }

    pub(super) async fn count(&self) -> Looked<u64> {
        self.number("SELECT count(*) FROM users").await
    }

    pub(super) async fn overwrite(&self, id: i64, name: &str, created_at: &str) -> Looked<()> {
        let text = "UPDATE users SET name = $2, created_at = $3::text::timestamptz WHERE id = $1";
        let client = self.client().await?;
        let changed = client.execute(text, &[&id, &name, &created_at]).await;
        match changed.map_err(failed)? {
            1 => Ok(()),
            _ => Err(format!("the database has no user {id}")),
        }
    }

    pub(super) async fn statements(&self) -> Looked<Vec<Statement>> {
        // The texts of these looks name the view itself, or come at times when
        // nobody compares.
        let text = "SELECT query, calls FROM pg_stat_statements(true) s \
                    JOIN pg_database d ON d.oid = s.dbid AND d.datname = current_database() \
                    WHERE query NOT LIKE '%pg_stat_statements%'";
        let client = self.client().await?;
        let rows = client.query(text, &[]).await.map_err(|error| {
            let reason = failed(error);
            format!("{reason} (is pg_stat_statements created in the target's database?)")
        })?;
        let statements: Result<_, _> = rows.iter().map(statement).collect();
        statements.map_err(failed)
    }

    pub(super) async fn connections(&self) -> Looked<u64> {
        let text = format!(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
             AND backend_type = 'client backend' AND application_name <> '{APPLICATION}'"
        );
        self.number(&text).await
    }

    pub(super) async fn close(&self) -> Looked<()> {
        self.allow_connections(false).await?;
        let config = self.config()?;
        let name = config.get_dbname().unwrap_or_default();
        let text = "SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity \
                    WHERE datname = $1 AND backend_type = 'client backend'";
        let client = self.maintenance().await?;
        client.query(text, &[&name]).await.map_err(failed)?;
        Ok(())
    }

    pub(super) async fn open(&self) -> Looked<()> {
        self.allow_connections(true).await
    }

    async fn allow_connections(&self, allowed: bool) -> Looked<()> {
        let config = self.config()?;
        let name = config.get_dbname().unwrap_or_default().replace('"', "\"\"");
        let text = format!("ALTER DATABASE \"{name}\" WITH ALLOW_CONNECTIONS {allowed}");
        let client = self.maintenance().await?;
        client.batch_execute(&text).await.map_err(failed)
    }

    async fn number(&self, text: &str) -> Looked<u64> {
        let client = self.client().await?;
        let row = client.query_one(text, &[]).await.map_err(failed)?;
        let number: i64 = row.try_get(0).map_err(failed)?;
        Ok(u64::try_from(number).unwrap_or_default())
    }

    fn config(&self) -> Looked<Config> {
        let mut config: Config = self.url.parse().map_err(failed)?;
        config.application_name(APPLICATION);
        Ok(config)
    }

    async fn client(&self) -> Looked<Client> {
        connect(&self.config()?).await
    }

    async fn maintenance(&self) -> Looked<Client> {
        let mut config = self.config()?;
        connect(config.dbname(MAINTENANCE)).await
    }
}

fn user(row: &Found) -> Result<Row, tokio_postgres::Error> {
    Ok(Row {
        id: row.try_get(0)?,
        email: row.try_get(1)?,
        name: row.try_get(2)?,
        password_hash: row.try_get(3)?,
        created_at: row.try_get(4)?,
    })
}

fn statement(row: &Found) -> Result<Statement, tokio_postgres::Error> {
    let calls: i64 = row.try_get(1)?;
    Ok(Statement {
        text: row.try_get(0)?,
        calls: u64::try_from(calls).unwrap_or_default(),
    })
}

async fn connect(config: &Config) -> Looked<Client> {
    let (client, connection) = config.connect(NoTls).await.map_err(failed)?;
    // It ends with its client, and a break is told to the client, too.
    tokio::spawn(async move { drop(connection.await) });
    Ok(client)
}

/// tokio-postgres says only "db error" of itself.
fn failed(error: impl Error + Display) -> String {
    let mut text = format!("could not look into the database: {error}");
    let mut source = error.source();
    while let Some(error) = source {
        text += &format!(": {error}");
        source = error.source();
    }
    text
}
