//! `Server-Timing`: where the time of a request went, as the target says it.

use std::collections::BTreeMap;

use fastrand::Rng;

use super::answers::sample;
use super::stage::{Stage, login, me};
use super::{Check, table};
use crate::ask::{Ask, Reply};
use crate::finding::Verdict;

pub(super) const CHECKS: &[Check] = table![
    "auth.timing.header" => header,
    "auth.timing.parts" => parts,
];

/// In a process that was not asked for it.
pub(super) const OFF: &[Check] = table![
    "auth.timing.off" => off,
];

const PARTS: &[&str] = &["pool", "db", "hashq", "hash", "app"];
/// What five roundings to a thousandth of a millisecond can add up to, ms.
const ROUNDING_MS: f64 = 0.005;

/// Clause 10.1.
async fn header(stage: &Stage, mut rng: Rng) -> Verdict {
    for reply in sample(stage, &mut rng).await? {
        // What no route was found for has no handler that could be timed.
        if !matches!(reply.answer.status, 404 | 405) {
            read(&reply)?;
        }
    }
    Ok(())
}

/// Clause 10.2.
async fn parts(stage: &Stage, _rng: Rng) -> Verdict {
    let user = stage.member().await?;
    for (ask, has, has_not) in [
        (
            login(&user.email, &user.password),
            &["db", "hash"][..],
            &[][..],
        ),
        (me(&user.token), &["db"], &["hash", "hashq"]),
        (Ask::get("/healthz"), &[], &["db", "pool", "hash", "hashq"]),
    ] {
        let reply = stage.ask(ask).await?;
        let parts = read(&reply)?;
        let told = |problem: String| {
            let field = reply.header("Server-Timing").unwrap_or_default();
            format!("{}: Server-Timing is {field:?}: {problem}", reply.asked)
        };
        if let Some(missing) = has.iter().find(|name| !parts.contains_key(**name)) {
            return Err(told(format!("there is no {missing}")));
        }
        if let Some(odd) = has_not.iter().find(|name| parts.contains_key(**name)) {
            return Err(told(format!("there is no {odd} in this request")));
        }
        let app = parts["app"];
        let sum: f64 = parts.values().sum::<f64>() - app;
        if sum > app + ROUNDING_MS {
            return Err(told(format!("the parts add up to {sum:.3} of {app:.3} ms")));
        }
    }
    Ok(())
}

/// Clause 10.3.
async fn off(stage: &Stage, _rng: Rng) -> Verdict {
    let reply = stage.ask(Ask::get("/healthz")).await?;
    match reply.header("Server-Timing") {
        None => Ok(()),
        Some(field) => Err(format!("Server-Timing is {field:?} with SERVER_TIMING=0")),
    }
}

fn read(reply: &Reply) -> Result<BTreeMap<&'static str, f64>, String> {
    let field = reply.header("Server-Timing").unwrap_or_default();
    let parts = parse(field);
    parts.ok_or_else(|| {
        format!(
            "{}: Server-Timing is {field:?}, wanted such as \"db;dur=0.934, app;dur=1.250\"",
            reply.asked
        )
    })
}

/// Times by name, ms; `None` when it is not of the contract's form.
fn parse(field: &str) -> Option<BTreeMap<&'static str, f64>> {
    let mut parts = BTreeMap::new();
    for part in field.split(',') {
        let (name, value) = part.trim().split_once(";dur=")?;
        let name = PARTS.iter().find(|known| **known == name)?;
        let (whole, decimals) = value.split_once('.')?;
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || decimals.len() != 3 || !digits(whole) || !digits(decimals) {
            return None;
        }
        let value: f64 = value.parse().ok()?;
        if value == 0.0 || parts.insert(*name, value).is_some() {
            return None;
        }
    }
    parts.contains_key("app").then_some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_contracts_form_is_taken() {
        for (field, expected) in [
            ("pool;dur=0.012, db;dur=0.934, app;dur=1.250", true),
            ("app;dur=0.001", true),
            ("db;dur=1.000,app;dur=2.000", true),
            ("db;dur=1.000", false),
            ("db;dur=0.000, app;dur=1.000", false),
            ("app;dur=1", false),
            ("app;dur=1.25", false),
            ("app;dur=-1.250", false),
            ("app;dur=1.250, app;dur=1.250", false),
            ("total;dur=1.250, app;dur=1.250", false),
            ("app", false),
            ("", false),
        ] {
            assert_eq!(parse(field).is_some(), expected, "{field:?}");
        }
        assert_eq!(
            parse("hash;dur=48.210, app;dur=49.800").unwrap()["hash"],
            48.21
        );
    }
}
