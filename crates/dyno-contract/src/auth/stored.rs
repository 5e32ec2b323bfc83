//! What is in the database after the answer: rows and hashes, and that answers
//! come from there.

use fastrand::Rng;
use serde_json::Value;

use super::stage::{Stage, me, registration};
use super::{Check, shape, table, words};
use crate::ask::Ask;
use crate::database::Row;
use crate::finding::Verdict;

pub(super) const CHECKS: &[Check] = table![
    "auth.stored.row" => row,
    "auth.stored.count" => count,
    "auth.stored.hash" => hash,
    "auth.stored.fresh" => fresh,
];

/// Characters of a bcrypt hash, prefix included.
const HASH_LENGTH: usize = 60;

async fn stored(stage: &Stage, email: &str) -> Result<Row, String> {
    let row = stage.bench.database.row(email).await?;
    row.ok_or_else(|| format!("{email} has registered, but is not in the database"))
}

/// Clause 6.3.
async fn row(stage: &Stage, mut rng: Rng) -> Verdict {
    let user = stage.newcomer(&mut rng).await?;
    let row = stored(stage, &user.email).await?;
    let seen = (row.id, &row.name, row.created_at.get(..23));
    let wanted = (user.id, &user.name, user.created_at.get(..23));
    if seen == wanted {
        Ok(())
    } else {
        Err(format!("the answer says {wanted:?}, the database {seen:?}"))
    }
}

/// Clauses 6.3 and 6.7: one more, or one less, or none.
async fn count(stage: &Stage, mut rng: Rng) -> Verdict {
    let database = &stage.bench.database;
    let before = database.count().await?;
    let user = stage.newcomer(&mut rng).await?;
    let grown = database.count().await?;
    for ask in [
        registration(&user.email, &user.password, "Ann"),
        registration(&words::email(&mut rng), "short", "Ann"),
    ] {
        stage.ask(ask).await?;
    }
    let refused = database.count().await?;
    let leave = Ask::new("DELETE", "/users/me").token(&user.token);
    stage.ask(leave).await?.success()?;
    let left = database.count().await?;
    let seen = [grown, refused, left].map(|count| i128::from(count) - i128::from(before));
    if seen == [1, 1, 0] {
        Ok(())
    } else {
        Err(format!(
            "rows after a registration, after two that were refused, and after a DELETE: \
             {seen:+?}, wanted [+1, +1, +0]"
        ))
    }
}

/// Clause 12.2.
async fn hash(stage: &Stage, mut rng: Rng) -> Verdict {
    let password = words::password(&mut rng);
    let mut hashes = Vec::new();
    for _ in 0..2 {
        let email = words::email(&mut rng);
        let ask = registration(&email, &password, "Ann");
        stage.ask(ask).await?.success()?;
        hashes.push(stored(stage, &email).await?.password_hash);
    }
    let cost = stage.bench.bcrypt_cost;
    for hash in &hashes {
        let start: String = hash.chars().take(7).collect();
        let wanted = ["$2a$", "$2b$"].map(|prefix| format!("{prefix}{cost:02}$"));
        if !wanted.contains(&start) || hash.len() != HASH_LENGTH {
            let (length, [a, b]) = (hash.len(), wanted);
            return Err(format!(
                "password_hash starts with {start:?} and has {length} characters, \
                 wanted {a} or {b} and {HASH_LENGTH}"
            ));
        }
    }
    if hashes[0] == hashes[1] {
        return Err("two users with one password have the same hash: it has no salt".to_owned());
    }
    Ok(())
}

/// Clause 3.6: a row that is changed behind the target's back is seen changed.
async fn fresh(stage: &Stage, mut rng: Rng) -> Verdict {
    let user = stage.member().await?;
    let after = user.id - 1;
    let asks = [
        me(&user.token),
        Ask::get(format!("/users/{}", user.id)).token(&user.token),
        Ask::get(format!("/users?limit=1&after={after}")).token(&user.token),
    ];
    for ask in &asks {
        stage.ask(ask.clone()).await?.success()?;
    }
    let name = words::name(&mut rng);
    let database = &stage.bench.database;
    database.overwrite(user.id, &name, &user.created_at).await?;
    for ask in asks {
        let reply = stage.ask(ask).await?;
        let body: Value = reply.json()?;
        let user = body.pointer("/items/0").unwrap_or(&body);
        shape::equal("name", &user["name"], &*name).map_err(|problem| {
            let asked = &reply.asked;
            format!("{asked} after a change in the database: {problem}")
        })?;
    }
    Ok(())
}
