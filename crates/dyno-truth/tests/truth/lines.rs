//! A slow answer and the requests behind it: T8.

use std::time::Duration;

use dyno_result::Histogram;
use dyno_truth::is_chosen;

use crate::bench::{Bench, truth};
use crate::client::{Ask, Engine, at, constant, response};
use crate::judge::Judge;

/// What T8 asks.
pub(crate) fn t8_ask(seconds: u64) -> Ask {
    slow_ask(0.01, seconds)
}

fn slow_ask(share: f64, seconds: u64) -> Ask {
    let load = constant(2_000, 20, Duration::from_secs(seconds));
    Ask::new(format!("/slow?share={share}&time=100ms&seed=8"), load)
}

/// T8: a slow answer keeps its own connection busy and nobody else. A schedule
/// for each connection would have 11.5 % of the requests late. What is late
/// without slow answers is the machine's.
pub(crate) fn t8(bench: &Bench<'_>, seconds: u64) -> Judge {
    let without = response(&bench.play_well(&slow_ask(0.0, seconds)));
    let seen = response(&bench.play_well(&t8_ask(seconds)));
    let count = 2_000 * seconds;
    let slow = (0..count).filter(|k| is_chosen(8, *k, 0.01)).count() as f64;
    // Values of a histogram are known to three digits: what lies in the bucket
    // of 1 ms is late.
    let late = |seen: &Histogram| (seen.len() - seen.count_between(0, 999_000)) as f64;
    let percent = |part: f64| part / count as f64 * 100.0;
    let beyond = percent(late(&seen) - slow);
    let mut judge = Judge::new("T8 head of line");
    judge.at_least("late %", percent(late(&seen)), percent(slow));
    // A schedule for each connection: 9 to 11. A machine that stands still now and
    // then has been seen at 6.
    judge.below_in_noise(
        &format!("late beyond the slow {beyond:.3} and beyond those without, % points"),
        beyond - percent(late(&without)),
        0.2,
        8.0,
    );
    // Where p98.5 would lie among the others.
    let level = 0.985 / (1.0 - slow / count as f64);
    judge.below(
        "p98.5 more than without, ms",
        at(&seen, 0.985) - at(&without, level),
        1.0,
    );
    judge
}

#[test]
fn t8_a_slow_answer_holds_back_no_other_start() {
    truth(&Engine, |bench| t8(bench, 3));
}

#[test]
#[ignore = "30 s; scripts/truth runs it"]
fn t8_long() {
    truth(&Engine, |bench| t8(bench, 30));
}
