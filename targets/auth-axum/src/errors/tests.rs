use http_body_util::BodyExt;
use serde_json::{Value, json};

use super::*;

async fn answer(failure: Failure) -> (u16, [Option<String>; 2], Value) {
    let response = failure.into_response();
    let status = response.status().as_u16();
    let header = |name| {
        let value: Option<&HeaderValue> = response.headers().get(name);
        value.map(|value| value.to_str().unwrap().to_owned())
    };
    let headers = [
        header(header::WWW_AUTHENTICATE),
        header(header::RETRY_AFTER),
    ];
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, headers, serde_json::from_slice(&body).unwrap())
}

#[tokio::test]
async fn failures_have_a_status_a_body_and_sometimes_a_header() {
    let error = |code, message| json!({ "error": { "code": code, "message": message } });
    for (failure, status, challenge, retry_after, body) in [
        (
            Failure::NotFound,
            404,
            None,
            None,
            error("not_found", "resource not found"),
        ),
        (
            Failure::MissingToken,
            401,
            Some("Bearer"),
            None,
            error("missing_token", "authentication required"),
        ),
        (
            Failure::TokenExpired,
            401,
            Some("Bearer error=\"invalid_token\""),
            None,
            error("token_expired", "token has expired"),
        ),
        (
            Failure::RateLimited { retry_after_s: 3 },
            429,
            None,
            Some("3"),
            error("rate_limited", "too many requests"),
        ),
        (
            Failure::QueueFull,
            503,
            None,
            Some("1"),
            error("queue_full", "task queue is full"),
        ),
    ] {
        let (seen_status, headers, seen_body) = answer(failure).await;
        assert_eq!((seen_status, seen_body), (status, body));
        assert_eq!(
            headers.each_ref().map(Option::as_deref),
            [challenge, retry_after]
        );
    }
}

#[tokio::test]
async fn wrong_fields_are_listed() {
    let fields = Fields::from([("email", Wrong::Invalid), ("name", Wrong::Required)]);
    let (status, _, body) = answer(Failure::ValidationFailed(fields)).await;
    assert_eq!(status, 422);
    let fields = json!({ "email": "invalid", "name": "required" });
    assert_eq!(body["error"]["fields"], fields);
}

#[tokio::test]
async fn what_went_wrong_inside_is_not_told() {
    let failure = Failure::from(anyhow::anyhow!("the password of the database"));
    let (status, _, body) = answer(failure).await;
    assert_eq!(status, 500);
    assert_eq!(body["error"]["message"], "internal server error");
}
