use serde_json::{Value, json};

use super::*;

const INVALID: Result<i64, Failure> = Err(Failure::InvalidToken);
const SECRET: &str = "0123456789abcdef0123456789abcdef";

fn signed(algorithm: Algorithm, claims: &Value) -> String {
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    encode(&Header::new(algorithm), claims, &key).unwrap()
}

fn claims(changes: Value) -> Value {
    let now = get_current_timestamp();
    let mut claims = json!({ "iss": "dyno", "sub": "7", "iat": now, "exp": now + 900 });
    let map = claims.as_object_mut().unwrap();
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => map.remove(name),
            value => map.insert(name.clone(), value.clone()),
        };
    }
    claims
}

#[test]
fn what_is_issued_is_accepted() {
    let tokens = Tokens::new(SECRET, 900);
    let token = tokens.issue(42).unwrap();
    assert_eq!(tokens.check(&token), Ok(42));
    let other = Tokens::new(&SECRET.replace('0', "1"), 900);
    assert_eq!(other.check(&token), INVALID);
}

#[test]
fn the_header_and_the_claims_are_those_of_the_contract() {
    let tokens = Tokens::new(SECRET, 600);
    let token = tokens.issue(42).unwrap();
    let header = jsonwebtoken::decode_header(&token).unwrap();
    let header = serde_json::to_value(header).unwrap();
    assert_eq!(header, json!({ "alg": "HS256", "typ": "JWT" }));
    let claims = decode::<Value>(&token, &tokens.checking, &tokens.validation).unwrap();
    let claims = claims.claims;
    let iat = claims["iat"].as_u64().unwrap();
    let expected = json!({ "iss": "dyno", "sub": "42", "iat": iat, "exp": iat + 600 });
    assert_eq!(claims, expected);
}

#[test]
fn only_the_contracts_tokens_are_accepted() {
    let now = get_current_timestamp();
    for (changes, expected) in [
        (json!({}), Ok(7)),
        (json!({ "iat": null }), Ok(7)),
        (json!({ "exp": now + 30 }), Ok(7)),
        (json!({ "exp": now - 2 }), Err(Failure::TokenExpired)),
        (json!({ "exp": null }), INVALID),
        (json!({ "exp": (now + 900).to_string() }), INVALID),
        (json!({ "iss": "Dyno" }), INVALID),
        (json!({ "iss": ["dyno"] }), INVALID),
        (json!({ "iss": null }), INVALID),
        (json!({ "sub": 7 }), INVALID),
        (json!({ "sub": "ann" }), INVALID),
        (json!({ "sub": "-1" }), INVALID),
        (json!({ "sub": null }), INVALID),
    ] {
        let token = signed(Algorithm::HS256, &claims(changes.clone()));
        assert_eq!(
            Tokens::new(SECRET, 900).check(&token),
            expected,
            "{changes}"
        );
    }
}

#[test]
fn other_algorithms_and_broken_tokens_are_not() {
    let tokens = Tokens::new(SECRET, 900);
    let good = tokens.issue(7).unwrap();
    let claims = claims(json!({}));
    let (_, rest) = good.split_once('.').unwrap();
    // {"alg":"none","typ":"JWT"}
    let none = format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{rest}");
    for token in [
        &signed(Algorithm::HS512, &claims),
        &signed(Algorithm::HS384, &claims),
        &none,
        none.rsplit_once('.').map(|(start, _)| start).unwrap(),
        &format!("{good}."),
        &good[..good.len() - 5],
        &good.replace('.', ","),
        "a.b.c",
        "..",
        "x",
    ] {
        assert_eq!(tokens.check(token), INVALID, "{token}");
    }
}

#[test]
fn the_scheme_may_have_any_case() {
    for (header, expected) in [
        ("Bearer a.b.c", Some("a.b.c")),
        ("bEARER  a.b.c", Some("a.b.c")),
        ("Bearer", None),
        ("Bearer ", None),
        ("Basic a.b.c", None),
        ("a.b.c", None),
        ("", None),
    ] {
        assert_eq!(bearer(header), expected, "{header:?}");
    }
}
