//! Flows against a backend that knows who asks: what was captured goes to whom it
//! belongs, and the books of flows and requests balance.

#![expect(clippy::unwrap_used, reason = "a test may panic, helpers included")]

mod backend;
mod plans;

use std::sync::Arc;
use std::time::Duration;

use backend::{Backend, Seen, serve_if_asked};
use dyno_engine::{Address, Ask, Play, Played, Stock, Stop, Wall, ask, play};
use dyno_result::FailureKind;
use dyno_scenario::{
    Arrivals, Check, End, Entry, Escape, Load, LogFormat, Mix, Node, Order, Place, Plan, Profile,
    Rate, Recording, Request, Secret, SecretPlace, Source, Step, Text, Think, Until, Variant,
};
use plans::{capture, column, credentials, flow, get, sign_in, users, value};

/// The backend of the others, in a process of its own.
#[test]
fn backend() {
    serve_if_asked();
}

fn closed(connections: u32, until: Until) -> Load {
    Load::Closed { connections, until }
}

fn open(per_second: u64, connections: u32, duration: Duration) -> Load {
    let rate = Rate {
        starts: per_second,
        per_ns: 1_000_000_000,
    };
    Load::Open {
        profile: Profile::Steady { rate, duration },
        arrivals: Arrivals::Constant,
        connections,
    }
}

fn stock(plan: &Plan) -> Stock {
    let wall = Wall {
        at: std::time::Instant::now(),
        since_1970: Duration::from_secs(1_767_323_045),
    };
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    Stock::read(plan, &Variant::default(), folder, wall).unwrap()
}

struct Bench {
    backend: Backend,
    timeout: Duration,
    keepalive: bool,
}

impl Bench {
    fn new() -> Self {
        Self {
            backend: Backend::start(),
            timeout: Duration::from_secs(10),
            keepalive: true,
        }
    }

    fn address(&self) -> Address {
        Address::plain(self.backend.address, self.backend.address.to_string())
    }

    async fn play(&self, plan: &Plan, stock: &Stock, load: Load, threads: usize) -> Played {
        self.stopped(plan, stock, load, threads, &Stop::default())
            .await
    }

    async fn stopped(
        &self,
        plan: &Plan,
        stock: &Stock,
        load: Load,
        threads: usize,
        stop: &Stop,
    ) -> Played {
        let step = Step {
            id: "step".to_owned(),
            name: "step".to_owned(),
            load,
            warmup: Duration::ZERO,
            timeout: self.timeout,
            keepalive: self.keepalive,
        };
        let what = Play {
            step: &step,
            plan,
            stock,
            address: &self.address(),
            threads: &vec![None; threads],
            seed: 1,
            pacing: dyno_result::Pacing::Sleep,
            stop,
        };
        let played = play(what, &mut |_| {}).await.unwrap();
        balance(&played);
        played
    }
}

/// The books of the step, of its flows and of its requests agree.
fn balance(played: &Played) {
    let counts = played.step.counts;
    assert!(counts.balanced(), "{counts:?}");
    let all = played.step.flows.iter().map(|flow| flow.counts);
    for part in all.chain(played.step.requests.iter().map(|request| request.counts)) {
        let sum = part.succeeded + part.failed + part.dropped + part.unfinished;
        assert_eq!(part.due, sum, "{part:?}");
    }
    if !played.step.requests.is_empty() {
        let sum = |of: fn(&dyno_result::PartCounts) -> u64| -> u64 {
            played
                .step
                .requests
                .iter()
                .map(|request| of(&request.counts))
                .sum()
        };
        assert_eq!(sum(|part| part.due), counts.due);
        assert_eq!(sum(|part| part.succeeded), counts.succeeded);
        assert_eq!(sum(|part| part.failed), counts.failed);
        assert_eq!(sum(|part| part.dropped), counts.dropped);
        assert_eq!(sum(|part| part.unfinished), counts.unfinished);
    }
}

async fn tokens_belong_to_their_users(requests: u64) {
    let bench = Bench::new();
    let plan = Plan {
        data: vec![users(1000, Order::Shuffle, End::Repeat)],
        slots: vec!["token".to_owned()],
        ..Plan::of(Vec::new())
    };
    let plan = Plan {
        flows: vec![sign_in()],
        ..plan
    };
    let flows = requests / 2;
    let load = closed(64, Until::Requests(flows));
    let played = bench.play(&plan, &stock(&plan), load, 2).await;
    assert_eq!(played.step.failures, []);
    assert_eq!(played.step.counts.succeeded, 2 * flows);
    assert_eq!(played.step.flows[0].counts.succeeded, flows);
    assert_eq!(played.step.flows[0].time.count, flows);
    let expected = Seen {
        asked: requests,
        logins: flows,
        mixed_up: 0,
        right: flows,
        users: 1000,
    };
    assert_eq!(bench.backend.seen(), expected);
}

