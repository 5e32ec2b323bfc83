//! `POST /auth/login`: who is let in.

use std::time::Duration;

use fastrand::Rng;
use serde_json::json;
use tokio::time::Instant;

use super::stage::{Stage, login};
use super::{Check, shape, table, words};
use crate::ask::Ask;
use crate::finding::Verdict;

pub(super) const CHECKS: &[Check] = table![
    "auth.login.ok" => ok,
    "auth.login.seed-user" => seed_user,
    "auth.login.lower-case" => lower_case,
    "auth.login.wrong-password" => wrong_password,
    "auth.login.unknown-email" => unknown_email,
    "auth.login.same-time" => same_time,
    "auth.login.fields" => fields,
    "auth.login.lenient" => lenient,
    "auth.login.long-password" => long_password,
    "auth.login.nul" => nul,
];

/// Logins of each kind whose times are compared.
const TIMED: usize = 9;
/// A hash that takes less cannot be told from everything else.
const VISIBLE: Duration = Duration::from_millis(4);

/// Clause 6.4.
async fn ok(stage: &Stage, mut rng: Rng) -> Verdict {
    let user = stage.newcomer(&mut rng).await?;
    let reply = stage.ask(login(&user.email, &user.password)).await?;
    let body = reply.status(200)?.json()?;
    shape::members(&body, &["access_token", "token_type", "expires_in"])?;
    shape::equal("token_type", &body["token_type"], "Bearer")?;
    shape::equal(
        "expires_in",
        &body["expires_in"],
        stage.bench.jwt_ttl.as_secs(),
    )?;
    match body["access_token"].as_str() {
        Some(_) => Ok(()),
        None => Err("`access_token` is no text".to_owned()),
    }
}

/// Clause 2.2.
async fn seed_user(stage: &Stage, _rng: Rng) -> Verdict {
    let user = stage.member().await?;
    stage.login(&user.email, &user.password).await.map(|_| ())
}

/// Clause 5.1.
async fn lower_case(stage: &Stage, mut rng: Rng) -> Verdict {
    let user = stage.newcomer(&mut rng).await?;
    let email = user.email.to_ascii_uppercase();
    stage.login(&email, &user.password).await.map(|_| ())
}

/// Clause 6.4.
async fn wrong_password(stage: &Stage, mut rng: Rng) -> Verdict {
    let user = stage.member().await?;
    let right = &user.password;
    for wrong in [
        words::password(&mut rng),
        right.to_ascii_lowercase(),
        right[..right.len() - 1].to_owned(),
        format!("{right} "),
    ] {
        refused(stage, login(&user.email, &wrong)).await?;
    }
    Ok(())
}

/// Clause 6.4.
async fn unknown_email(stage: &Stage, mut rng: Rng) -> Verdict {
    let ask = login(&words::email(&mut rng), &words::password(&mut rng));
    refused(stage, ask).await
}

/// Clause 6.4: the shortest of nine each, since only that is free of noise.
async fn same_time(stage: &Stage, mut rng: Rng) -> Verdict {
    let user = stage.member().await?;
    let mut shortest = [Duration::MAX; 2];
    for _ in 0..TIMED {
        let stranger = words::email(&mut rng);
        for (time, email) in shortest.iter_mut().zip([&user.email, &stranger]) {
            let start = Instant::now();
            stage.ask(login(email, "not the password")).await?;
            *time = start.elapsed().min(*time);
        }
    }
    let [known, unknown] = shortest;
    if known < VISIBLE || unknown >= known / 2 {
        return Ok(());
    }
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    Err(format!(
        "a wrong password is refused after {:.1} ms, an unknown e-mail after {:.1} ms: \
         the password must be compared with a hash of the same cost",
        ms(known),
        ms(unknown)
    ))
}

/// Clause 5.8.
async fn fields(stage: &Stage, _rng: Rng) -> Verdict {
    let long = "x".repeat(255);
    for (body, email, password) in [
        (json!({}), Some("required"), Some("required")),
        (json!({ "email": "a@b.de" }), None, Some("required")),
        (json!({ "password": "x" }), Some("required"), None),
        (
            json!({ "email": 1, "password": null }),
            Some("invalid"),
            Some("invalid"),
        ),
        (
            json!({ "email": "", "password": ["x"] }),
            Some("invalid"),
            Some("invalid"),
        ),
        (
            json!({ "email": "a@b.de", "password": "" }),
            None,
            Some("invalid"),
        ),
        (
            json!({ "email": long, "password": long }),
            Some("invalid"),
            Some("invalid"),
        ),
    ] {
        let wanted = [("email", email), ("password", password)];
        let wanted: Vec<_> = wanted
            .iter()
            .filter_map(|(name, fault)| Some((*name, (*fault)?)))
            .collect();
        let reply = stage.ask(Ask::post("/auth/login").json(&body)).await?;
        reply.fields(&wanted)?;
    }
    Ok(())
}

/// Clause 5.8: patterns are not asked for.
async fn lenient(stage: &Stage, mut rng: Rng) -> Verdict {
    for (email, password) in [
        ("x", "y"),
        ("no e-mail", "contraseña"),
        (&*words::name(&mut rng), " "),
        (&"🙂".repeat(254), "y"),
    ] {
        refused(stage, login(email, password)).await?;
    }
    Ok(())
}

/// Clause 5.8: bcrypt takes 72 bytes, and some of its libraries fail with more.
async fn long_password(stage: &Stage, _rng: Rng) -> Verdict {
    let user = stage.member().await?;
    for password in ["x".repeat(73), "x".repeat(254), "🙂".repeat(254)] {
        refused(stage, login(&user.email, &password)).await?;
    }
    Ok(())
}

/// Clause 5.8: PostgreSQL stores no U+0000, and bcrypt ends a text with it.
async fn nul(stage: &Stage, mut rng: Rng) -> Verdict {
    let user = stage.member().await?;
    refused(stage, login(&user.email, "Passw0rd\u{0}9999")).await?;
    let email = format!("a\u{0}{}", words::email(&mut rng));
    refused(stage, login(&email, &user.password)).await
}

async fn refused(stage: &Stage, ask: Ask) -> Verdict {
    let reply = stage.ask(ask).await?;
    reply.error(401, "invalid_credentials")
}
