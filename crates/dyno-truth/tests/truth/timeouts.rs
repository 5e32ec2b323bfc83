//! Answers that come too late: T11.

use std::time::Duration;

use dyno_result::{FailureKind, QuantileValue};

use crate::bench::{Bench, truth};
use crate::client::{Ask, Engine, constant, response, values};
use crate::judge::Judge;

/// T11: every twentieth answer takes ten seconds, and one is waited for.
fn t11(bench: &Bench<'_>, seconds: u64) -> Judge {
    const RATE: u64 = 400;
    let load = constant(RATE, 100, Duration::from_secs(seconds));
    let ask = Ask {
        timeout: Duration::from_secs(1),
        ..Ask::new("/every?n=20&time=10s", load)
    };
    let played = bench.play(&ask);
    let step = &played.step;
    let due = RATE * seconds;
    let failures: Vec<_> = step.failures.iter().map(|f| (f.kind, f.count)).collect();
    let mut judge = Judge::new("T11 timeouts");
    judge.exact("due", step.counts.due, due);
    judge.exact(
        "failures",
        failures,
        vec![(FailureKind::ReceiveTimeout, due / 20)],
    );
    judge.exact("in time", step.counts.succeeded, due - due / 20);
    // The right answers come first: of all requests, this is the 94th percentile.
    let right = values(&response(&played));
    judge.below("p94 ms", right[(due * 94 / 100) as usize - 1], 1.0);
    let late = Some(QuantileValue::AtLeastNs(1_000_000_000));
    judge.exact("p99", step.response.quantile(0.99), late);
    judge
}

#[test]
fn t11_timeouts_are_counted_exactly_and_stay_in_the_percentiles() {
    truth(&Engine, |bench| t11(bench, 3));
}

#[test]
#[ignore = "30 s; scripts/truth runs it"]
fn t11_long() {
    truth(&Engine, |bench| t11(bench, 30));
}
