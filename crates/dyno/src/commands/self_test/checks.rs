//! The checks: short versions of ground-truth tests, each with its closed form.

use std::time::Duration;

use dyno_engine::Played;
use dyno_result::Histogram;
use dyno_scenario::Arrivals;
use dyno_truth::expected::{Queue, lindley, stall};
use dyno_truth::{exponential_ns, is_chosen, unit};

use crate::failure::Failure;

use super::bench::{Bench, open, response};
use super::figure::{Figure, Unit};

/// A check and what it is about, in words.
pub(super) struct Check {
    /// Its number among the ground-truth tests.
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    pub(super) words: &'static [&'static str],
    kind: Kind,
}

enum Kind {
    Stall,
    Oracle,
    Queue,
    Lines,
    Timeouts,
}

/// Every check, in the order in which they run.
pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "T1",
        name: "a server that stands still",
        words: &[
            "Nothing leaves it for the first 100 ms of each second, while 1,000 requests a",
            "second come due. Each must show its wait, so the slowest tenth grows to 100 ms.",
        ],
        kind: Kind::Stall,
    },
    Check {
        id: "T4",
        name: "answers whose times are all known",
        words: &[
            "One after the other is served, each for a time drawn beforehand: so the response",
            "time of every single request can be computed.",
        ],
        kind: Kind::Oracle,
    },
    Check {
        id: "T5",
        name: "a queue from the textbook",
        words: &[
            "Requests at random moments, half as many as the server can do at 1 ms each:",
            "queueing theory (M/D/1) knows how long they take.",
        ],
        kind: Kind::Queue,
    },
    Check {
        id: "T8",
        name: "a slow answer and those behind it",
        words: &[
            "One answer in a hundred takes 100 ms. It may keep its own connection busy, but",
            "no other request: there are 19 more connections.",
        ],
        kind: Kind::Lines,
    },
    Check {
        id: "T11",
        name: "answers that never come",
        words: &[
            "Every twentieth answer would take 10 s, and dyno waits for one. All must be",
            "counted as timeouts, and none may be lost.",
        ],
        kind: Kind::Timeouts,
    },
];

const MS: u64 = 1_000_000;
const PATIENT: Duration = Duration::from_secs(10);

impl Check {
    /// Loads the server; what was seen beside what is true.
    pub(super) async fn run(&self, bench: &Bench) -> Result<Vec<Figure>, Failure> {
        match self.kind {
            Kind::Stall => still(bench).await,
            Kind::Oracle => oracle(bench).await,
            Kind::Queue => queue(bench).await,
            Kind::Lines => lines(bench).await,
            Kind::Timeouts => timeouts(bench).await,
        }
    }
}

async fn still(bench: &Bench) -> Result<Vec<Figure>, Failure> {
    let bare = bench.bare(1_000, 300).await?;
    let load = open(1_000, Arrivals::Constant, 300, Duration::from_secs(5));
    let path = "/stall?period=1s&length=100ms".to_owned();
    let played = bench.play([path], load, PATIENT).await?;
    let seen = response(&played);
    let figure = |name: &str, q| {
        let truth = bare + stall(q, 0.1, 100e6);
        Figure::time(name, truth, seen.value_at_quantile(q) as f64, 2e6)
    };
    let mut figures = vec![
        figure("p50", 0.5),
        figure("p95", 0.95),
        figure("p99", 0.99),
        figure("slowest", 1.0),
    ];
    figures.push(lost(&played));
    Ok(figures)
}

