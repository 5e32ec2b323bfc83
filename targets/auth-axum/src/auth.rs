//! Accounts and tokens.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use uuid::Uuid;

use crate::Api;
use crate::errors::Failure;
use crate::tasks::Task;
use crate::users::Credentials;
use crate::validate::{self, Form};

/// The answer to a login.
#[derive(Serialize)]
pub(crate) struct Grant {
    access_token: String,
    token_type: &'static str,
    expires_in: u64,
}

/// Opens an account and queues a mail.
pub(crate) async fn register(
    State(api): State<Arc<Api>>,
    mut form: Form,
) -> Result<Response, Failure> {
    let email = form.email("email");
    let password = form.text("password", validate::is_password);
    let name = form.text("name", validate::is_name);
    let (Some(email), Some(password), Some(name)) = (email, password, name) else {
        return Err(form.refusal());
    };

    let hash = api.passwords.hash(password).await?;
    let user = api.users.insert(&email, &name, &hash).await?;
    let user = user.ok_or(Failure::EmailTaken)?;

    let location = [(header::LOCATION, format!("/users/{}", user.id))];
    let response = (StatusCode::CREATED, location, Json(&user)).into_response();
    let mail = Task::Mail {
        id: Uuid::new_v4(),
        kind: "welcome",
        to: user.email,
        user_id: user.id,
    };
    Ok(match api.tasks.reserve() {
        Some(place) => place.fill_after(response, mail),
        // With a full queue the account is open all the same.
        None => response,
    })
}

/// Exchanges e-mail and password for a token.
pub(crate) async fn login(
    State(api): State<Arc<Api>>,
    mut form: Form,
) -> Result<Json<Grant>, Failure> {
    let email = form.text("email", validate::is_credential);
    let password = form.text("password", validate::is_credential);
    let (Some(email), Some(password)) = (email, password) else {
        return Err(form.refusal());
    };

    let known = lookup(&api, &email.to_ascii_lowercase()).await?;
    let (id, hash) = known.map(|known| (known.id, known.password_hash)).unzip();
    let matches = api.passwords.matches(hash, password).await?;
    let id = id.filter(|_| matches).ok_or(Failure::InvalidCredentials)?;
    Ok(Json(Grant {
        access_token: api.tokens.issue(id)?,
        token_type: "Bearer",
        expires_in: api.tokens.ttl_s(),
    }))
}

async fn lookup(api: &Api, email: &str) -> anyhow::Result<Option<Credentials>> {
    // PostgreSQL takes no text with a NUL, and so there is none.
    if email.contains('\0') {
        return Ok(None);
    }
    api.users.credentials(email).await
}
