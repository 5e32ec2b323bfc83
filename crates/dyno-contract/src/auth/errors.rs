//! Bodies that are refused before anybody looks at what they say, and the form
//! of every refusal.

use fastrand::Rng;
use serde_json::{Value, json};

use super::stage::{Stage, change, login, me, registration};
use super::{Check, jwt, shape, table, words};
use crate::ask::{Ask, Reply};
use crate::finding::Verdict;

pub(super) const CHECKS: &[Check] = table![
    "auth.error.body" => body,
    "auth.error.bad-json" => bad_json,
    "auth.error.not-utf8" => not_utf8,
    "auth.error.not-an-object" => not_an_object,
    "auth.error.media-type" => media_type,
    "auth.error.media-type-accepted" => media_type_accepted,
    "auth.error.too-large" => too_large,
    "auth.error.too-large-chunked" => too_large_chunked,
    "auth.error.largest" => largest,
];

const JSON: &str = "application/json";
/// Most bytes of a body.
pub(super) const LARGEST: usize = 65_536;

/// Codes and messages of clause 4.2 that can be had without trouble.
const MESSAGES: &[(&str, &str)] = &[
    ("bad_json", "request body is not valid JSON"),
    ("missing_token", "authentication required"),
    ("invalid_token", "token is not valid"),
    ("token_expired", "token has expired"),
    ("invalid_credentials", "email or password is wrong"),
    ("not_found", "resource not found"),
    ("method_not_allowed", "method not allowed"),
    ("email_taken", "email is already registered"),
    ("too_large", "request body is too large"),
    (
        "unsupported_media_type",
        "content type must be application/json",
    ),
    ("validation_failed", "request is not valid"),
];

/// A request to the asker's profile with this body.
fn patch(token: &str, media_type: &str, body: impl Into<Vec<u8>>) -> Ask {
    Ask::new("PATCH", "/users/me")
        .token(token)
        .typed(media_type, body)
}

/// A change of so many bytes that is right but for its size.
pub(super) fn sized(name: &str, bytes: usize) -> String {
    let empty = json!({ "name": name, "pad": "" }).to_string();
    let pad = "x".repeat(bytes - empty.len());
    json!({ "name": name, "pad": pad }).to_string()
}

/// Clause 4.2: whatever is refused, this is how.
async fn body(stage: &Stage, mut rng: Rng) -> Verdict {
    let user = stage.member().await?;
    let now = jwt::now_s();
    let past = json!({ "iss": "dyno", "sub": "1", "iat": now - 900, "exp": now - 600 });
    for ask in [
        patch(&user.token, JSON, "{"),
        Ask::get("/users/me"),
        me("no.good.token"),
        me(&jwt::signed(&past, stage.secret())),
        login(&words::email(&mut rng), "x"),
        Ask::get(format!("/{}", words::label(&mut rng, 8))),
        Ask::new("PUT", "/healthz").typed(JSON, "{}"),
        registration(&user.email, &user.password, "Ann"),
        patch(&user.token, JSON, sized("Ann", LARGEST + 1)),
        patch(&user.token, "text/plain", "Ann"),
        change(&user.token, &json!({})),
    ] {
        let reply = stage.ask(ask).await?;
        let body = reply.json()?;
        let told = |problem| format!("{}: {problem}", reply.asked);
        shape::members(&body, &["error"]).map_err(told)?;
        let error = &body["error"];
        let code = error["code"].as_str().unwrap_or_default();
        let known = MESSAGES.iter().find(|(known, _)| *known == code);
        let (_, message) = known.ok_or_else(|| reply.wrong("a code of the contract"))?;
        let wanted: &[&str] = match code {
            "validation_failed" => &["code", "message", "fields"],
            _ => &["code", "message"],
        };
        shape::members(error, wanted).map_err(told)?;
        shape::equal("message", &error["message"], *message).map_err(told)?;
    }
    Ok(())
}

/// Clause 4.8.
async fn bad_json(stage: &Stage, _rng: Rng) -> Verdict {
    let user = stage.member().await?;
    for body in [
        "",
        "{",
        "name=Ann",
        "{'name':'Ann'}",
        "{\"name\":\"Ann\",}",
        "{\"name\":\"Ann\"",
        "{\"name\":\"An\nn\"}",
        "{\"name\":\"Ann\",\"a\":NaN}",
        "{\"name\":\"Ann\",\"a\":01}",
        "{\"name\":\"Ann\"} x",
        "{\"name\":\"Ann\"}{}",
    ] {
        let told = |problem| format!("body {body:?}: {problem}");
        let reply = stage.ask(patch(&user.token, JSON, body)).await?;
        reply.error(400, "bad_json").map_err(told)?;
    }
    for path in ["/auth/register", "/auth/login", "/webhooks"] {
        let ask = Ask::post(path)
            .token(&user.token)
            .typed(JSON, "{\"email\":");
        stage.ask(ask).await?.error(400, "bad_json")?;
    }
    Ok(())
}