async fn oracle(bench: &Bench) -> Result<Vec<Figure>, Failure> {
    const RATE: u64 = 800;
    const SECONDS: u64 = 5;
    let bare = bench.bare(RATE, 200).await?;
    let load = open(RATE, Arrivals::Constant, 200, Duration::from_secs(SECONDS));
    let numbers = 0..RATE * SECONDS;
    let paths = numbers
        .clone()
        .map(|k| format!("/queue?mean=1ms&seed=4&k={k}"));
    let played = bench.play(paths, load, PATIENT).await?;
    let seen = response(&played);
    let requests = numbers.map(|k| (k * 1_000 * MS / RATE, exponential_ns(4, k, MS)));
    let mut truth = lindley(requests);
    truth.sort_unstable();
    let figure = |name: &str, q: f64| {
        let rank = (q * truth.len() as f64).ceil() as usize;
        let truth = bare + truth[rank - 1] as f64;
        let tolerance = (0.005 * truth).max(150e3);
        Figure::time(name, truth, at_rank(&seen, rank), tolerance)
    };
    Ok(vec![
        figure("p50", 0.5),
        figure("p90", 0.9),
        figure("p99", 0.99),
        lost(&played),
    ])
}

async fn queue(bench: &Bench) -> Result<Vec<Figure>, Failure> {
    // Four queues at a time: four times the sample. Of Poisson starts only a
    // random choice is Poisson again.
    const LANES: u64 = 4;
    let bare = bench.bare(500 * LANES, 100).await?;
    let load = open(500 * LANES, Arrivals::Poisson, 400, Duration::from_secs(10));
    let lane = |k| (unit(5, k) * LANES as f64).ceil() as u64 - 1;
    let paths = (0..20_000).map(|k| format!("/queue?service=1ms&lane={}", lane(k)));
    let played = bench.play(paths, load, PATIENT).await?;
    let seen = response(&played);
    let truth = Queue::Md1(0.5);
    let figure = |name: &str, truth: f64, seen: f64| {
        let truth = bare + truth * MS as f64;
        Figure::time(name, truth, seen, 0.05 * truth)
    };
    Ok(vec![
        figure("mean", truth.mean(), seen.mean()),
        figure(
            "p90",
            truth.quantile(0.9),
            seen.value_at_quantile(0.9) as f64,
        ),
        lost(&played),
    ])
}

async fn lines(bench: &Bench) -> Result<Vec<Figure>, Failure> {
    const COUNT: u64 = 8_000;
    let load = open(
        2_000,
        Arrivals::Constant,
        20,
        Duration::from_secs(COUNT / 2_000),
    );
    let path = "/slow?share=0.01&time=100ms&seed=8".to_owned();
    let played = bench.play([path], load, PATIENT).await?;
    let seen = response(&played);
    let slow = (0..COUNT).filter(|k| is_chosen(8, *k, 0.01)).count();
    let late = seen.len() - seen.count_between(0, MS - 1_000);
    let late = Figure {
        what: "later than 1 ms".to_owned(),
        unit: Unit::Share,
        truth: slow as f64 / COUNT as f64,
        measured: late as f64 / COUNT as f64,
        tolerance: 0.002,
    };
    Ok(vec![late, lost(&played)])
}

async fn timeouts(bench: &Bench) -> Result<Vec<Figure>, Failure> {
    const COUNT: u64 = 1_200;
    let load = open(
        400,
        Arrivals::Constant,
        100,
        Duration::from_secs(COUNT / 400),
    );
    let path = "/every?n=20&time=10s".to_owned();
    let played = bench.play([path], load, Duration::from_secs(1)).await?;
    let step = &played.step;
    let in_time = step.counts.succeeded;
    Ok(vec![
        Figure::requests("timeouts", COUNT / 20, step.response.timed_out),
        Figure::requests("answers", COUNT - COUNT / 20, in_time),
        Figure::requests("lost", 0, COUNT - step.response.timed_out - in_time),
    ])
}

/// Due and not answered rightly, or not even due.
fn lost(played: &Played) -> Figure {
    let counts = &played.step.counts;
    Figure::requests("lost", 0, counts.due - counts.succeeded)
}

/// The value of rank `rank`, from 1.
fn at_rank(seen: &Histogram, rank: usize) -> f64 {
    let level = (rank as f64 - 0.5) / seen.len().max(1) as f64;
    seen.value_at_quantile(level) as f64
}
