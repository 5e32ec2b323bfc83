//! One queue whose every departure is known: T3, T4, T5, T6, T6b, T17.

use std::time::Duration;

use dyno_scenario::Until;
use dyno_truth::expected::{self, Queue, lindley};
use dyno_truth::{exponential_ns, unit};

use crate::bench::{Bench, truth};
use crate::client::{Ask, Engine, at, closed, constant, poisson, response, service, values};
use crate::judge::Judge;
use crate::judge::Tolerance::{Percent, Within};

const MS: u64 = 1_000_000;

/// Absolute differences of two lists paired by rank, ascending, and their mean
/// with its sign. The engine keeps histograms and not requests: of all pairings
/// the one by rank has the smallest differences, so this is a lower bound.
fn paired(seen: &[f64], truth: &[f64]) -> (Vec<f64>, f64) {
    assert_eq!(seen.len(), truth.len());
    let differences = seen.iter().zip(truth).map(|(seen, truth)| seen - truth);
    let mean = differences.clone().sum::<f64>() / seen.len() as f64;
    let mut absolute: Vec<f64> = differences.map(f64::abs).collect();
    absolute.sort_by(f64::total_cmp);
    (absolute, mean)
}

/// The value at quantile `q` of an ascending list.
fn rank(sorted: &[f64], q: f64) -> f64 {
    let rank = (q * sorted.len() as f64).ceil() as usize;
    sorted[rank.clamp(1, sorted.len()) - 1]
}

/// T3: the server tells how long each request stayed; service time is that and
/// the bare path.
fn t3(bench: &Bench<'_>, seconds: u64) -> Judge {
    let load = constant(700, 200, Duration::from_secs(seconds));
    let played = bench.play_well(&Ask::new("/queue?mean=1ms&seed=3", load));
    let log = bench.server.log().unwrap();
    let mut truth: Vec<f64> = log
        .iter()
        .map(|logged| logged.sojourn_ns as f64 / 1e6)
        .collect();
    truth.sort_by(f64::total_cmp);
    let (errors, bias) = paired(&values(&service(&played)), &truth);
    let mut judge = Judge::new("T3 paired truth, ms");
    judge.below("median", rank(&errors, 0.5), 0.150);
    judge.below("p99.9", rank(&errors, 0.999), 1.0);
    judge.at_least("bias", bias, 0.0);
    judge
}

/// Starts a second of T4.
const T4_RATE: u64 = 800;

/// What T4 asks.
pub(crate) fn t4_ask(seconds: u64) -> Ask {
    Ask {
        paths: (0..T4_RATE * seconds)
            .map(|k| format!("/queue?mean=1ms&seed=4&k={k}"))
            .collect(),
        ..Ask::new("", constant(T4_RATE, 200, Duration::from_secs(seconds)))
    }
}

