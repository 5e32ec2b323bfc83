//! The checks of contract `auth/1`; its words are `targets/contracts/auth-1.md`.
//!
//! Here: which checks there are, and in which order. Each topic is a file below
//! `auth/` with a table of its checks. They come in stages, since some need the
//! target for themselves: first those that look at it untouched, then all that
//! only ask, beside those that only wait, then those that count what happens or
//! trouble the sink and the database.

mod answers;
mod connections;
mod delivery;
mod errors;
mod framing;
mod health;
mod jwt;
mod leave;
mod limit;
mod liveness;
mod login;
mod order;
mod profile;
mod queue;
mod register;
mod register_fields;
mod routes;
mod shape;
mod stage;
mod stored;
mod tasks;
mod timing;
mod token_made;
mod token_refused;
mod token_taken;
mod user;
mod users;
mod webhooks;
mod words;
mod work;

use std::net::SocketAddr;
use std::pin::Pin;

use dyno_result::Work;
use fastrand::Rng;

use crate::finding::{Finding, Verdict, bounded};
use crate::subject::AuthBench;
use stage::Stage;

pub use limit::LIMITER_ENVIRONMENT;

/// A check: its id, and how it is made, with random numbers of its own.
#[derive(Clone, Copy)]
struct Check {
    id: &'static str,
    run: for<'a> fn(&'a Stage, Rng) -> Checking<'a>,
}

type Checking<'a> = Pin<Box<dyn Future<Output = Verdict> + Send + 'a>>;

/// A table of checks.
macro_rules! table {
    ($($id:literal => $run:path,)*) => {
        &[$(crate::auth::Check { id: $id, run: |stage, rng| Box::pin($run(stage, rng)) },)*]
    };
}
use table;

/// Before the first request.
const UNTOUCHED: &[&[Check]] = &[work::UNTOUCHED];

/// One after another; they only ask.
const ASKING: &[&[Check]] = &[
    health::CHECKS,
    register::CHECKS,
    register_fields::CHECKS,
    login::CHECKS,
    token_made::CHECKS,
    token_taken::CHECKS,
    token_refused::CHECKS,
    profile::CHECKS,
    leave::CHECKS,
    user::CHECKS,
    users::CHECKS,
    webhooks::CHECKS,
    routes::CHECKS,
    errors::CHECKS,
    order::CHECKS,
    answers::CHECKS,
    framing::CHECKS,
    connections::CHECKS,
];

/// Beside those; they only wait.
const DATES: &[&[Check]] = &[answers::WAITING];
/// As [`DATES`].
const IDLE: &[&[Check]] = &[connections::WAITING];

/// Its delivery hangs from before [`ASKING`] until after it.
const TIMEOUT: &str = "auth.tasks.timeout";

/// With nothing else going on, those that break most last.
const ALONE: &[&[Check]] = &[
    stored::CHECKS,
    work::CHECKS,
    tasks::CHECKS,
    delivery::CHECKS,
    liveness::CHECKS,
    connections::CROWDS,
    health::DATABASE,
];

/// Only where the target was asked for `Server-Timing`.
const TIMED: &[&[Check]] = &[timing::CHECKS];

/// In a process with tight limits.
const LIMITED: &[&[Check]] = &[limit::CHECKS, timing::OFF, queue::CHECKS];

/// The ids of every check, in the order of results.
pub(super) fn checks() -> Vec<&'static str> {
    let verified = [UNTOUCHED, ASKING, DATES, IDLE].into_iter().flat_map(ids);
    let timeout = std::iter::once(TIMEOUT);
    let rest = [ALONE, TIMED, LIMITED].into_iter().flat_map(ids);
    verified.chain(timeout).chain(rest).collect()
}

fn ids(tables: &'static [&'static [Check]]) -> impl Iterator<Item = &'static str> {
    tables.iter().copied().flatten().map(|check| check.id)
}

/// Runs every check but those of [`limiter`], and says what the operations cost
/// in the database.
pub(super) async fn check(
    address: SocketAddr,
    bench: &AuthBench,
    seed: u64,
) -> (Vec<Finding>, Vec<Work>) {
    let stage = &Stage::new(address, bench.clone());
    let rng = &mut Rng::with_seed(seed);
    let mut findings = in_turn(UNTOUCHED, stage, rng.fork()).await;
    let hung = delivery::hang(stage, rng.fork()).await;
    let given_up = async {
        let verdict = bounded(async { delivery::given_up(stage, hung?).await });
        Finding::new(TIMEOUT, verdict.await)
    };
    let (asked, dates, idle, given_up) = tokio::join!(
        in_turn(ASKING, stage, rng.fork()),
        in_turn(DATES, stage, rng.fork()),
        in_turn(IDLE, stage, rng.fork()),
        given_up,
    );
    findings.extend(asked);
    findings.extend(dates);
    findings.extend(idle);
    findings.push(given_up);
    findings.extend(in_turn(ALONE, stage, rng.fork()).await);
    if bench.server_timing {
        findings.extend(in_turn(TIMED, stage, rng.fork()).await);
    }
    (findings, stage.work())
}

/// The checks of a process that was started with [`LIMITER_ENVIRONMENT`].
pub(super) async fn limiter(address: SocketAddr, bench: &AuthBench, seed: u64) -> Vec<Finding> {
    let stage = Stage::new(address, bench.clone());
    in_turn(LIMITED, &stage, Rng::with_seed(seed)).await
}

async fn in_turn(tables: &[&[Check]], stage: &Stage, mut rng: Rng) -> Vec<Finding> {
    let mut findings = Vec::new();
    for check in tables.concat() {
        let verdict = bounded((check.run)(stage, rng.fork())).await;
        findings.push(Finding::new(check.id, verdict));
    }
    findings
}
