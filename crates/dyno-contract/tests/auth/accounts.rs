//! Accounts and webhooks of the double: what is hashed, and what is delivered.

use serde_json::{Value, json};

use crate::answer::{Answer, EMAIL_TAKEN, INVALID_CREDENTIALS, NOT_FOUND, QUEUE_FULL};
use crate::double::{Double, now_ms};
use crate::fault::Fault::*;
use crate::queue::Full;
use crate::routes::Visit;
use crate::rows::{SEED, User};
use crate::{fields, profiles, token};

pub(crate) async fn register(visit: &Visit<'_>) -> Answer {
    let double = visit.double;
    let [email, password, name] = fields::texts(visit, ["email", "password", "name"]);
    let taken = || Answer::error(double, EMAIL_TAKEN);
    if double.has(LooksBeforeInserting) && double.rows.by_email(&email).is_some() {
        return taken();
    }
    let hash = double.hash(&password).await;
    let Some(user) = double.rows.insert(&email, &name, hash) else {
        if double.has(MailsRefused) {
            let mail = json!({ "id": "refused", "kind": "welcome", "to": email, "user_id": 0 });
            deliver(double, "/mail", mail).await.unwrap();
        }
        return match double.fault {
            LooksBeforeInserting => Answer::crash(),
            _ => taken(),
        };
    };
    let mailed = mail(double, &user).await;
    if mailed.is_err() && double.has(RegisterFailsWhenFull) {
        return Answer::error(double, QUEUE_FULL);
    }
    let mut shown = user.clone();
    if double.has(AnswersOtherTime) {
        shown.created_ms += 1000;
        shown.updated_ms += 1000;
    }
    let mut body = profiles::own(double, &shown);
    if double.has(RegisterShowsHash) {
        body["password_hash"] = user.password_hash.into();
    }
    let status = if double.has(RegisterStatus200) {
        200
    } else {
        201
    };
    let host = if double.has(LocationAbsolute) {
        "http://dyno.test"
    } else {
        ""
    };
    Answer::json(double, status, &body).with("Location", format!("{host}/users/{}", user.id))
}

async fn mail(double: &Double, user: &User) -> Result<(), Full> {
    let number = double.next();
    let mut mail = json!({
        "id": format!("mail-{number}"),
        "kind": "welcome",
        "to": user.email,
        "user_id": user.id,
    });
    match double.fault {
        LosesMails if user.id % 2 == 0 => return Ok(()),
        MailWithoutUser => mail["user_id"] = Value::Null,
        MailTwice => deliver(double, "/mail", mail.clone()).await?,
        _ => {}
    }
    deliver(double, "/mail", mail).await
}

async fn deliver(double: &Double, path: &'static str, task: Value) -> Result<(), Full> {
    let delivered = double.queue.put(path, task)?;
    if double.has(DeliversBeforeAnswer) {
        // It may have been dropped.
        let _ = delivered.await;
    }
    Ok(())
}

pub(crate) async fn login(visit: &Visit<'_>) -> Answer {
    let double = visit.double;
    let json = visit.json.as_ref().unwrap();
    let text = |name: &str| json[name].as_str().unwrap().to_owned();
    let (mut email, password) = (text("email"), text("password"));
    if !double.has(LoginKeepsCase) {
        email.make_ascii_lowercase();
    }
    let is_odd = match double.fault {
        LongPasswordCrashes => password.len() > 72,
        NulCrashes => format!("{email}{password}").contains('\0'),
        _ => false,
    };
    if is_odd {
        return Answer::crash();
    }
    let refused = || Answer::error(double, INVALID_CREDENTIALS);
    let Some(user) = double.rows.by_email(&email) else {
        if !double.has(NoDummyHash) {
            double.verify(&password, "").await;
        }
        return match double.fault {
            UnknownEmail404 => Answer::error(double, NOT_FOUND),
            _ => refused(),
        };
    };
    let is_seed = user.id <= 100 + i64::try_from(SEED).unwrap();
    let is_right = double.verify(&password, &user.password_hash).await;
    if !is_right || (double.has(RefusesSeedUsers) && is_seed) {
        return refused();
    }
    let mut body = json!({
        "access_token": token::made(double, user.id),
        "token_type": "Bearer",
        "expires_in": double.settings.jwt_ttl_s,
    });
    if double.has(LoginShowsUser) {
        body["user"] = profiles::own(double, &user);
    }
    Answer::json(double, 200, &body)
}

pub(crate) async fn webhook(visit: &Visit<'_>) -> Answer {
    let double = visit.double;
    let mut number = double.next();
    if double.has(IdsRepeat) && number % 7 == 6 {
        number -= 1;
    }
    let id = format!("01890a5d-ac96-774b-bcce-{number:012x}");
    let json = visit.json.as_ref().unwrap();
    let mut task = json!({ "id": id, "event": json["event"], "payload": json["payload"] });
    if double.has(WebhookWithTime) {
        task["at"] = now_ms().into();
    }
    if deliver(double, "/webhook", task).await.is_err() {
        return match double.fault {
            QueueFullIs500 => Answer::crash(),
            _ => Answer::error(double, QUEUE_FULL),
        };
    }
    let status = if double.has(WebhookStatus200) {
        200
    } else {
        202
    };
    Answer::json(double, status, &json!({ "id": id, "status": "queued" }))
}
