//! When requests arrive, by the server's own log: T7; and how many: T15.

use std::time::Duration;

use dyno_result::{Pacing, QuantileValue};
use dyno_scenario::{Arrivals, Load, Profile, Rate, Stage};

use crate::bench::{Bench, truth};
use crate::client::{Ask, Engine, constant, poisson};
use crate::judge::Judge;
use crate::judge::Tolerance::Within;

/// Logged, unlike `/ok`, and answered at once.
const LOGGED: &str = "/delay?time=0ns";

/// The gaps between arrivals in ms, and the send lag's p99 in ms.
fn gaps(bench: &Bench<'_>, load: Load, pacing: Pacing) -> (Vec<f64>, f64) {
    bench.server.stay_awake().unwrap();
    let played = bench.play_well(&Ask {
        pacing,
        ..Ask::new(LOGGED, load)
    });
    let log = bench.server.log().unwrap();
    let gap = |pair: &[dyno_truth::Logged]| (pair[1].arrival_ns - pair[0].arrival_ns) as f64 / 1e6;
    let lag = match played.step.send_lag.unwrap().quantile(0.99) {
        Some(QuantileValue::Ns(ns)) => ns as f64 / 1e6,
        other => panic!("{other:?}"),
    };
    (log.windows(2).map(gap).collect(), lag)
}

/// Mean and coefficient of variation.
fn moments(gaps: &[f64]) -> (f64, f64) {
    let count = gaps.len() as f64;
    let mean = gaps.iter().sum::<f64>() / count;
    let variance = gaps.iter().map(|gap| (gap - mean).powi(2)).sum::<f64>() / count;
    (mean, variance.sqrt() / mean)
}

/// The largest distance of the gaps' distribution from the exponential one
/// (Kolmogorov and Smirnov).
fn distance(gaps: &[f64], mean: f64) -> f64 {
    let mut sorted = gaps.to_vec();
    sorted.sort_by(f64::total_cmp);
    let count = sorted.len() as f64;
    let at = |(i, gap): (usize, &f64)| {
        let truth = 1.0 - (-gap / mean).exp();
        (truth - i as f64 / count)
            .abs()
            .max((truth - (i + 1) as f64 / count).abs())
    };
    sorted.iter().enumerate().map(at).fold(0.0, f64::max)
}

/// T7, constant: even gaps and no drift. That intended starts are exact to 1 ns
/// is tested beside the schedule, which is pure.
fn t7_constant(bench: &Bench<'_>, seconds: u64) -> Judge {
    let mut judge = Judge::new("T7 constant arrivals, ms");
    // Sleeping threads are woken late, which the send lag says and no mode hides.
    for (word, pacing, lag_limit) in [
        ("hybrid", Pacing::Hybrid, 0.1),
        ("sleep", Pacing::Sleep, 1.0),
    ] {
        let load = constant(1_000, 100, Duration::from_secs(seconds));
        let (gaps, lag) = gaps(bench, load, pacing);
        judge.below(&format!("{word}: CV"), moments(&gaps).1, 0.05);
        let drift = gaps.iter().sum::<f64>() - gaps.len() as f64;
        judge.near("drift", drift, 0.0, Within(1.0));
        judge.below("send lag p99", lag, lag_limit);
    }
    judge
}

/// T7, Poisson. At this rate a hundredth of a millisecond, which is what two
/// requests at once need one after the other, is 0.4 % of a gap.
fn t7_poisson(bench: &Bench<'_>, count: u64) -> Judge {
    const RATE: u64 = 400;
    let mean = 1_000.0 / RATE as f64;
    let load = poisson(RATE, 100, Duration::from_secs(count / RATE));
    let (gaps, lag) = gaps(bench, load, Pacing::Hybrid);
    let mut judge = Judge::new("T7 Poisson arrivals, ms");
    let limit = 1.63 / (gaps.len() as f64).sqrt();
    judge.below("KS D", distance(&gaps, mean), limit);
    judge.near("CV", moments(&gaps).1, 1.0, Within(0.015));
    judge.below("send lag p99", lag, 0.1);
    judge
}

#[test]
#[ignore = "a minute, and a quiet machine: it measures tens of microseconds; scripts/truth runs it"]
fn t7_constant_arrivals_are_even() {
    truth(&Engine, |bench| t7_constant(bench, 30));
}

#[test]
#[ignore = "four minutes; scripts/truth runs it"]
fn t7_poisson_long() {
    truth(&Engine, |bench| t7_poisson(bench, 100_000));
}

#[test]
fn t15_schedules_have_exactly_so_many_starts() {
    const SECOND_NS: u64 = 1_000_000_000;
    truth(&Engine, |bench| {
        let mut judge = Judge::new("T15 schedules");
        let mut due = |what: &str, profile, expected: u64, within: u64| {
            let load = Load::Open {
                profile,
                arrivals: Arrivals::Constant,
                connections: 50,
            };
            let due = bench.play_well(&Ask::new("/ok", load)).step.counts.due;
            judge.near(what, due as f64, expected as f64, Within(within as f64));
        };
        for (starts, per_ns, duration_ms) in [
            (333, SECOND_NS, 1_000),
            (1, 7_000_000, 500),
            (1_000, SECOND_NS, 250),
            (2, 3_000_000_001, 1),
        ] {
            let duration = Duration::from_millis(duration_ms);
            let profile = Profile::Steady {
                rate: Rate { starts, per_ns },
                duration,
            };
            // The starts before the end, the one at 0 among them.
            let expected = (duration_ms * 1_000_000 * starts).div_ceil(per_ns);
            due(&format!("{starts} in {per_ns} ns"), profile, expected, 0);
        }
        let rate = |starts| Rate {
            starts,
            per_ns: SECOND_NS,
        };
        let (from, to) = (rate(200), rate(1_000));
        let duration = Duration::from_secs(1);
        let ramp = Profile::Stages(vec![Stage { from, to, duration }]);
        due("ramp from 200/s to 1,000/s in 1 s", ramp, 600, 1);
        let duration = Duration::from_millis(900);
        let every = Duration::from_millis(300);
        due(
            "bursts",
            Profile::Bursts {
                starts: 30,
                every,
                duration,
            },
            90,
            0,
        );
        judge
    });
}
