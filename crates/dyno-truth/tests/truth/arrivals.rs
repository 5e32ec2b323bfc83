//! When requests arrive, by the server's own log: T7; and how many: T15.

use std::time::Duration;

use dyno_result::{Pacing, QuantileValue};
use dyno_scenario::{Arrivals, Load, Profile, Rate, Stage};
use dyno_truth::{Stall, exponential_ns};

use crate::bench::{Bench, truth};
use crate::client::{Ask, Engine, constant, poisson};
use crate::judge::Judge;
use crate::judge::Tolerance::Within;

/// Logged, unlike `/ok`, and answered at once.
const LOGGED: &str = "/delay?time=0ns";

/// What the server's log says, and the send lag's p99 in ms.
struct Seen {
    arrivals_ns: Vec<u64>,
    stalls: Vec<Stall>,
    lag: f64,
}

impl Seen {
    fn of(bench: &Bench<'_>, load: Load, pacing: Pacing) -> Self {
        bench.server.stay_awake().unwrap();
        let watch = bench.watch();
        let played = bench.play_well(&Ask {
            pacing,
            ..Ask::new(LOGGED, load)
        });
        let (_, stalls) = watch.end_with_stalls();
        let log = bench.server.log().unwrap();
        let lag = match played.step.send_lag.unwrap().quantile(0.99) {
            Some(QuantileValue::Ns(ns)) => ns as f64 / 1e6,
            other => panic!("{other:?}"),
        };
        Self {
            arrivals_ns: log.iter().map(|logged| logged.arrival_ns).collect(),
            stalls,
            lag,
        }
    }

    /// The gaps between arrivals in ms, but for those in which a CPU stood still, by
    /// the word of threads that have nothing to do with the load; and the share of
    /// these, in percent.
    fn gaps(&self) -> (Vec<f64>, f64) {
        let still = self.still();
        let touches = |pair: &[u64]| {
            let meets = |&(from, to): &(u64, u64)| pair[0] <= to && from <= pair[1];
            still.iter().any(meets)
        };
        let pairs = self.arrivals_ns.windows(2);
        let gaps: Vec<f64> = pairs
            .filter(|pair| !touches(pair))
            .map(|pair| (pair[1] - pair[0]) as f64 / 1e6)
            .collect();
        let share = self.share_left_out(gaps.len());
        (gaps, share)
    }

    /// The gaps of a Poisson process in ms, as if the times in which a CPU stood still
    /// had never been; and the share of gaps lost by that, in percent. Leaving out the
    /// gaps that meet such a time would take the long ones more often than the short.
    /// What is left of the process when a time is cut out and the ends are joined is
    /// still Poisson, as its gaps have no memory.
    fn joined_gaps(&self) -> (Vec<f64>, f64) {
        let still = self.still();
        let mut cut = still.iter().peekable();
        let (mut removed, mut joined) = (0, Vec::new());
        for &arrival in &self.arrivals_ns {
            while let Some((from, to)) = cut.next_if(|(_, to)| *to < arrival) {
                removed += to - from;
            }
            if cut.peek().is_none_or(|(from, _)| arrival < *from) {
                joined.push(arrival - removed);
            }
        }
        let pairs = joined.windows(2);
        let gaps: Vec<f64> = pairs.map(|pair| (pair[1] - pair[0]) as f64 / 1e6).collect();
        let share = self.share_left_out(gaps.len());
        (gaps, share)
    }

    /// The times in which a CPU stood still, in order, none overlapping, from the first
    /// arrival on.
    fn still(&self) -> Vec<(u64, u64)> {
        // A thread that naps may see the end of what the load has met a nap before,
        // and what was held up is caught up with in the gap that follows.
        const AROUND_NS: u64 = 2_000_000;
        let first = self.arrivals_ns.first().copied().unwrap_or_default();
        let around = |stall: &Stall| {
            let from = stall.begin_ns.saturating_sub(AROUND_NS).max(first);
            (from, (stall.end_ns + AROUND_NS).max(first))
        };
        let mut all: Vec<(u64, u64)> = self.stalls.iter().map(around).collect();
        all.sort_unstable();
        let mut apart: Vec<(u64, u64)> = Vec::new();
        for (from, to) in all {
            match apart.last_mut() {
                Some(last) if from <= last.1 => last.1 = last.1.max(to),
                _ => apart.push((from, to)),
            }
        }
        apart
    }

