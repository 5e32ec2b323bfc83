//! The checks of auth/1 against a double with switchable faults: a right target
//! passes all of them, and each fault is caught by the checks named for it and by
//! no other.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on has nothing better to do"
)]

mod accounts;
mod answer;
mod bench;
mod clock;
mod double;
mod fault;
mod faults;
mod fields;
mod limiter;
mod profiles;
mod queue;
mod routes;
mod rows;
mod token;
mod wire;

use std::collections::BTreeSet;
use std::sync::Arc;

use bench::{Limits, subject};
use dyno_contract::{checks, limiter as check_limits, limiter_environment, verify};
use dyno_result::{Check, Conformance};
use fault::Fault::{self, *};
use faults::{TIGHT, WIDE};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use tokio::sync::Semaphore;

const CONTRACT: &str = "auth/1";
const SEED: u64 = 20_261_122;
/// Verifications at once in one thread: most of each is waiting.
const AT_ONCE: usize = 12;

async fn verified(fault: Fault) -> Conformance {
    let subject = subject(fault, Limits::Wide).await;
    verify(CONTRACT, &subject, SEED, &[]).await.unwrap()
}

async fn limited(fault: Fault) -> Vec<Check> {
    let subject = subject(fault, Limits::Tight).await;
    check_limits(CONTRACT, &subject, SEED, &[]).await.unwrap()
}

fn failed(checks: &[Check]) -> Vec<&str> {
    let failed = checks.iter().filter(|check| check.problem.is_some());
    failed.map(|check| check.id.as_str()).collect()
}

fn problems(checks: &[Check]) -> Vec<String> {
    let problems = checks.iter().filter_map(|check| {
        let problem = check.problem.as_ref()?;
        Some(format!("{}: {problem}", check.id))
    });
    problems.collect()
}

/// Runs the table, some at once, and tells all that is not as it says.
async fn compare<R>(table: Vec<(Fault, &'static [&'static str])>, run: impl Fn(Fault) -> R)
where
    R: Future<Output = Vec<Check>> + Send + 'static,
{
    // A double with 200 connections has both ends in this process.
    let (_soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    setrlimit(Resource::RLIMIT_NOFILE, hard, hard).unwrap();
    let free = Arc::new(Semaphore::new(AT_ONCE));
    let running: Vec<_> = table
        .iter()
        .map(|&(fault, _)| {
            let (free, run) = (Arc::clone(&free), run(fault));
            tokio::spawn(async move {
                let _permit = free.acquire().await.unwrap();
                run.await
            })
        })
        .collect();
    let mut wrong = Vec::new();
    for ((fault, wanted), running) in table.iter().zip(running) {
        let checks = running.await.unwrap();
        if failed(&checks) != *wanted {
            let problems = problems(&checks);
            wrong.push(format!("{fault:?}, wanted {wanted:?}: {problems:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// One of several parts of the long table: tests run in threads of their own.
async fn compare_part(part: usize, parts: usize) {
    let length = WIDE.len().div_ceil(parts);
    let table = WIDE.iter().skip(part * length).take(length).copied();
    compare(table.collect(), |fault| async move {
        verified(fault).await.checks
    })
    .await;
}

#[tokio::test]
async fn each_fault_of_the_first_half_is_caught_by_its_checks_and_no_other() {
    compare_part(0, 2).await;
}

#[tokio::test]
async fn each_fault_of_the_second_half_is_caught_by_its_checks_and_no_other() {
    compare_part(1, 2).await;
}

#[tokio::test]
async fn each_fault_of_limits_is_caught_by_its_checks_and_no_other() {
    compare(TIGHT.to_vec(), limited).await;
}

#[tokio::test]
async fn a_right_target_passes_every_check_in_the_order_of_the_contract() {
    let (mut conformance, limited) = tokio::join!(verified(Nothing), limited(Nothing));
    conformance.checks.extend(limited);
    let wrong = problems(&conformance.checks);
    assert!(wrong.is_empty(), "{wrong:#?}");
    let ids: Vec<_> = conformance.checks.iter().map(|check| &*check.id).collect();
    assert_eq!(ids, checks(CONTRACT).unwrap());
    assert_eq!((&*conformance.contract, conformance.seed), (CONTRACT, SEED));

    let costly = |work: &dyno_result::Work| work.is_chatty() || work.other > 0;
    assert!(
        !conformance.work.iter().any(costly),
        "{:?}",
        conformance.work
    );
    let requests: u64 = conformance.work.iter().map(|work| work.requests).sum();
    assert_eq!((conformance.work.len(), requests), (8, 200));
}

#[test]
fn every_check_is_failed_by_some_fault() {
    let caught: BTreeSet<_> = WIDE
        .iter()
        .chain(TIGHT)
        .flat_map(|(_, ids)| *ids)
        .copied()
        .collect();
    let all: BTreeSet<_> = checks(CONTRACT).unwrap().into_iter().collect();
    assert_eq!(
        all.difference(&caught).collect::<Vec<_>>(),
        Vec::<&&str>::new()
    );
    assert_eq!(
        caught.difference(&all).collect::<Vec<_>>(),
        Vec::<&&str>::new()
    );
}

#[test]
fn every_check_has_a_line_in_the_words_of_the_contract() {
    let words = include_str!("../../../../targets/contracts/auth-1.md");
    let missing: Vec<_> = checks(CONTRACT)
        .unwrap()
        .into_iter()
        .filter(|id| !words.contains(&format!("| `{id}` |")))
        .collect();
    assert!(missing.is_empty(), "{missing:#?}");
    for (name, value) in limiter_environment(CONTRACT).unwrap() {
        assert!(words.contains(&format!("`{name}={value}`")), "{name}");
    }
}

#[tokio::test]
async fn a_target_that_is_gone_fails_every_check() {
    let mut gone = subject(Nothing, Limits::Wide).await;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    gone.address = listener.local_addr().unwrap();
    drop(listener);
    let conformance = verify(CONTRACT, &gone, SEED, &[]).await.unwrap();
    let passed = conformance
        .checks
        .iter()
        .filter(|check| check.problem.is_none());
    let passed: Vec<_> = passed.map(|check| &*check.id).collect();
    // What only the database is asked for.
    assert_eq!(passed, ["auth.pool.opened"]);
}

#[tokio::test]
async fn an_allowed_failure_keeps_its_problem_and_is_marked() {
    let subject = subject(HashesOnLoop, Limits::Wide).await;
    let allowed = ["auth.liveness.healthz".to_owned(), "auth.me.ok".to_owned()];
    let conformance = verify(CONTRACT, &subject, SEED, &allowed).await.unwrap();
    assert_eq!(conformance.failures().count(), 0);
    let marked: Vec<_> = conformance
        .checks
        .iter()
        .filter(|check| check.allowed)
        .collect();
    assert_eq!(marked.len(), 1);
    assert!(marked[0].problem.as_ref().unwrap().contains("p99"));
}
