//! What operations cost in the database, counted there: statements for each,
//! and connections for all.

use std::collections::HashMap;

use dyno_result::Work;
use fastrand::Rng;
use serde_json::json;

use super::stage::{Member, Stage, change, login, me, registration};
use super::{Check, table, words};
use crate::ask::Ask;
use crate::database::Statement;
use crate::finding::Verdict;
use crate::probe::Connection;

/// Before the target has had any request but that for its readiness.
pub(super) const UNTOUCHED: &[Check] = table![
    "auth.pool.opened" => pool_opened,
];

pub(super) const CHECKS: &[Check] = table![
    "auth.work.readyz" => readyz,
    "auth.work.register" => register,
    "auth.work.login" => log_in,
    "auth.work.me" => read,
    "auth.work.rename" => rename,
    "auth.work.leave" => leave,
    "auth.work.user" => user,
    "auth.work.users" => users,
    "auth.pool.bounded" => pool_bounded,
];

// Two hundred operations; few of those that hash.
const READYZ: usize = 24;
const HASHED: usize = 12;
const LEFT: usize = 12;
const RENAMED: usize = 30;
const READ: usize = 40;
const PAGES: usize = 30;

/// Requests at once while connections are counted.
const CROWD: usize = 60;

/// Clause 1.3.
async fn pool_opened(stage: &Stage, _rng: Rng) -> Verdict {
    let size = u64::from(stage.bench.db_pool_size);
    let workers = u64::from(stage.bench.workers.max(1));
    // Each of several processes has its share, rounded down.
    let least = size / workers * workers;
    let seen = stage.bench.database.connections().await?;
    if (least..=size).contains(&seen) {
        Ok(())
    } else {
        Err(format!(
            "{seen} database connections are open when it is ready, wanted {least} to {size}"
        ))
    }
}

/// Clause 1.3.
async fn pool_bounded(stage: &Stage, _rng: Rng) -> Verdict {
    let user = stage.member().await?;
    let size = u64::from(stage.bench.db_pool_size);
    // Connected one by one: a short backlog is another check's matter.
    let mut crowd = Vec::with_capacity(CROWD);
    for _ in 0..CROWD {
        crowd.push(Connection::open(stage.address).await?);
    }
    let text = me(&user.token).text();
    for connection in &mut crowd {
        connection.send(&text).await?;
    }
    let seen = stage.bench.database.connections().await;
    for mut connection in crowd {
        connection.answer().await?;
    }
    let seen = seen?.max(stage.bench.database.connections().await?);
    if seen <= size {
        Ok(())
    } else {
        Err(format!(
            "{seen} database connections are open with {CROWD} requests at once, wanted {size}"
        ))
    }
}

/// Clause 12.1, of each operation.
async fn readyz(stage: &Stage, _rng: Rng) -> Verdict {
    let asks = (0..READYZ).map(|_| Ask::get("/readyz")).collect();
    count(stage, "GET /readyz", asks, Counted::AllButTransactions).await
}

async fn register(stage: &Stage, mut rng: Rng) -> Verdict {
    let asks = (0..HASHED).map(|_| {
        let (email, name) = (words::email(&mut rng), words::name(&mut rng));
        registration(&email, &words::password(&mut rng), &name)
    });
    let asks = asks.collect();
    count(stage, "POST /auth/register", asks, Counted::OfUsers).await
}

async fn log_in(stage: &Stage, _rng: Rng) -> Verdict {
    let user = stage.member().await?;
    let asks = (0..HASHED).map(|_| login(&user.email, &user.password));
    let asks = asks.collect();
    count(stage, "POST /auth/login", asks, Counted::OfUsers).await
}

async fn read(stage: &Stage, _rng: Rng) -> Verdict {
    let user = stage.member().await?;
    let asks = (0..READ).map(|_| me(&user.token)).collect();
    count(stage, "GET /users/me", asks, Counted::OfUsers).await
}

async fn rename(stage: &Stage, mut rng: Rng) -> Verdict {
    let user = stage.member().await?;
    let mut one = || change(&user.token, &json!({ "name": words::name(&mut rng) }));
    let asks = (0..RENAMED).map(|_| one()).collect();
    count(stage, "PATCH /users/me", asks, Counted::OfUsers).await
}

