//! JSON Web Tokens: made, and checked before a handler runs.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode, get_current_timestamp,
};
use serde::{Deserialize, Serialize};

use crate::Api;
use crate::errors::Failure;
use crate::validate;

const ISSUER: &str = "dyno";

/// What a token says; times are seconds since 1970.
#[derive(Serialize)]
struct Claims {
    iss: &'static str,
    sub: String,
    iat: u64,
    exp: u64,
}

/// The claims that are looked at here; `exp` is looked at by the library.
#[derive(Deserialize)]
struct Accepted {
    // The library would take a list with the right one in it.
    #[expect(dead_code, reason = "read so that it must be a text")]
    iss: String,
    sub: String,
}

/// Makes and checks tokens.
pub(crate) struct Tokens {
    ttl_s: u64,
    signing: EncodingKey,
    checking: DecodingKey,
    validation: Validation,
}

impl Tokens {
    pub(crate) fn new(secret: &str, ttl_s: u64) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_required_spec_claims(&["exp", "iss", "sub"]);
        // A minute by default.
        validation.leeway = 0;
        // Valid while now < exp; without it, also at exp.
        validation.reject_tokens_expiring_in_less_than = 1;
        Self {
            ttl_s,
            signing: EncodingKey::from_secret(secret.as_bytes()),
            checking: DecodingKey::from_secret(secret.as_bytes()),
            validation,
        }
    }

    /// Seconds for which a token is valid.
    pub(crate) fn ttl_s(&self) -> u64 {
        self.ttl_s
    }

    /// A token for the user with this id.
    pub(crate) fn issue(&self, id: i64) -> anyhow::Result<String> {
        let iat = get_current_timestamp();
        let claims = Claims {
            iss: ISSUER,
            sub: id.to_string(),
            iat,
            exp: iat + self.ttl_s,
        };
        Ok(encode(&Header::default(), &claims, &self.signing)?)
    }

    /// The id of the user that a token was made for.
    pub(crate) fn check(&self, token: &str) -> Result<i64, Failure> {
        let token = decode::<Accepted>(token, &self.checking, &self.validation);
        let token = token.map_err(|error| match error.kind() {
            ErrorKind::ExpiredSignature => Failure::TokenExpired,
            _ => Failure::InvalidToken,
        })?;
        validate::user_id(&token.claims.sub).ok_or(Failure::InvalidToken)
    }
}

/// The id of whoever asks. A handler that takes one needs a valid token.
pub(crate) struct Caller(pub(crate) i64);

impl FromRequestParts<Arc<Api>> for Caller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, api: &Arc<Api>) -> Result<Self, Failure> {
        let header = parts.headers.get(header::AUTHORIZATION);
        let header = header.and_then(|value| value.to_str().ok());
        let token = header.and_then(bearer).ok_or(Failure::MissingToken)?;
        api.tokens.check(token).map(Self)
    }
}

/// The token of an `Authorization`.
fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}
