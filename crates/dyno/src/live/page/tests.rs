//! The view at three widths, word for word.

use std::time::Duration;

use dyno_result::{FailureCount, FailureKind, new_histogram};
use dyno_scenario::Until;

use super::*;
use crate::live::Asked;

const WIDTHS: [usize; 3] = [60, 80, 120];

/// 1 to `count` times `step_us`, and failures.
fn figures(length: u64, count: u64, step_us: u64, failures: &[(FailureKind, u64)]) -> Figures {
    let mut times = new_histogram();
    (1..=count).for_each(|k| times.record(k * step_us * 1000).unwrap());
    let failures: Vec<FailureCount> = failures
        .iter()
        .map(|&(kind, count)| FailureCount { kind, count })
        .collect();
    let sum = |late| -> u64 {
        let of = failures.iter().filter(|f| f.kind.is_timeout() == late);
        of.map(|f| f.count).sum()
    };
    Figures {
        length: Duration::from_secs(length),
        answers: count,
        response: Distribution::of(&times, sum(true), sum(false), Some(1_000_000_000)),
        service: None,
        send_lag: None,
        failures,
    }
}

fn closed() -> State {
    let second = |k: u64| Mark {
        answers: 40_000 + 1000 * k,
        p99_ns: Some(3_000_000 - 200_000 * k),
    };
    State {
        what: "GET http://127.0.0.1:8080/abc".to_owned(),
        asked: Asked {
            connections: 50,
            starts_per_s: None,
            until: Until::Elapsed(Duration::from_secs(10)),
        },
        stage: Stage::Measuring,
        elapsed: Duration::from_millis(4_010),
        last: Some(figures(1, 43_000, 1, &[])),
        so_far: Some(figures(4, 166_000, 1, &[])),
        busy_fraction: 0.42,
        seconds: (0..4).map(second).collect(),
    }
}

fn open() -> State {
    let mut lag = new_histogram();
    (1..=1000).for_each(|k| lag.record(k * 6_000).unwrap());
    let of = |mut figures: Figures| {
        let mut fast = new_histogram();
        (1..=1000).for_each(|k| fast.record(k * 100).unwrap());
        figures.service = Some(Distribution::of(&fast, 0, 0, None));
        figures.send_lag = Some(Distribution::of(&lag, 0, 0, None));
        figures
    };
    let failures = [
        (FailureKind::ReceiveTimeout, 60),
        (FailureKind::Status5xx, 20),
    ];
    State {
        what: "POST http://api.example.net:8080/v1/orders/confirm?all=1".to_owned(),
        asked: Asked {
            connections: 200,
            starts_per_s: Some(1000.0),
            until: Until::Elapsed(Duration::from_secs(200)),
        },
        elapsed: Duration::from_millis(63_200),
        last: Some(of(figures(1, 900, 20, &failures[1..]))),
        so_far: Some(of(figures(60, 50_000, 1, &failures))),
        busy_fraction: 0.97,
        seconds: (0..60)
            .map(|k| Mark {
                answers: if k % 10 == 3 { 0 } else { 1000 },
                p99_ns: (k % 10 != 3).then_some(k * 1_000_000),
            })
            .collect(),
        ..closed()
    }
}

#[track_caller]
fn check(state: &State, width: usize, expected: &str) {
    let seen = render(state, width).join("\n");
    assert_eq!(seen, expected.trim_matches('\n'), "\n{seen}\n");
}

#[test]
fn no_line_is_as_wide_as_the_terminal() {
    for width in WIDTHS.into_iter().chain([1, 20, 40]) {
        for state in [closed(), open()] {
            for line in render(&state, width) {
                assert!(line.chars().count() < width.max(2), "{width}: {line}");
            }
        }
    }
}

#[test]
fn the_closed_model() {
    check(
        &closed(),
        60,
        r"
GET http://127.0.0.1:8080/abc, 50 connections
[██████████████░░░░░░░░░░░░░░░░░░░░░] 4 s of 10 s, 6 s left
answers/s        43,000 last s, 41,500 so far
                        p50       p90       p99       max
response, last s    21.5 ms   38.7 ms   42.6 ms   43.0 ms
response, so far    83.0 ms    149 ms    164 ms    166 ms
failed           0
dyno, busy       42 % of the time
answers/s        ████ up to 43,000
response p99     ██▇▇ up to 3.00 ms
",
    );
    check(
        &closed(),
        80,
        r"
GET http://127.0.0.1:8080/abc, 50 connections
[████████████████░░░░░░░░░░░░░░░░░░░░░░░░] 4 s of 10 s, 6 s left
answers/s        43,000 last s, 41,500 so far
                        p50       p90       p99       max
response, last s    21.5 ms   38.7 ms   42.6 ms   43.0 ms
response, so far    83.0 ms    149 ms    164 ms    166 ms
failed           0
dyno, busy       42 % of the time
answers/s        ████ up to 43,000
response p99     ██▇▇ up to 3.00 ms
",
    );
    check(
        &closed(),
        120,
        r"
GET http://127.0.0.1:8080/abc, 50 connections
[████████████████░░░░░░░░░░░░░░░░░░░░░░░░] 4 s of 10 s, 6 s left
answers/s        43,000 last s, 41,500 so far
                        p50       p90       p99       max
response, last s    21.5 ms   38.7 ms   42.6 ms   43.0 ms
response, so far    83.0 ms    149 ms    164 ms    166 ms
failed           0
dyno, busy       42 % of the time
answers/s        ████ up to 43,000
response p99     ██▇▇ up to 3.00 ms
",
    );
}

