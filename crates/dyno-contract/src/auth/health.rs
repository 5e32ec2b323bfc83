//! `/healthz` and `/readyz`, with and without a database behind them.

use std::time::Duration;

use fastrand::Rng;
use serde_json::json;
use tokio::time::{Instant, sleep, timeout};

use super::stage::Stage;
use super::{Check, table};
use crate::ask::{Ask, Reply};
use crate::finding::Verdict;

pub(super) const CHECKS: &[Check] = table![
    "auth.healthz.ok" => healthz,
    "auth.readyz.ok" => readyz,
];

/// They end the target's connections, so they come last.
pub(super) const DATABASE: &[Check] = table![
    "auth.healthz.without-database" => healthz_without_database,
    "auth.readyz.not-ready" => not_ready,
    "auth.readyz.ready-again" => ready_again,
];

/// How long a target may take to see that its database is there again.
const RECOVERY: Duration = Duration::from_secs(5);
/// The database must be opened again before the check's own limit.
const CLOSED: Duration = Duration::from_secs(6);

/// Clause 6.1.
async fn healthz(stage: &Stage, _rng: Rng) -> Verdict {
    says(&stage.ask(Ask::get("/healthz")).await?, "ok")
}

/// Clause 6.2.
async fn readyz(stage: &Stage, _rng: Rng) -> Verdict {
    says(&stage.ask(Ask::get("/readyz")).await?, "ready")
}

fn says(reply: &Reply, word: &str) -> Verdict {
    let wanted = json!({ "status": word });
    if reply.answer.status == 200 && reply.json()? == wanted {
        Ok(())
    } else {
        Err(reply.wrong(&format!("200 {wanted}")))
    }
}

/// Clause 6.1.
async fn healthz_without_database(stage: &Stage, _rng: Rng) -> Verdict {
    let reply = without_database(stage, "/healthz").await?;
    let reply = reply.status(200);
    reply.map(|_| ()).map_err(without)
}

/// Clause 6.2.
async fn not_ready(stage: &Stage, _rng: Rng) -> Verdict {
    let reply = without_database(stage, "/readyz").await?;
    reply.error(503, "not_ready").map_err(without)
}

fn without(problem: String) -> String {
    format!("with no database to connect to, {problem}")
}

/// Clause 6.2.
async fn ready_again(stage: &Stage, _rng: Rng) -> Verdict {
    without_database(stage, "/readyz").await?;
    let start = Instant::now();
    loop {
        let reply = stage.ask(Ask::get("/readyz")).await?;
        if reply.answer.status == 200 {
            return Ok(());
        }
        if start.elapsed() > RECOVERY {
            let limit = RECOVERY.as_secs();
            let problem = reply.wrong("200");
            return Err(format!("{limit} s after the database is back, {problem}"));
        }
        sleep(Duration::from_millis(50)).await;
    }
}

/// The answer while nobody can connect to the database.
async fn without_database(stage: &Stage, path: &str) -> Result<Reply, String> {
    let database = &stage.bench.database;
    database.close().await?;
    let reply = timeout(CLOSED, stage.ask(Ask::get(path))).await;
    database.open().await?;
    reply.unwrap_or_else(|_late| Err(format!("GET {path} has no answer")))
}
