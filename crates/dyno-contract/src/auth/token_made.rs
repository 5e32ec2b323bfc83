//! The tokens that a login gives.

use fastrand::Rng;

use super::jwt::{Token, now_s};
use super::stage::{Member, Stage};
use super::{Check, shape, table};
use crate::finding::Verdict;

pub(super) const CHECKS: &[Check] = table![
    "auth.token.header" => header,
    "auth.token.claims" => claims,
    "auth.token.times" => times,
    "auth.token.signature" => signature,
];

/// How far `iat` may be from now, s.
const NOW_S: u64 = 30;

async fn token(stage: &Stage) -> Result<(Member, Token), String> {
    let user = stage.member().await?;
    let token = stage.login(&user.email, &user.password).await?;
    Ok((user, Token::read(&token)?))
}

/// Clause 7.1.
async fn header(stage: &Stage, _rng: Rng) -> Verdict {
    let (_, token) = token(stage).await?;
    shape::members(&token.header, &["alg", "typ"])?;
    shape::equal("alg", &token.header["alg"], "HS256")?;
    shape::equal("typ", &token.header["typ"], "JWT")
}

/// Clause 7.1.
async fn claims(stage: &Stage, _rng: Rng) -> Verdict {
    let (user, token) = token(stage).await?;
    shape::members(&token.claims, &["iss", "sub", "iat", "exp"])?;
    shape::equal("iss", &token.claims["iss"], "dyno")?;
    shape::equal("sub", &token.claims["sub"], user.id.to_string())
}

/// Clause 7.1.
async fn times(stage: &Stage, _rng: Rng) -> Verdict {
    let (_, token) = token(stage).await?;
    let seconds = |name: &str| {
        let value = &token.claims[name];
        let wrong = || format!("`{name}` is {value}, wanted seconds as an integer");
        value.as_u64().ok_or_else(wrong)
    };
    let (iat, exp) = (seconds("iat")?, seconds("exp")?);
    let now = now_s();
    if iat.abs_diff(now) > NOW_S {
        return Err(format!("`iat` is {iat}, and now is {now}"));
    }
    let wanted = iat + stage.bench.jwt_ttl.as_secs();
    shape::equal("exp", &token.claims["exp"], wanted).map_err(|problem| {
        let ttl = exp.saturating_sub(iat);
        format!("{problem}: it is {ttl} s after `iat`")
    })
}

/// Clause 7.1.
async fn signature(stage: &Stage, _rng: Rng) -> Verdict {
    let (_, token) = token(stage).await?;
    if token.is_signed_with(stage.secret()) {
        Ok(())
    } else {
        Err("the token of a login is not signed with HS256 and JWT_SECRET".to_owned())
    }
}
