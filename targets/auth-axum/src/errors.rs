//! Every answer that says why there is no other: the one table of statuses,
//! codes and messages.

#[cfg(test)]
mod tests;

use std::any::Any;
use std::collections::BTreeMap;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// What is wrong with each field.
pub(crate) type Fields = BTreeMap<&'static str, Wrong>;

/// What can be wrong with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Wrong {
    Required,
    Invalid,
}

/// The contract's failures, and `Internal`, for which it has no word.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    BadJson,
    MissingToken,
    InvalidToken,
    TokenExpired,
    InvalidCredentials,
    NotFound,
    MethodNotAllowed,
    EmailTaken,
    TooLarge,
    UnsupportedMediaType,
    ValidationFailed(Fields),
    RateLimited { retry_after_s: u64 },
    NotReady,
    QueueFull,
    Internal,
}

impl Failure {
    #[rustfmt::skip]
    fn row(&self) -> (StatusCode, &'static str, &'static str) {
        use StatusCode as S;
        match self {
            Self::BadJson => (S::BAD_REQUEST, "bad_json", "request body is not valid JSON"),
            Self::MissingToken => (S::UNAUTHORIZED, "missing_token", "authentication required"),
            Self::InvalidToken => (S::UNAUTHORIZED, "invalid_token", "token is not valid"),
            Self::TokenExpired => (S::UNAUTHORIZED, "token_expired", "token has expired"),
            Self::InvalidCredentials => (S::UNAUTHORIZED, "invalid_credentials", "email or password is wrong"),
            Self::NotFound => (S::NOT_FOUND, "not_found", "resource not found"),
            Self::MethodNotAllowed => (S::METHOD_NOT_ALLOWED, "method_not_allowed", "method not allowed"),
            Self::EmailTaken => (S::CONFLICT, "email_taken", "email is already registered"),
            Self::TooLarge => (S::PAYLOAD_TOO_LARGE, "too_large", "request body is too large"),
            Self::UnsupportedMediaType => (S::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", "content type must be application/json"),
            Self::ValidationFailed(_) => (S::UNPROCESSABLE_ENTITY, "validation_failed", "request is not valid"),
            Self::RateLimited { .. } => (S::TOO_MANY_REQUESTS, "rate_limited", "too many requests"),
            Self::NotReady => (S::SERVICE_UNAVAILABLE, "not_ready", "database is not available"),
            Self::QueueFull => (S::SERVICE_UNAVAILABLE, "queue_full", "task queue is full"),
            Self::Internal => (S::INTERNAL_SERVER_ERROR, "internal", "internal server error"),
        }
    }

    fn challenge(&self) -> Option<&'static str> {
        match self {
            Self::MissingToken | Self::InvalidCredentials => Some("Bearer"),
            Self::InvalidToken | Self::TokenExpired => Some("Bearer error=\"invalid_token\""),
            _ => None,
        }
    }

    fn retry_after_s(&self) -> Option<u64> {
        match self {
            Self::RateLimited { retry_after_s } => Some(*retry_after_s),
            Self::QueueFull => Some(1),
            _ => None,
        }
    }
}

#[derive(Serialize)]
struct Body {
    error: Detail,
}

#[derive(Serialize)]
struct Detail {
    code: &'static str,
    message: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    fields: Option<Fields>,
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let (status, code, message) = self.row();
        let challenge = self.challenge();
        let retry_after_s = self.retry_after_s();
        let fields = match self {
            Self::ValidationFailed(fields) => Some(fields),
            _ => None,
        };
        let error = Detail {
            code,
            message,
            fields,
        };
        let mut response = (status, Json(Body { error })).into_response();
        let headers = response.headers_mut();
        if let Some(challenge) = challenge {
            let challenge = HeaderValue::from_static(challenge);
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        if let Some(seconds) = retry_after_s {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

/// What is not the client's fault is logged and not told.
impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        tracing::error!("could not answer: {error:#}");
        Self::Internal
    }
}

/// Answers for a handler that panicked; the panic hook has said why.
pub(crate) fn panicked(_: Box<dyn Any + Send>) -> Response {
    Failure::Internal.into_response()
}