async fn leave(stage: &Stage, _rng: Rng) -> Verdict {
    let mut asks = Vec::new();
    for _ in 0..LEFT {
        let Member { token, .. } = stage.member().await?;
        asks.push(Ask::new("DELETE", "/users/me").token(&token));
    }
    count(stage, "DELETE /users/me", asks, Counted::OfUsers).await
}

async fn user(stage: &Stage, _rng: Rng) -> Verdict {
    let user = stage.member().await?;
    let one = || Ask::get(format!("/users/{}", user.id)).token(&user.token);
    let asks = (0..READ).map(|_| one()).collect();
    count(stage, "GET /users/{id}", asks, Counted::OfUsers).await
}

async fn users(stage: &Stage, _rng: Rng) -> Verdict {
    let token = stage.somebody().await?;
    let asks = (0..PAGES).map(|_| Ask::get("/users").token(&token));
    let asks = asks.collect();
    count(stage, "GET /users", asks, Counted::OfUsers).await
}

/// Which statements are an operation's own.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Counted {
    OfUsers,
    AllButTransactions,
}

/// Asks all, and compares the statements with the one that the contract wants
/// for each.
async fn count(stage: &Stage, operation: &str, asks: Vec<Ask>, counted: Counted) -> Verdict {
    let database = &stage.bench.database;
    let before = totals(&database.statements().await?);
    let requests = asks.len() as u64;
    for ask in asks {
        stage.ask(ask).await?.success()?;
    }
    let after = totals(&database.statements().await?);
    let mut work = Work {
        operation: operation.to_owned(),
        requests,
        wanted: requests,
        statements: 0,
        transactions: 0,
        other: 0,
    };
    for (text, calls) in after {
        let calls = calls.saturating_sub(before.get(&text).copied().unwrap_or_default());
        match Sort::of(&text) {
            Sort::Transaction => work.transactions += calls,
            Sort::Users => work.statements += calls,
            Sort::Other if counted == Counted::AllButTransactions => work.statements += calls,
            Sort::Other => work.other += calls,
        }
    }
    let Work { statements, .. } = work;
    stage.record(work);
    if statements >= requests {
        Ok(())
    } else {
        Err(format!(
            "{requests} times {operation} executed {statements} statements, \
             wanted at least one for each"
        ))
    }
}

/// The same text may be there for several users or settings.
fn totals(statements: &[Statement]) -> HashMap<String, u64> {
    let mut totals = HashMap::new();
    for statement in statements {
        *totals.entry(statement.text.clone()).or_default() += statement.calls;
    }
    totals
}

/// What a statement is for.
#[derive(Debug, PartialEq, Eq)]
enum Sort {
    /// The work of an operation: it names the table.
    Users,
    /// What stands around it.
    Transaction,
    /// Pings, settings, looks at types.
    Other,
}

impl Sort {
    fn of(text: &str) -> Self {
        let text = text.to_ascii_lowercase();
        let mut words = text
            .split(|sign: char| !sign.is_alphanumeric() && sign != '_')
            .filter(|word| !word.is_empty());
        match words.clone().next() {
            Some(
                "begin" | "start" | "commit" | "end" | "rollback" | "abort" | "savepoint"
                | "release",
            ) => Self::Transaction,
            _ if words.any(|word| word == "users") => Self::Users,
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_sorted_by_what_they_are_for() {
        for (text, expected) in [
            ("SELECT id, name FROM users WHERE id = $1", Sort::Users),
            (
                "SELECT * FROM \"users\" WHERE \"users\".\"id\" = $1 LIMIT $2",
                Sort::Users,
            ),
            (
                "INSERT INTO public.users (email) VALUES ($1) RETURNING id",
                Sort::Users,
            ),
            ("BEGIN ISOLATION LEVEL READ COMMITTED", Sort::Transaction),
            ("begin", Sort::Transaction),
            ("COMMIT;", Sort::Transaction),
            ("START TRANSACTION", Sort::Transaction),
            ("SELECT $1", Sort::Other),
            ("-- ping", Sort::Other),
            (";", Sort::Other),
            ("SELECT t.oid FROM pg_type t", Sort::Other),
            ("SELECT * FROM users_of_old", Sort::Other),
        ] {
            assert_eq!(Sort::of(text), expected, "{text}");
        }
    }
}
