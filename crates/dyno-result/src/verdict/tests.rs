//! Each signal just below and just above each of its limits.

use std::collections::BTreeMap;

use super::*;
use crate::{
    Arrivals, Bytes, Counts, Distribution, FailureCount, FailureKind, Generator, KernelView,
    Pacing, Quantile, QuantileValue, Resources,
};

const SECOND: u64 = 1_000_000_000;
const MS: u64 = 1_000_000;

const CLOSED: Load = Load::Closed {
    connections: 10,
    requests: None,
    duration_s: Some(10.0),
};

const OPEN: Load = Load::Open {
    rate_per_s: 1_000.0,
    arrivals: Arrivals::Poisson,
    connections: 10,
    duration_s: 10.0,
    shape: None,
};

/// `count` times of `ns` at every level.
fn times(count: u64, ns: u64) -> Distribution {
    let value = Some(QuantileValue::Ns(ns));
    Distribution {
        count,
        timed_out: 0,
        failed: 0,
        limit_ns: Some(SECOND),
        min_ns: Some(ns),
        mean_ns: Some(ns as f64),
        stddev_ns: Some(0.0),
        max_ns: Some(ns),
        quantiles: [0.5, 0.9, 0.99].map(|q| Quantile { q, value }).to_vec(),
    }
}

/// Ten seconds, 10,000 requests of 10 ms each on 10 connections: nothing to say.
fn step() -> Step {
    Step {
        id: "step".to_owned(),
        window_ns: 10 * SECOND,
        drain_ns: 0,
        counts: Counts {
            due: 10_000,
            sent: 10_000,
            succeeded: 10_000,
            ..Counts::default()
        },
        failures: Vec::new(),
        ran_out: false,
        statuses: BTreeMap::from([(200, 10_000)]),
        bytes: Bytes::default(),
        throughput_per_s: 1_000.0,
        goodput_per_s: 1_000.0,
        response: times(10_000, 10 * MS),
        service: Some(times(10_000, 10 * MS)),
        send_lag: Some(times(10_000, 10_000)),
        pool_wait: None,
        first_byte: times(10_000, 10 * MS),
        connect: times(10, 60_000),
        resources: None,
        generator: Generator {
            threads: 2,
            busy_fraction: 0.5,
            ..Generator::default()
        },
        warmup: None,
        verdict: None,
        flows: Vec::new(),
        requests: Vec::new(),
        examples: Vec::new(),
        search: None,
    }
}

fn judge(step: &Step, load: &Load, surroundings: Surroundings) -> Verdict {
    let evidence = Evidence {
        step,
        load,
        intervals: &[],
        surroundings,
    };
    verdict(&evidence, &Thresholds::default())
}

/// The level of `signal` after `change`, none without a reason; the verdict as
/// a whole must agree.
fn check(load: Load, signal: Signal, expected: Option<Level>, change: impl Fn(&mut Step)) {
    check_at(Surroundings::default(), load, signal, expected, change);
}

fn check_at(
    surroundings: Surroundings,
    load: Load,
    signal: Signal,
    expected: Option<Level>,
    change: impl Fn(&mut Step),
) {
    let mut step = step();
    change(&mut step);
    let seen = judge(&step, &load, surroundings);
    let reason = seen.reasons.iter().find(|reason| reason.signal == signal);
    let level = reason.map(|reason| reason.level);
    assert_eq!(level, expected, "{seen:?}");
    assert_eq!(seen.level, expected.unwrap_or_default(), "{seen:?}");
}

fn kernel(change: impl Fn(&mut KernelView)) -> impl Fn(&mut Step) {
    move |step| change(step.generator.kernel.get_or_insert_default())
}

const WARN: Option<Level> = Some(Level::Warn);
const INVALID: Option<Level> = Some(Level::Invalid);

#[test]
fn a_quiet_step_is_valid() {
    for load in [CLOSED, OPEN] {
        let seen = judge(&step(), &load, Surroundings::default());
        assert_eq!(seen, Verdict::default());
    }
}

#[test]
fn no_right_answer() {
    for (succeeded, expected) in [(1, None), (0, INVALID)] {
        check(OPEN, Signal::NoAnswer, expected, |step| {
            step.counts.succeeded = succeeded;
            step.counts.failed = 10_000 - succeeded;
        });
    }
}

