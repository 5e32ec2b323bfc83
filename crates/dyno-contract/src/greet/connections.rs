//! Are connections treated well? What is asked on them, and what is right.

use std::net::SocketAddr;

use fastrand::Rng;

use super::{expect_greeting, paths};
use crate::finding::Verdict;
use crate::manners::{self, Exchange};
use crate::probe::request;

/// Clauses 4.1 and 4.2, on one and the same connection.
pub(super) async fn keepalive(address: SocketAddr, rng: &mut Rng) -> (Verdict, Verdict) {
    manners::keepalive(address, || greet(paths::path(rng), &[])).await
}

/// Clause 4.3.
pub(super) async fn simultaneous_connects(address: SocketAddr, rng: &mut Rng) -> Verdict {
    manners::simultaneous_connects(address, || greet(paths::path(rng), &[])).await
}

/// Clause 4.4.
pub(super) async fn split_request(address: SocketAddr, rng: &mut Rng) -> Verdict {
    let exchange = greet(paths::path(rng), &["Accept: text/plain"]);
    // Inside the request line, and inside the empty line at the end.
    let places = ["GET /".len(), exchange.text.len() - 1];
    manners::in_pieces(address, &exchange, &places).await
}

/// Clause 4.5.
pub(super) async fn http10(address: SocketAddr, rng: &mut Rng) -> Verdict {
    let target = paths::path(rng);
    let exchange = Exchange {
        text: format!("GET {target} HTTP/1.0\r\n\r\n").into(),
        ..greet(target, &[])
    };
    manners::answered_and_closed(address, &exchange)
        .await
        .map_err(|problem| format!("after an HTTP/1.0 request: {problem}"))
}

/// Clause 4.6.
pub(super) async fn connection_close(address: SocketAddr, rng: &mut Rng) -> Verdict {
    let exchange = greet(paths::path(rng), &["Connection: close"]);
    manners::answered_and_closed(address, &exchange)
        .await
        .map_err(|problem| format!("after a request with Connection: close: {problem}"))
}

fn greet(target: String, fields: &[&str]) -> Exchange {
    Exchange {
        text: request(&target, fields).into(),
        right: Box::new(move |answer| expect_greeting(&target, answer)),
    }
}
