//! What a flow costs dyno beside a fixed request: sign-in, capture, authorised GET
//! against the same backend at the same number of connections.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test may panic, helpers included; the figures are for people"
)]

#[expect(dead_code, reason = "what it has seen is asked by another test")]
mod backend;
mod plans;

use std::time::Duration;

use backend::{Backend, serve_if_asked};
use dyno_engine::{Address, Play, Stock, Stop, Wall, play};
use dyno_scenario::{End, Load, Order, Plan, Step, Until, Variant};
use plans::{get, sign_in, users};

/// Requests of each play, after as many to warm up.
const REQUESTS: u64 = 200_000;

/// Plays of each plan, in turns.
const PAIRS: usize = 7;

/// The backend, in a process of its own: its CPU time is not counted.
#[test]
fn backend() {
    serve_if_asked();
}

/// Requests by the second of dyno's CPU time.
async fn speed(plan: &Plan, flows: u64, address: &Address) -> f64 {
    let step = Step {
        id: "step".to_owned(),
        name: "step".to_owned(),
        load: Load::Closed {
            connections: 64,
            until: Until::Requests(flows),
        },
        search: None,
        warmup: Duration::from_millis(200),
        timeout: Duration::from_secs(20),
        keepalive: true,
    };
    let wall = Wall {
        at: std::time::Instant::now(),
        since_1970: Duration::ZERO,
    };
    let folder = std::path::Path::new("/");
    let stock = Stock::read(plan, &Variant::default(), folder, wall).unwrap();
    let what = Play {
        step: &step,
        plan,
        stock: &stock,
        address,
        threads: &[None],
        seed: 1,
        pacing: dyno_result::Pacing::Sleep,
        stop: &Stop::default(),
    };
    let step = play(what, &mut |_| {}).await.unwrap().step;
    assert_eq!(step.failures, []);
    assert_eq!(step.counts.succeeded, REQUESTS);
    let used = step.generator.cpu_user_ns + step.generator.cpu_system_ns;
    REQUESTS as f64 / (used as f64 / 1e9)
}

/// The acceptance of flows: at least 60 % of the speed of a single fixed request.
#[tokio::test]
#[ignore = "measures CPU time: wants a release build and a quiet machine; run by scripts/flows"]
async fn a_flow_has_most_of_the_speed_of_a_fixed_request() {
    let backend = Backend::start();
    let address = Address::plain(backend.address, backend.address.to_string());
    let fixed = Plan::of(vec![get("/echo")]);
    let signed_in = Plan {
        flows: vec![sign_in()],
        data: vec![users(1000, Order::Shuffle, End::Repeat)],
        slots: vec!["token".to_owned()],
        ..Plan::default()
    };
    let mut ratios = Vec::new();
    for pair in 1..=PAIRS {
        let alone = speed(&fixed, REQUESTS, &address).await;
        let flow = speed(&signed_in, REQUESTS / 2, &address).await;
        ratios.push(flow / alone);
        println!(
            "pair {pair}: fixed {alone:.0}, flow {flow:.0} requests for a second of CPU time, {:.3}",
            flow / alone
        );
    }
    ratios.sort_by(f64::total_cmp);
    let median = ratios[PAIRS / 2];
    println!(
        "flow / fixed: {median:.3} ({:.3} to {:.3})",
        ratios[0],
        ratios[PAIRS - 1]
    );
    assert!(median >= 0.6, "{ratios:?}");
}
