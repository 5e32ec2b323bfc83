//! Connections: kept, left idle, many at once.

use fastrand::Rng;
use tokio::time::sleep;

use super::framing::with_status;
use super::stage::Stage;
use super::{Check, table};
use crate::ask::Ask;
use crate::finding::Verdict;
use crate::manners::{self, Exchange};
use crate::probe::Connection;

pub(super) const CHECKS: &[Check] = table![
    "auth.http.keepalive" => keepalive,
    "auth.http.keepalive-fast" => keepalive_fast,
];

/// It waits for six seconds.
pub(super) const WAITING: &[Check] = table![
    "auth.http.idle" => idle,
];

/// A backlog that overflowed keeps the kernel busy for seconds.
pub(super) const CROWDS: &[Check] = table![
    "auth.http.simultaneous-connects" => simultaneous_connects,
];

/// The cheapest exchange there is.
fn healthz() -> Exchange {
    with_status(Ask::get("/healthz").text(), 200)
}

/// Clause 11.1.
async fn keepalive(stage: &Stage, _rng: Rng) -> Verdict {
    manners::keepalive(stage.address, healthz).await.0
}

/// Clause 11.2.
async fn keepalive_fast(stage: &Stage, _rng: Rng) -> Verdict {
    manners::keepalive(stage.address, healthz).await.1
}

/// Clause 11.11.
async fn idle(stage: &Stage, _rng: Rng) -> Verdict {
    let exchange = healthz();
    let mut connection = Connection::open(stage.address).await?;
    connection.send(&exchange.text).await?;
    (exchange.right)(&connection.answer().await?)?;
    let idle = stage.bench.pace.idle;
    sleep(idle).await;
    let told = |problem: String| {
        let seconds = idle.as_secs_f64();
        format!("on a connection that was idle for {seconds} s: {problem}")
    };
    let answer = async {
        connection.send(&exchange.text).await?;
        connection.answer().await
    };
    let answer = answer.await.map_err(|failure| told(failure.to_string()))?;
    (exchange.right)(&answer).map_err(told)
}

/// Clause 11.3.
async fn simultaneous_connects(stage: &Stage, _rng: Rng) -> Verdict {
    manners::simultaneous_connects(stage.address, healthz).await
}
