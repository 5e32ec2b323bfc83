//! `GET /users`: public profiles, a page at a time.

use fastrand::Rng;
use serde_json::Value;

use super::stage::{NOBODY, Stage};
use super::{Check, shape, table};
use crate::ask::Ask;
use crate::finding::Verdict;

pub(super) const CHECKS: &[Check] = table![
    "auth.users.default" => default,
    "auth.users.limit" => limit,
    "auth.users.after" => after,
    "auth.users.walk" => walk,
    "auth.users.last-page" => last_page,
    "auth.users.items" => items,
    "auth.users.bad-limit" => bad_limit,
    "auth.users.bad-after" => bad_after,
];

/// A page as it came.
struct Page {
    items: Vec<Value>,
    ids: Vec<i64>,
    next: Value,
}

async fn page(stage: &Stage, query: &str) -> Result<Page, String> {
    let ask = Ask::get(format!("/users{query}")).token(&stage.somebody().await?);
    let reply = stage.ask(ask).await?.success()?;
    let body = reply.json()?;
    let items = body["items"].as_array().cloned();
    let items = items.ok_or_else(|| reply.wrong("`items`"))?;
    let ids: Option<Vec<i64>> = items.iter().map(|item| item["id"].as_i64()).collect();
    let ids = ids.ok_or_else(|| reply.wrong("items with integers as `id`"))?;
    if !ids.is_sorted_by(|id, next| id < next) {
        return Err(format!(
            "{}: the ids are {ids:?}, wanted them in order",
            reply.asked
        ));
    }
    shape::members(&body, &["items", "next"])?;
    let next = body["next"].clone();
    Ok(Page { items, ids, next })
}

/// Whether a page that must be full is, and says where the next begins.
fn is_full(page: &Page, size: usize) -> Verdict {
    if page.ids.len() != size {
        let seen = page.ids.len();
        return Err(format!("a page has {seen} items, wanted {size}"));
    }
    shape::equal("next", &page.next, page.ids.last().copied())
}

/// Clause 6.9.
async fn default(stage: &Stage, _rng: Rng) -> Verdict {
    is_full(&page(stage, "").await?, 20)
}

/// Clause 6.9.
async fn limit(stage: &Stage, mut rng: Rng) -> Verdict {
    for limit in [1, rng.usize(2..=99), 100] {
        is_full(&page(stage, &format!("?limit={limit}")).await?, limit)
            .map_err(|problem| format!("with limit={limit}, {problem}"))?;
    }
    Ok(())
}

/// Clause 6.9: ids above it, whether or not there is such a user.
async fn after(stage: &Stage, mut rng: Rng) -> Verdict {
    let all = page(stage, "?limit=100").await?;
    is_full(&all, 100)?;
    let place = rng.usize(1..90);
    let after = all.ids[place];
    let some = page(stage, &format!("?limit=9&after={after}")).await?;
    if some.items != all.items[place + 1..place + 10] {
        let (seen, wanted) = (some.ids, &all.ids[place + 1..place + 10]);
        return Err(format!("after={after} gives {seen:?}, wanted {wanted:?}"));
    }
    let first = page(stage, "?after=0&limit=100").await?;
    if first.ids == all.ids {
        Ok(())
    } else {
        Err("after=0 is not the first page".to_owned())
    }
}

/// Clause 6.9: page by page, nobody is left out or comes twice.
async fn walk(stage: &Stage, _rng: Rng) -> Verdict {
    let all = page(stage, "?limit=99").await?;
    let mut ids = Vec::new();
    let mut next = Value::from(0);
    for _ in 0..3 {
        let part = page(stage, &format!("?limit=33&after={next}")).await?;
        ids.extend(part.ids);
        next = part.next;
    }
    if ids == all.ids {
        Ok(())
    } else {
        let wanted = &all.ids;
        Err(format!(
            "three pages of 33 are {ids:?}, one of 99 is {wanted:?}"
        ))
    }
}

/// Clause 6.9.
async fn last_page(stage: &Stage, mut rng: Rng) -> Verdict {
    let user = stage.newcomer(&mut rng).await?;
    let before = user.id - 1;
    let last = page(stage, &format!("?limit=5&after={before}")).await?;
    if last.ids != [user.id] {
        let seen = last.ids;
        return Err(format!(
            "the page behind {before} is {seen:?}, wanted the newest user"
        ));
    }
    shape::equal("next", &last.next, Value::Null)?;
    is_full(&page(stage, &format!("?limit=1&after={before}")).await?, 1)?;
    let behind = page(stage, &format!("?after={NOBODY}")).await?;
    if !behind.ids.is_empty() {
        return Err(format!("after={NOBODY} is not an empty page"));
    }
    shape::equal("next", &behind.next, Value::Null)
}

/// Clause 6.9.
async fn items(stage: &Stage, _rng: Rng) -> Verdict {
    let page = page(stage, "?limit=50").await?;
    for item in &page.items {
        shape::members(item, shape::PUBLIC_USER)?;
    }
    Ok(())
}

/// Clause 5.4.
async fn bad_limit(stage: &Stage, _rng: Rng) -> Verdict {
    for limit in [
        "0",
        "101",
        "-1",
        "abc",
        "",
        "1.5",
        "1e1",
        "1_0",
        "0x10",
        "%2B5",
        "%205",
        "5%20",
        "99999999999999999999",
        "%D9%A5",
    ] {
        refused(stage, &format!("?limit={limit}"), &["limit"]).await?;
    }
    Ok(())
}

/// Clauses 4.5 and 5.4.
async fn bad_after(stage: &Stage, _rng: Rng) -> Verdict {
    for after in [
        "-1",
        "abc",
        "",
        "1.5",
        "9007199254740992",
        "9223372036854775808",
        "99999999999999999999",
    ] {
        refused(stage, &format!("?after={after}"), &["after"]).await?;
    }
    refused(stage, "?limit=0&after=x", &["limit", "after"]).await
}

async fn refused(stage: &Stage, query: &str, names: &[&str]) -> Verdict {
    let ask = Ask::get(format!("/users{query}")).token(&stage.somebody().await?);
    let wanted: Vec<_> = names.iter().map(|name| (*name, "invalid")).collect();
    stage.ask(ask).await?.fields(&wanted)
}
