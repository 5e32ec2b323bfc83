//! Tokens that are wrong in one way each, and must be refused for it.

use fastrand::Rng;
use serde_json::{Value, json};

use super::jwt::{self, Algorithm, now_s};
use super::stage::{NOBODY, Stage, me};
use super::{Check, table, words};
use crate::ask::Ask;
use crate::finding::Verdict;

pub(super) const CHECKS: &[Check] = table![
    "auth.token.garbage" => garbage,
    "auth.token.wrong-secret" => wrong_secret,
    "auth.token.alg-none" => alg_none,
    "auth.token.other-algorithm" => other_algorithm,
    "auth.token.issuer" => issuer,
    "auth.token.subject" => subject,
    "auth.token.no-exp" => no_exp,
    "auth.token.exp-text" => exp_text,
    "auth.token.expired" => expired,
    "auth.token.leeway" => leeway,
    "auth.token.expired-unsigned" => expired_unsigned,
];

/// Clause 7.4.
async fn garbage(stage: &Stage, mut rng: Rng) -> Verdict {
    let good = stage.member().await?.token;
    let long = words::password_of(&mut rng, 3000);
    for token in [
        "x",
        "a.b",
        "..",
        "a.b.c",
        "e30.e30.e30",
        "bm8.anNvbg.c2ln",
        &format!("{good}.more"),
        &good[..good.len() - 10],
        &good.replace('.', ","),
        &format!("*{}", &good[1..]),
        &long.replace(['.', ' ', ','], "-"),
    ] {
        refuse(stage, token, "invalid_token").await?;
    }
    Ok(())
}

/// Clause 7.4.
async fn wrong_secret(stage: &Stage, mut rng: Rng) -> Verdict {
    let user = stage.member().await?;
    let other = words::password_of(&mut rng, 32);
    let claims = stage.claims(user.id);
    refuse(
        stage,
        &jwt::signed(&claims, other.as_bytes()),
        "invalid_token",
    )
    .await?;
    refuse(stage, &jwt::signed(&claims, b""), "invalid_token").await?;
    // The claims of one, the signature of another.
    let other = stage.member().await?;
    let (signed, _) = user.token.rsplit_once('.').unwrap_or_default();
    let (_, signature) = other.token.rsplit_once('.').unwrap_or_default();
    refuse(stage, &format!("{signed}.{signature}"), "invalid_token").await
}

/// Clause 7.4.
async fn alg_none(stage: &Stage, _rng: Rng) -> Verdict {
    let user = stage.member().await?;
    let claims = stage.claims(user.id);
    for name in ["none", "None"] {
        let header = json!({ "alg": name, "typ": "JWT" });
        let unsigned = jwt::unsigned(&header, &claims);
        refuse(stage, &format!("{unsigned}."), "invalid_token").await?;
        let signed = jwt::signed_by(&header, &claims, stage.secret(), Algorithm::Hs256);
        refuse(stage, &signed, "invalid_token").await?;
    }
    Ok(())
}

/// Clause 7.4.
async fn other_algorithm(stage: &Stage, _rng: Rng) -> Verdict {
    let user = stage.member().await?;
    let claims = stage.claims(user.id);
    for (name, algorithm) in [("HS384", Algorithm::Hs384), ("HS512", Algorithm::Hs512)] {
        let header = json!({ "alg": name, "typ": "JWT" });
        let token = jwt::signed_by(&header, &claims, stage.secret(), algorithm);
        refuse(stage, &token, "invalid_token").await?;
    }
    Ok(())
}

/// Clause 7.4.
async fn issuer(stage: &Stage, _rng: Rng) -> Verdict {
    refuse_claims(stage, "iss", &[json!("Dyno"), json!(["dyno"]), Value::Null]).await
}

/// Clause 7.4.
async fn subject(stage: &Stage, _rng: Rng) -> Verdict {
    let user = stage.member().await?;
    let wrong = [
        json!(user.id),
        json!(""),
        json!("ann"),
        json!(format!("{}x", user.id)),
        json!("-1"),
        Value::Null,
    ];
    refuse_claims(stage, "sub", &wrong).await
}

/// Clause 7.4.
async fn no_exp(stage: &Stage, _rng: Rng) -> Verdict {
    refuse_claims(stage, "exp", &[Value::Null]).await
}

/// Clause 7.4.
async fn exp_text(stage: &Stage, _rng: Rng) -> Verdict {
    let later = now_s() + 600;
    refuse_claims(stage, "exp", &[json!(later.to_string())]).await
}

/// Clause 7.5.
async fn expired(stage: &Stage, _rng: Rng) -> Verdict {
    let token = jwt::signed(&stage.past_claims(600).await?, stage.secret());
    refuse(stage, &token, "token_expired").await
}

/// Clause 7.5: with a leeway of a minute it would be good.
async fn leeway(stage: &Stage, _rng: Rng) -> Verdict {
    let token = jwt::signed(&stage.past_claims(3).await?, stage.secret());
    refuse(stage, &token, "token_expired")
        .await
        .map_err(|problem| format!("3 s after `exp`, {problem}"))
}

/// Clause 7.5: only of a token that is well signed is its time looked at.
async fn expired_unsigned(stage: &Stage, mut rng: Rng) -> Verdict {
    let other = words::password_of(&mut rng, 32);
    let token = jwt::signed(&stage.past_claims(600).await?, other.as_bytes());
    refuse(stage, &token, "invalid_token").await
}

/// Asked of a route that would take a token of nobody, so that only the token
/// can be what is wrong.
async fn refuse_claims(stage: &Stage, name: &str, wrong: &[Value]) -> Verdict {
    let user = stage.member().await?;
    for value in wrong {
        let claims = stage.claims_but(NOBODY, &[(name, value.clone())]);
        let token = jwt::signed(&claims, stage.secret());
        let ask = Ask::get(format!("/users/{}", user.id)).token(&token);
        let reply = stage.ask(ask).await?;
        let told = |problem| format!("with `{name}` {value}, {problem}");
        reply.error(401, "invalid_token").map_err(told)?;
    }
    Ok(())
}

async fn refuse(stage: &Stage, token: &str, code: &str) -> Verdict {
    stage.ask(me(token)).await?.error(401, code)
}
