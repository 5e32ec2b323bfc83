//! The course of flows: their rows, weights, pauses, beginnings and ends.

use std::sync::Arc;
use std::time::Duration;

use dyno_engine::{Ask, Stock, Stop, ask};
use dyno_result::{FailureKind, Step};
use dyno_scenario::{
    Arrivals, End, Entry, Load, LogFormat, Mix, Order, Place, Plan, Profile, Recording, Request,
    Think, Until,
};

use crate::bench::{Bench, closed, open, stock};
use crate::plans::{capture, credentials, flow, get, sign_in, users};

#[tokio::test]
async fn rows_that_are_used_up_end_the_step_and_are_never_given_twice() {
    let bench = Bench::new();
    let plan = Plan {
        flows: vec![sign_in()],
        slots: vec!["token".to_owned()],
        data: vec![users(101, Order::Shuffle, End::Stop)],
        ..Plan::default()
    };
    let all = stock(&plan);
    let load = closed(8, Until::Requests(40));
    let first = bench.play(&plan, &all, load, 2).await.step.flows[0].counts;
    assert_eq!((first.due, first.succeeded), (40, 40));
    // The rest, whatever is asked for; one load from a clock.
    let load = open(10_000, 8, Duration::from_secs(60));
    let step = bench.play(&plan, &all, load, 2).await.step;
    assert_eq!(
        (step.flows[0].counts.due, step.flows[0].counts.succeeded),
        (61, 61)
    );
    assert!(step.window_ns < 30_000_000_000, "{}", step.window_ns);
    let load = closed(8, Until::Elapsed(Duration::from_secs(60)));
    let step = bench.play(&plan, &all, load, 2).await.step;
    assert_eq!((step.counts.due, step.window_ns), (0, 0));
    assert!(step.ran_out);
    // Such a step can be stored and read again: no figure is infinite.
    assert_eq!(step.generator.busy_fraction, 0.0);
    let stored = serde_json::to_string(&step).unwrap();
    assert_eq!(serde_json::from_str::<Step>(&stored).unwrap(), step);
    let seen = bench.backend.seen();
    assert_eq!((seen.logins, seen.users, seen.mixed_up), (101, 101, 0));
}

#[tokio::test]
async fn rows_that_are_used_up_can_be_failures() {
    let bench = Bench::new();
    let plan = Plan {
        flows: vec![sign_in()],
        slots: vec!["token".to_owned()],
        data: vec![users(30, Order::Sequential, End::Fail)],
        ..Plan::default()
    };
    let load = closed(4, Until::Requests(50));
    let step = bench.play(&plan, &stock(&plan), load, 2).await.step;
    let counts = step.flows[0].counts;
    // 25 flows for each thread, and 15 rows.
    assert_eq!((counts.succeeded, counts.failed), (30, 20));
    assert_eq!(
        (step.failures[0].kind, step.failures[0].count),
        (FailureKind::GeneratorData, 20)
    );
    assert_eq!(step.counts.sent, 60);
}

#[tokio::test]
async fn flows_come_by_weight_and_repeat_and_think() {
    let bench = Bench::new();
    let mut flows: Vec<_> = [("a", 8), ("b", 1), ("c", 1)]
        .into_iter()
        .map(|(name, weight)| {
            let mut flow = flow(name, vec![get("/echo")]);
            flow.weight = weight;
            flow
        })
        .collect();
    flows[1].requests[0].repeat = 3;
    flows[2].requests[0].think = Think::Fixed(Duration::from_millis(3));
    let plan = Plan {
        flows,
        mix: Mix::Weights,
        ..Plan::default()
    };
    let counts = async |load| -> Vec<u64> {
        let step = bench.play(&plan, &stock(&plan), load, 2).await.step;
        let right = step
            .flows
            .iter()
            .map(|flow| flow.counts.succeeded)
            .collect();
        let requests: Vec<u64> = step.requests.iter().map(|r| r.counts.succeeded).collect();
        assert_eq!(requests[1], 3 * step.flows[1].counts.succeeded);
        let time = &step.flows[2].time;
        assert!(time.min_ns.unwrap() >= 3_000_000, "{time:?}");
        // Thinking is no part of a response time.
        assert!(step.requests[2].response.min_ns < Some(3_000_000));
        right
    };
    let first = counts(closed(8, Until::Requests(2000))).await;
    assert_eq!(first.iter().sum::<u64>(), 2000);
    for (seen, share) in first.iter().zip([0.8_f64, 0.1, 0.1]) {
        let (expected, error) = (2000.0 * share, (2000.0 * share * (1.0 - share)).sqrt());
        assert!((*seen as f64 - expected).abs() < 3.0 * error, "{first:?}");
    }
    // The same seed gives the same flows, however the answers come.
    assert_eq!(first, counts(closed(2, Until::Requests(2000))).await);
    assert_eq!(
        first,
        counts(open(4_000, 64, Duration::from_millis(500))).await
    );
}

