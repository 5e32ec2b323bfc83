//! What a server tells of its times, against sums that are known.

#![expect(clippy::unwrap_used, reason = "a test may panic, helpers included")]

use std::time::Duration;

use dyno_engine::{Address, Play, Stock, Stop, play};
use dyno_result::{Attribution, PARTS, Step as Seen};
use dyno_scenario::{
    Arrivals, Check, Flow, Load, Plan, Profile, Rate, Request, StatusRange, Step, Until,
};
use dyno_truth::Server;

async fn seen(plan: &Plan, load: Load) -> Seen {
    let server = Server::in_thread().unwrap();
    let step = Step {
        id: "step".to_owned(),
        name: "step".to_owned(),
        load,
        warmup: Duration::ZERO,
        timeout: Duration::from_secs(10),
        keepalive: true,
    };
    let address = Address::plain(server.address, server.address.to_string());
    let what = Play {
        step: &step,
        plan,
        stock: &Stock::default(),
        address: &address,
        threads: &[None, None],
        seed: 1,
        pacing: dyno_result::Pacing::Sleep,
        stop: &Stop::default(),
    };
    let played = play(what, &mut |_| {}).await.unwrap();
    assert!(played.step.counts.balanced());
    played.step
}

fn closed(requests: u64) -> Load {
    Load::Closed {
        connections: 4,
        until: Until::Requests(requests),
    }
}

fn get(path: &str) -> Request {
    Request::new("GET", path)
}

fn totals(attribution: &Attribution) -> [u64; PARTS.len()] {
    PARTS.map(|name| attribution.part(name).unwrap().total_ns)
}

/// Every duration grows by 10 ns with each request, a hundred times, then begins
/// again.
#[tokio::test]
async fn sums_are_those_that_the_server_tells() {
    const TOLD: &str =
        "/timing?pool=100ns&db=200ns&hashq=300ns&hash=400ns&app=5us&step=10ns&more=1";
    let open = Load::Open {
        profile: Profile::Steady {
            rate: Rate {
                starts: 2_000,
                per_ns: 1_000_000_000,
            },
            duration: Duration::from_secs(1),
        },
        arrivals: Arrivals::Constant,
        connections: 4,
    };
    for load in [closed(2_000), open] {
        let step = seen(&Plan::of(vec![get(TOLD)]), load).await;
        let told = step.attribution.unwrap();
        assert_eq!((told.answers, step.counts.succeeded), (2_000, 2_000));
        let sum = |first: u64| 2_000 * first + 20 * 10 * (0..100).sum::<u64>();
        let app = sum(5_000);
        let inner = [100, 200, 300, 400].map(sum);
        let own = app - inner.iter().sum::<u64>();
        let [_, rest @ ..] = totals(&told);
        assert_eq!(rest, [own, inner[0], inner[1], inner[2], inner[3]]);
        // The loopback takes longer than what the server tells.
        assert_eq!(told.doubts, dyno_result::AttributionDoubts::default());
        assert_eq!(told.whole_ns(), told.service_ns);
        let others = told
            .others
            .iter()
            .map(|other| (other.name.as_str(), other.total_ns));
        let extra = 2_000 * 500_000;
        assert_eq!(others.collect::<Vec<_>>(), [("app", app), ("extra", extra)]);
        let median = told.part("db").unwrap().p50_ns.unwrap();
        assert!(median.abs_diff(695) <= 7, "{median}");
        assert!(told.part("outside").unwrap().p99_ns.unwrap() > 1_000);
    }
}

#[tokio::test]
async fn every_request_has_its_own_and_those_that_tell_nothing_none() {
    let plan = Plan::of(vec![
        get("/timing?db=2us&app=4us"),
        get("/ok"),
        get("/timing?hash=3us&app=3us"),
    ]);
    let mut flow = Flow {
        name: "all".to_owned(),
        weight: 1,
        cookies: false,
        requests: plan.requests().cloned().collect(),
    };
    flow.requests[2].repeat = 2;
    let flows = Plan {
        flows: vec![flow],
        ..Plan::default()
    };
    for (plan, starts, repeats) in [(plan, 300, 1), (flows, 100, 2)] {
        let step = seen(&plan, closed(starts)).await;
        let [first, second, third] = &step.requests[..] else {
            panic!("{:?}", step.requests)
        };
        assert_eq!(second.attribution, None);
        let of = |request: &dyno_result::RequestFigures| {
            let told = request.attribution.as_ref().unwrap();
            (told.answers, totals(told))
        };
        let (answers, [_, first @ ..]) = of(first);
        assert_eq!((answers, first), (100, [200_000, 0, 200_000, 0, 0]));
        let (answers, [_, third @ ..]) = of(third);
        let hash = 100 * repeats * 3_000;
        assert_eq!((answers, third), (100 * repeats, [0, 0, 0, 0, hash]));
        let whole = step.attribution.unwrap();
        let [_, all @ ..] = totals(&whole);
        assert_eq!(all, [200_000, 0, 200_000, 0, hash]);
    }
}

#[tokio::test]
async fn wrong_answers_are_not_told_of() {
    let mut request = get("/timing?app=1us");
    let (low, high) = (404, 404);
    request.checks = vec![Check::Status(vec![StatusRange { low, high }])];
    let step = seen(&Plan::of(vec![request]), closed(20)).await;
    assert_eq!((step.counts.failed, step.attribution), (20, None));
    let step = seen(&Plan::of(vec![get("/ok")]), closed(20)).await;
    assert_eq!((step.counts.succeeded, step.attribution), (20, None));
}

#[tokio::test]
async fn more_than_the_service_time_is_a_doubt() {
    let step = seen(&Plan::of(vec![get("/timing?app=20s&db=1s")]), closed(20)).await;
    let told = step.attribution.unwrap();
    assert_eq!((told.answers, told.doubts.service_exceeded), (20, 20));
    let [outside, own, _, db, ..] = totals(&told);
    assert_eq!((outside, own, db), (0, 380_000_000_000, 20_000_000_000));
}
