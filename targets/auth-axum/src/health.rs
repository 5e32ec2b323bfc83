//! Whether the target is there, and its database.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use tokio::time::timeout;

use crate::Api;
use crate::errors::Failure;

/// How long the database may take to be there.
const LIMIT: Duration = Duration::from_secs(2);

/// The answer of both.
#[derive(Serialize)]
pub(crate) struct Status {
    status: &'static str,
}

/// Says that the process is there.
pub(crate) async fn health() -> Json<Status> {
    Json(Status { status: "ok" })
}

/// Says whether the database answers.
pub(crate) async fn ready(State(api): State<Arc<Api>>) -> Result<Json<Status>, Failure> {
    match timeout(LIMIT, api.users.ping()).await {
        Ok(Ok(())) => Ok(Json(Status { status: "ready" })),
        Ok(Err(_)) | Err(_) => Err(Failure::NotReady),
    }
}
