//! What clients send: how a body is read, and the rules of each field.

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::sync::LazyLock;

use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use bytes::Bytes;
use regex::Regex;
use serde_json::value::RawValue;

use crate::errors::{Failure, Fields, Wrong};

/// Bytes of a body.
pub(crate) const MAX_BODY: usize = 65_536;
/// Bytes of a webhook's payload.
pub(crate) const MAX_PAYLOAD: usize = 4_096;
/// The largest integer that every JSON reader keeps: 2^53 - 1.
pub(crate) const MAX_ID: i64 = 9_007_199_254_740_991;

static EMAIL: LazyLock<Regex> =
    LazyLock::new(|| regex(r"^[a-z0-9._%+-]{1,64}@[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,24}$"));
static PASSWORD: LazyLock<Regex> = LazyLock::new(|| regex(r"^[\x21-\x7e]{8,64}$"));
static EVENT: LazyLock<Regex> = LazyLock::new(|| regex(r"^[a-z][a-z0-9._]{0,63}$"));
static ID: LazyLock<Regex> = LazyLock::new(|| regex(r"^[1-9][0-9]{0,15}$"));

fn regex(pattern: &'static str) -> Regex {
    Regex::new(pattern).expect("each pattern is written above and has a test")
}

/// The input of a request, and what is wrong with it. The members of a body are
/// kept as they came: into a struct, serde would stop at the first wrong one.
#[derive(Debug, Default)]
pub(crate) struct Form {
    members: HashMap<String, Box<RawValue>>,
    wrong: Fields,
}

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let media_type = request.headers().get(header::CONTENT_TYPE);
        if !media_type.is_some_and(|value| is_json(value.to_str().unwrap_or_default())) {
            return Err(Failure::UnsupportedMediaType);
        }
        let body = Bytes::from_request(request, state).await;
        let body = body.map_err(|rejection| match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Failure::TooLarge,
            _ => Failure::BadJson,
        })?;
        Self::parse(&body)
    }
}

/// Whether a media type is JSON's, whatever its parameters.
fn is_json(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("application/json")
}

impl Form {
    /// Reads a body.
    fn parse(body: &[u8]) -> Result<Self, Failure> {
        let json: &RawValue = serde_json::from_slice(body).map_err(|_| Failure::BadJson)?;
        Ok(Self {
            // JSON other than an object has no members, so all are missing.
            members: serde_json::from_str(json.get()).unwrap_or_default(),
            wrong: Fields::new(),
        })
    }

    /// The answer when something was wrong.
    pub(crate) fn refusal(self) -> Failure {
        Failure::ValidationFailed(self.wrong)
    }

    /// A member that must be a string of this kind.
    pub(crate) fn text(
        &mut self,
        name: &'static str,
        is_valid: fn(&str) -> bool,
    ) -> Option<String> {
        let text = serde_json::from_str::<String>(self.member(name)?.get()).ok();
        self.valid(name, text.filter(|text| is_valid(text)))
    }

    /// A member that must be an e-mail; its letters are made small.
    pub(crate) fn email(&mut self, name: &'static str) -> Option<String> {
        let email = self.text(name, |text| is_email(&text.to_ascii_lowercase()))?;
        Some(email.to_ascii_lowercase())
    }

    /// A member that must be an object of at most so many bytes.
    pub(crate) fn object(&mut self, name: &'static str, most: usize) -> Option<Box<RawValue>> {
        let value = self.member(name)?;
        let is_valid = value.get().starts_with('{') && value.get().len() <= most;
        self.valid(name, is_valid.then_some(value))
    }

    /// A decimal number of the query, within a range.
    pub(crate) fn number(
        &mut self,
        query: &HashMap<String, String>,
        name: &'static str,
        default: i64,
        range: RangeInclusive<i64>,
    ) -> Option<i64> {
        let Some(text) = query.get(name) else {
            return Some(default);
        };
        // `parse` alone would take a sign.
        let is_decimal = text.bytes().all(|byte| byte.is_ascii_digit());
        let number = text.parse().ok().filter(|_| is_decimal);
        self.valid(name, number.filter(|number| range.contains(number)))
    }

    /// Takes a member out, or notes that it is missing.
    fn member(&mut self, name: &'static str) -> Option<Box<RawValue>> {
        let value = self.members.remove(name);
        if value.is_none() {
            self.wrong.insert(name, Wrong::Required);
        }
        value
    }

    /// Notes that a field is invalid when there is nothing good of it.
    fn valid<T>(&mut self, name: &'static str, value: Option<T>) -> Option<T> {
        if value.is_none() {
            self.wrong.insert(name, Wrong::Invalid);
        }
        value
    }
}

/// Whether it is an e-mail, in small letters.
fn is_email(text: &str) -> bool {
    text.len() <= 254 && EMAIL.is_match(text)
}

/// Whether somebody may have this password.
pub(crate) fn is_password(text: &str) -> bool {
    PASSWORD.is_match(text)
}

/// Whether somebody may have this name.
pub(crate) fn is_name(text: &str) -> bool {
    let is_control = |character: char| character < ' ' || character == '\x7f';
    (1..=64).contains(&text.chars().count()) && !text.contains(is_control)
}

/// All that a login asks of its members.
pub(crate) fn is_credential(text: &str) -> bool {
    (1..=254).contains(&text.chars().count())
}

/// Whether it names an event.
pub(crate) fn is_event(text: &str) -> bool {
    EVENT.is_match(text)
}

/// Reads the id of a user.
pub(crate) fn user_id(text: &str) -> Option<i64> {
    ID.is_match(text).then(|| text.parse().ok()).flatten()
}
