//! Nothing is allocated for a request, whatever it is filled with: the allocator
//! counts, over the whole process.

#![expect(clippy::unwrap_used, reason = "a test may panic, helpers included")]

#[expect(dead_code, reason = "what it has seen is asked by another test")]
mod backend;
mod plans;

use std::alloc::System;
use std::time::Duration;

use backend::{Backend, serve_if_asked};
use dyno_engine::{Address, Play, Stock, Stop, Wall, play};
use dyno_scenario::{
    Arrivals, Check, End, Escape, Load, Node, Order, Place, Plan, Profile, Rate, Source, Step,
    Text, Variant,
};
use plans::{capture, flow, get, joined, sign_in, text, users, value};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// The backend, in a process of its own: what it allocates is not counted.
#[test]
fn backend() {
    serve_if_asked();
}

/// Allocations and reallocations in a step of three seconds, and its requests.
fn played(plan: &Plan, address: &Address, per_second: u64) -> (u64, u64) {
    let rate = Rate {
        starts: per_second,
        per_ns: 1_000_000_000,
    };
    let step = Step {
        id: "step".to_owned(),
        name: "step".to_owned(),
        load: Load::Open {
            profile: Profile::Steady {
                rate,
                duration: Duration::from_secs(3),
            },
            arrivals: Arrivals::Constant,
            connections: 8,
        },
        search: None,
        warmup: Duration::ZERO,
        timeout: Duration::from_secs(20),
        keepalive: true,
    };
    let wall = Wall {
        at: std::time::Instant::now(),
        since_1970: Duration::from_secs(1_767_323_045),
    };
    let folder = std::path::Path::new("/");
    let stock = Stock::read(plan, &Variant::default(), folder, wall).unwrap();
    let stop = Stop::default();
    let what = Play {
        step: &step,
        plan,
        stock: &stock,
        address,
        threads: &[None],
        seed: 1,
        pacing: dyno_result::Pacing::Sleep,
        stop: &stop,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let region = Region::new(ALLOCATOR);
    let played = runtime.block_on(play(what, &mut |_| {})).unwrap();
    let change = region.change();
    assert_eq!(played.step.failures, []);
    assert_eq!(played.step.counts.due, played.step.counts.succeeded);
    let count = change.allocations + change.reallocations;
    (count as u64, played.step.counts.succeeded)
}

/// A flow with everything that is to cost no allocation.
fn rich() -> Plan {
    let mut sign_in = sign_in();
    sign_in.cookies = true;
    let mut echo = get("/echo");
    echo.path = joined(vec![
        text("/echo?u=", value(Source::Uuid, Escape::Url)),
        text("&r=", value(Source::RandomString(12), Escape::Url)),
        text("&i=", value(Source::RandomInt(1, 100), Escape::Url)),
        text("&n=", value(Source::Now, Escape::Url)),
        text("&s=", value(Source::Seq, Escape::Url)),
    ]);
    echo.checks = vec![
        Check::BodyContains(b"\"method\":\"GET\"".to_vec()),
        Check::BodyMatches("\"path\":\"/echo[^\"]*\"".to_owned()),
        Check::Header("content-type".to_owned(), Text::Contains("json".to_owned())),
        Check::Json("$.method".to_owned(), Node::Equals("GET".into())),
        Check::BodyBytes(1, 10_000),
    ];
    echo.captures = vec![
        capture(1, Place::Regex("s=([0-9]+)".to_owned())),
        capture(1, Place::Header("content-length".to_owned())),
    ];
    echo.sample = 0.5;
    let session = get("/session");
    sign_in.requests.extend([echo, session]);
    Plan {
        flows: vec![sign_in, flow("short", vec![get("/echo")])],
        slots: vec!["token".to_owned(), "number".to_owned()],
        data: vec![users(1000, Order::Shuffle, End::Repeat)],
        ..Plan::default()
    }
}

/// Two loads of the same time: whatever is allocated by the second or once cancels
/// out, and what is left is by the request.
fn check(what: &str, plan: &Plan) {
    let backend = Backend::start();
    let address = Address::plain(backend.address, backend.address.to_string());
    played(plan, &address, 100);
    let (few, of_few) = played(plan, &address, 100);
    let (many, of_many) = played(plan, &address, 1_100);
    let by_request = many.saturating_sub(few) as f64 / (of_many - of_few) as f64;
    // Slices of other sizes are packed in other steps: some dozens in thousands.
    assert!(
        by_request < 0.02,
        "{what}: {by_request} of {few} and {many}"
    );
}

#[test]
fn nothing_is_allocated_for_a_request() {
    if std::env::var_os("DYNO_TEST_BACKEND").is_some() {
        return;
    }
    check("fixed", &Plan::of(vec![get("/echo")]));
    check("flows", &rich());
}
