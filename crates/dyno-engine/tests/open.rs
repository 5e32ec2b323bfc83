//! What becomes of starts that find no connection. The open model against known
//! answers is tested in `dyno-truth`.

#![expect(clippy::unwrap_used, reason = "a test may panic, helpers included")]

use std::time::Duration;

use dyno_engine::{Address, Play, Played, Stock, Stop, play};
use dyno_result::{Distribution, QuantileValue};
use dyno_scenario::{Arrivals, Load, Plan, Profile, Rate, Request, Step};
use dyno_truth::Server;

async fn load(
    server: &Server,
    path: &str,
    per_second: u64,
    connections: u32,
    seconds: u64,
    timeout: u64,
) -> Played {
    let plan = Plan::of(vec![Request::new("GET", path)]);
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
        search: None,
        warmup: Duration::ZERO,
        timeout: Duration::from_secs(timeout),
        keepalive: true,
    };
    let address = Address::plain(server.address, server.address.to_string());
    let stop = Stop::default();
    let what = Play {
        step: &step,
        plan: &plan,
        stock: &Stock::default(),
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

fn ms(distribution: &Distribution, q: f64) -> f64 {
    match distribution.quantile(q) {
        Some(QuantileValue::Ns(ns)) => ns as f64 / 1e6,
        other => panic!("{q}: {other:?}"),
    }
}

/// With one connection for the same load, the wait is for the pool, and service
/// time alone would hide it.
#[tokio::test]
async fn waiting_for_a_connection_is_told_apart_and_counts() {
    let server = Server::in_thread().unwrap();
    let played = load(&server, "/queue?service=1ms", 1_500, 1, 2, 10).await;
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
    let server = Server::in_thread().unwrap();
    let played = load(&server, "/queue?service=1ms", 4_000, 1, 1, 1).await;
    let counts = played.step.counts;
    assert_eq!(counts.due, 4_000);
    assert!(counts.dropped > 500, "{counts:?}");
    assert_eq!(
        played.step.response.quantile(0.95),
        Some(QuantileValue::Failed)
    );
}