#[test]
fn the_open_model_with_failures_and_doubts() {
    check(
        &open(),
        60,
        r"
POST http://api.example.n…, 1,000 starts/s, 200 connections
[██░░░░░░] 63 s of 3 m 20 s, 2 m 16 s left; no news for 3 s
answers/s        900 last s, 833 so far (83 % of asked)
                        p50       p90       p99       max
response, last s    9.21 ms   16.6 ms         –   18.0 ms
response, so far    25.1 ms   45.1 ms   49.6 ms   50.0 ms
service, last s     50.0 µs   90.0 µs   99.0 µs    100 µs
service, so far     50.0 µs   90.0 µs   99.0 µs    100 µs
failed           80 (0.16 %): receive.timeout 60, status.5…
dyno, busy       97 % of the time: AT ITS LIMIT
dyno, send lag   p99 5.94 ms: TOO LATE
answers/s        █████████▁█████████▁██████ up to 1,000
response p99     ▅▅▅▅▆▆▆▆▆×▆▆▆▇▇▇▇▇▇×▇█████ up to 59.0 ms
",
    );
    check(
        &open(),
        80,
        r"
POST http://api.example.net:8080/v1/orders/co…, 1,000 starts/s, 200 connections
[████████░░░░░░░░░░░░░░░░░░░░] 63 s of 3 m 20 s, 2 m 16 s left; no news for 3 s
answers/s        900 last s, 833 so far (83 % of asked)
                        p50       p90       p99       max
response, last s    9.21 ms   16.6 ms         –   18.0 ms
response, so far    25.1 ms   45.1 ms   49.6 ms   50.0 ms
service, last s     50.0 µs   90.0 µs   99.0 µs    100 µs
service, so far     50.0 µs   90.0 µs   99.0 µs    100 µs
failed           80 (0.16 %): receive.timeout 60, status.5xx 20
dyno, busy       97 % of the time: AT ITS LIMIT
dyno, send lag   p99 5.94 ms: TOO LATE
answers/s        █████████▁█████████▁█████████▁█████████▁██████ up to 1,000
response p99     ▃▃▃▃▃▃▃▃▄×▄▄▄▄▄▄▅▅▅×▅▅▅▅▆▆▆▆▆×▆▆▆▇▇▇▇▇▇×▇█████ up to 59.0 ms
",
    );
    check(
        &open(),
        120,
        r"
POST http://api.example.net:8080/v1/orders/confirm?all=1, 1,000 starts/s, 200 connections
[████████████░░░░░░░░░░░░░░░░░░░░░░░░░░░░] 63 s of 3 m 20 s, 2 m 16 s left; no news for 3 s
answers/s        900 last s, 833 so far (83 % of asked)
                        p50       p90       p99       max
response, last s    9.21 ms   16.6 ms         –   18.0 ms
response, so far    25.1 ms   45.1 ms   49.6 ms   50.0 ms
service, last s     50.0 µs   90.0 µs   99.0 µs    100 µs
service, so far     50.0 µs   90.0 µs   99.0 µs    100 µs
failed           80 (0.16 %): receive.timeout 60, status.5xx 20
dyno, busy       97 % of the time: AT ITS LIMIT
dyno, send lag   p99 5.94 ms: TOO LATE
answers/s        ███▁█████████▁█████████▁█████████▁█████████▁█████████▁██████ up to 1,000
response p99     ▁▂▂×▂▂▂▂▂▂▂▂▂×▃▃▃▃▃▃▃▃▄×▄▄▄▄▄▄▅▅▅×▅▅▅▅▆▆▆▆▆×▆▆▆▇▇▇▇▇▇×▇█████ up to 59.0 ms
",
    );
}

#[test]
fn the_stages() {
    let check = |change: &dyn Fn(&mut State), expected: &str| {
        let mut state = closed();
        change(&mut state);
        let lines = render(&state, 80);
        assert!(lines[1].ends_with(expected), "{}", lines[1]);
    };
    check(&|_| {}, "] 4 s of 10 s, 6 s left");
    check(
        &|state| state.stage = Stage::Opening,
        "░] opening connections",
    );
    check(
        &|state| state.stage = Stage::Ending,
        "█] waiting for the last answers",
    );
    check(
        &|state| state.elapsed = Duration::from_secs(7),
        "7 s of 10 s, 3 s left; no news for 3 s",
    );
    check(
        &|state| {
            state.elapsed = Duration::from_secs(7);
            state.asked.starts_per_s = Some(1.0);
        },
        "7 s of 10 s, 3 s left",
    );
    check(
        &|state| state.elapsed = Duration::from_secs(11),
        "waiting for the last answers; no news for 7 s",
    );
    check(
        &|state| state.asked.until = Until::Requests(200_000),
        "166,000 of 200,000 requests, 4 s",
    );
    let mut state = closed();
    (state.stage, state.last, state.so_far) = (Stage::Opening, None, None);
    assert_eq!(render(&state, 80).len(), 2);
}

#[test]
fn a_second_of_failures_alone_has_no_time() {
    let refused = figures(1, 0, 1, &[(FailureKind::ConnectRefused, 100)]);
    let mut state = closed();
    (state.last, state.so_far) = (Some(refused.clone()), Some(refused));
    let lines = render(&state, 80);
    assert!(lines[4].contains("FAILED"), "{}", lines[4]);
    assert_eq!(
        lines[6],
        "failed           100 (100 %): connect.refused 100"
    );
}
