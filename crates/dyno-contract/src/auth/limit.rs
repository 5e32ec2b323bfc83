//! The rate limit, in a process that was started with a tight one.

use std::time::Duration;

use dyno_result::RateLimitScope;
use fastrand::Rng;
use serde_json::json;
use tokio::time::{Instant, sleep};

use super::stage::Stage;
use super::{Check, table};
use crate::ask::{Ask, Reply};
use crate::finding::Verdict;

pub(super) const CHECKS: &[Check] = table![
    "auth.limit.burst" => burst,
    "auth.limit.refill" => refill,
    "auth.limit.answer" => answer,
    "auth.limit.retry-after" => retry_after,
    "auth.limit.other-client" => other_client,
    "auth.limit.forwarded-first" => forwarded_first,
    "auth.limit.peer" => peer,
    "auth.limit.before-all" => before_all,
    "auth.limit.exempt" => exempt,
];

const RATE: u64 = 5;
const BURST: u64 = 10;
/// `QUEUE_SIZE`.
pub(super) const QUEUE: usize = 16;

/// What the process of these checks is started with, over the environment of a
/// run.
pub const LIMITER_ENVIRONMENT: &[(&str, &str)] = &[
    ("RATE_RPS", "5"),
    ("RATE_BURST", "10"),
    ("QUEUE_SIZE", "16"),
    ("SERVER_TIMING", "0"),
];

const TOO_MANY: u16 = 429;
const AT_ONCE: usize = 30;

/// An address that no other client has.
pub(super) fn client(rng: &mut Rng) -> String {
    format!("10.{}.{}.{}", rng.u8(..), rng.u8(..), rng.u8(1..255))
}

/// The cheapest request that the limit counts: it is refused for want of a
/// token where it is not refused before.
fn cheap(forwarded: Option<&str>) -> Ask {
    let ask = Ask::get("/users/me");
    match forwarded {
        Some(text) => ask.field(format!("X-Forwarded-For: {text}")),
        None => ask,
    }
}

/// How many buckets one client has.
fn buckets(stage: &Stage) -> u64 {
    match stage.bench.rate_limit_scope {
        RateLimitScope::Global => 1,
        RateLimitScope::Process => u64::from(stage.bench.workers.max(1)),
    }
}

/// How many of these at one moment are admitted, and within which time.
async fn admitted(stage: &Stage, asks: Vec<Ask>) -> Result<(u64, Duration), String> {
    let start = Instant::now();
    let replies = stage.ask_at_once(asks).await?;
    let admitted = replies
        .iter()
        .filter(|reply| reply.answer.status != TOO_MANY);
    Ok((admitted.count() as u64, start.elapsed()))
}

/// Tokens that a bucket gets in this time.
fn tokens(time: Duration) -> u64 {
    // Whole ones: part of a token admits nobody.
    (u128::from(RATE) * time.as_millis() / 1000) as u64
}

/// Asks as a client until nobody is admitted any more.
async fn exhaust(stage: &Stage, next: impl Fn() -> Ask) -> Verdict {
    const ROUNDS: u64 = 4;
    for _ in 0..ROUNDS * buckets(stage) {
        let asks = (0..AT_ONCE).map(|_| next()).collect();
        if admitted(stage, asks).await?.0 == 0 {
            return Ok(());
        }
    }
    let asked = ROUNDS * buckets(stage) * AT_ONCE as u64;
    Err(format!(
        "{asked} requests of one client, {AT_ONCE} at once, and the limit never holds"
    ))
}

/// An answer to a client who has used up everything.
async fn refused(stage: &Stage, rng: &mut Rng) -> Result<Reply, String> {
    let client = client(rng);
    exhaust(stage, || cheap(Some(&client))).await?;
    stage.ask(cheap(Some(&client))).await
}

/// Clauses 8.1 and 8.2.
async fn burst(stage: &Stage, mut rng: Rng) -> Verdict {
    let client = client(&mut rng);
    let asks = (0..AT_ONCE).map(|_| cheap(Some(&client))).collect();
    let (seen, time) = admitted(stage, asks).await?;
    let most = (BURST + tokens(time)) * buckets(stage);
    if (BURST..=most).contains(&seen) {
        return Ok(());
    }
    let wanted = if most == BURST {
        BURST.to_string()
    } else {
        format!("{BURST} to {most}")
    };
    Err(format!(
        "{seen} of {AT_ONCE} at once pass with RATE_BURST=10, wanted {wanted}"
    ))
}