#[tokio::test]
async fn a_setup_gives_its_values_to_all_flows() {
    let bench = Bench::new();
    let mut login = sign_in().requests.remove(0);
    login.captures = vec![capture(0, Place::Json("$.access_token".to_owned()))];
    let mut me = get("/me");
    me.headers = credentials();
    let plan = Plan {
        slots: vec!["token".to_owned()],
        data: vec![users(1, Order::Sequential, End::Repeat)],
        setup: vec![login],
        ..Plan::of(vec![me.clone()])
    };
    let mut all = stock(&plan);
    let around = async |requests: &[Request], all: &mut Stock| {
        let what = Ask {
            requests,
            plan: &plan,
            address: &bench.address(),
            timeout: Duration::from_secs(5),
            seed: 1,
            stop: &Stop::default(),
        };
        ask(what, all).await.unwrap()
    };
    assert_eq!(around(&plan.setup, &mut all).await, None);
    let load = closed(4, Until::Requests(100));
    let played = bench.play(&plan, &all, load, 2).await;
    assert_eq!(
        played.step.counts.succeeded, 100,
        "{:?}",
        played.step.failures
    );
    let seen = bench.backend.seen();
    assert_eq!((seen.logins, seen.right, seen.mixed_up), (1, 100, 0));
    // One that fails is named, and is the last.
    let mut wrong = get("/wrong");
    wrong.captures = vec![capture(0, Place::Header("location".to_owned()))];
    let failed = around(&[get("/a"), wrong, get("/b")], &mut all)
        .await
        .unwrap();
    assert_eq!(
        (failed.request.as_str(), failed.kind),
        ("GET /wrong", FailureKind::CheckCapture)
    );
}

#[tokio::test]
async fn a_log_is_played_as_it_was_recorded() {
    let bench = Bench::new();
    let names: Vec<u32> = (0..300).map(|number| number * number % 3).collect();
    let entry = |(number, request): (u64, &u32)| Entry {
        at: Duration::from_millis(2 * number),
        request: *request,
    };
    let recording = Recording {
        log: "access.log".to_owned(),
        format: LogFormat::Combined,
        speed: 1.0,
        requests: Arc::new(vec![get("/a"), get("/b"), get("/c")]),
        entries: Arc::new((0..).zip(&names).map(entry).collect()),
    };
    let load = Load::Open {
        profile: Profile::Recorded(recording),
        arrivals: Arrivals::Constant,
        connections: 16,
    };
    let plan = Plan::default();
    let step = bench.play(&plan, &stock(&plan), load, 2).await.step;
    assert_eq!((step.counts.due, step.counts.succeeded), (300, 300));
    for (number, request) in (0..).zip(&step.requests) {
        let expected = names.iter().filter(|name| **name == number).count() as u64;
        assert_eq!(request.counts.succeeded, expected, "{}", request.name);
    }
    assert_eq!(step.window_ns, 598_000_001);
}

#[tokio::test]
async fn a_stop_ends_flows_that_think() {
    let bench = Bench::new();
    let mut second = get("/b");
    second.think = Think::Fixed(Duration::from_secs(3600));
    let plan = Plan {
        flows: vec![flow("f", vec![get("/a"), second])],
        ..Plan::default()
    };
    let stop = Stop::default();
    let load = closed(4, Until::Elapsed(Duration::from_secs(3600)));
    let all = stock(&plan);
    let played = bench.stopped(&plan, &all, load, 2, &stop);
    let stopper = async {
        while bench.backend.seen().asked < 4 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        stop.set();
    };
    let (played, ()) = tokio::join!(played, stopper);
    let step = played.step;
    assert_eq!(
        (step.requests[0].counts.due, step.requests[1].counts.due),
        (4, 0)
    );
    assert_eq!(
        (step.flows[0].counts.due, step.flows[0].counts.unfinished),
        (4, 4)
    );
}

#[tokio::test]
async fn more_flows_than_connections_can_carry_are_dropped_and_counted() {
    let mut bench = Bench::new();
    bench.timeout = Duration::from_secs(1);
    let mut second = get("/b");
    second.think = Think::Fixed(Duration::from_millis(100));
    let plan = Plan {
        flows: vec![flow("f", vec![get("/a"), second])],
        ..Plan::default()
    };
    let load = open(1_000, 4, Duration::from_secs(1));
    let step = bench.play(&plan, &stock(&plan), load, 1).await.step;
    let flow = step.flows[0].counts;
    assert_eq!(flow.due, 1_000);
    // Each connection plays ten flows a second, for two seconds.
    assert!(flow.dropped > 800 && flow.succeeded > 40, "{flow:?}");
    assert_eq!(step.requests[0].counts.dropped, flow.dropped);
    assert_eq!(step.requests[1].counts.dropped, 0);
}