#[test]
fn send_lag() {
    // Lag, service p50 and response p99 in µs. Warn beyond 100 µs or half of the
    // first; invalid beyond 1 ms and 10 % of the second.
    for (lag, service, response, expected) in [
        (99, 10_000, 10_000, None),
        (101, 10_000, 10_000, WARN),
        (49, 100, 1_000, None),
        (51, 100, 1_000, WARN),
        (999, 100_000, 5_000, WARN),
        (1_010, 100_000, 5_000, INVALID),
        (1_010, 100_000, 20_000, WARN),
        (1_990, 100_000, 20_000, WARN),
        (2_010, 100_000, 20_000, INVALID),
    ] {
        check(OPEN, Signal::SendLag, expected, |step| {
            step.send_lag = Some(times(10_000, lag * 1000));
            step.service = Some(times(10_000, service * 1000));
            step.response = times(10_000, response * 1000);
        });
    }
    for (count, expected) in [(19, None), (20, INVALID)] {
        check(OPEN, Signal::SendLag, expected, |step| {
            step.send_lag = Some(times(count, 5 * MS));
        });
    }
    // Failures at p99 do not hide a lag at p90.
    check(OPEN, Signal::SendLag, INVALID, |step| {
        step.send_lag = Some(times(10_000, 5 * MS));
        step.response.quantiles[2].value = Some(QuantileValue::Failed);
    });
    // No lag is a large share of an answer that never came.
    check(OPEN, Signal::SendLag, WARN, |step| {
        step.send_lag = Some(times(10_000, 500 * MS));
        let quantiles = step.response.quantiles.iter_mut();
        quantiles.for_each(|stored| stored.value = Some(QuantileValue::Failed));
    });
}

#[test]
fn starts_that_were_late_dropped_or_never_sent() {
    for (late, expected) in [
        (None, None),
        (Some(10), None),
        (Some(11), WARN),
        (Some(100), WARN),
        (Some(101), INVALID),
    ] {
        check(OPEN, Signal::LateStarts, expected, |step| {
            step.generator.late_starts = late;
        });
    }
    // Of few starts the last ones of each thread are no share to speak of.
    check(OPEN, Signal::LateStarts, None, |step| {
        step.counts.due = 50;
        step.generator.late_starts = Some(3);
    });
    for (dropped, expected) in [(0, None), (1, WARN), (10, WARN), (11, INVALID)] {
        check(OPEN, Signal::Dropped, expected, |step| {
            step.counts.dropped = dropped;
            step.counts.sent -= dropped;
        });
    }
    for (unsent, refused, expected) in [
        (10, 0, None),
        (11, 0, WARN),
        (100, 0, WARN),
        (101, 0, INVALID),
        (500, 500, None),
        (511, 500, WARN),
    ] {
        check(OPEN, Signal::NeverSent, expected, |step| {
            step.counts.sent -= unsent;
            let (kind, count) = (FailureKind::ConnectRefused, refused);
            step.failures = vec![FailureCount { kind, count }];
        });
    }
    check(CLOSED, Signal::NeverSent, None, |step| {
        step.counts.sent = 5_000;
    });
}

#[test]
fn failures_of_dyno_s_own() {
    for (kind, count, expected) in [
        (FailureKind::ReceiveReset, 5_000, None),
        (FailureKind::GeneratorPorts, 1, WARN),
        (FailureKind::GeneratorPorts, 10, WARN),
        (FailureKind::GeneratorPorts, 11, INVALID),
    ] {
        check(OPEN, Signal::GeneratorFailures, expected, |step| {
            step.failures = vec![FailureCount { kind, count }];
        });
    }
}

