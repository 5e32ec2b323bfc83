//! Which tokens are accepted, and what those are told who have none. Tokens that
//! are wrong are in `token_refused.rs`.

use fastrand::Rng;
use serde_json::json;

use super::jwt::{self, now_s};
use super::stage::{Stage, change, login, me, webhook};
use super::{Check, table, words};
use crate::ask::Ask;
use crate::finding::Verdict;

pub(super) const CHECKS: &[Check] = table![
    "auth.token.scheme-case" => scheme_case,
    "auth.token.still-valid" => still_valid,
    "auth.token.suffices" => suffices,
    "auth.token.missing" => missing,
    "auth.token.other-scheme" => other_scheme,
    "auth.token.everywhere" => everywhere,
    "auth.token.challenge" => challenge,
];

/// Clause 7.2.
async fn scheme_case(stage: &Stage, _rng: Rng) -> Verdict {
    let token = stage.member().await?.token;
    for scheme in ["bearer", "BEARER", "bEARER"] {
        let ask = Ask::get("/users/me").field(format!("Authorization: {scheme} {token}"));
        stage
            .ask(ask)
            .await?
            .success()
            .map_err(|problem| format!("with the scheme {scheme}, {problem}"))?;
    }
    Ok(())
}

/// Clause 7.2: until its `exp`, also when that is close.
async fn still_valid(stage: &Stage, _rng: Rng) -> Verdict {
    let user = stage.member().await?;
    let now = now_s();
    let times = [("iat", (now - 895).into()), ("exp", (now + 5).into())];
    let claims = stage.claims_but(user.id, &times);
    let token = jwt::signed(&claims, stage.secret());
    stage.ask(me(&token)).await?.success().map(|_| ())
}

/// Clause 6.11.
async fn suffices(stage: &Stage, mut rng: Rng) -> Verdict {
    let user = stage.member().await?;
    let token = stage.stranger();
    let event = words::event(&mut rng);
    for ask in [
        Ask::get(format!("/users/{}", user.id)).token(&token),
        Ask::get("/users?limit=1").token(&token),
        webhook(&token, &event, &json!({})),
    ] {
        let reply = stage.ask(ask).await?;
        reply
            .success()
            .map_err(|problem| format!("with a good token of nobody, {problem}"))?;
    }
    Ok(())
}

/// Clause 7.3.
async fn missing(stage: &Stage, _rng: Rng) -> Verdict {
    let reply = stage.ask(Ask::get("/users/me")).await?;
    reply.error(401, "missing_token")
}

/// Clause 7.3.
async fn other_scheme(stage: &Stage, _rng: Rng) -> Verdict {
    let token = stage.member().await?.token;
    for value in [
        "Basic ZHlubzpkeW5v".to_owned(),
        format!("Token {token}"),
        "Bearer".to_owned(),
        token,
    ] {
        let ask = Ask::get("/users/me").field(format!("Authorization: {value}"));
        let reply = stage.ask(ask).await?;
        let told = |problem| format!("with `Authorization: {value}`, {problem}");
        reply.error(401, "missing_token").map_err(told)?;
    }
    Ok(())
}

/// Clause 7.3, for each route.
async fn everywhere(stage: &Stage, mut rng: Rng) -> Verdict {
    let user = stage.member().await?;
    let event = words::event(&mut rng);
    let name = json!({ "name": words::name(&mut rng) });
    let body = json!({ "event": event, "payload": {} });
    for ask in [
        Ask::get("/users/me"),
        Ask::new("PATCH", "/users/me").json(&name),
        Ask::new("DELETE", "/users/me"),
        Ask::get(format!("/users/{}", user.id)),
        Ask::get("/users?limit=1"),
        Ask::post("/webhooks").json(&body),
    ] {
        let reply = stage.ask(ask.clone()).await?;
        reply.error(401, "missing_token")?;
        let reply = stage.ask(ask.token("no.good.token")).await?;
        reply.error(401, "invalid_token")?;
    }
    Ok(())
}

/// Clause 7.6.
async fn challenge(stage: &Stage, _rng: Rng) -> Verdict {
    const ERROR: &str = "Bearer error=\"invalid_token\"";
    let user = stage.member().await?;
    let past = jwt::signed(&stage.past_claims(600).await?, stage.secret());
    for (ask, wanted) in [
        (Ask::get("/users/me"), "Bearer"),
        (login(&user.email, "wrong"), "Bearer"),
        (me("no.good.token"), ERROR),
        (me(&past), ERROR),
        (me(&stage.stranger()), ERROR),
        (change(&stage.stranger(), &json!({ "name": "Ann" })), ERROR),
    ] {
        let reply = stage.ask(ask).await?;
        let seen = reply.header("WWW-Authenticate");
        if seen != Some(wanted) {
            return Err(format!(
                "{} with status {}: WWW-Authenticate is {seen:?}, wanted {wanted:?}",
                reply.asked, reply.answer.status
            ));
        }
    }
    Ok(())
}
