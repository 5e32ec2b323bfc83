//! Work after the answer: does every task arrive at the sink, once and whole?

use std::time::Duration;

use fastrand::Rng;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::stage::{Stage, registration, text, webhook};
use super::{Check, shape, table, words};
use crate::finding::Verdict;
use crate::subject::{Attempt, Task};

pub(super) const CHECKS: &[Check] = table![
    "auth.tasks.mail" => mail,
    "auth.tasks.webhook" => webhooks,
    "auth.tasks.no-mail" => no_mail,
    "auth.tasks.kept-connections" => kept_connections,
];

/// How long a task may take to the sink: more than a delivery that another one
/// hangs before, less than a check.
pub(super) const ARRIVAL: Duration = Duration::from_secs(7);
/// The sink is quiet when nothing came for so long.
const QUIET: Duration = Duration::from_millis(150);

const POLL: Duration = Duration::from_millis(5);
const MAILS: usize = 3;
const WEBHOOKS: usize = 10;
const KEPT: usize = 30;

/// What is in a delivery; null when it is no JSON.
pub(super) fn body(attempt: &Attempt) -> Value {
    serde_json::from_slice(&attempt.body).unwrap_or_default()
}

/// Waits until deliveries after the first `seen` fulfil `done`, and then until
/// it is quiet; what came is told when it never does.
pub(super) async fn arrived(
    stage: &Stage,
    seen: usize,
    mut done: impl FnMut(&[Attempt]) -> bool,
) -> Result<Vec<Attempt>, String> {
    let start = Instant::now();
    loop {
        let attempts = stage.bench.sink.attempts(seen);
        if done(&attempts) {
            return Ok(quiet(stage, seen).await);
        }
        if start.elapsed() > ARRIVAL {
            let count = attempts.len();
            let limit = ARRIVAL.as_secs();
            return Err(format!(
                "{count} deliveries came to the sink within {limit} s"
            ));
        }
        sleep(POLL).await;
    }
}

/// Waits until nothing comes any more, but not for ever: what came after the
/// first `seen`.
pub(super) async fn quiet(stage: &Stage, seen: usize) -> Vec<Attempt> {
    let start = Instant::now();
    let mut attempts = stage.bench.sink.attempts(seen);
    let mut last = Instant::now();
    while last.elapsed() < QUIET && start.elapsed() < ARRIVAL {
        sleep(POLL).await;
        let now = stage.bench.sink.attempts(seen);
        if now.len() > attempts.len() {
            last = Instant::now();
        }
        attempts = now;
    }
    attempts
}

/// How many deliveries came so far, once it is quiet.
pub(super) async fn settled(stage: &Stage) -> usize {
    quiet(stage, 0).await.len()
}

/// The single delivery of `task` that fits, out of all that came.
fn only(attempts: &[Attempt], task: Task, fits: impl Fn(&Value) -> bool) -> Result<Value, String> {
    let mut bodies = attempts
        .iter()
        .filter(|attempt| attempt.task == task)
        .map(body)
        .filter(fits);
    match (bodies.next(), bodies.count()) {
        (Some(body), 0) => Ok(body),
        (None, _) => Err("it was not delivered".to_owned()),
        (Some(_), more) => Err(format!("it was delivered {} times", more + 1)),
    }
}

/// Clauses 9.1 and 9.2.
async fn mail(stage: &Stage, mut rng: Rng) -> Verdict {
    let seen = settled(stage).await;
    let mut users = Vec::new();
    for _ in 0..MAILS {
        users.push(stage.newcomer(&mut rng).await?);
    }
    let attempts = arrived(stage, seen, |came| came.len() >= MAILS).await?;
    for user in users {
        let told = |problem| format!("the mail to user {}: {problem}", user.id);
        let mail = only(&attempts, Task::Mail, |mail| mail["user_id"] == user.id);
        let mail = mail.map_err(told)?;
        shape::members(&mail, &["id", "kind", "to", "user_id"]).map_err(told)?;
        shape::equal("kind", &mail["kind"], "welcome").map_err(told)?;
        shape::equal("to", &mail["to"], &*user.email).map_err(told)?;
        if text(&mail["id"]).is_empty() {
            return Err(told(format!("`id` is {}, wanted a text", mail["id"])));
        }
    }
    Ok(())
}

/// Clauses 9.1 and 9.3.
async fn webhooks(stage: &Stage, mut rng: Rng) -> Verdict {
    let user = stage.member().await?;
    let seen = settled(stage).await;
    let mut tasks = Vec::new();
    for _ in 0..WEBHOOKS {
        let (event, payload) = (words::event(&mut rng), words::payload(&mut rng));
        let ask = webhook(&user.token, &event, &payload);
        let id = stage.ask(ask).await?.success()?.json()?["id"].clone();
        tasks.push(json!({ "id": id, "event": event, "payload": payload }));
    }
    let attempts = arrived(stage, seen, |came| came.len() >= WEBHOOKS).await?;
    for task in tasks {
        let event = task["event"].clone();
        let told = |problem| format!("the webhook of {event}: {problem}");
        let came = only(&attempts, Task::Webhook, |came| came["event"] == event);
        let came = came.map_err(told)?;
        if came != task {
            return Err(told(format!("it is {came}, wanted {task}")));
        }
    }
    Ok(())
}

/// Clause 9.2.
async fn no_mail(stage: &Stage, mut rng: Rng) -> Verdict {
    let taken = stage.member().await?.email;
    let seen = settled(stage).await;
    let refused = words::email(&mut rng);
    for ask in [
        registration(&taken, &words::password(&mut rng), "Ann"),
        registration(&refused, "short", "Ann"),
    ] {
        stage.ask(ask).await?;
    }
    let attempts = quiet(stage, seen).await;
    let is_theirs = |mail: &Value| mail["to"] == *taken || mail["to"] == *refused;
    match attempts.iter().map(body).find(is_theirs) {
        None => Ok(()),
        Some(mail) => Err(format!(
            "a registration that was refused sends the mail {mail}"
        )),
    }
}

/// Clause 9.5.
async fn kept_connections(stage: &Stage, mut rng: Rng) -> Verdict {
    let user = stage.member().await?;
    let seen = settled(stage).await;
    let before = stage.bench.sink.connections();
    for _ in 0..KEPT {
        let ask = webhook(&user.token, &words::event(&mut rng), &json!({}));
        stage.ask(ask).await?.success()?;
    }
    arrived(stage, seen, |came| came.len() >= KEPT).await?;
    let opened = stage.bench.sink.connections() - before;
    if opened < KEPT as u64 / 2 {
        Ok(())
    } else {
        Err(format!(
            "{KEPT} deliveries opened {opened} connections, wanted them kept"
        ))
    }
}
