//! `POST /auth/register`: what a new user is told, and who is one already.

use fastrand::Rng;
use serde_json::{Value, json};

use super::stage::{Stage, registration};
use super::{Check, shape, table, words};
use crate::ask::{Ask, Reply};
use crate::finding::Verdict;

pub(super) const CHECKS: &[Check] = table![
    "auth.register.status" => status,
    "auth.register.user" => user,
    "auth.register.location" => location,
    "auth.register.times" => times,
    "auth.register.lower-case" => lower_case,
    "auth.register.email-taken" => email_taken,
    "auth.register.email-race" => email_race,
    "auth.register.extra-members" => extra_members,
];

/// Registrations of one e-mail at one moment.
const RACERS: usize = 8;

fn random(rng: &mut Rng) -> Ask {
    registration(&words::email(rng), &words::password(rng), &words::name(rng))
}

/// Clause 6.3.
async fn status(stage: &Stage, mut rng: Rng) -> Verdict {
    stage.ask(random(&mut rng)).await?.status(201).map(|_| ())
}

/// Clause 6.3.
async fn user(stage: &Stage, mut rng: Rng) -> Verdict {
    let (email, name) = (words::email(&mut rng), words::name(&mut rng));
    let ask = registration(&email, &words::password(&mut rng), &name);
    let user = stage.ask(ask).await?.json()?;
    shape::members(&user, shape::USER)?;
    shape::equal("email", &user["email"], email)?;
    shape::equal("name", &user["name"], name)?;
    match user["id"].as_i64() {
        Some(1..) => Ok(()),
        _ => Err(format!("`id` is {}, wanted an integer", user["id"])),
    }
}

/// Clause 6.3.
async fn location(stage: &Stage, mut rng: Rng) -> Verdict {
    let reply = stage.ask(random(&mut rng)).await?;
    let wanted = format!("/users/{}", reply.json()?["id"]);
    match reply.header("Location") {
        Some(seen) if seen == wanted => Ok(()),
        seen => Err(format!(
            "{}: Location is {seen:?}, wanted {wanted:?}",
            reply.asked
        )),
    }
}

/// Clauses 2.1 and 6.3.
async fn times(stage: &Stage, mut rng: Rng) -> Verdict {
    let user = stage.ask(random(&mut rng)).await?.json()?;
    let created = shape::moment("created_at", &user["created_at"])?;
    shape::is_now("created_at", created)?;
    shape::equal(
        "updated_at",
        &user["updated_at"],
        user["created_at"].clone(),
    )
}

/// Clause 5.1.
async fn lower_case(stage: &Stage, mut rng: Rng) -> Verdict {
    let email = words::email(&mut rng);
    let password = words::password(&mut rng);
    let shouted = registration(&email.to_ascii_uppercase(), &password, "Ann");
    let user = stage.ask(shouted).await?.success()?.json()?;
    shape::equal("email", &user["email"], email.clone())?;
    let (start, end) = email.split_at(1);
    let mixed = start.to_ascii_uppercase() + end;
    let again = stage.ask(registration(&mixed, &password, "Ann")).await?;
    again
        .error(409, "email_taken")
        .map_err(|problem| format!("{mixed:?} after the same in capitals: {problem}"))
}

/// Clause 6.3.
async fn email_taken(stage: &Stage, mut rng: Rng) -> Verdict {
    let first = stage.newcomer(&mut rng).await?;
    let again = registration(
        &first.email,
        &words::password(&mut rng),
        &words::name(&mut rng),
    );
    stage.ask(again).await?.error(409, "email_taken")
}

/// Clause 6.3: a look before the insert is too early.
async fn email_race(stage: &Stage, mut rng: Rng) -> Verdict {
    let email = words::email(&mut rng);
    let asks = (0..RACERS).map(|number| {
        let password = words::password(&mut rng);
        registration(&email, &password, &format!("Racer {number}"))
    });
    let asks: Vec<Ask> = asks.collect();
    let mut winners = 0;
    for reply in stage.ask_at_once(asks).await? {
        match reply.answer.status {
            200..300 => winners += 1,
            _ => reply
                .error(409, "email_taken")
                .map_err(|problem| format!("{RACERS} at once with one e-mail: {problem}"))?,
        }
    }
    match winners {
        1 => Ok(()),
        _ => Err(format!(
            "{winners} of {RACERS} that register one e-mail at once are told that they have it"
        )),
    }
}

/// Clause 4.4.
async fn extra_members(stage: &Stage, mut rng: Rng) -> Verdict {
    let body = json!({
        "email": words::email(&mut rng),
        "password": words::password(&mut rng),
        "name": words::name(&mut rng),
        "id": 1,
        "is_admin": true,
        words::label(&mut rng, 9): { "of": [Value::Null] },
    });
    let reply = stage.ask(Ask::post("/auth/register").json(&body)).await;
    reply.and_then(Reply::success).map(|_| ())
}
