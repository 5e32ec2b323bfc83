//! Profiles of the double: read, changed, deleted, listed.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::sleep;

use crate::answer::{Answer, INVALID_TOKEN, NOT_FOUND};
use crate::clock::written;
use crate::double::{Double, locked};
use crate::fault::Fault::*;
use crate::fields;
use crate::routes::Visit;
use crate::rows::User;

/// A profile as its owner sees it.
pub(crate) fn own(double: &Double, user: &User) -> Value {
    json!({
        "id": user.id,
        "email": user.email,
        "name": user.name,
        "created_at": written(user.created_ms, double.fault),
        "updated_at": written(user.updated_ms, double.fault),
    })
}

/// A profile as anybody sees it.
fn public(double: &Double, user: &User, shows_email: bool) -> Value {
    let mut value = json!({
        "id": user.id,
        "name": user.name,
        "created_at": written(user.created_ms, double.fault),
    });
    if shows_email {
        value["email"] = user.email.clone().into();
    }
    value
}

/// The body of an answer, from the database or, with a fault, from before.
fn cached(visit: &Visit<'_>, look: impl Fn() -> Option<Value>) -> Option<Value> {
    let key = format!("{} {}", visit.caller, visit.request.target);
    let mut cache = locked(&visit.double.cache);
    let kept = cache
        .get(&key)
        .map(|text| serde_json::from_str(text).unwrap());
    match (visit.double.fault, kept) {
        (CachesRows, Some(kept)) => Some(kept),
        (CachesButAsks, Some(kept)) => look().and(Some(kept)),
        (CachesRows | CachesButAsks, None) => {
            let value = look()?;
            cache.insert(key, value.to_string());
            Some(value)
        }
        _ => look(),
    }
}

pub(crate) async fn me(visit: &Visit<'_>) -> Answer {
    let double = visit.double;
    if double.has(PoolUnbounded) {
        sleep(Duration::from_millis(2)).await;
    }
    let user = cached(visit, || {
        let user = double
            .rows
            .by_id(visit.caller)
            .filter(|user| !user.is_left)?;
        Some(own(double, &user))
    });
    match user {
        Some(mut user) => {
            if double.has(MeWithoutUpdatedAt) {
                user.as_object_mut().unwrap().remove("updated_at");
            }
            Answer::json(double, 200, &user)
        }
        None if double.has(MeGone404) => Answer::error(double, NOT_FOUND),
        None => Answer::error(double, INVALID_TOKEN),
    }
}

pub(crate) fn rename(visit: &Visit<'_>) -> Answer {
    let double = visit.double;
    let json = visit.json.as_ref().unwrap();
    let name = json["name"].as_str().unwrap();
    let user = double.rows.update(visit.caller, |user| {
        name.clone_into(&mut user.name);
        if let (MassAssignment, Some(email)) = (double.fault, json["email"].as_str()) {
            email.clone_into(&mut user.email);
        }
    });
    let Some(user) = user else {
        return match double.fault {
            RenameGone404 => Answer::error(double, NOT_FOUND),
            _ => Answer::error(double, INVALID_TOKEN),
        };
    };
    let mut body = own(double, &user);
    if double.has(RenameShowsMore) {
        body["renamed"] = true.into();
    }
    Answer::json(double, 200, &body)
}

pub(crate) fn leave(visit: &Visit<'_>) -> Answer {
    let double = visit.double;
    match double.rows.delete(visit.caller) {
        Some(_) if double.has(LeaveStatus200) => {
            Answer::json(double, 200, &json!({ "status": "gone" }))
        }
        None if !double.has(LeaveTwice204) => Answer::error(double, INVALID_TOKEN),
        _ => Answer::empty(204),
    }
}

pub(crate) fn user(visit: &Visit<'_>, id: Option<i64>) -> Answer {
    let double = visit.double;
    let user = cached(visit, || {
        let user = double.rows.by_id(id?)?;
        Some(public(double, &user, double.has(UserShowsEmail)))
    });
    match user {
        Some(user) => Answer::json(double, 200, &user),
        None if double.has(UnknownUserIsNull) && id.is_some() => {
            Answer::json(double, 200, &Value::Null)
        }
        None => Answer::error(double, NOT_FOUND),
    }
}

pub(crate) fn users(visit: &Visit<'_>) -> Answer {
    let double = visit.double;
    let (limit, after) = match fields::page(visit) {
        Ok(page) => page,
        Err(answer) => return answer,
    };
    if double.has(ListLooksCallerUp) && double.rows.by_id(visit.caller).is_none() {
        return Answer::error(double, INVALID_TOKEN);
    }
    let key = &visit.request.target;
    if double.has(CachesPages)
        && let Some(kept) = locked(&double.cache).get(key)
    {
        return Answer::json(double, 200, &serde_json::from_str(kept).unwrap());
    }
    let limit = if double.has(LimitUpTo50) {
        limit.min(50)
    } else {
        limit
    };
    let users = double.rows.page(after, limit);
    let is_full = users.len() == limit || double.has(NextOnLastPage);
    let next = users.last().filter(|_| is_full).map(|user| user.id);
    let shows_email = double.has(UsersShowEmail);
    let items: Vec<_> = users
        .iter()
        .map(|user| public(double, user, shows_email))
        .collect();
    let body = json!({ "items": items, "next": next });
    if double.has(CachesPages) {
        locked(&double.cache).insert(key.clone(), body.to_string());
    }
    Answer::json(double, 200, &body)
}
