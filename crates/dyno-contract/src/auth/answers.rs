//! What every answer has: a date, a length, compact JSON, times of one form.

use std::time::Duration;

use fastrand::Rng;
use serde_json::{Value, json};

use super::stage::{Stage, change, login, me, registration, webhook};
use super::{Check, shape, table, words};
use crate::ask::{Ask, Reply};
use crate::finding::Verdict;
use crate::http_date::is_http_date;
use crate::manners;
use crate::probe::{Connection, Framing};

pub(super) const CHECKS: &[Check] = table![
    "auth.answer.date" => date,
    "auth.answer.content-type" => content_type,
    "auth.answer.compact" => compact,
    "auth.answer.length" => length,
    "auth.answer.time-form" => time_form,
    "auth.answer.time-zeros" => time_zeros,
];

/// It waits for two seconds.
pub(super) const WAITING: &[Check] = table![
    "auth.answer.date-moves" => date_moves,
];

/// How long bytes behind a body are waited for where the target does not close;
/// that it should have closed is another check.
const GRACE: Duration = Duration::from_millis(300);

/// An answer of every route, and some refusals; all with a body.
pub(super) async fn sample(stage: &Stage, rng: &mut Rng) -> Result<Vec<Reply>, String> {
    let user = stage.member().await?;
    let token = &user.token;
    let mut replies = Vec::new();
    for ask in [
        Ask::get("/healthz"),
        Ask::get("/readyz"),
        registration(&words::email(rng), &words::password(rng), &words::name(rng)),
        login(&user.email, &user.password),
        me(token),
        change(token, &json!({ "name": words::name(rng) })),
        Ask::get(format!("/users/{}", user.id)).token(token),
        Ask::get("/users?limit=7").token(token),
        webhook(token, &words::event(rng), &words::payload(rng)),
        Ask::post("/auth/login").typed("application/json", "{"),
        Ask::get("/users/me"),
        Ask::get(format!("/{}", words::label(rng, 7))),
        Ask::new("PUT", "/healthz").typed("application/json", "{}"),
        Ask::post("/auth/login").typed("text/plain", "{}"),
        Ask::get("/users?limit=0").token(token),
    ] {
        replies.push(stage.ask(ask).await?);
    }
    Ok(replies)
}

fn of(reply: &Reply, problem: &str) -> String {
    let status = reply.answer.status;
    format!("{} with status {status}: {problem}", reply.asked)
}

/// Clause 3.1.
async fn date(stage: &Stage, mut rng: Rng) -> Verdict {
    for reply in sample(stage, &mut rng).await? {
        let date = reply.header("Date");
        if !date.is_some_and(is_http_date) {
            return Err(of(
                &reply,
                &format!("Date is {date:?}, wanted an HTTP date"),
            ));
        }
    }
    Ok(())
}

/// Clause 3.1.
async fn date_moves(stage: &Stage, _rng: Rng) -> Verdict {
    manners::moving_date(stage.address, &Ask::get("/healthz").text()).await
}

/// Clause 3.3.
async fn content_type(stage: &Stage, mut rng: Rng) -> Verdict {
    for reply in sample(stage, &mut rng).await? {
        let field = reply.header("Content-Type").unwrap_or_default();
        let media_type = field.split(';').next().unwrap_or_default().trim();
        if !media_type.eq_ignore_ascii_case("application/json") {
            return Err(of(
                &reply,
                &format!("Content-Type is {field:?}, wanted application/json"),
            ));
        }
    }
    Ok(())
}

/// Clause 3.4.
async fn compact(stage: &Stage, mut rng: Rng) -> Verdict {
    for reply in sample(stage, &mut rng).await? {
        if !shape::is_compact(&reply.answer.body) {
            return Err(reply.wrong("JSON without blanks between its parts"));
        }
    }
    Ok(())
}

/// Clause 3.2.
async fn length(stage: &Stage, _rng: Rng) -> Verdict {
    let user = stage.member().await?;
    for ask in [me(&user.token), Ask::get("/users/me"), Ask::get("/nothing")] {
        let ask = ask.field("Connection: close");
        let mut connection = Connection::open(stage.address).await?;
        connection.send(ask.text()).await?;
        let answer = connection.answer().await?;
        let told = |problem: &str| format!("{}: {problem}", ask.name());
        if answer.framing == Framing::Close {
            return Err(told(
                "there is neither Content-Length nor chunks: the body ends with the connection",
            ));
        }
        let more = match connection.rest(GRACE).await {
            Some(rest) => rest.len(),
            None => connection.unread().len(),
        };
        if more > 0 {
            return Err(told(&format!("{more} bytes follow the end of the body")));
        }
    }
    Ok(())
}

/// Clause 3.5.
async fn time_form(stage: &Stage, mut rng: Rng) -> Verdict {
    let mut times = 0;
    for reply in sample(stage, &mut rng).await? {
        // What is no JSON has no times.
        let body = reply.json().unwrap_or_default();
        let items = body["items"].as_array();
        for value in items.into_iter().flatten().chain([&body]) {
            for name in ["created_at", "updated_at"] {
                if let Some(time) = value.get(name) {
                    shape::time(name, time).map_err(|problem| of(&reply, &problem))?;
                    times += 1;
                }
            }
        }
    }
    if times > 0 {
        Ok(())
    } else {
        Err("no answer has a time in it".to_owned())
    }
}

/// Clause 3.5: three decimals, also where they are zeros.
async fn time_zeros(stage: &Stage, _rng: Rng) -> Verdict {
    for wanted in ["2026-01-02T03:04:05.000Z", "2026-01-02T03:04:00.120Z"] {
        let user = stage.member().await?;
        let database = &stage.bench.database;
        database.overwrite(user.id, &user.name, wanted).await?;
        let after = user.id - 1;
        for ask in [
            me(&user.token),
            Ask::get(format!("/users/{}", user.id)).token(&user.token),
            Ask::get(format!("/users?limit=1&after={after}")).token(&user.token),
        ] {
            let reply = stage.ask(ask).await?.success()?;
            let body: Value = reply.json()?;
            let user = body.pointer("/items/0").unwrap_or(&body);
            shape::equal("created_at", &user["created_at"], wanted)
                .map_err(|problem| of(&reply, &problem))?;
        }
    }
    Ok(())
}
