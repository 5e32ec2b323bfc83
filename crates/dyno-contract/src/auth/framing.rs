//! Requests as bytes: in pieces, in chunks, pipelined, old, long, incomplete.

use fastrand::Rng;
use serde_json::json;

use super::stage::{Stage, change, me};
use super::{Check, shape, table, words};
use crate::ask::{Ask, Reply};
use crate::finding::Verdict;
use crate::manners::{self, Exchange};
use crate::probe::Connection;

pub(super) const CHECKS: &[Check] = table![
    "auth.http.split-request" => split_request,
    "auth.http.chunked-request" => chunked_request,
    "auth.http.pipelined" => pipelined,
    "auth.http.long-header" => long_header,
    "auth.http.absent-host" => absent_host,
    "auth.http.http10" => http10,
    "auth.http.connection-close" => connection_close,
];

/// An answer that is right when it has this status.
pub(super) fn with_status(text: impl Into<Vec<u8>>, status: u16) -> Exchange {
    Exchange {
        text: text.into(),
        right: Box::new(move |answer| {
            if answer.status == status {
                return Ok(());
            }
            let seen = answer.status;
            Err(format!("the status is {seen}, wanted {status}"))
        }),
    }
}

/// Clause 11.4.
async fn split_request(stage: &Stage, mut rng: Rng) -> Verdict {
    let user = stage.member().await?;
    let name = words::name(&mut rng);
    let ask = change(&user.token, &json!({ "name": name }));
    let (head, text) = (ask.head(), ask.text());
    // Inside the request line, and inside the body.
    let places = ["PATCH /us".len(), head.len() + 7];
    let exchange = with_status(text, 200);
    manners::in_pieces(stage.address, &exchange, &places).await?;
    let read = stage.ask(me(&user.token)).await?.success()?.json()?;
    shape::equal("name", &read["name"], name)
}

/// Clause 11.5.
async fn chunked_request(stage: &Stage, mut rng: Rng) -> Verdict {
    let user = stage.member().await?;
    let name = words::name(&mut rng);
    let ask = change(&user.token, &json!({ "name": name })).chunked(5);
    let told = |problem| format!("a body in chunks: {problem}");
    let renamed = stage.ask(ask).await?.success().map_err(told)?.json()?;
    shape::equal("name", &renamed["name"], name).map_err(told)
}

/// Clause 11.6.
async fn pipelined(stage: &Stage, _rng: Rng) -> Verdict {
    let users = [stage.member().await?, stage.member().await?];
    let asks = users
        .each_ref()
        .map(|user| Ask::get(format!("/users/{}", user.id)).token(&user.token));
    let mut connection = Connection::open(stage.address).await?;
    connection
        .send(asks.each_ref().map(Ask::text).concat())
        .await?;
    for (place, (user, ask)) in users.iter().zip(&asks).enumerate() {
        let told = |problem: String| format!("answer {} of two pipelined: {problem}", place + 1);
        let answer = connection.answer().await;
        let answer = answer.map_err(|failure| told(failure.to_string()))?;
        let reply = Reply {
            asked: ask.name(),
            answer,
        };
        let body = reply.status(200).map_err(told)?.json()?;
        shape::equal("id", &body["id"], user.id).map_err(told)?;
    }
    Ok(())
}

/// Clause 11.7.
async fn long_header(stage: &Stage, mut rng: Rng) -> Verdict {
    let user = stage.member().await?;
    let long = words::label(&mut rng, 8192);
    let ask = me(&user.token).field(format!("X-Long: {long}"));
    let reply = stage.ask(ask).await?.status(200);
    reply
        .map(|_| ())
        .map_err(|problem| format!("with a header field of 8 KiB, {problem}"))
}

/// Clause 11.8: HTTP wants a 400, some libraries answer.
async fn absent_host(stage: &Stage, _rng: Rng) -> Verdict {
    let told = |problem: String| format!("GET /healthz without Host: {problem}");
    let mut connection = Connection::open(stage.address).await?;
    connection.send("GET /healthz HTTP/1.1\r\n\r\n").await?;
    let answer = connection.answer().await;
    let answer = answer.map_err(|failure| told(failure.to_string()))?;
    match answer.status {
        200 | 400 => Ok(()),
        status => Err(told(format!("the status is {status}, wanted 400 or 200"))),
    }
}

/// Clause 11.9.
async fn http10(stage: &Stage, _rng: Rng) -> Verdict {
    let exchange = with_status("GET /healthz HTTP/1.0\r\n\r\n", 200);
    manners::answered_and_closed(stage.address, &exchange)
        .await
        .map_err(|problem| format!("after an HTTP/1.0 request: {problem}"))
}

/// Clause 11.10.
async fn connection_close(stage: &Stage, _rng: Rng) -> Verdict {
    let user = stage.member().await?;
    let exchange = with_status(me(&user.token).field("Connection: close").text(), 200);
    manners::answered_and_closed(stage.address, &exchange)
        .await
        .map_err(|problem| format!("after a request with Connection: close: {problem}"))
}
