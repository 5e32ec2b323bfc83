//! Tokens as JWS compact (RFC 7515): made for the checks, good and bad, and read
//! from answers.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::{Sha256, Sha384, Sha512};

/// How a token is signed.
#[derive(Debug, Clone, Copy)]
pub(super) enum Algorithm {
    Hs256,
    Hs384,
    Hs512,
}

/// The parts of a token.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) header: Value,
    pub(super) claims: Value,
    /// Header and claims as they are signed.
    signed: String,
    signature: Vec<u8>,
}

/// Seconds since 1970.
pub(super) fn now_s() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap_or_default().as_secs()
}

/// A good token with these claims.
pub(super) fn signed(claims: &Value, secret: &[u8]) -> String {
    let header = json!({ "alg": "HS256", "typ": "JWT" });
    signed_by(&header, claims, secret, Algorithm::Hs256)
}

pub(super) fn signed_by(
    header: &Value,
    claims: &Value,
    secret: &[u8],
    algorithm: Algorithm,
) -> String {
    let text = unsigned(header, claims);
    let signature = match algorithm {
        Algorithm::Hs256 => mac::<Hmac<Sha256>>(secret, &text),
        Algorithm::Hs384 => mac::<Hmac<Sha384>>(secret, &text),
        Algorithm::Hs512 => mac::<Hmac<Sha512>>(secret, &text),
    };
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// Header and claims, with nothing behind them.
pub(super) fn unsigned(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}", part(header), part(claims))
}

fn mac<M: Mac + KeyInit>(secret: &[u8], text: &str) -> Vec<u8> {
    let mut mac = <M as KeyInit>::new_from_slice(secret).expect("HMAC takes keys of any length");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

impl Token {
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let wrong = |what: &str| format!("the token {text:?} {what}");
        let parts: Vec<_> = text.split('.').collect();
        let [header, claims, signature] = parts[..] else {
            return Err(wrong("has not three parts"));
        };
        let bytes = |part: &str| {
            let bytes = URL_SAFE_NO_PAD.decode(part);
            bytes.map_err(|error| wrong(&format!("is not base64url without padding: {error}")))
        };
        let value = |part: &str| {
            let value = serde_json::from_slice(&bytes(part)?);
            value.map_err(|error| wrong(&format!("is not JSON: {error}")))
        };
        Ok(Self {
            header: value(header)?,
            claims: value(claims)?,
            signed: format!("{header}.{claims}"),
            signature: bytes(signature)?,
        })
    }

    /// Whether it is signed with HS256 and this secret.
    pub(super) fn is_signed_with(&self, secret: &[u8]) -> bool {
        mac::<Hmac<Sha256>>(secret, &self.signed) == self.signature
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7515, appendix A.1.
    #[test]
    fn the_example_of_the_standard_is_signed() {
        let key = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
        let secret = URL_SAFE_NO_PAD.decode(key).unwrap();
        let text = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.\
                    eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.\
                    dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let token = Token::read(text).unwrap();
        assert_eq!(token.claims["iss"], "joe");
        assert!(token.is_signed_with(&secret));
        assert!(!token.is_signed_with(b"another"));
    }

    #[test]
    fn what_was_signed_is_read() {
        let claims = json!({ "iss": "dyno", "sub": "7" });
        let token = Token::read(&signed(&claims, b"secret")).unwrap();
        assert_eq!(token.claims, claims);
        assert_eq!(token.header, json!({ "alg": "HS256", "typ": "JWT" }));
        assert!(token.is_signed_with(b"secret"));
        for text in ["", "a.b", "a.b.c.d", "!.!.!", "e30.e30.="] {
            assert!(Token::read(text).is_err(), "{text}");
        }
    }
}
