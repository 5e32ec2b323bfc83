//! What is checked first, where a request is wrong in two ways (clause 4.1).

use fastrand::Rng;
use serde_json::json;

use super::errors::{LARGEST, sized};
use super::stage::{Stage, change, registration};
use super::{Check, table, words};
use crate::ask::Ask;
use crate::finding::Verdict;

pub(super) const CHECKS: &[Check] = table![
    "auth.order.route-token" => route_token,
    "auth.order.method-token" => method_token,
    "auth.order.token-type" => token_type,
    "auth.order.token-size" => token_size,
    "auth.order.token-json" => token_json,
    "auth.order.token-fields" => token_fields,
    "auth.order.type-size" => type_size,
    "auth.order.type-json" => type_json,
    "auth.order.size-json" => size_json,
    "auth.order.fields-conflict" => fields_conflict,
    "auth.order.fields-row" => fields_row,
];

const JSON: &str = "application/json";

fn patch(media_type: &str, body: impl Into<Vec<u8>>) -> Ask {
    Ask::new("PATCH", "/users/me").typed(media_type, body)
}

async fn route_token(stage: &Stage, mut rng: Rng) -> Verdict {
    let path = format!("/users/me/{}", words::label(&mut rng, 6));
    let reply = stage.ask(Ask::get(path)).await?;
    reply.error(404, "not_found")
}

async fn method_token(stage: &Stage, _rng: Rng) -> Verdict {
    for path in ["/users/me", "/users/1", "/users", "/webhooks"] {
        let ask = Ask::new("PUT", path).typed(JSON, "{}");
        stage.ask(ask).await?.error(405, "method_not_allowed")?;
    }
    Ok(())
}

async fn token_type(stage: &Stage, _rng: Rng) -> Verdict {
    let reply = stage.ask(patch("text/plain", "{\"name\":\"Ann\"}")).await?;
    reply.error(401, "missing_token")
}

async fn token_size(stage: &Stage, _rng: Rng) -> Verdict {
    let reply = stage.ask(patch(JSON, sized("Ann", LARGEST + 1))).await?;
    reply.error(401, "missing_token")
}

async fn token_json(stage: &Stage, _rng: Rng) -> Verdict {
    stage
        .ask(patch(JSON, "{"))
        .await?
        .error(401, "missing_token")?;
    let ask = Ask::post("/webhooks")
        .token("no.good.token")
        .typed(JSON, "{");
    stage.ask(ask).await?.error(401, "invalid_token")
}

async fn token_fields(stage: &Stage, _rng: Rng) -> Verdict {
    for ask in [
        patch(JSON, "{}"),
        Ask::post("/webhooks").typed(JSON, "{}"),
        Ask::get("/users?limit=0"),
    ] {
        stage.ask(ask).await?.error(401, "missing_token")?;
    }
    Ok(())
}

async fn type_size(stage: &Stage, _rng: Rng) -> Verdict {
    let user = stage.member().await?;
    let ask = patch("text/plain", sized("Ann", LARGEST + 1)).token(&user.token);
    stage.ask(ask).await?.error(415, "unsupported_media_type")
}

async fn type_json(stage: &Stage, _rng: Rng) -> Verdict {
    let user = stage.member().await?;
    let reply = stage
        .ask(patch("text/plain", "{").token(&user.token))
        .await?;
    reply.error(415, "unsupported_media_type")
}

async fn size_json(stage: &Stage, _rng: Rng) -> Verdict {
    let user = stage.member().await?;
    let ask = patch(JSON, "{".repeat(LARGEST + 1)).token(&user.token);
    stage.ask(ask).await?.error(413, "too_large")
}

async fn fields_conflict(stage: &Stage, _rng: Rng) -> Verdict {
    let user = stage.member().await?;
    let reply = stage.ask(registration(&user.email, "short", "Ann")).await?;
    reply.fields(&[("password", "invalid")])
}

async fn fields_row(stage: &Stage, _rng: Rng) -> Verdict {
    let reply = stage.ask(change(&stage.stranger(), &json!({}))).await?;
    reply.fields(&[("name", "required")])
}