    fn share_left_out(&self, kept: usize) -> f64 {
        let all = self.arrivals_ns.len() - 1;
        (all - kept) as f64 / all as f64 * 100.0
    }

    /// How much later than at `gap_ns` from each other the arrivals are at the end
    /// than at the beginning, ms: the difference of the medians of two tenths.
    fn drift(&self, gap_ns: u64) -> f64 {
        let first = self.arrivals_ns[0];
        let late = |(n, arrival): (u64, &u64)| (arrival - first) as f64 - (n * gap_ns) as f64;
        let late: Vec<f64> = (0..).zip(&self.arrivals_ns).map(late).collect();
        let middle = |part: &[f64]| {
            let mut sorted = part.to_vec();
            sorted.sort_by(f64::total_cmp);
            sorted[sorted.len() / 2]
        };
        let tenth = late.len() / 10;
        (middle(&late[late.len() - tenth..]) - middle(&late[..tenth])) / 1e6
    }
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
        let seen = Seen::of(bench, load, pacing);
        let (gaps, still) = seen.gaps();
        judge.below(&format!("{word}: CV"), moments(&gaps).1, 0.05);
        judge.below("gaps left out for a CPU that stood still, %", still, 5.0);
        judge.near("drift", seen.drift(1_000_000), 0.0, Within(1.0));
        judge.below("send lag p99", seen.lag, lag_limit);
    }
    judge
}

/// T7, Poisson. At this rate a hundredth of a millisecond, which is what two
/// requests at once need one after the other, is 0.4 % of a gap.
fn t7_poisson(bench: &Bench<'_>, count: u64) -> Judge {
    const RATE: u64 = 400;
    let mean = 1_000.0 / RATE as f64;
    let load = poisson(RATE, 100, Duration::from_secs(count / RATE));
    let seen = Seen::of(bench, load, Pacing::Hybrid);
    let (gaps, still) = seen.joined_gaps();
    let mut judge = Judge::new("T7 Poisson arrivals, ms");
    let limit = 1.63 / (gaps.len() as f64).sqrt();
    judge.below("KS D", distance(&gaps, mean), limit);
    judge.near("CV", moments(&gaps).1, 1.0, Within(0.015));
    judge.below("gaps left out for a CPU that stood still, %", still, 5.0);
    judge.below("send lag p99", seen.lag, 0.1);
    judge
}

/// Leaving out gaps that meet a stall fails a process that is Poisson; joining does not.
#[test]
fn t7_stalls_bend_no_distribution() {
    const MEAN_NS: u64 = 2_500_000;
    const N: u64 = 100_000;
    let arrivals_ns: Vec<u64> = (0..N)
        .scan(1_000_000_000, |now, k| {
            *now += exponential_ns(7, k, MEAN_NS);
            Some(*now)
        })
        .collect();
    // About as often as a shared host does, but four times as long.
    let stalls = (0..N / 75).scan(1_000_000_000, |now, k| {
        *now += exponential_ns(8, k, 75 * MEAN_NS);
        let (begin_ns, end_ns) = (*now, *now + 8_000_000);
        Some(Stall { begin_ns, end_ns })
    });
    let seen = Seen {
        arrivals_ns,
        stalls: stalls.collect(),
        lag: 0.0,
    };
    let ((joined, _), (left_out, _)) = (seen.joined_gaps(), seen.gaps());
    let limit = |gaps: &[f64]| 1.63 / (gaps.len() as f64).sqrt();
    let mean = MEAN_NS as f64 / 1e6;
    assert!(joined.len() > 80_000, "{}", joined.len());
    assert!(distance(&joined, mean) < limit(&joined));
    assert!(distance(&left_out, mean) > limit(&left_out));
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
