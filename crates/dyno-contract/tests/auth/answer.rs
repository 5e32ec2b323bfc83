//! Answers of the double, and the errors of the contract.

use serde_json::{Value, json};

use crate::double::Double;
use crate::fault::Fault::*;

/// An answer; its length and date are added when it is written.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Option<String>,
}

/// Status, code and message.
pub(crate) type Kind = (u16, &'static str, &'static str);

pub(crate) const BAD_JSON: Kind = (400, "bad_json", "request body is not valid JSON");
pub(crate) const MISSING_TOKEN: Kind = (401, "missing_token", "authentication required");
pub(crate) const INVALID_TOKEN: Kind = (401, "invalid_token", "token is not valid");
pub(crate) const TOKEN_EXPIRED: Kind = (401, "token_expired", "token has expired");
pub(crate) const INVALID_CREDENTIALS: Kind =
    (401, "invalid_credentials", "email or password is wrong");
pub(crate) const NOT_FOUND: Kind = (404, "not_found", "resource not found");
pub(crate) const METHOD_NOT_ALLOWED: Kind = (405, "method_not_allowed", "method not allowed");
pub(crate) const EMAIL_TAKEN: Kind = (409, "email_taken", "email is already registered");
pub(crate) const TOO_LARGE: Kind = (413, "too_large", "request body is too large");
pub(crate) const UNSUPPORTED: Kind = (
    415,
    "unsupported_media_type",
    "content type must be application/json",
);
pub(crate) const VALIDATION_FAILED: Kind = (422, "validation_failed", "request is not valid");
pub(crate) const RATE_LIMITED: Kind = (429, "rate_limited", "too many requests");
pub(crate) const NOT_READY: Kind = (503, "not_ready", "database is not available");
pub(crate) const QUEUE_FULL: Kind = (503, "queue_full", "task queue is full");

impl Answer {
    pub(crate) fn empty(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: None,
        }
    }

    pub(crate) fn json(double: &Double, status: u16, body: &Value) -> Self {
        let body = match double.fault {
            PrettyPrints => format!("{body:#}"),
            _ => body.to_string(),
        };
        let media_type = match double.fault {
            TextPlainErrors if status >= 400 => "text/plain",
            _ => "application/json",
        };
        Self {
            status,
            headers: vec![("Content-Type", media_type.to_owned())],
            body: Some(body),
        }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(crate) fn error(double: &Double, (status, code, message): Kind) -> Self {
        let body = match (double.fault, code) {
            (ErrorsWithDetail, "missing_token") => {
                json!({ "error": { "code": code, "message": message, "detail": "none" } })
            }
            _ => json!({ "error": { "code": code, "message": message } }),
        };
        let answer = Self::json(double, status, &body);
        let challenge = match code {
            "missing_token" | "invalid_credentials" => "Bearer",
            "invalid_token" | "token_expired" => "Bearer error=\"invalid_token\"",
            "queue_full" => return answer.with("Retry-After", "1"),
            _ => return answer,
        };
        match double.fault {
            NoChallenge => answer,
            _ => answer.with("WWW-Authenticate", challenge),
        }
    }

    /// A 422 that names fields.
    pub(crate) fn invalid(double: &Double, fields: &[(&str, &str)]) -> Self {
        let (status, code, message) = VALIDATION_FAILED;
        let fields: Value = fields
            .iter()
            .map(|(name, fault)| ((*name).to_owned(), Value::from(*fault)))
            .collect();
        let body = json!({ "error": { "code": code, "message": message, "fields": fields } });
        Self::json(double, status, &body)
    }

    /// What a framework says when nobody catches.
    pub(crate) fn crash() -> Self {
        Self {
            status: 500,
            headers: vec![("Content-Type", "text/plain".to_owned())],
            body: Some("Internal Server Error".to_owned()),
        }
    }
}
