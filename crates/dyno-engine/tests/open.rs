//! The open model against servers whose effect is known in closed form.

#![expect(clippy::unwrap_used, reason = "a test may panic, helpers included")]

mod server;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use dyno_engine::{Address, Play, Played, Stop, play};
use dyno_result::{Distribution, QuantileValue};
use dyno_scenario::{Arrivals, Expect, Load, Profile, Rate, Request, Step};
use server::{Server, is_slow};

async fn load(
    server: &Server,
    path: &str,
    per_second: u64,
    connections: u32,
    seconds: u64,
    timeout: u64,
) -> Played {
    let request = Request {
        name: String::new(),
        method: "GET".to_owned(),
        path: path.to_owned(),
        headers: Vec::new(),
        body: Vec::new(),
        expect: Expect::default(),
    };
    let step = Step {
        id: "step".to_owned(),
        name: "step".to_owned(),
        load: Load::Open {
            profile: Profile::Steady {
                rate: Rate {
                    starts: per_second,
                    per_ns: 1_000_000_000,
                },
                duration: Duration::from_secs(seconds),
            },
            arrivals: Arrivals::Constant,
            connections,
        },
        warmup: Duration::ZERO,
        timeout: Duration::from_secs(timeout),
        keepalive: true,
    };
    let address = Address {
        socket: server.address,
        authority: server.address.to_string(),
    };
    let stop = Stop::default();
    let what = Play {
        step: &step,
        requests: &[request],
        address: &address,
        threads: &[None],
        seed: 1,
        pacing: dyno_result::Pacing::Sleep,
        stop: &stop,
    };
    let played = play(what, &mut |_| {}).await.unwrap();
    assert!(played.step.counts.balanced());
    played
}

/// How late the machine wakes a thread that sleeps a millisecond, at worst while
/// `work` goes on.
async fn hiccup<T>(work: impl Future<Output = T>) -> (T, Duration) {
    const NAP: Duration = Duration::from_millis(1);
    let done = Arc::new(AtomicBool::new(false));
    let watch = std::thread::spawn({
        let done = Arc::clone(&done);
        move || {
            let mut worst = Duration::ZERO;
            while !done.load(Ordering::Relaxed) {
                let begin = Instant::now();
                std::thread::sleep(NAP);
                worst = worst.max(begin.elapsed().saturating_sub(NAP));
            }
            worst
        }
    });
    let result = work.await;
    done.store(true, Ordering::Relaxed);
    (result, watch.join().unwrap())
}

/// As [`load`], again (twice at most) when the machine itself stood still for
/// longer than a millisecond test can bear; never because of what was seen.
async fn load_on_a_healthy_machine(
    path: &str,
    per_second: u64,
    connections: u32,
    seconds: u64,
) -> Played {
    for _ in 0..2 {
        let server = Server::start();
        let (played, worst) =
            hiccup(load(&server, path, per_second, connections, seconds, 10)).await;
        if worst < Duration::from_millis(8) {
            return played;
        }
    }
    load(&Server::start(), path, per_second, connections, seconds, 10).await
}

fn ms(distribution: &Distribution, q: f64) -> f64 {
    match distribution.quantile(q) {
        Some(QuantileValue::Ns(ns)) => ns as f64 / 1e6,
        other => panic!("{q}: {other:?}"),
    }
}

/// T1: frozen for 100 ms of each second, else at once. Of the time from the
/// intended start, the q-quantile is 100 ms x (q - 0.9) / 0.1.
#[tokio::test]
async fn a_stall_shows_in_the_response_time_of_everything_that_came_due_in_it() {
    let played = load_on_a_healthy_machine("/stall", 1_000, 300, 10).await;
    let response = &played.step.response;
    assert_eq!(played.step.counts.succeeded, 10_000);
    assert!(ms(response, 0.5) < 5.0);
    for (q, expected) in [(0.95, 50.0), (0.99, 90.0), (0.999, 99.0)] {
        let seen = ms(response, q);
        assert!(
            (seen - expected).abs() < 10.0,
            "q {q}: {seen} instead of {expected} ms"
        );
    }
}

/// T8: a slow answer keeps its own connection busy and nobody else.
#[tokio::test]
async fn a_slow_answer_holds_back_no_other_start() {
    let played = load_on_a_healthy_machine("/one-in-a-hundred", 2_000, 40, 5).await;
    let slow = (0..10_000).filter(|number| is_slow(*number)).count() as u64;
    let whole = played.histograms.whole(|interval| &interval.response);
    let late = whole.len() - whole.count_between(0, 50_000_000);
    // A schedule for each connection would have ten times as many.
    assert!(
        late >= slow && late <= slow + 50,
        "{late} late, {slow} slow"
    );
}

/// T17: 1,500 starts a second for a server that does 1,000: the request due at
/// t takes 0.5 t, and the backlog is served, not forgotten.
#[tokio::test]
async fn an_overload_shows_its_queue_and_loses_nothing() {
    let server = Server::start();
    let played = load(&server, "/queue", 1_500, 3_000, 4, 10).await;
    let counts = played.step.counts;
    assert_eq!(
        (counts.due, counts.succeeded, counts.dropped),
        (6_000, 6_000, 0)
    );
    let response = &played.step.response;
    for (q, expected) in [(0.5, 1_000.0), (0.9, 1_800.0), (0.99, 1_980.0)] {
        let seen = ms(response, q);
        assert!(
            (seen - expected).abs() < 100.0,
            "q {q}: {seen} instead of {expected} ms"
        );
    }
    let mean = response.mean_ns.unwrap() / 1e6;
    assert!((mean - 1_000.0).abs() < 60.0, "mean {mean} ms");
}

/// With one connection for the same load, the wait is for the pool, and service
/// time alone would hide it.
#[tokio::test]
async fn waiting_for_a_connection_is_told_apart_and_counts() {
    let server = Server::start();
    let played = load(&server, "/queue", 1_500, 1, 2, 10).await;
    let step = &played.step;
    let (service, wait) = (
        step.service.as_ref().unwrap(),
        step.pool_wait.as_ref().unwrap(),
    );
    assert!(ms(service, 0.5) < 10.0);
    assert!(ms(wait, 0.9) > 400.0);
    assert!(ms(&step.response, 0.9) >= ms(wait, 0.9));
}

/// What still waits when the drain ends was due: dropped, and in the percentiles.
#[tokio::test]
async fn starts_that_are_never_sent_are_counted_as_failed() {
    let server = Server::start();
    let played = load(&server, "/queue", 4_000, 1, 1, 1).await;
    let counts = played.step.counts;
    assert_eq!(counts.due, 4_000);
    assert!(counts.dropped > 500, "{counts:?}");
    assert_eq!(
        played.step.response.quantile(0.95),
        Some(QuantileValue::Failed)
    );
}