#[tokio::test]
async fn no_token_goes_to_another_user() {
    tokens_belong_to_their_users(20_000).await;
}

/// The acceptance of flows at full length; `scripts/` runs it.
#[tokio::test]
#[ignore = "takes minutes in a debug build"]
async fn no_token_goes_to_another_user_in_a_million_requests() {
    tokens_belong_to_their_users(1_000_000).await;
}

#[tokio::test]
async fn cookies_stay_with_their_flow() {
    let bench = Bench::new();
    let mut shop = flow("shop", vec![get("/session"), get("/cart"), get("/cart")]);
    shop.cookies = true;
    for request in &mut shop.requests {
        request.headers = vec![("X-User".to_owned(), column("email", Escape::Header))];
    }
    let plan = Plan {
        flows: vec![shop],
        data: vec![users(100, Order::Sequential, End::Repeat)],
        ..Plan::default()
    };
    let load = closed(16, Until::Requests(1000));
    let played = bench.play(&plan, &stock(&plan), load, 2).await;
    assert_eq!(played.step.failures, []);
    let seen = bench.backend.seen();
    assert_eq!((seen.mixed_up, seen.right), (0, 2000));
    // Without cookies on demand none is sent.
    let mut bare = plan.clone();
    bare.flows[0].cookies = false;
    let load = closed(1, Until::Requests(10));
    let played = bench.play(&bare, &stock(&bare), load, 1).await;
    assert_eq!(played.step.counts.failed, 10);
    assert_eq!(bench.backend.seen().mixed_up, 10);
}

#[tokio::test]
async fn a_failed_request_ends_its_flow() {
    let bench = Bench::new();
    let mut wrong = get("/wrong");
    wrong.checks = vec![Check::Json("$.id".to_owned(), Node::Exists(true))];
    let plan = Plan {
        flows: vec![flow("f", vec![get("/a"), wrong, get("/b")])],
        ..Plan::default()
    };
    let load = closed(4, Until::Requests(50));
    let step = bench.play(&plan, &stock(&plan), load, 1).await.step;
    let due: Vec<u64> = step
        .requests
        .iter()
        .map(|request| request.counts.due)
        .collect();
    assert_eq!(due, [50, 50, 0]);
    assert_eq!(
        (step.flows[0].counts.failed, step.flows[0].counts.succeeded),
        (50, 0)
    );
    assert_eq!((step.counts.due, step.counts.failed), (100, 50));
    let kinds: Vec<_> = step.requests[1]
        .failures
        .iter()
        .map(|f| (f.kind, f.count))
        .collect();
    assert_eq!(kinds, [(FailureKind::CheckBody, 50)]);
}

#[tokio::test]
async fn wrong_answers_are_kept_without_what_is_private() {
    let bench = Bench::new();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("key"), "k3y/\"x\n").unwrap();
    for is_flow in [false, true] {
        let mut wrong = get("/wrong");
        wrong.checks = vec![Check::BodyEquals(b"ok".to_vec())];
        if is_flow {
            wrong
                .checks
                .push(Check::Header("etag".to_owned(), Text::Exists));
        }
        let file = folder.path().join("key").to_str().unwrap().to_owned();
        let key = Secret {
            name: "key".to_owned(),
            from: SecretPlace::File(file),
        };
        let shown = value(Source::Secret(0), Escape::Header);
        wrong.headers = vec![("X-Secret".to_owned(), shown)];
        let plan = Plan {
            secrets: vec![key],
            ..Plan::of(vec![wrong])
        };
        let load = closed(2, Until::Requests(100));
        let step = bench.play(&plan, &stock(&plan), load, 2).await.step;
        assert_eq!(step.failures[0].count, 100);
        assert_eq!(step.examples.len(), 3, "{:?}", step.examples);
        for example in &step.examples {
            assert_eq!(example.kind, FailureKind::CheckBody);
            assert!(
                example.head.starts_with("HTTP/1.1 200 OK\n"),
                "{}",
                example.head
            );
            assert!(
                example.head.contains("Set-Cookie: [redacted]"),
                "{}",
                example.head
            );
            assert_eq!(example.body, r#"{"echo":"[secret key]","error":"oops"}"#);
        }
        let stored = serde_json::to_string(&step).unwrap();
        assert!(
            !stored.contains("k3y") && !stored.contains("private"),
            "{stored}"
        );
    }
}

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
    assert_eq!(step.counts.due, 0);
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
