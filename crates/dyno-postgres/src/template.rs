//! Databases: filled once as a template, and copied for each trial, so that every
//! target meets the same bytes.

use dyno_target::sha256;

use crate::access::Connection;
use crate::hash::hashes;
use crate::seed::{PASSWORDS, seed_email, seed_name};
use crate::{Cluster, Error, cache};

/// The schema of contract `auth/1`.
pub const AUTH_SCHEMA: &str = include_str!("../../../targets/contracts/auth-1.sql");

/// The names of dyno's databases begin with this, also on other people's servers.
const PREFIX: &str = "dyno_";

/// Longest name of a database in PostgreSQL, bytes.
const LONGEST: usize = 63;

/// A database that others are copies of. Nobody connects to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// Its name.
    pub name: String,
}

/// A database for a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Database {
    /// Its name.
    pub name: String,
    /// Its address: `DATABASE_URL`.
    pub url: String,
}

impl Cluster {
    /// Makes a template by `schema` with the first `users` of the seed users, their
    /// passwords hashed at bcrypt `cost`. One that is there already is used again.
    ///
    /// The schema has a table `users` with columns `email`, `name`, `password_hash`.
    ///
    /// # Errors
    /// The server is gone, full, or does not like the schema; or the cost is none.
    pub async fn prepare_template(
        &self,
        schema: &str,
        users: u32,
        cost: u32,
    ) -> Result<Template, Error> {
        let digest = sha256(schema.as_bytes());
        let name = format!("{PREFIX}seed_{cost}_{users}_{}", &digest[..8]);
        let hashes = tokio::task::spawn_blocking(move || seed_hashes(users, cost)).await;
        let hashes =
            hashes.unwrap_or_else(|failed| std::panic::resume_unwind(failed.into_panic()))?;
        let doing = "make the template database";
        let maker = self.connect(None).await?;
        // Another dyno on the same server may be about to make the same one. The lock
        // goes with the connection.
        let lock = "SELECT pg_advisory_lock(hashtext($1))";
        self.check(doing, maker.execute(lock, &[&name]).await)
            .await?;
        let known = "SELECT 1 FROM pg_database WHERE datname = $1 AND datistemplate";
        let known = self
            .check(doing, maker.query_opt(known, &[&name]).await)
            .await?;
        if known.is_none() {
            // Without the mark it is half of one that somebody was killed over.
            let drop = format!("DROP DATABASE IF EXISTS {name}");
            self.check(doing, maker.batch_execute(&drop).await).await?;
            let create = format!("CREATE DATABASE {name}");
            self.check(doing, maker.batch_execute(&create).await)
                .await?;
            self.fill(&name, schema, &hashes).await?;
            let mark = format!("ALTER DATABASE {name} IS_TEMPLATE true ALLOW_CONNECTIONS false");
            self.check(doing, maker.batch_execute(&mark).await).await?;
        }
        maker.close().await;
        Ok(Template { name })
    }

    async fn fill(&self, name: &str, schema: &str, hashes: &[String]) -> Result<(), Error> {
        let filler = self.connect(Some(name)).await?;
        let made = filler.batch_execute(schema).await;
        self.check("run the schema", made).await?;
        let seeded = seed(&filler, hashes).await;
        self.check("fill the template database", seeded).await?;
        // Frozen, so that the first readers of a copy have nothing left to write.
        let cleaned = filler.batch_execute("VACUUM (FREEZE, ANALYZE)").await;
        self.check("clean the template database", cleaned).await?;
        filler.close().await;
        Ok(())
    }

    /// Makes a database that is a copy of `template`: `dyno_NAME`. Some 100 ms.
    ///
    /// # Errors
    /// There is one of that name, it is no plain name, or the server is gone or full.
    pub async fn clone_template(&self, template: &Template, name: &str) -> Result<Database, Error> {
        let name = full_name(name)?;
        let sql = format!("CREATE DATABASE {name} TEMPLATE {}", template.name);
        self.execute(None, "copy the template database", &sql)
            .await?;
        Ok(Database {
            url: self.access.url_of(&name),
            name,
        })
    }

    /// Drops a database, whoever is still connected.
    ///
    /// # Errors
    /// The server is gone.
    pub async fn drop_database(&self, database: Database) -> Result<(), Error> {
        let sql = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", database.name);
        self.execute(None, "drop a database", &sql).await
    }
}

fn seed_hashes(users: u32, cost: u32) -> Result<Vec<String>, Error> {
    // No place to keep them is no reason not to compute them.
    let kept = cache::folder().ok().map(|folder| folder.join("hashes"));
    let hashes = hashes(cost, kept.as_deref())?;
    Ok((0..users as usize)
        .map(|index| hashes[index % PASSWORDS as usize].clone())
        .collect())
}

/// Inserts a user for each hash, in the order of their numbers.
async fn seed(connection: &Connection, hashes: &[String]) -> Result<(), tokio_postgres::Error> {
    let numbers = 1..=u32::try_from(hashes.len()).unwrap_or(u32::MAX);
    let emails: Vec<String> = numbers.clone().map(seed_email).collect();
    let names: Vec<String> = numbers.map(seed_name).collect();
    let sql = "INSERT INTO users (email, name, password_hash)
        SELECT email, name, hash
        FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY
            AS seed (email, name, hash, number)
        ORDER BY number";
    connection.execute(sql, &[&emails, &names, &hashes]).await?;
    Ok(())
}

/// A name that needs no quotes.
fn full_name(name: &str) -> Result<String, Error> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let full = format!("{PREFIX}{name}");
    if name.is_empty() || full.len() > LONGEST || !name.chars().all(plain) {
        return Err(Error::Name {
            name: name.to_owned(),
        });
    }
    Ok(full)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_need_no_quotes() {
        assert_eq!(full_name("run_17").unwrap(), "dyno_run_17");
        assert!(full_name(&"x".repeat(58)).is_ok());
        for name in ["", "Run", "run-17", "a b", "x\"; DROP", &"x".repeat(59)] {
            assert!(full_name(name).is_err(), "{name}");
        }
    }
}
