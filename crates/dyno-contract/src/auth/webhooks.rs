//! `POST /webhooks`: what is taken, and what its asker is told. Whether it is
//! delivered is in `tasks.rs`.

use std::collections::HashSet;

use fastrand::Rng;
use serde_json::{Value, json};

use super::stage::{Stage, text, webhook};
use super::{Check, shape, table, words};
use crate::ask::Ask;
use crate::finding::Verdict;

pub(super) const CHECKS: &[Check] = table![
    "auth.webhooks.queued" => queued,
    "auth.webhooks.ids" => ids,
    "auth.webhooks.fields" => fields,
    "auth.webhooks.payload-size" => payload_size,
];

/// Most bytes of a payload.
const LARGEST: usize = 4096;

/// Clause 6.10.
async fn queued(stage: &Stage, mut rng: Rng) -> Verdict {
    let user = stage.member().await?;
    let (event, payload) = (words::event(&mut rng), words::payload(&mut rng));
    let reply = stage.ask(webhook(&user.token, &event, &payload)).await?;
    let body = reply.status(202)?.json()?;
    shape::members(&body, &["id", "status"])?;
    shape::equal("status", &body["status"], "queued")?;
    if shape::is_uuid(&text(&body["id"])) {
        Ok(())
    } else {
        Err(format!("`id` is {}, wanted a UUID", body["id"]))
    }
}

/// Clause 6.10.
async fn ids(stage: &Stage, mut rng: Rng) -> Verdict {
    let user = stage.member().await?;
    let event = words::event(&mut rng);
    let mut seen = HashSet::new();
    for _ in 0..20 {
        let ask = webhook(&user.token, &event, &json!({}));
        let body = stage.ask(ask).await?.success()?.json()?;
        if !seen.insert(text(&body["id"])) {
            return Err(format!("two tasks have the id {}", body["id"]));
        }
    }
    Ok(())
}

/// Clauses 4.5, 5.6 and 5.7.
async fn fields(stage: &Stage, _rng: Rng) -> Verdict {
    let user = stage.member().await?;
    let refused = async |body: Value, wanted: &[(&str, &str)]| -> Verdict {
        let ask = Ask::post("/webhooks").token(&user.token).json(&body);
        let told = |problem| format!("{body}: {problem}");
        stage.ask(ask).await?.fields(wanted).map_err(told)
    };
    let both = [("event", "required"), ("payload", "required")];
    refused(json!({}), &both).await?;
    let both = [("event", "invalid"), ("payload", "invalid")];
    refused(json!({ "event": null, "payload": null }), &both).await?;
    for event in [
        json!(""),
        json!("Order.paid"),
        json!("1st"),
        json!(".paid"),
        json!("order paid"),
        json!("order-paid"),
        json!("order.paid\n"),
        json!("a".repeat(65)),
        json!(5),
    ] {
        let body = json!({ "event": event, "payload": {} });
        refused(body, &[("event", "invalid")]).await?;
    }
    for payload in [json!([]), json!("{}"), json!(1), json!(false)] {
        let body = json!({ "event": "order.paid", "payload": payload });
        refused(body, &[("payload", "invalid")]).await?;
    }
    Ok(())
}

/// Clause 5.7.
async fn payload_size(stage: &Stage, mut rng: Rng) -> Verdict {
    let user = stage.member().await?;
    let event = words::event(&mut rng);
    let of_size = |bytes: usize| {
        let empty = json!({ "a": "" }).to_string().len();
        json!({ "a": "x".repeat(bytes - empty) })
    };
    let told = |problem| format!("a payload of {LARGEST} bytes: {problem}");
    let ask = webhook(&user.token, &event, &of_size(LARGEST));
    stage.ask(ask).await?.success().map_err(told)?;
    let told = |problem| format!("a payload of {} bytes: {problem}", LARGEST + 1);
    let ask = webhook(&user.token, &event, &of_size(LARGEST + 1));
    let reply = stage.ask(ask).await?;
    reply.fields(&[("payload", "invalid")]).map_err(told)
}