/// Clause 4.8.
async fn not_utf8(stage: &Stage, _rng: Rng) -> Verdict {
    let user = stage.member().await?;
    for bytes in [&b"\xff"[..], b"\xc3", b"\xed\xa0\x80"] {
        let body = [b"{\"name\":\"A", bytes, b"\"}"].concat();
        let told = |problem| format!("with the bytes {bytes:x?}, {problem}");
        let reply = stage.ask(patch(&user.token, JSON, body)).await?;
        reply.error(400, "bad_json").map_err(told)?;
    }
    Ok(())
}

/// Clause 4.8.
async fn not_an_object(stage: &Stage, _rng: Rng) -> Verdict {
    let user = stage.member().await?;
    for body in [
        "[]",
        "[{\"name\":\"Ann\"}]",
        "\"name\"",
        "1",
        "null",
        "true",
    ] {
        let told = |problem| format!("body {body}: {problem}");
        let reply = stage.ask(patch(&user.token, JSON, body)).await?;
        reply.fields(&[("name", "required")]).map_err(told)?;
    }
    let reply = stage
        .ask(Ask::post("/auth/login").typed(JSON, "[]"))
        .await?;
    reply.fields(&[("email", "required"), ("password", "required")])
}

/// Clause 4.6.
async fn media_type(stage: &Stage, mut rng: Rng) -> Verdict {
    let user = stage.member().await?;
    let body = json!({ "name": words::name(&mut rng) }).to_string();
    for media_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonp",
        "application/json-patch+json",
        "text/json",
        "*/*",
    ] {
        let told = |problem| format!("with Content-Type {media_type}, {problem}");
        let reply = stage.ask(patch(&user.token, media_type, &*body)).await?;
        refused(&reply).map_err(told)?;
    }
    let ask = Ask::new("PATCH", "/users/me")
        .token(&user.token)
        .body(&*body);
    refused(&stage.ask(ask).await?)
        .map_err(|problem| format!("without Content-Type, {problem}"))?;
    let ask = Ask::post("/auth/login").typed("text/plain", "{}");
    refused(&stage.ask(ask).await?)
}

fn refused(reply: &Reply) -> Verdict {
    reply.error(415, "unsupported_media_type")
}

/// Clause 4.6.
async fn media_type_accepted(stage: &Stage, mut rng: Rng) -> Verdict {
    let user = stage.member().await?;
    let body = json!({ "name": words::name(&mut rng) }).to_string();
    for media_type in [
        "application/json; charset=utf-8",
        "application/json;charset=UTF-8",
        "application/json ; odd=\"x\"",
        "Application/JSON",
    ] {
        let told = |problem| format!("with Content-Type {media_type}, {problem}");
        let reply = stage.ask(patch(&user.token, media_type, &*body)).await?;
        reply.success().map_err(told)?;
    }
    Ok(())
}

/// Clause 4.7.
async fn too_large(stage: &Stage, mut rng: Rng) -> Verdict {
    let user = stage.member().await?;
    let name = words::name(&mut rng);
    for bytes in [LARGEST + 1, 65 * 1024 + 512] {
        let told = |problem| format!("a body of {bytes} bytes: {problem}");
        let reply = stage
            .ask(patch(&user.token, JSON, sized(&name, bytes)))
            .await?;
        reply.error(413, "too_large").map_err(told)?;
    }
    Ok(())
}

/// Clause 4.7: without a Content-Length, bytes must be counted.
async fn too_large_chunked(stage: &Stage, mut rng: Rng) -> Verdict {
    let user = stage.member().await?;
    let body = sized(&words::name(&mut rng), LARGEST + 1);
    let ask = patch(&user.token, JSON, body).chunked(16 * 1024);
    let reply = stage.ask(ask).await?;
    reply
        .error(413, "too_large")
        .map_err(|problem| format!("{} bytes in chunks: {problem}", LARGEST + 1))
}

/// Clause 4.7.
async fn largest(stage: &Stage, mut rng: Rng) -> Verdict {
    let user = stage.member().await?;
    let name = words::name(&mut rng);
    let reply = stage
        .ask(patch(&user.token, JSON, sized(&name, LARGEST)))
        .await?;
    let reply = reply.success();
    let renamed: Value = reply
        .map_err(|problem| format!("a body of {LARGEST} bytes: {problem}"))?
        .json()?;
    shape::equal("name", &renamed["name"], name)
}
