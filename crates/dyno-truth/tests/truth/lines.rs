//! A slow answer and the requests behind it: T8.

use std::time::Duration;

use dyno_truth::is_chosen;

use crate::bench::{Bench, truth};
use crate::client::{Ask, Engine, at, constant, response};
use crate::judge::Judge;

/// What T8 asks.
pub(crate) fn t8_ask(seconds: u64) -> Ask {
    let load = constant(2_000, 20, Duration::from_secs(seconds));
    Ask::new("/slow?share=0.01&time=100ms&seed=8", load)
}

/// T8: a slow answer keeps its own connection busy and nobody else. A schedule
/// for each connection would have 11.5 % of the requests late.
pub(crate) fn t8(bench: &Bench<'_>, seconds: u64) -> Judge {
    let played = bench.play_well(&t8_ask(seconds));
    let seen = response(&played);
    let count = 2_000 * seconds;
    let slow = (0..count).filter(|k| is_chosen(8, *k, 0.01)).count() as f64;
    // Values of a histogram are known to three digits: what lies in the bucket
    // of 1 ms is late.
    let late = (seen.len() - seen.count_between(0, 999_000)) as f64;
    let percent = |part: f64| part / count as f64 * 100.0;
    let mut judge = Judge::new("T8 head of line");
    judge.at_least("late %", percent(late), percent(slow));
    judge.below("late beyond the slow, % points", percent(late - slow), 0.2);
    judge.below("p98.5 ms", at(&seen, 0.985), 1.0);
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
