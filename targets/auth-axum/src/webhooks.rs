//! Work that is done after the answer.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use uuid::Uuid;

use crate::Api;
use crate::errors::Failure;
use crate::tasks::Task;
use crate::token::Caller;
use crate::validate::{self, Form};

/// The answer to an event that will be delivered.
#[derive(Serialize)]
struct Queued {
    id: Uuid,
    status: &'static str,
}

/// Queues an event.
pub(crate) async fn notify(
    State(api): State<Arc<Api>>,
    Caller(_): Caller,
    mut form: Form,
) -> Result<Response, Failure> {
    let event = form.text("event", validate::is_event);
    let payload = form.object("payload", validate::MAX_PAYLOAD);
    let (Some(event), Some(payload)) = (event, payload) else {
        return Err(form.refusal());
    };
    let place = api.tasks.reserve().ok_or(Failure::QueueFull)?;
    let id = Uuid::new_v4();
    let queued = Queued {
        id,
        status: "queued",
    };
    let response = (StatusCode::ACCEPTED, Json(queued)).into_response();
    Ok(place.fill_after(response, Task::Webhook { id, event, payload }))
}