#[test]
fn busy_threads() {
    let window = 10 * SECOND;
    let one_each = Load::Closed {
        connections: 2,
        requests: Some(10_000),
        duration_s: None,
    };
    for (load, busy, window, expected) in [
        (OPEN, 0.8, window, None),
        (OPEN, 0.81, window, WARN),
        (OPEN, 0.95, window, WARN),
        (OPEN, 0.96, window, INVALID),
        (CLOSED, 0.95, window, WARN),
        (CLOSED, 0.96, window, INVALID),
        (one_each, 0.99, window, WARN),
        // 200 requests in 30 ms, 10,000 in 300 ms.
        (OPEN, 1.0, 99 * MS, None),
        (OPEN, 1.0, 100 * MS, WARN),
        (OPEN, 1.0, 999 * MS, WARN),
        (OPEN, 1.0, 1_000 * MS, INVALID),
    ] {
        check(load, Signal::Busy, expected, |step| {
            step.generator.busy_fraction = busy;
            step.window_ns = window;
        });
    }
    for (pacing, expected) in [
        (Pacing::Sleep, INVALID),
        (Pacing::Hybrid, None),
        (Pacing::Spin, None),
    ] {
        check(OPEN, Signal::Busy, expected, |step| {
            step.generator.busy_fraction = 1.0;
            step.generator.pacing = Some(pacing);
        });
    }
}

#[test]
fn what_the_kernel_tells() {
    let shared = Surroundings {
        target_cpus: 1,
        shared: true,
    };
    for (place, share, expected) in [
        (Surroundings::default(), 0.01, None),
        (Surroundings::default(), 0.011, WARN),
        (Surroundings::default(), 0.05, WARN),
        (Surroundings::default(), 0.051, INVALID),
        (shared, 0.05, None),
        (shared, 0.051, WARN),
        (shared, 0.5, WARN),
        (shared, 0.51, INVALID),
    ] {
        let change = kernel(|view| view.run_delay_fraction = Some(share));
        check_at(place, CLOSED, Signal::RunDelay, expected, change);
    }
    for (share, expected) in [(0.01, None), (0.011, WARN), (0.05, WARN), (0.051, INVALID)] {
        let change = kernel(|view| view.steal_fraction = Some(share));
        check_at(shared, CLOSED, Signal::Steal, expected, change);
    }
    for (periods, expected) in [(0, None), (1, INVALID)] {
        let change = kernel(|view| view.throttled_periods = Some(periods));
        check(CLOSED, Signal::Throttled, expected, change);
    }
    check(CLOSED, Signal::RunDelay, None, |step| {
        step.window_ns = 50 * MS;
        step.generator.kernel = Some(KernelView {
            run_delay_fraction: Some(0.9),
            steal_fraction: Some(0.9),
            ..KernelView::default()
        });
    });
}

#[test]
fn hiccups() {
    // In microseconds, and the window in seconds.
    for (hiccup, p99, window, expected) in [
        (5_000, 1, 1, None),
        (5_001, 1, 1, WARN),
        (50_000, 1, 1, WARN),
        (50_001, 1, 1, INVALID),
        (60_000, 61_000, 1, WARN),
        (61_001, 61_000, 1, INVALID),
        // Too short for this window to reach p99.
        (99_999, 1, 10, WARN),
        (100_001, 1, 10, INVALID),
    ] {
        check(OPEN, Signal::Hiccup, expected, |step| {
            step.generator.hiccup = Some(times(1, hiccup * 1000));
            step.response = times(10_000, p99 * 1000);
            step.window_ns = window * SECOND;
            step.send_lag = None;
        });
    }
}

#[test]
fn littles_law() {
    // The mean in per mille of the 10 ms that fill ten connections.
    let check_mean = |mean: f64, expected, change: &dyn Fn(&mut Step)| {
        check(CLOSED, Signal::LittlesLaw, expected, |step| {
            step.response.mean_ns = Some(mean / 1000.0 * 10.0 * MS as f64);
            change(step);
        });
    };
    for (mean, expected) in [
        (1_000.0, None),
        (1_009.9, None),
        (1_010.1, WARN),
        (1_029.9, WARN),
        (1_030.1, INVALID),
        (990.1, None),
        (989.9, WARN),
        (970.1, WARN),
        (969.9, INVALID),
    ] {
        check_mean(mean, expected, &|_| {});
    }
    // Requests that were on their way at the end of the window lie beyond it.
    check_mean(1_050.0, None, &|step| step.drain_ns = SECOND / 2);
    check_mean(1_100.0, INVALID, &|step| step.drain_ns = SECOND / 2);
    // 20 timeouts of a second each fill what the answers leave; failures may.
    check_mean(800.0, None, &|step| step.response.timed_out = 20);
    check_mean(800.0, INVALID, &|step| step.response.timed_out = 10);
    check_mean(800.0, None, &|step| step.response.failed = 40);
    // Cut short, too short, too few, or by number.
    check_mean(500.0, None, &|step| step.window_ns = 9 * SECOND);
    check_mean(500.0, None, &|step| step.response.count = 99);
    let by_number = Load::Closed {
        connections: 10,
        requests: Some(10_000),
        duration_s: None,
    };
    for load in [by_number, OPEN] {
        check(load, Signal::LittlesLaw, None, |step| {
            step.response.mean_ns = Some(1.0);
        });
    }
}

