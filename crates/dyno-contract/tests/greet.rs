//! The checks of greet/1 against a double with switchable faults: a right
//! target passes all of them, and each fault is caught by the checks named for
//! it and by no other.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on has nothing better to do"
)]

#[path = "greet/double.rs"]
mod double;

use double::Fault::{self, *};
use std::net::SocketAddr;

use dyno_contract::{Subject, checks, verify};
use dyno_result::Conformance;
use nix::sys::resource::{Resource, getrlimit, setrlimit};

const FAULTS: &[(Fault, &[&str])] = &[
    (Nothing, &[]),
    (
        Status201,
        &[
            "greet.status",
            "greet.keepalive",
            "greet.keepalive-fast",
            "greet.split-request",
            "greet.http10",
            "greet.connection-close",
            "greet.simultaneous-connects",
        ],
    ),
    (
        OneBodyForAll,
        &[
            "greet.body-paths",
            "greet.body-escapes",
            "greet.query-dropped",
            "greet.keepalive",
            "greet.keepalive-fast",
            "greet.split-request",
            "greet.http10",
            "greet.connection-close",
            "greet.simultaneous-connects",
        ],
    ),
    (DecodesEscapes, &["greet.body-escapes"]),
    (UppercasesEscapes, &["greet.body-escapes"]),
    (KeepsQuery, &["greet.query-dropped"]),
    (CutsAtLastQuestionMark, &["greet.query-dropped"]),
    (NoContentType, &["greet.content-type"]),
    (Html, &["greet.content-type"]),
    (Chunked, &["greet.content-length"]),
    (MoreThanContentLength, &["greet.content-length"]),
    (NoDate, &["greet.date"]),
    (OtherDateFormat, &["greet.date"]),
    (FrozenDate, &["greet.date"]),
    (ClosesAlways, &["greet.keepalive", "greet.keepalive-fast"]),
    (TwoWrites, &["greet.keepalive-fast"]),
    (ReadsOneSegment, &["greet.split-request"]),
    (RefusesHttp10, &["greet.http10"]),
    (KeepsHttp10, &["greet.http10"]),
    (IgnoresConnectionClose, &["greet.connection-close"]),
    (SmallBacklog, &["greet.simultaneous-connects"]),
];

fn subject(address: SocketAddr) -> Subject {
    Subject {
        address,
        auth: None,
    }
}

async fn verified(fault: Fault, allowed: &[String]) -> Conformance {
    let address = double::serve(fault).await;
    verify("greet/1", &subject(address), 20_261_122, allowed)
        .await
        .unwrap()
}

fn problems(conformance: &Conformance) -> Vec<String> {
    let checks = conformance.checks.iter();
    let problems = checks.filter_map(|check| {
        let problem = check.problem.as_ref()?;
        Some(format!("{}: {problem}", check.id))
    });
    problems.collect()
}

#[tokio::test]
async fn each_fault_is_caught_by_its_checks_and_no_other() {
    // Six doubles with 200 connections, both ends in this process.
    let (_soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    setrlimit(Resource::RLIMIT_NOFILE, hard, hard).unwrap();
    // A few at once: most of a verification is waiting.
    for some in FAULTS.chunks(6) {
        let running: Vec<_> = some
            .iter()
            .map(|&(fault, _)| tokio::spawn(verified(fault, &[])))
            .collect();
        for ((fault, wanted), running) in some.iter().zip(running) {
            let conformance = running.await.unwrap();
            let failed: Vec<_> = conformance.failures().map(|check| &check.id).collect();
            assert_eq!(failed, *wanted, "{fault:?}: {:#?}", problems(&conformance));
        }
    }
}

#[tokio::test]
async fn every_check_is_in_the_result_in_the_order_of_the_contract() {
    let conformance = verified(Nothing, &[]).await;
    let ids: Vec<_> = conformance
        .checks
        .iter()
        .map(|check| check.id.as_str())
        .collect();
    assert_eq!(ids, checks("greet/1").unwrap());
    assert_eq!(conformance.contract, "greet/1");
    assert_eq!(conformance.seed, 20_261_122);

    let words = include_str!("../../../targets/contracts/greet-1.md");
    for id in ids {
        assert!(words.contains(&format!("| `{id}` |")), "{id} has no clause");
    }
}

#[tokio::test]
async fn an_allowed_failure_keeps_its_problem_and_is_marked() {
    let allowed = ["greet.content-type".to_owned(), "greet.status".to_owned()];
    let conformance = verified(NoContentType, &allowed).await;
    assert_eq!(conformance.failures().count(), 0);
    let marked: Vec<_> = conformance
        .checks
        .iter()
        .filter(|check| check.allowed)
        .map(|check| (check.id.as_str(), check.problem.as_deref()))
        .collect();
    let problem = "there is no Content-Type, wanted text/plain; charset=utf-8";
    assert_eq!(marked, [("greet.content-type", Some(problem))]);
}

#[tokio::test]
async fn a_target_that_is_gone_fails_every_check() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let conformance = verify("greet/1", &subject(address), 1, &[]).await.unwrap();
    let failed = conformance.failures().count();
    assert_eq!(failed, checks("greet/1").unwrap().len());
}

#[tokio::test]
async fn the_nagle_trap_is_named_with_its_remedy() {
    let conformance = verified(TwoWrites, &[]).await;
    let problems = problems(&conformance).join("\n");
    for words in ["Nagle", "delayed ACK", "TCP_NODELAY"] {
        assert!(problems.contains(words), "{problems}");
    }
}
