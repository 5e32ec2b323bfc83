//! What answers give: to whom it goes, and who gets to see it.

use dyno_result::FailureKind;
use dyno_scenario::{
    Check, End, Escape, Node, Order, Plan, Secret, SecretPlace, Source, Text, Until,
};

use crate::backend::Seen;
use crate::bench::{Bench, closed, stock};
use crate::plans::{column, flow, get, sign_in, users, value};

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
