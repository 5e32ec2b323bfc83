//! Is somebody who needs no hash answered while others are hashing?

use std::time::Duration;

use fastrand::Rng;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::stage::{Stage, login};
use super::{Check, table};
use crate::ask::Ask;
use crate::finding::Verdict;
use crate::probe::Connection;

pub(super) const CHECKS: &[Check] = table![
    "auth.liveness.healthz" => healthz,
];

const LIMIT: Duration = Duration::from_millis(100);
const PROBES: usize = 100;
const BETWEEN: Duration = Duration::from_millis(8);
/// When every probe waits for a hash, there are fewer of them.
const LONGEST: Duration = Duration::from_secs(3);

/// Clause 12.4.
async fn healthz(stage: &Stage, _rng: Rng) -> Verdict {
    let user = stage.member().await?;
    let in_flight = 2 * stage.bench.cpus.max(1);
    let mut logins = JoinSet::new();
    for _ in 0..in_flight {
        let ask = login(&user.email, &user.password);
        let address = stage.address;
        logins.spawn(async move { while ask.at(address).await.is_ok() {} });
    }
    let times = times(stage).await;
    // Whoever still hashes is let down.
    drop(logins);
    let mut times = times?;
    times.sort_unstable();
    let rank = (times.len() * 99).div_ceil(100).max(1);
    let p99 = times.get(rank - 1).copied().unwrap_or(Duration::MAX);
    if p99 < LIMIT {
        return Ok(());
    }
    Err(format!(
        "with {in_flight} logins in flight, GET /healthz has a p99 of {:.0} ms over {} requests, \
         wanted less than {} ms: passwords are hashed where requests are answered",
        p99.as_secs_f64() * 1e3,
        times.len(),
        LIMIT.as_millis()
    ))
}

/// How long each of many takes, one after another.
async fn times(stage: &Stage) -> Result<Vec<Duration>, String> {
    let ask = Ask::get("/healthz");
    let mut connection = Connection::open(stage.address).await?;
    let mut times = Vec::with_capacity(PROBES);
    let start = Instant::now();
    while times.len() < PROBES && start.elapsed() < LONGEST {
        sleep(BETWEEN).await;
        let asked = Instant::now();
        connection.send(ask.text()).await?;
        connection.answer().await?;
        times.push(asked.elapsed());
    }
    Ok(times)
}
