//! `GET /users/{id}`: the public profile of anybody.

use fastrand::Rng;

use super::stage::{NOBODY, Stage};
use super::{Check, shape, table};
use crate::ask::Ask;
use crate::finding::Verdict;

pub(super) const CHECKS: &[Check] = table![
    "auth.user.ok" => ok,
    "auth.user.unknown" => unknown,
    "auth.user.bad-id" => bad_id,
];

/// Clause 6.8.
async fn ok(stage: &Stage, mut rng: Rng) -> Verdict {
    let asker = stage.member().await?;
    for user in [stage.newcomer(&mut rng).await?, stage.member().await?] {
        let ask = Ask::get(format!("/users/{}", user.id)).token(&asker.token);
        let body = stage.ask(ask).await?.status(200)?.json()?;
        shape::members(&body, shape::PUBLIC_USER)?;
        shape::equal("id", &body["id"], user.id)?;
        shape::equal("name", &body["name"], user.name)?;
    }
    Ok(())
}

/// Clause 6.8.
async fn unknown(stage: &Stage, _rng: Rng) -> Verdict {
    for id in [NOBODY - 1, 9_999_999_999_999_999] {
        not_found(stage, &id.to_string()).await?;
    }
    Ok(())
}

/// Clause 5.5.
async fn bad_id(stage: &Stage, _rng: Rng) -> Verdict {
    let user = stage.member().await?;
    for id in [
        "0",
        "-1",
        "abc",
        "1.0",
        "1e3",
        "12345678901234567",
        "99999999999999999999",
        // A digit one, but not of ASCII.
        "%D9%A1",
        &format!("0{}", user.id),
        &format!("+{}", user.id),
        &format!("{}.", user.id),
    ] {
        not_found(stage, id).await?;
    }
    Ok(())
}

async fn not_found(stage: &Stage, id: &str) -> Verdict {
    let ask = Ask::get(format!("/users/{id}")).token(&stage.somebody().await?);
    stage.ask(ask).await?.error(404, "not_found")
}
