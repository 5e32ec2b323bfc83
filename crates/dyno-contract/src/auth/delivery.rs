//! Tasks that the sink does not take at once: late, refused, left hanging.

use std::time::Duration;

use fastrand::Rng;
use serde_json::json;
use tokio::time::{Instant, sleep};

use super::stage::{Stage, text, webhook};
use super::tasks::{arrived, body, quiet, settled};
use super::{Check, table, words};
use crate::finding::Verdict;
use crate::subject::{Attempt, Mood};

pub(super) const CHECKS: &[Check] = table![
    "auth.tasks.after-answer" => after_answer,
    "auth.tasks.retry" => retry,
    "auth.tasks.retry-once" => retry_once,
];

/// How long the sink takes for an answer that no request may wait for.
const SLOW: Duration = Duration::from_secs(1);
/// What a request may take longer for a slow sink.
const UNTOUCHED: Duration = Duration::from_millis(500);
/// How long a third delivery is waited for, which must not come.
const NO_MORE: Duration = Duration::from_millis(400);
/// How far from its limit a delivery may be given up, later.
const SLACK: Duration = Duration::from_secs(3);

/// A task whose first delivery hangs.
pub(super) struct Hung {
    id: String,
    since: Instant,
}

async fn queue(stage: &Stage, rng: &mut Rng) -> Result<String, String> {
    let ask = webhook(&stage.somebody().await?, &words::event(rng), &json!({}));
    let body = stage.ask(ask).await?.success()?.json()?;
    Ok(text(&body["id"]))
}

fn of<'a>(attempts: &'a [Attempt], id: &str) -> Vec<&'a Attempt> {
    let of_task = |attempt: &&Attempt| body(attempt)["id"] == id;
    attempts.iter().filter(of_task).collect()
}

/// Clause 9.4, at its start: [`given_up`] is its end.
pub(super) async fn hang(stage: &Stage, mut rng: Rng) -> Result<Hung, String> {
    stage.bench.sink.set(Mood::HangNext(1));
    let seen = stage.bench.sink.attempts(0).len();
    let id = queue(stage, &mut rng).await;
    let hung = match id {
        Ok(id) => arrived(stage, seen, |came| !of(came, &id).is_empty())
            .await
            .map(|_| id),
        failed => failed,
    };
    // Nobody else may hang.
    stage.bench.sink.set(Mood::Accept);
    Ok(Hung {
        id: hung?,
        since: Instant::now(),
    })
}

/// Clause 9.4: it is given up after its time, and tried again.
pub(super) async fn given_up(stage: &Stage, hung: Hung) -> Verdict {
    let limit = stage.bench.pace.task_timeout;
    loop {
        let attempts = stage.bench.sink.attempts(0);
        let waited = hung.since.elapsed();
        let seconds = waited.as_secs_f64();
        if let [first, second, ..] = of(&attempts, &hung.id)[..] {
            // The sink saw both; when this looked is of no matter.
            let apart = second.at - first.at;
            if apart >= limit.mul_f64(0.8) {
                return Ok(());
            }
            let seconds = apart.as_secs_f64();
            return Err(format!(
                "a delivery without an answer was given up after {seconds:.1} s, wanted {limit:?}"
            ));
        }
        if waited > limit + SLACK {
            return Err(format!(
                "a delivery without an answer is not tried again after {seconds:.1} s"
            ));
        }
        sleep(Duration::from_millis(20)).await;
    }
}

/// Clause 9.1.
async fn after_answer(stage: &Stage, mut rng: Rng) -> Verdict {
    let seen = settled(stage).await;
    let start = Instant::now();
    stage.newcomer(&mut rng).await?;
    let usual = start.elapsed();
    stage.bench.sink.set(Mood::Delay(SLOW));
    let start = Instant::now();
    let queued = queue(stage, &mut rng).await;
    let queueing = start.elapsed();
    let start = Instant::now();
    let registered = stage.newcomer(&mut rng).await;
    let registering = start.elapsed();
    stage.bench.sink.set(Mood::Accept);
    queued?;
    registered?;
    arrived(stage, seen, |came| came.len() >= 3).await?;
    for (what, time) in [
        ("POST /webhooks", queueing),
        ("POST /auth/register", registering.saturating_sub(usual)),
    ] {
        if time >= UNTOUCHED {
            let (seen, slow) = (time.as_millis(), SLOW.as_millis());
            return Err(format!(
                "{what} takes {seen} ms more when the sink takes {slow} ms: it waits for the delivery"
            ));
        }
    }
    Ok(())
}

/// Clause 9.4.
async fn retry(stage: &Stage, mut rng: Rng) -> Verdict {
    let outcomes = refused(stage, &mut rng, 1).await?;
    if outcomes == [false, true] {
        return Ok(());
    }
    let count = outcomes.len();
    Err(format!(
        "a delivery that is refused once is made {count} times, wanted 2"
    ))
}

/// Clause 9.4.
async fn retry_once(stage: &Stage, mut rng: Rng) -> Verdict {
    let outcomes = refused(stage, &mut rng, 2).await?;
    if outcomes == [false, false] {
        return Ok(());
    }
    let count = outcomes.len();
    Err(format!(
        "a delivery that is always refused is made {count} times, wanted 2"
    ))
}

/// Which deliveries of a task succeed when the sink refuses so many of them.
async fn refused(stage: &Stage, rng: &mut Rng, times: u64) -> Result<Vec<bool>, String> {
    let seen = settled(stage).await;
    stage.bench.sink.set(Mood::RefuseNext(times));
    let id = queue(stage, rng).await;
    let attempts = match &id {
        Ok(id) => arrived(stage, seen, |came| of(came, id).len() >= 2).await,
        Err(problem) => Err(problem.clone()),
    };
    sleep(NO_MORE).await;
    stage.bench.sink.set(Mood::Accept);
    let attempts = match attempts {
        Ok(_) => quiet(stage, seen).await,
        // Fewer than two is an outcome as well.
        Err(_) if id.is_ok() => stage.bench.sink.attempts(seen),
        Err(problem) => return Err(problem),
    };
    let attempts = of(&attempts, &id?);
    Ok(attempts.iter().map(|attempt| attempt.delivered).collect())
}
