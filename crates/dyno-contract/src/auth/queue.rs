//! A full queue of tasks, in a process that was started with a short one. The
//! checks follow from each other: filled, full, emptied.

use std::sync::PoisonError;
use std::time::Duration;

use fastrand::Rng;
use serde_json::json;
use tokio::time::{Instant, sleep};

use super::limit::{QUEUE, client};
use super::stage::{Stage, registration, text, webhook};
use super::tasks::{body, settled};
use super::{Check, table, words};
use crate::finding::Verdict;
use crate::subject::Mood;

pub(super) const CHECKS: &[Check] = table![
    "auth.queue.full" => full,
    "auth.queue.register" => register,
    "auth.queue.drained" => drained,
];

/// Tasks that are tried: the queue, what is being delivered, and what several
/// processes round up.
const TRIED: usize = QUEUE + 48;
/// How long a queue may take to be empty, once what hangs is given up.
const DRAIN: Duration = Duration::from_secs(4);

/// Clause 9.6.
async fn full(stage: &Stage, mut rng: Rng) -> Verdict {
    settled(stage).await;
    stage.bench.sink.set(Mood::Hang);
    let mut accepted = Vec::new();
    let mut verdict = Err(format!(
        "{TRIED} tasks are taken with QUEUE_SIZE={QUEUE} while the sink takes none"
    ));
    for _ in 0..TRIED {
        let ask = webhook(
            &stage.somebody().await?,
            &words::event(&mut rng),
            &json!({}),
        );
        let ask = ask.field(format!("X-Forwarded-For: {}", client(&mut rng)));
        let reply = stage.ask(ask).await?;
        if (200..300).contains(&reply.answer.status) {
            accepted.push(text(&reply.json()?["id"]));
            continue;
        }
        verdict = reply
            .error(503, "queue_full")
            .and_then(|()| match reply.header("Retry-After") {
                Some("1") => Ok(()),
                seen => Err(format!(
                    "Retry-After of a full queue is {seen:?}, wanted \"1\""
                )),
            });
        break;
    }
    if verdict.is_ok() && accepted.len() < QUEUE / 2 {
        let seen = accepted.len();
        verdict = Err(format!(
            "the queue is full with {seen} tasks, QUEUE_SIZE={QUEUE}"
        ));
    }
    let mut queued = stage.queued.lock().unwrap_or_else(PoisonError::into_inner);
    *queued = accepted;
    verdict
}

/// Clause 9.6.
async fn register(stage: &Stage, mut rng: Rng) -> Verdict {
    let (email, name) = (words::email(&mut rng), words::name(&mut rng));
    let ask = registration(&email, &words::password(&mut rng), &name);
    let ask = ask.field(format!("X-Forwarded-For: {}", client(&mut rng)));
    let reply = stage.ask(ask).await?.success();
    reply
        .map(|_| ())
        .map_err(|problem| format!("with a full queue, {problem}"))
}

/// Clause 9.6: whatever was taken is delivered, once.
async fn drained(stage: &Stage, _rng: Rng) -> Verdict {
    stage.bench.sink.set(Mood::Accept);
    let queued = {
        let queued = stage.queued.lock().unwrap_or_else(PoisonError::into_inner);
        queued.clone()
    };
    let limit = stage.bench.pace.task_timeout + DRAIN;
    let start = Instant::now();
    loop {
        let attempts = stage.bench.sink.attempts(0);
        let delivered: Vec<String> = attempts
            .iter()
            .filter(|attempt| attempt.delivered)
            .map(|attempt| text(&body(attempt)["id"]))
            .collect();
        let times = |id: &String| delivered.iter().filter(|other| *other == id).count();
        if let Some(id) = queued.iter().find(|id| times(id) > 1) {
            return Err(format!("the task {id} is delivered {} times", times(id)));
        }
        let lost = queued.iter().filter(|id| times(id) == 0).count();
        if lost == 0 {
            return Ok(());
        }
        if start.elapsed() > limit {
            let (all, limit) = (queued.len(), limit.as_secs());
            return Err(format!(
                "{lost} of {all} tasks that were taken are not delivered within {limit} s"
            ));
        }
        sleep(Duration::from_millis(20)).await;
    }
}
