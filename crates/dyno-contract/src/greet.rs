//! The checks of contract `greet/1`; its words are `targets/contracts/greet-1.md`.
//!
//! Here: which checks there are, and in which order. Those that look at one
//! answer are in `greet/answers.rs`, those that look at how connections are
//! treated in `greet/connections.rs`.

mod answers;
mod connections;
mod paths;

use std::net::SocketAddr;

use fastrand::Rng;

use crate::finding::{Finding, Verdict, bounded, excerpt};
use crate::probe::Answer;

/// Every check, in the order of the contract's table.
pub(super) const CHECKS: &[&str] = &[
    "greet.status",
    "greet.body-paths",
    "greet.body-escapes",
    "greet.query-dropped",
    "greet.content-type",
    "greet.content-length",
    "greet.date",
    "greet.keepalive",
    "greet.keepalive-fast",
    "greet.split-request",
    "greet.http10",
    "greet.connection-close",
    "greet.simultaneous-connects",
];

/// Runs every check against the target at `address`.
pub(super) async fn check(address: SocketAddr, seed: u64) -> Vec<Finding> {
    // The date is watched for two seconds; the others fit into that time.
    let (date, mut findings) = tokio::join!(
        bounded(answers::date(address)),
        one_after_another(address, Rng::with_seed(seed)),
    );
    findings.push(Finding::new("greet.date", date));
    findings.sort_by_key(|finding| CHECKS.iter().position(|id| *id == finding.id));
    findings
}

async fn one_after_another(address: SocketAddr, mut rng: Rng) -> Vec<Finding> {
    let rng = &mut rng;
    let mut findings = Vec::with_capacity(CHECKS.len());
    let mut found = |id, verdict| findings.push(Finding::new(id, verdict));

    let status = bounded(answers::status(address, rng)).await;
    found("greet.status", status);
    let paths = bounded(answers::body_paths(address, rng)).await;
    found("greet.body-paths", paths);
    let escapes = bounded(answers::body_escapes(address, rng)).await;
    found("greet.body-escapes", escapes);
    let query = bounded(answers::query_dropped(address, rng)).await;
    found("greet.query-dropped", query);
    let content_type = bounded(answers::content_type(address, rng)).await;
    found("greet.content-type", content_type);
    let length = bounded(answers::content_length(address, rng)).await;
    found("greet.content-length", length);

    let (kept, fast) = connections::keepalive(address, rng).await;
    found("greet.keepalive", kept);
    found("greet.keepalive-fast", fast);
    let split = bounded(connections::split_request(address, rng)).await;
    found("greet.split-request", split);
    let http10 = bounded(connections::http10(address, rng)).await;
    found("greet.http10", http10);
    let close = bounded(connections::connection_close(address, rng)).await;
    found("greet.connection-close", close);
    // Last, since a backlog that overflowed keeps the kernel busy for seconds.
    let connects = bounded(connections::simultaneous_connects(address, rng)).await;
    found("greet.simultaneous-connects", connects);
    findings
}

/// The body that the contract wants for a request target (clause 2.3).
fn greeting(target: &str) -> Vec<u8> {
    let path = target.split('?').next().unwrap_or_default();
    format!("Hello, visitor! You've requested: {path}\n").into_bytes()
}

/// Whether `answer` is a right one, as far as status and body go.
fn expect_greeting(target: &str, answer: &Answer) -> Verdict {
    if answer.status != 200 {
        let status = answer.status;
        return Err(format!("GET {target} answered status {status}, wanted 200"));
    }
    expect_body(target, answer)
}

fn expect_body(target: &str, answer: &Answer) -> Verdict {
    let wanted = greeting(target);
    if answer.body == wanted {
        return Ok(());
    }
    let (seen, wanted) = (excerpt(&answer.body), excerpt(&wanted));
    Err(format!("GET {target} answered {seen}, wanted {wanted}"))
}
