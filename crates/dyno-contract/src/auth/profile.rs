//! `GET` and `PATCH /users/me`: the asker's own profile.

use std::time::Duration;

use fastrand::Rng;
use serde_json::json;
use tokio::time::sleep;

use super::stage::{Stage, change, me, registration};
use super::{Check, shape, table, words};
use crate::ask::Ask;
use crate::finding::Verdict;

pub(super) const CHECKS: &[Check] = table![
    "auth.me.ok" => ok,
    "auth.me.row-gone" => row_gone,
    "auth.rename.ok" => rename,
    "auth.rename.updated-at" => updated_at,
    "auth.rename.only-own" => only_own,
    "auth.rename.fields" => fields,
    "auth.rename.other-members" => other_members,
    "auth.rename.row-gone" => rename_row_gone,
];

/// Clause 6.5.
async fn ok(stage: &Stage, mut rng: Rng) -> Verdict {
    let (email, name) = (words::email(&mut rng), words::name(&mut rng));
    let ask = registration(&email, &words::password(&mut rng), &name);
    let registered = stage.ask(ask).await?.success()?.json()?;
    let id = registered["id"].as_i64().unwrap_or_default();
    let reply = stage.ask(me(&stage.token(id))).await?.status(200)?;
    if reply.json()? != registered {
        return Err(reply.wrong(&format!("{registered} as when registering")));
    }
    let old = stage.member().await?;
    let user = stage.ask(me(&old.token)).await?.success()?.json()?;
    shape::equal("id", &user["id"], old.id)?;
    shape::equal("email", &user["email"], old.email)?;
    shape::equal("name", &user["name"], old.name)
}

/// Clause 6.5.
async fn row_gone(stage: &Stage, _rng: Rng) -> Verdict {
    let reply = stage.ask(me(&stage.stranger())).await?;
    reply
        .error(401, "invalid_token")
        .map_err(|problem| format!("with a token of nobody, {problem}"))
}

/// Clause 6.6.
async fn rename(stage: &Stage, mut rng: Rng) -> Verdict {
    let user = stage.member().await?;
    let name = words::name(&mut rng);
    let reply = stage
        .ask(change(&user.token, &json!({ "name": name })))
        .await?;
    let renamed = reply.status(200)?.json()?;
    shape::members(&renamed, shape::USER)?;
    shape::equal("name", &renamed["name"], &*name)?;
    shape::equal("id", &renamed["id"], user.id)?;
    shape::equal("email", &renamed["email"], user.email)?;
    let read = stage.ask(me(&user.token)).await?.success()?.json()?;
    shape::equal("name", &read["name"], name)
        .map_err(|problem| format!("GET /users/me after a change: {problem}"))
}

/// Clause 6.6.
async fn updated_at(stage: &Stage, mut rng: Rng) -> Verdict {
    let user = stage.member().await?;
    let mut before = None;
    for _ in 0..2 {
        let body = json!({ "name": words::name(&mut rng) });
        let renamed = stage
            .ask(change(&user.token, &body))
            .await?
            .success()?
            .json()?;
        let updated = shape::moment("updated_at", &renamed["updated_at"])?;
        shape::is_now("updated_at", updated)?;
        if before.is_some_and(|before| updated <= before) {
            return Err(format!(
                "`updated_at` is {updated} after two changes in a row"
            ));
        }
        let created = shape::moment("created_at", &renamed["created_at"])?;
        if created >= updated {
            return Err(format!("`created_at` became {created} with a change"));
        }
        before = Some(updated);
        // Times have milliseconds.
        sleep(Duration::from_millis(5)).await;
    }
    Ok(())
}

/// Clause 6.6.
async fn only_own(stage: &Stage, mut rng: Rng) -> Verdict {
    let (user, other) = (stage.member().await?, stage.member().await?);
    let body = json!({ "name": words::name(&mut rng) });
    stage.ask(change(&user.token, &body)).await?.success()?;
    let row = stage.bench.database.row(&other.email).await?;
    match row {
        Some(row) if row.name == other.name => Ok(()),
        row => Err(format!(
            "after a change of user {}, user {} is {row:?}",
            user.id, other.id
        )),
    }
}

/// Clauses 4.5 and 5.3.
async fn fields(stage: &Stage, _rng: Rng) -> Verdict {
    let user = stage.member().await?;
    for (body, fault) in [
        (json!({}), "required"),
        (json!({ "nam": "Ann" }), "required"),
        (json!({ "name": null }), "invalid"),
        (json!({ "name": 7 }), "invalid"),
        (json!({ "name": "" }), "invalid"),
        (json!({ "name": "An\nn" }), "invalid"),
        (json!({ "name": "🙂".repeat(65) }), "invalid"),
    ] {
        let reply = stage.ask(change(&user.token, &body)).await?;
        let told = |problem| format!("{body}: {problem}");
        reply.fields(&[("name", fault)]).map_err(told)?;
    }
    Ok(())
}

/// Clause 4.4: what may not be changed is as unknown as anything else.
async fn other_members(stage: &Stage, mut rng: Rng) -> Verdict {
    let user = stage.member().await?;
    let body = json!({
        "name": words::name(&mut rng),
        "email": words::email(&mut rng),
        "id": user.id + 1,
        "password_hash": "x",
        "created_at": "2020-01-01T00:00:00.000Z",
        words::label(&mut rng, 9): 1,
    });
    let before = stage.bench.database.row(&user.email).await?;
    let renamed = stage
        .ask(change(&user.token, &body))
        .await?
        .success()?
        .json()?;
    shape::equal("email", &renamed["email"], &*user.email)?;
    let after = stage.bench.database.row(&user.email).await?;
    let hash = |row: Option<crate::database::Row>| {
        row.map(|row| (row.id, row.password_hash, row.created_at))
    };
    if hash(before) == hash(after) {
        Ok(())
    } else {
        Err("a change of the name changes other columns, too".to_owned())
    }
}

/// Clause 6.6.
async fn rename_row_gone(stage: &Stage, _rng: Rng) -> Verdict {
    let ask: Ask = change(&stage.stranger(), &json!({ "name": "Ann" }));
    stage.ask(ask).await?.error(401, "invalid_token")
}
