//! The sink as an HTTP/1.1 server: requests → ledger, behaviour → answers.

use std::convert::Infallible;
use std::future::pending;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::{Duration, Instant};

use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::ALLOW;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::time::sleep;

use crate::Shared;
use crate::behaviour::Act;
use crate::ledger::Kind;

/// A task's body is a few KiB at most.
const MAX_BODY_BYTES: usize = 65_536;
/// How long accepting pauses when the process has no file left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(10);

/// Serves until the other end of `stopped` is gone.
pub(crate) async fn serve(
    listener: TcpListener,
    shared: Arc<Shared>,
    stopped: oneshot::Receiver<()>,
) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else {
        return;
    };
    let accept = async {
        loop {
            match listener.accept().await {
                Ok((stream, _)) => {
                    shared.state().ledger.counts.connections += 1;
                    tokio::spawn(connection(stream, Arc::clone(&shared)));
                }
                Err(_full) => sleep(ACCEPT_PAUSE).await,
            }
        }
    };
    tokio::select! {
        () = accept => {}
        // Its sender is only ever dropped.
        _ = stopped => {}
    }
}

async fn connection(stream: TcpStream, shared: Arc<Shared>) {
    // Without it answers are still right.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| answer(Arc::clone(&shared), request));
    let serving = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    // A sender that breaks off is seen in the counts.
    let _ = serving.await;
}

async fn answer(
    shared: Arc<Shared>,
    request: Request<Incoming>,
) -> Result<Response<Empty<Bytes>>, Infallible> {
    let mut response = Response::new(Empty::new());
    *response.status_mut() = match take(&shared, request).await {
        Ok(status) => status,
        Err(status) => {
            shared.state().ledger.counts.malformed += 1;
            status
        }
    };
    if response.status() == StatusCode::METHOD_NOT_ALLOWED {
        let allow = hyper::header::HeaderValue::from_static("POST");
        response.headers_mut().insert(ALLOW, allow);
    }
    Ok(response)
}

/// The answer to a delivery; an error to what is none.
async fn take(shared: &Shared, request: Request<Incoming>) -> Result<StatusCode, StatusCode> {
    let kind = match request.uri().path() {
        "/mail" => Kind::Mail,
        "/webhook" => Kind::Webhook,
        _ => return Err(StatusCode::NOT_FOUND),
    };
    if request.method() != Method::POST {
        return Err(StatusCode::METHOD_NOT_ALLOWED);
    }
    let body = Limited::new(request.into_body(), MAX_BODY_BYTES).collect();
    let body = body.await.map_err(|_cut| StatusCode::BAD_REQUEST)?;
    let body = body.to_bytes();
    let arrival = Instant::now();
    let task: Value = serde_json::from_slice(&body).map_err(|_not| StatusCode::BAD_REQUEST)?;
    let id = task["id"].as_str().ok_or(StatusCode::BAD_REQUEST)?;

    let (entry, delay, act) = {
        let mut state = shared.state();
        let kept = if state.course.keeps_bodies() {
            &body[..]
        } else {
            &[]
        };
        let entry = state.ledger.arrive(kind, id, arrival, kept);
        let (delay, act) = state.course.next();
        (entry, delay, act)
    };
    if !delay.is_zero() {
        sleep(delay).await;
    }
    match act {
        Act::Hang => pending().await,
        Act::Refuse => {
            shared.state().ledger.refuse(entry);
            Ok(StatusCode::SERVICE_UNAVAILABLE)
        }
        Act::Accept => {
            let delivered = {
                let mut state = shared.state();
                state.ledger.deliver(entry);
                state.ledger.counts.delivered
            };
            // Two that end at the same time may tell it in either order.
            shared
                .delivered
                .send_modify(|count| *count = delivered.max(*count));
            Ok(StatusCode::NO_CONTENT)
        }
    }
}
