//! The API in the order of the contract, and what surrounds each route.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use tower_http::catch_panic::CatchPanicLayer;

use crate::errors::{self, Failure};
use crate::limiter::{self, Limiter};
use crate::validate::MAX_BODY;
use crate::{Api, auth, health, timing, users, webhooks};

/// The whole application. The last layer is the first that a request meets.
pub(crate) fn routes(api: Arc<Api>, limiter: Arc<Limiter>, is_timed: bool) -> Router {
    let router = Router::new()
        .route("/healthz", get(health::health))
        .route("/readyz", get(health::ready))
        .route("/auth/register", post(auth::register))
        .route("/auth/login", post(auth::login))
        .route(
            "/users/me",
            get(users::me).patch(users::rename).delete(users::leave),
        )
        .route("/users/{id}", get(users::user))
        .route("/users", get(users::list))
        .route("/webhooks", post(webhooks::notify))
        .fallback(async || Failure::NotFound)
        // axum adds Allow.
        .method_not_allowed_fallback(async || Failure::MethodNotAllowed)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(from_fn_with_state(limiter, limiter::limit))
        .layer(CatchPanicLayer::custom(errors::panicked))
        .with_state(api);
    if is_timed {
        router.layer(from_fn(timing::timed))
    } else {
        router
    }
}