/// Clause 8.2: neither never nor all at once.
async fn refill(stage: &Stage, mut rng: Rng) -> Verdict {
    let client = client(&mut rng);
    let ask = || cheap(Some(&client));
    exhaust(stage, ask).await?;
    let start = Instant::now();
    sleep(Duration::from_secs(1)).await;
    let asks = (0..AT_ONCE).map(|_| ask()).collect();
    let (seen, _) = admitted(stage, asks).await?;
    // What was left of a token in the beginning may make one more.
    let most = (tokens(start.elapsed()) + 1).min(BURST) * buckets(stage);
    if (RATE - 1..=most).contains(&seen) {
        return Ok(());
    }
    let least = RATE - 1;
    Err(format!(
        "{seen} of {AT_ONCE} pass one second later with RATE_RPS=5, wanted {least} to {most}"
    ))
}

/// Clauses 4.2 and 8.3.
async fn answer(stage: &Stage, mut rng: Rng) -> Verdict {
    let reply = refused(stage, &mut rng).await?.status(TOO_MANY)?;
    let wanted = json!({
        "error": { "code": "rate_limited", "message": "too many requests" }
    });
    if reply.json()? == wanted {
        Ok(())
    } else {
        Err(reply.wrong(&wanted.to_string()))
    }
}

/// Clause 8.3: with five a second, the next token is never a second away.
async fn retry_after(stage: &Stage, mut rng: Rng) -> Verdict {
    let reply = refused(stage, &mut rng).await?;
    match reply.header("Retry-After") {
        Some("1") => Ok(()),
        seen => Err(format!("Retry-After is {seen:?}, wanted \"1\"")),
    }
}

/// Clause 8.4.
async fn other_client(stage: &Stage, mut rng: Rng) -> Verdict {
    refused(stage, &mut rng).await?;
    let other = client(&mut rng);
    admits(
        stage,
        cheap(Some(&other)),
        "while another client is refused",
    )
    .await
}

async fn admits(stage: &Stage, ask: Ask, when: &str) -> Verdict {
    let reply = stage.ask(ask).await?;
    match reply.answer.status {
        TOO_MANY => Err(format!("{when}, a new one is refused, too")),
        _ => Ok(()),
    }
}

/// Clause 8.4.
async fn forwarded_first(stage: &Stage, mut rng: Rng) -> Verdict {
    let (first, proxy) = (client(&mut rng), client(&mut rng));
    let through = |number: u8| format!("{first}, 192.0.2.{number}");
    let number = std::sync::atomic::AtomicU8::new(0);
    let ask = || {
        let number = number.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        cheap(Some(&through(number)))
    };
    exhaust(stage, ask)
        .await
        .map_err(|problem| format!("through other proxies each time: {problem}"))?;
    let ask = |client: &str| cheap(Some(&format!("{client}, {proxy}")));
    for _ in 0..2 * BURST * buckets(stage) {
        let other = client(&mut rng);
        admits(
            stage,
            ask(&other),
            "after others who came through the same proxy",
        )
        .await?;
    }
    Ok(())
}

/// Clause 8.4.
async fn peer(stage: &Stage, _rng: Rng) -> Verdict {
    exhaust(stage, || cheap(None))
        .await
        .map_err(|problem| format!("without X-Forwarded-For: {problem}"))
}

/// Clauses 4.1 and 8.1.
async fn before_all(stage: &Stage, mut rng: Rng) -> Verdict {
    let client = client(&mut rng);
    exhaust(stage, || cheap(Some(&client))).await?;
    for ask in [
        Ask::get("/nothing"),
        Ask::new("PUT", "/users/me"),
        Ask::get("/users/me").token("no.good.token"),
        Ask::post("/auth/login").typed("application/json", "{"),
        Ask::post("/auth/register").typed("text/plain", ""),
    ] {
        // Whoever is slow gets a new token meanwhile.
        exhaust(stage, || cheap(Some(&client))).await?;
        let ask = ask.field(format!("X-Forwarded-For: {client}"));
        let reply = stage.ask(ask).await?;
        reply.error(TOO_MANY, "rate_limited")?;
    }
    Ok(())
}

/// Clause 8.1.
async fn exempt(stage: &Stage, mut rng: Rng) -> Verdict {
    let client = client(&mut rng);
    exhaust(stage, || cheap(Some(&client))).await?;
    for _ in 0..2 * BURST * buckets(stage) {
        for path in ["/healthz", "/readyz"] {
            let ask = Ask::get(path).field(format!("X-Forwarded-For: {client}"));
            let reply = stage.ask(ask).await?;
            if reply.answer.status == TOO_MANY {
                return Err(format!("{} is refused by the rate limit", reply.asked));
            }
        }
    }
    Ok(())
}
