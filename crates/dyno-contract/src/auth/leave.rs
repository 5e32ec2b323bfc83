//! `DELETE /users/me`: an account that is closed is gone.

use std::time::Duration;

use fastrand::Rng;

use super::stage::{Stage, login, registration};
use super::{Check, table};
use crate::ask::{Ask, Reply};
use crate::finding::{Verdict, excerpt};
use crate::probe::Connection;

pub(super) const CHECKS: &[Check] = table![
    "auth.leave.ok" => ok,
    "auth.leave.gone" => gone,
    "auth.leave.twice" => twice,
    "auth.leave.email-free" => email_free,
];

/// How long bytes behind the head are waited for.
const GRACE: Duration = Duration::from_millis(300);

fn leave(token: &str) -> Ask {
    Ask::new("DELETE", "/users/me").token(token)
}

/// Clauses 3.2 and 6.7.
async fn ok(stage: &Stage, _rng: Rng) -> Verdict {
    let user = stage.member().await?;
    let ask = leave(&user.token).field("Connection: close");
    let mut connection = Connection::open(stage.address).await?;
    connection.send(ask.text()).await?;
    let answer = connection.answer().await?;
    let reply = Reply {
        asked: ask.name(),
        answer,
    };
    let reply = reply.status(204)?;
    if reply
        .header("Content-Length")
        .is_some_and(|length| length != "0")
    {
        return Err(reply.wrong("no Content-Length with 204"));
    }
    let rest = connection.rest(GRACE).await;
    let rest = rest.unwrap_or_else(|| connection.unread().to_vec());
    if rest.is_empty() {
        Ok(())
    } else {
        let rest = excerpt(&rest);
        Err(format!("{rest} follows the head of a 204, wanted nothing"))
    }
}

/// Clause 6.7.
async fn gone(stage: &Stage, _rng: Rng) -> Verdict {
    let user = stage.member().await?;
    stage.ask(leave(&user.token)).await?.success()?;
    let after = |problem| format!("after DELETE /users/me, {problem}");
    let path = format!("/users/{}", user.id);
    let reply = stage
        .ask(Ask::get(path).token(&stage.somebody().await?))
        .await?;
    reply.error(404, "not_found").map_err(after)?;
    let reply = stage.ask(login(&user.email, &user.password)).await?;
    reply.error(401, "invalid_credentials").map_err(after)?;
    match stage.bench.database.row(&user.email).await? {
        None => Ok(()),
        Some(row) => Err(after(format!("the row {} is still there", row.id))),
    }
}

/// Clause 6.7.
async fn twice(stage: &Stage, _rng: Rng) -> Verdict {
    let user = stage.member().await?;
    stage.ask(leave(&user.token)).await?.success()?;
    let reply = stage.ask(leave(&user.token)).await?;
    reply
        .error(401, "invalid_token")
        .map_err(|problem| format!("the second time, {problem}"))
}

/// Clause 6.7.
async fn email_free(stage: &Stage, _rng: Rng) -> Verdict {
    let user = stage.member().await?;
    stage.ask(leave(&user.token)).await?.success()?;
    let again = registration(&user.email, &user.password, &user.name);
    let again = stage.ask(again).await?.success();
    let again = again.map_err(|problem| format!("with the e-mail of one who left, {problem}"))?;
    match again.json()?["id"].as_i64() {
        Some(id) if id != user.id => Ok(()),
        _ => Err(again.wrong(&format!("another id than {}", user.id))),
    }
}
