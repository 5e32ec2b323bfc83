//! Paths and methods that there are, and those that there are not.

use std::collections::BTreeSet;

use fastrand::Rng;

use super::stage::Stage;
use super::{Check, table, words};
use crate::ask::{Ask, Reply};
use crate::finding::Verdict;

pub(super) const CHECKS: &[Check] = table![
    "auth.route.unknown" => unknown,
    "auth.route.trailing-slash" => trailing_slash,
    "auth.route.method" => method,
    "auth.route.allow" => allow,
    "auth.route.query" => query,
];

/// A method that each path has not, and those that it has.
const WRONG_METHODS: &[(&str, &str, &str)] = &[
    ("PUT", "/healthz", "GET"),
    ("POST", "/readyz", "GET"),
    ("GET", "/auth/register", "POST"),
    ("GET", "/auth/login", "POST"),
    ("DELETE", "/auth/login", "POST"),
    ("POST", "/users/me", "GET PATCH DELETE"),
    ("PUT", "/users/me", "GET PATCH DELETE"),
    ("DELETE", "/users/1", "GET"),
    ("POST", "/users", "GET"),
    ("GET", "/webhooks", "POST"),
];

/// Clause 4.9.
async fn unknown(stage: &Stage, mut rng: Rng) -> Verdict {
    let random = format!("/{}", words::label(&mut rng, 8));
    for ask in [
        Ask::get("/"),
        Ask::get("/auth"),
        Ask::get("/users/me/name"),
        Ask::get("/users/1/name"),
        Ask::get("/Users"),
        Ask::post("/auth/logout"),
        Ask::post(random.clone()),
        Ask::get(random),
    ] {
        let reply = stage.ask(ask.token(&stage.somebody().await?)).await?;
        reply.error(404, "not_found")?;
    }
    Ok(())
}

/// Clause 4.9: no redirect either.
async fn trailing_slash(stage: &Stage, _rng: Rng) -> Verdict {
    for path in ["/healthz/", "/users/", "/users/me/", "/users/1/"] {
        let ask = Ask::get(path).token(&stage.somebody().await?);
        stage.ask(ask).await?.error(404, "not_found")?;
    }
    let ask = Ask::post("/auth/login/").typed("application/json", "{}");
    let reply = stage.ask(ask.token(&stage.somebody().await?)).await?;
    reply.error(404, "not_found")
}

async fn wrong(stage: &Stage, method: &'static str, path: &str) -> Result<Reply, String> {
    let ask = Ask::new(method, path).token(&stage.somebody().await?);
    let ask = if method == "GET" || method == "DELETE" {
        ask
    } else {
        ask.typed("application/json", "{}")
    };
    stage.ask(ask).await
}

/// Clause 4.9.
async fn method(stage: &Stage, _rng: Rng) -> Verdict {
    for (method, path, _) in WRONG_METHODS {
        let reply = wrong(stage, method, path).await?;
        reply.error(405, "method_not_allowed")?;
    }
    Ok(())
}

/// Clause 4.9: what answers HEAD or OPTIONS may say so.
async fn allow(stage: &Stage, _rng: Rng) -> Verdict {
    for (method, path, has) in WRONG_METHODS {
        let reply = wrong(stage, method, path).await?;
        let seen = reply.header("Allow").unwrap_or_default();
        let mut methods: BTreeSet<_> = seen.split(',').map(str::trim).collect();
        methods.remove("HEAD");
        methods.remove("OPTIONS");
        if methods != has.split(' ').collect() {
            let asked = &reply.asked;
            return Err(format!("{asked}: Allow is {seen:?}, wanted {has:?}"));
        }
    }
    Ok(())
}

/// Clause 4.4.
async fn query(stage: &Stage, mut rng: Rng) -> Verdict {
    let user = stage.member().await?;
    let name = words::label(&mut rng, 5);
    for target in [
        format!("/users/me?{name}=1"),
        format!("/users/{}?{name}", user.id),
        format!("/users?page=3&limit=2&{name}=%20"),
        format!("/healthz?limit=0&{name}=1"),
    ] {
        stage
            .ask(Ask::get(target).token(&user.token))
            .await?
            .success()?;
    }
    Ok(())
}
