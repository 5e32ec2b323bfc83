//! The engine's own HTTP/1.1 beside hyper's, asked the same: T20.

use crate::bench::{Bench, truth};
use crate::client::{Ask, Engine, at, response};
use crate::hyper::Hyper;
use crate::judge::Judge;
use crate::judge::Tolerance::Within;
use crate::{lines, queues, stalls};

/// Fewest requests beyond a quantile that is compared, as in what dyno prints.
const BEYOND: f64 = 10.0;

/// T20: both clients under the load of another truth agree, to 2 % and 100 us,
/// at each of `levels` for which there are enough requests.
fn t20(bench: &Bench<'_>, name: &str, ask: &Ask, levels: &[f64]) -> Judge {
    let own = response(&bench.play_well(ask));
    let other = response(&bench.play_well_by(&Hyper, ask));
    let mut judge = Judge::new(&format!("T20 {name}, own codec and hyper, ms"));
    judge.exact("answers", own.len(), other.len());
    for level in levels {
        if (1.0 - level) * own.len() as f64 + 0.5 >= BEYOND {
            let expected = at(&other, *level);
            let tolerance = Within(expected * 0.02 + 0.1);
            judge.near(
                &format!("p{}", level * 100.0),
                at(&own, *level),
                expected,
                tolerance,
            );
        }
    }
    judge
}

/// A tenth of the starts meets the stall: at p90 it is the place of the first
/// start in it, and not the client, that decides.
fn t1(bench: &Bench<'_>, seconds: u64) -> Judge {
    t20(
        bench,
        "stall",
        &stalls::t1_ask(seconds),
        &[0.5, 0.95, 0.99, 0.999],
    )
}

fn t4(bench: &Bench<'_>, seconds: u64) -> Judge {
    let levels = [0.5, 0.9, 0.95, 0.99, 0.999];
    t20(bench, "seeded queue", &queues::t4_ask(seconds), &levels)
}

/// One answer in a hundred is slow: p99 lies between a tenth of a millisecond and
/// a hundred, and a few starts that meet a machine standing still move p98.5, too.
fn t8(bench: &Bench<'_>, seconds: u64) -> Judge {
    let levels = [0.5, 0.9, 0.95, 0.975, 0.995, 0.999];
    t20(bench, "slow answers", &lines::t8_ask(seconds), &levels)
}

#[test]
fn t20_both_clients_see_the_same_stall() {
    truth(&Engine, |bench| t1(bench, 2));
}

#[test]
#[ignore = "a minute; scripts/truth runs it"]
fn t20_stall_long() {
    truth(&Engine, |bench| t1(bench, 30));
}

#[test]
fn t20_both_clients_see_the_same_queue() {
    truth(&Engine, |bench| t4(bench, 2));
}

#[test]
#[ignore = "a minute; scripts/truth runs it"]
fn t20_queue_long() {
    truth(&Engine, |bench| t4(bench, 30));
}

#[test]
fn t20_both_clients_see_the_same_slow_answers() {
    truth(&Engine, |bench| t8(bench, 2));
}

#[test]
#[ignore = "a minute; scripts/truth runs it"]
fn t20_slow_answers_long() {
    truth(&Engine, |bench| t8(bench, 30));
}
