//! The tokens of the double.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::{Sha256, Sha512};

use crate::answer::{Answer, INVALID_TOKEN, Kind, MISSING_TOKEN, TOKEN_EXPIRED};
use crate::double::{Double, now_ms};
use crate::fault::Fault::*;
use crate::wire::Request;

/// A token for the user.
pub(crate) fn made(double: &Double, id: i64) -> String {
    let settings = &double.settings;
    let now = now_ms() / 1000;
    let ttl = match double.fault {
        TokenTwiceAsLong => 2 * settings.jwt_ttl_s,
        _ => settings.jwt_ttl_s,
    };
    let mut header = json!({ "alg": "HS256", "typ": "JWT" });
    if double.has(TokenWithKid) {
        header["kid"] = "1".into();
    }
    let mut claims = json!({ "iss": "dyno", "sub": id.to_string(), "iat": now, "exp": now + ttl });
    if double.has(TokenWithName) {
        claims["name"] = "Ann".into();
    }
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(&header), part(&claims));
    let secret = match double.fault {
        SignsWithOtherSecret => "another secret of 32 characters.",
        _ => &settings.jwt_secret,
    };
    let signature = URL_SAFE_NO_PAD.encode(hs256(secret, &signed));
    format!("{signed}.{signature}")
}

/// Whose token a request has, or what it is told.
pub(crate) fn taken(double: &Double, request: &Request, is_me: bool) -> Result<i64, Answer> {
    let error = |kind: Kind| Answer::error(double, kind);
    let missing = || match double.fault {
        MissingOnMeIsInvalid if is_me => {
            let mut answer = error(INVALID_TOKEN);
            answer
                .headers
                .retain(|(name, _)| *name != "WWW-Authenticate");
            answer.with("WWW-Authenticate", "Bearer")
        }
        _ => error(MISSING_TOKEN),
    };
    let field = request.header("Authorization").ok_or_else(missing)?;
    let token = match (field.split_once(' '), double.fault) {
        (None, AnySchemeWillDo) => field,
        (Some((_, token)), AnySchemeWillDo) => token,
        (Some(("Bearer", token)), _) => token,
        (Some((scheme, token)), fault)
            if scheme.eq_ignore_ascii_case("Bearer") && fault != SchemeCaseSensitive =>
        {
            token
        }
        _ => return Err(missing()),
    };
    if double.has(GarbageCrashes) && token.split('.').count() != 3 {
        return Err(Answer::crash());
    }
    subject(double, token).map_err(error)
}

fn subject(double: &Double, token: &str) -> Result<i64, Kind> {
    let fault = double.fault;
    let parts: Vec<_> = token.split('.').collect();
    let [header, claims, signature] = parts[..] else {
        return Err(INVALID_TOKEN);
    };
    let bytes = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_not| INVALID_TOKEN);
    let value = |part: &str| -> Result<Value, Kind> {
        serde_json::from_slice(&bytes(part)?).map_err(|_not| INVALID_TOKEN)
    };
    let algorithm = value(header)?["alg"].clone();
    let signed = format!("{header}.{claims}");
    let secret = &double.settings.jwt_secret;
    let is_signed = match algorithm.as_str() {
        Some("HS256") => fault == IgnoresSignature || bytes(signature)? == hs256(secret, &signed),
        Some("HS512") if fault == AcceptsHs512 => {
            let mut mac = Hmac::<Sha512>::new_from_slice(secret.as_bytes()).unwrap();
            mac.update(signed.as_bytes());
            bytes(signature)? == mac.finalize().into_bytes().to_vec()
        }
        Some("none") => fault == AcceptsNone && signature.is_empty(),
        _ => false,
    };
    let claims = value(claims)?;
    let is_past = past(double, &claims)?;
    if fault == TimeBeforeSignature && is_past {
        return Err(TOKEN_EXPIRED);
    }
    let is_ours = claims["iss"] == "dyno" || fault == IgnoresIssuer;
    if !is_signed || !is_ours {
        return Err(INVALID_TOKEN);
    }
    let id = match &claims["sub"] {
        Value::String(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => {
            text.parse().map_err(|_not| INVALID_TOKEN)?
        }
        Value::Number(number) if fault == AcceptsNumberAsSubject => {
            number.as_i64().ok_or(INVALID_TOKEN)?
        }
        _ => return Err(INVALID_TOKEN),
    };
    match is_past {
        true if fault == ExpiredIsInvalid => Err(INVALID_TOKEN),
        true => Err(TOKEN_EXPIRED),
        false => Ok(id),
    }
}

fn past(double: &Double, claims: &Value) -> Result<bool, Kind> {
    let now = now_ms() / 1000;
    let exp = match &claims["exp"] {
        Value::Number(number) => number.as_u64().ok_or(INVALID_TOKEN)?,
        Value::String(text) if double.has(ExpTextRead) => {
            text.parse().map_err(|_not| INVALID_TOKEN)?
        }
        Value::Null if double.has(ExpNotRequired) => return Ok(false),
        _ => return Err(INVALID_TOKEN),
    };
    Ok(match double.fault {
        LeewayOfAMinute => now >= exp + 60,
        RefusesEarly => now + 10 >= exp,
        _ => now >= exp,
    })
}

fn hs256(secret: &str, text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}