/// T4: the k-th service time is known, and so is each response time.
pub(crate) fn t4(bench: &Bench<'_>, seconds: u64) -> Judge {
    let ask = t4_ask(seconds);
    let bare = bench.bare(&ask.load);
    let count = T4_RATE * seconds;
    let played = bench.play_well(&ask);
    let start = |k: u64| k * 1_000_000_000 / T4_RATE;
    let oracle = lindley((0..count).map(|k| (start(k), exponential_ns(4, k, MS))));
    let mut expected: Vec<f64> = oracle.iter().map(|ns| *ns as f64 / 1e6 + bare).collect();
    expected.sort_by(f64::total_cmp);
    let seen = values(&response(&played));
    let mut judge = Judge::new("T4 seeded oracle, ms");
    // Of all quantiles to p99.9, the one that is furthest off.
    let excess = |q: f64| {
        let truth = rank(&expected, q);
        (rank(&seen, q) - truth).abs() / (0.005 * truth).max(0.150)
    };
    let worst = (1..=999)
        .map(|q| excess(f64::from(q) / 1e3))
        .fold(0.0, f64::max);
    for (name, q) in [("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999)] {
        let truth = rank(&expected, q);
        judge.near(
            name,
            rank(&seen, q),
            truth,
            Within((0.005 * truth).max(0.150)),
        );
    }
    judge.below("worst quantile, of its tolerance", worst, 1.0);
    judge.below(
        "error by rank p99",
        rank(&paired(&seen, &expected).0, 0.99),
        0.5,
    );
    // And request by request, as the server saw them: each start came in its
    // own time, so that each departure is the oracle's.
    let log = bench.server.log().unwrap();
    let earliest = log
        .iter()
        .map(|logged| logged.arrival_ns - start(logged.k))
        .min()
        .unwrap();
    let mut errors: Vec<f64> = log
        .iter()
        .map(|logged| {
            let stayed = logged.arrival_ns + logged.sojourn_ns - earliest - start(logged.k);
            stayed.abs_diff(oracle[logged.k as usize]) as f64 / 1e6
        })
        .collect();
    errors.sort_by(f64::total_cmp);
    judge.below("error by request p99", rank(&errors, 0.99), 0.5);
    judge
}

/// T5: queues with a known distribution. Four independent ones at a time, so
/// that a hundred thousand samples take a minute.
fn t5(bench: &Bench<'_>, name: &str, queue: Queue, samples: u64, percent: f64) -> Judge {
    const LANES: u64 = 4;
    let (Queue::Dm1(rho) | Queue::Md1(rho) | Queue::Mm1(rho)) = queue;
    let rate = (rho * 1_000.0) as u64 * LANES;
    let duration = Duration::from_secs(samples.div_ceil(rate));
    let load = match queue {
        Queue::Dm1(_) => constant(rate, 1_000, duration),
        Queue::Md1(_) | Queue::Mm1(_) => poisson(rate, 1_000, duration),
    };
    let what = match queue {
        Queue::Md1(_) => "service=1ms",
        Queue::Dm1(_) | Queue::Mm1(_) => "mean=1ms&seed=5",
    };
    let lane = |k: u64| match queue {
        // Every fourth of constant starts is constant again.
        Queue::Dm1(_) => k % LANES,
        // Of Poisson starts only a random choice is Poisson again.
        Queue::Md1(_) | Queue::Mm1(_) => (unit(55, k) * LANES as f64).ceil() as u64 - 1,
    };
    let turns = if matches!(queue, Queue::Dm1(_)) {
        LANES
    } else {
        100_000
    };
    let bare = bench.bare(&load);
    let ask = Ask {
        paths: (0..turns)
            .map(|k| format!("/queue?{what}&lane={}", lane(k)))
            .collect(),
        ..Ask::new("", load)
    };
    let seen = response(&bench.play_well(&ask));
    let mut judge = Judge::new(&format!("{name} rho {rho}, ms"));
    judge.near(
        "mean",
        seen.mean() / 1e6,
        bare + queue.mean(),
        Percent(percent),
    );
    let levels: &[(&str, f64)] = match queue {
        Queue::Dm1(0.5) | Queue::Mm1(0.5) => &[("p50", 0.5), ("p99", 0.99)],
        Queue::Md1(_) => &[("p90", 0.9), ("p99", 0.99)],
        Queue::Dm1(_) => &[("p90", 0.9), ("p99", 0.99), ("p99.9", 0.999)],
        Queue::Mm1(_) => &[("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p99.9", 0.999)],
    };
    for (level, q) in levels {
        judge.near(
            level,
            at(&seen, *q),
            bare + queue.quantile(*q),
            Percent(percent),
        );
    }
    judge
}

/// T6: ten connections, each answered after 10 ms and the bare path. They begin
/// a millisecond apart, and so stay: ten at once would also wait for each other.
fn t6(bench: &Bench<'_>, seconds: u64) -> Judge {
    let duration = Duration::from_secs(seconds);
    let bare = bench.bare(&constant(1_000, 10, duration));
    let staggered = (1..=10).map(|ms| format!("/delay?time={ms}ms"));
    let steady = (0..1_100 * seconds).map(|_| "/delay?time=10ms".to_owned());
    let ask = Ask {
        paths: staggered.chain(steady).collect(),
        ..Ask::new("", closed(10, Until::Elapsed(duration)))
    };
    let played = bench.play_well(&ask);
    let mean_s = response(&played).mean() / 1e9;
    let throughput = played.step.throughput_per_s;
    let mut judge = Judge::new("T6 closed loop");
    judge.near(
        "requests/s",
        throughput,
        10.0 / (0.010 + bare / 1e3),
        Percent(1.0),
    );
    judge.near("X R / N", throughput * mean_s / 10.0, 1.0, Percent(1.0));
    judge
}

/// T6b: clients that think for 10 ms between requests. The engine has no think
/// time yet; the server waits before it queues the request, which is the same
/// cycle. The bare path is spent outside of the server, and so like thinking.
fn t6b(bench: &Bench<'_>, clients: u32, seconds: u64) -> Judge {
    let duration = Duration::from_secs(seconds);
    let bare = bench.bare(&constant(500, 10, duration));
    let load = closed(clients, Until::Elapsed(duration));
    let played = bench.play_well(&Ask::new("/queue?mean=1ms&seed=6&think=10ms", load));
    let (throughput, at_server) = expected::closed_loop(clients, 10.0 + bare);
    let seen = played.step.throughput_per_s;
    let response_ms = response(&played).mean() / 1e6;
    let mut judge = Judge::new(&format!("T6b thinking clients N={clients}"));
    judge.near("requests/s", seen, throughput * 1e3, Percent(3.0));
    judge.near("R ms", response_ms - 10.0 - bare, at_server, Percent(3.0));
    let cycle = seen * response_ms / 1e3 / f64::from(clients);
    judge.near("X (R + Z) / N", cycle, 1.0, Percent(1.0));
    judge
}

/// T17: half as much again as the server can do. The start of time t takes t/2.
fn t17(bench: &Bench<'_>, seconds: u64) -> Judge {
    let load = constant(
        1_500,
        600 * u32::try_from(seconds).unwrap(),
        Duration::from_secs(seconds),
    );
    let played = bench.play_well(&Ask::new("/queue?service=1ms", load));
    let seen = response(&played);
    let longest = seconds as f64 / 2.0;
    let mut judge = Judge::in_seconds("T17 overload, s");
    judge.exact("answers", seen.len(), 1_500 * seconds);
    judge.near("mean", seen.mean() / 1e9, longest / 2.0, Percent(2.0));
    for (name, q) in [("p50", 0.5), ("p99", 0.99), ("max", 1.0)] {
        judge.near(name, at(&seen, q) / 1e3, longest * q, Percent(2.0));
    }
    judge
}

/// T17 with a limit that two thirds of the answers miss: they stay in the
/// percentiles, and only what came due before t = 2 x limit is in time.
fn t17_limit(bench: &Bench<'_>) -> Judge {
    let load = constant(1_500, 1_200, Duration::from_secs(3));
    let ask = Ask {
        timeout: Duration::from_millis(500),
        ..Ask::new("/queue?service=1ms", load)
    };
    let step = bench.play(&ask).step;
    let mut judge = Judge::new("T17 overload, half a second at most");
    judge.exact("due", step.counts.due, 4_500);
    judge.near(
        "in time",
        step.counts.succeeded as f64,
        1_500.0,
        Percent(2.0),
    );
    judge.exact(
        "timeouts",
        step.response.timed_out,
        4_500 - step.counts.succeeded,
    );
    let late = Some(dyno_result::QuantileValue::AtLeastNs(500 * MS));
    judge.exact("p50", step.response.quantile(0.5), late);
    judge.exact("p99", step.response.quantile(0.99), late);
    judge
}

#[test]
fn t3_service_time_is_the_servers_and_the_path() {
    truth(&Engine, |bench| t3(bench, 2));
}

#[test]
#[ignore = "30 s; scripts/truth runs it"]
fn t3_long() {
    truth(&Engine, |bench| t3(bench, 30));
}

#[test]
fn t4_each_response_time_is_the_oracles() {
    truth(&Engine, |bench| t4(bench, 2));
}

#[test]
#[ignore = "30 s; scripts/truth runs it"]
fn t4_long() {
    truth(&Engine, |bench| t4(bench, 30));
}

macro_rules! t5 {
    ($($test:ident: $name:literal, $queue:expr, $samples:literal, $percent:literal;)*) => {
        $(#[test]
        #[ignore = "a minute; scripts/truth runs it"]
        fn $test() {
            truth(&Engine, |bench| t5(bench, $name, $queue, $samples, $percent));
        })*
    };
}

t5! {
    t5a_dm1_at_a_half: "T5a D/M/1", Queue::Dm1(0.5), 100_000, 5.0;
    t5a_dm1_at_four_fifths: "T5a D/M/1", Queue::Dm1(0.8), 200_000, 10.0;
    t5b_md1_at_a_half: "T5b M/D/1", Queue::Md1(0.5), 100_000, 5.0;
    t5b_md1_at_four_fifths: "T5b M/D/1", Queue::Md1(0.8), 200_000, 10.0;
    t5b_md1_at_nine_tenths: "T5b M/D/1", Queue::Md1(0.9), 200_000, 15.0;
    t5c_mm1_at_a_half: "T5c M/M/1", Queue::Mm1(0.5), 100_000, 5.0;
    t5c_mm1_at_four_fifths: "T5c M/M/1", Queue::Mm1(0.8), 200_000, 10.0;
}

#[test]
fn t6_a_closed_loop_turns_as_fast_as_it_can() {
    truth(&Engine, |bench| t6(bench, 2));
}

#[test]
#[ignore = "20 s; scripts/truth runs it"]
fn t6_long() {
    truth(&Engine, |bench| t6(bench, 20));
}

#[test]
#[ignore = "three minutes; scripts/truth runs it"]
fn t6b_thinking_clients() {
    for clients in [5, 10, 20] {
        truth(&Engine, |bench| t6b(bench, clients, 60));
    }
}

#[test]
fn t17_an_overload_shows_its_queue_and_loses_nothing() {
    truth(&Engine, |bench| t17(bench, 2));
}

#[test]
#[ignore = "15 s; scripts/truth runs it"]
fn t17_long() {
    truth(&Engine, |bench| t17(bench, 10));
}

#[test]
fn t17_what_misses_the_limit_stays_in_the_percentiles() {
    truth(&Engine, t17_limit);
}
