//! Profiles.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Serialize, Serializer};

use crate::Api;
use crate::errors::Failure;
use crate::token::Caller;
use crate::validate::{self, Form, MAX_ID};

/// A row without its password's hash: the contract's `User`.
#[derive(Serialize)]
#[cfg_attr(feature = "sqlx", derive(sqlx::FromRow))]
pub(crate) struct User {
    pub(crate) id: i64,
    pub(crate) email: String,
    pub(crate) name: String,
    #[serde(serialize_with = "timestamp")]
    pub(crate) created_at: DateTime<Utc>,
    #[serde(serialize_with = "timestamp")]
    pub(crate) updated_at: DateTime<Utc>,
}

/// What anybody may see of a row: the contract's `PublicUser`.
#[derive(Serialize)]
#[cfg_attr(feature = "sqlx", derive(sqlx::FromRow))]
pub(crate) struct PublicUser {
    pub(crate) id: i64,
    pub(crate) name: String,
    #[serde(serialize_with = "timestamp")]
    pub(crate) created_at: DateTime<Utc>,
}

/// What a login needs of a row.
#[cfg_attr(feature = "sqlx", derive(sqlx::FromRow))]
pub(crate) struct Credentials {
    pub(crate) id: i64,
    pub(crate) password_hash: String,
}

/// A part of the list; `next` is null on the last one.
#[derive(Serialize)]
pub(crate) struct Page {
    items: Vec<PublicUser>,
    next: Option<i64>,
}

/// Always three decimals; chrono's own form drops zeros.
fn timestamp<S: Serializer>(time: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&time.to_rfc3339_opts(SecondsFormat::Millis, true))
}

/// The caller's own row.
pub(crate) async fn me(
    State(api): State<Arc<Api>>,
    Caller(id): Caller,
) -> Result<Json<User>, Failure> {
    // A caller whose row is gone has no valid token; here and below.
    let user = api.users.by_id(id).await?;
    user.map(Json).ok_or(Failure::InvalidToken)
}

/// Changes the caller's name.
pub(crate) async fn rename(
    State(api): State<Arc<Api>>,
    Caller(id): Caller,
    mut form: Form,
) -> Result<Json<User>, Failure> {
    let Some(name) = form.text("name", validate::is_name) else {
        return Err(form.refusal());
    };
    let user = api.users.rename(id, &name).await?;
    user.map(Json).ok_or(Failure::InvalidToken)
}

/// Deletes the caller's row.
pub(crate) async fn leave(
    State(api): State<Arc<Api>>,
    Caller(id): Caller,
) -> Result<StatusCode, Failure> {
    match api.users.delete(id).await? {
        Some(_) => Ok(StatusCode::NO_CONTENT),
        None => Err(Failure::InvalidToken),
    }
}

/// Anybody's public profile.
pub(crate) async fn user(
    State(api): State<Arc<Api>>,
    Caller(_): Caller,
    Path(id): Path<String>,
) -> Result<Json<PublicUser>, Failure> {
    let id = validate::user_id(&id).ok_or(Failure::NotFound)?;
    let user = api.users.public(id).await?;
    user.map(Json).ok_or(Failure::NotFound)
}

/// One page of public profiles.
pub(crate) async fn list(
    State(api): State<Arc<Api>>,
    Caller(_): Caller,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Json<Page>, Failure> {
    let mut form = Form::default();
    let limit = form.number(&query, "limit", 20, 1..=100);
    let after = form.number(&query, "after", 0, 0..=MAX_ID);
    let (Some(limit), Some(after)) = (limit, after) else {
        return Err(form.refusal());
    };
    let items = api.users.page(after, limit).await?;
    let is_full = items.len() as i64 == limit;
    let next = items.last().filter(|_| is_full).map(|last| last.id);
    Ok(Json(Page { items, next }))
}