#[test]
fn poisson() {
    for (p, expected) in [(None, None), (Some(0.01), None), (Some(0.009), WARN)] {
        check(OPEN, Signal::Poisson, expected, |step| {
            step.generator.poisson_p = p;
        });
    }
}

#[test]
fn trends_over_the_halves() {
    let slice = |second: u64, p50: u64, answers: u64| Interval {
        step: "step".to_owned(),
        start_ns: second * SECOND,
        length_ns: SECOND,
        succeeded: answers,
        failed: 0,
        response_p50_ns: Some(p50),
        response_p99_ns: None,
        response_max_ns: None,
    };
    let check = |seconds: u64, p50: &dyn Fn(u64) -> u64, answers: &dyn Fn(u64) -> u64, expected| {
        let mut step = step();
        step.window_ns = seconds * SECOND;
        let slices = (0..=seconds).map(|n| slice(n, p50(n), answers(n)));
        let slices: Vec<_> = slices.collect();
        let evidence = Evidence {
            step: &step,
            load: &OPEN,
            intervals: &slices,
            surroundings: Surroundings::default(),
        };
        let seen = verdict(&evidence, &Thresholds::default());
        let signals: Vec<_> = seen.reasons.iter().map(|r| (r.signal, r.level)).collect();
        assert_eq!(signals, expected, "{seconds} {seen:?}");
    };
    let flat = |n: u64| 1_000 + n % 3;
    let (p50, answers) = (Signal::ResponseTrend, Signal::ThroughputTrend);
    check(20, &flat, &flat, vec![]);
    check(10, &|n| 1_000 + 30 * n, &flat, vec![(p50, Level::Warn)]);
    check(9, &|n| 1_000 + 30 * n, &flat, vec![]);
    // Real, and too small to matter.
    check(20, &|n| 10_000 + 40 * n, &flat, vec![]);
    check(11, &flat, &|n| 1_000 - 30 * n, vec![(answers, Level::Warn)]);
    // Large, and not real: each half has slow and quick slices.
    check(
        10,
        &|n| if n % 5 < 2 { 1_000 } else { 2_000 },
        &flat,
        vec![],
    );
}

#[test]
fn the_target_at_its_limit_is_no_fault() {
    let own = Surroundings {
        target_cpus: 2,
        shared: false,
    };
    for (place, cpu_s, expected) in [
        (own, 17, None),
        (own, 19, Some(Level::Valid)),
        (Surroundings::default(), 19, None),
    ] {
        check_at(place, CLOSED, Signal::TargetCpu, expected, |step| {
            step.resources = Some(Resources {
                source: "cgroup v2".to_owned(),
                cpu_user_ns: cpu_s * SECOND,
                cpu_system_ns: SECOND / 2,
                cpu_per_request_ns: None,
                rss_peak_bytes: 0,
                rss_mean_bytes: 0,
                threads_peak: 0,
                fds_peak: 0,
                before: None,
                after: None,
            });
        });
    }
}

#[test]
fn the_worst_reason_comes_first_and_names_are_stable() {
    let mut step = step();
    step.generator.busy_fraction = 0.9;
    step.generator.poisson_p = Some(0.001);
    step.counts.dropped = 500;
    step.counts.sent -= 500;
    let seen = judge(&step, &OPEN, Surroundings::default());
    let ids: Vec<_> = seen.reasons.iter().map(|r| r.signal.id()).collect();
    assert_eq!(ids, ["dropped", "busy", "poisson"]);
    assert_eq!(seen.level, Level::Invalid);
    let text = serde_json::to_string(&seen).unwrap();
    assert_eq!(serde_json::from_str::<Verdict>(&text).unwrap(), seen);
    for signal in Signal::ALL {
        let text = serde_json::to_string(signal).unwrap();
        assert_eq!(text, format!("{:?}", signal.id()));
    }
}
