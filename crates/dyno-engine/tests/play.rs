//! The engine against real sockets: exact counts, the right kinds, books that
//! balance.

#![expect(clippy::unwrap_used, reason = "a test may panic, helpers included")]

use std::time::Duration;

use dyno_engine::{Address, Event, Play, Played, Stock, Stop, play};
use dyno_result::{FailureKind, QuantileValue};
use dyno_scenario::{Check, Load, Plan, Request, StatusRange, Step, Until};
use dyno_truth::Server;

struct Case {
    path: &'static str,
    method: &'static str,
    checks: Vec<Check>,
    connections: u32,
    until: Until,
    warmup: Duration,
    timeout: Duration,
    keepalive: bool,
    threads: usize,
}

impl Default for Case {
    fn default() -> Self {
        Self {
            path: "/ok",
            method: "GET",
            checks: Vec::new(),
            connections: 4,
            until: Until::Requests(40),
            warmup: Duration::ZERO,
            timeout: Duration::from_secs(10),
            keepalive: true,
            threads: 1,
        }
    }
}

impl Case {
    async fn play(self, address: std::net::SocketAddr) -> Played {
        self.watched(address, &Stop::default(), &mut |_| {}).await
    }

    async fn watched(
        self,
        address: std::net::SocketAddr,
        stop: &Stop,
        on: &mut dyn FnMut(Event<'_>),
    ) -> Played {
        let request = Request {
            checks: self.checks,
            ..Request::new(self.method, self.path)
        };
        let step = Step {
            id: "step".to_owned(),
            name: "step".to_owned(),
            load: Load::Closed {
                connections: self.connections,
                until: self.until,
            },
            search: None,
            warmup: self.warmup,
            timeout: self.timeout,
            keepalive: self.keepalive,
        };
        let address = Address::plain(address, address.to_string());
        let threads = vec![None; self.threads];
        let what = Play {
            step: &step,
            plan: &Plan::of(vec![request]),
            stock: &Stock::default(),
            address: &address,
            threads: &threads,
            seed: 1,
            pacing: dyno_result::Pacing::Sleep,
            stop,
        };
        let played = play(what, on).await.unwrap();
        let counts = played.step.counts;
        assert!(counts.balanced(), "{counts:?}");
        let failures: u64 = played
            .step
            .failures
            .iter()
            .map(|failure| failure.count)
            .sum();
        assert_eq!(failures, counts.failed);
        let of_slices: u64 = played
            .intervals
            .iter()
            .map(|i| i.succeeded + i.failed)
            .sum();
        assert_eq!(of_slices, counts.succeeded + counts.failed);
        let whole = played.histograms.whole(|interval| &interval.response);
        assert_eq!(whole.len(), counts.succeeded);
        played
    }
}

fn status(status: u16) -> Check {
    let (low, high) = (status, status);
    Check::Status(vec![StatusRange { low, high }])
}

fn failures(played: &Played) -> Vec<(FailureKind, u64)> {
    let failures = played.step.failures.iter();
    failures
        .map(|failure| (failure.kind, failure.count))
        .collect()
}

#[tokio::test]
async fn a_fixed_count_is_sent_exactly_whatever_the_threads() {
    for (requests, connections, threads) in [(10_007, 100, 2), (1, 3, 2), (7, 7, 3), (1_000, 1, 2)]
    {
        let server = Server::in_thread().unwrap();
        let case = Case {
            connections,
            threads,
            until: Until::Requests(requests),
            ..Case::default()
        };
        let played = case.play(server.address).await;
        let counts = played.step.counts;
        assert_eq!(
            (counts.due, counts.sent, counts.succeeded),
            (requests, requests, requests)
        );
        assert_eq!(server.counts().unwrap().requests, requests);
        assert_eq!(played.step.statuses.get(&200), Some(&requests));
        assert_eq!(played.step.connect.count, u64::from(connections));
        assert_eq!(server.counts().unwrap().connections, u64::from(connections));
    }
}

#[tokio::test]
async fn a_fixed_duration_ends_and_agrees_with_the_server() {
    let server = Server::in_thread().unwrap();
    let case = Case {
        until: Until::Elapsed(Duration::from_millis(1_200)),
        ..Case::default()
    };
    let mut seconds = 0;
    let played = case
        .watched(server.address, &Stop::default(), &mut |event| {
            seconds += u32::from(matches!(event, Event::Interval(_)));
        })
        .await;
    assert_eq!(played.step.counts.sent, server.counts().unwrap().requests);
    assert_eq!(played.step.window_ns, 1_200_000_000);
    assert!(seconds >= 2, "a slice a second, and the rest");
}

/// What a view was told last is what the result says.
#[tokio::test]
async fn what_was_seen_so_far_grows_into_the_result() {
    let server = Server::in_thread().unwrap();
    let case = Case {
        path: "/fault/500",
        until: Until::Elapsed(Duration::from_millis(2_300)),
        threads: 2,
        ..Case::default()
    };
    let mut told = Vec::new();
    let mut sums = (0, 0);
    let played = case
        .watched(server.address, &Stop::default(), &mut |event| {
            if let Event::Interval(second) = event {
                let seen = |seen: dyno_engine::Seen<'_>| {
                    let failed: u64 = seen.failures().iter().map(|kind| kind.count).sum();
                    (seen.succeeded(), failed)
                };
                let last = seen(second.last);
                assert_eq!(last, (second.interval.succeeded, second.interval.failed));
                sums = (sums.0 + last.0, sums.1 + last.1);
                assert_eq!(seen(second.so_far), sums);
                assert!((0.0..=1.0).contains(&second.busy_fraction));
                assert!(second.so_far.service().is_none());
                told.push((second.so_far.response(), second.so_far.failures()));
            }
        })
        .await;
    assert!(told.len() >= 3, "two full seconds and the rest");
    let (response, kinds) = told.pop().unwrap();
    assert_eq!(response, played.step.response);
    assert_eq!(kinds, played.step.failures);
    assert!(played.step.counts.failed > 0, "{:?}", played.step.counts);
}

#[tokio::test]
async fn a_warm_up_is_played_and_not_counted() {
    let server = Server::in_thread().unwrap();
    let case = Case {
        warmup: Duration::from_millis(50),
        ..Case::default()
    };
    let played = case.play(server.address).await;
    let warmup = played.step.warmup.unwrap().counts;
    assert!(warmup.succeeded > 0);
    assert_eq!(played.step.counts.due, 40);
    assert_eq!(server.counts().unwrap().requests, 40 + warmup.sent);
    // The connections serve both.
    assert_eq!(
        (
            server.counts().unwrap().connections,
            played.step.connect.count
        ),
        (4, 4)
    );
}

#[tokio::test]
async fn without_keepalive_every_request_has_a_connection_of_its_own() {
    let server = Server::in_thread().unwrap();
    let case = Case {
        keepalive: false,
        ..Case::default()
    };
    let played = case.play(server.address).await;
    assert_eq!(played.step.counts.succeeded, 40);
    assert_eq!(
        (
            server.counts().unwrap().connections,
            played.step.connect.count
        ),
        (40, 40)
    );
}

#[tokio::test]
async fn every_framing_is_a_success() {
    let ok = || vec![Check::BodyEquals(b"ok".to_vec())];
    let any = Vec::new;
    for (path, method, checks, bodies) in [
        ("/framing/chunks-bytewise", "GET", ok(), 80),
        ("/framing/until-close", "GET", ok(), 80),
        ("/framing/interim", "GET", ok(), 80),
        ("/framing/204", "GET", any(), 0),
        ("/framing/large", "GET", any(), 400_000_000),
    ] {
        let server = Server::in_thread().unwrap();
        let case = Case {
            path,
            method,
            checks,
            ..Case::default()
        };
        let played = case.play(server.address).await;
        assert_eq!(failures(&played), [], "{path}");
        assert_eq!(played.step.bytes.bodies, bodies, "{path}");
    }
}

#[tokio::test]
async fn each_fault_has_its_kind() {
    use FailureKind as K;
    for (path, kind, count) in [
        ("/fault/404", K::Status4xx, 40),
        ("/fault/500", K::Status5xx, 40),
        ("/fault/garbage", K::HttpMalformed, 40),
        ("/fault/end-in-body", K::ReceiveEndEarly, 40),
        ("/fault/reset-before-head", K::ReceiveReset, 40),
        ("/fault/length-too-small", K::HttpExtraBytes, 40),
        // A connection answers once and dies of its second request.
        ("/fault/idle-close", K::ReceiveStaleKeepalive, 20),
    ] {
        let server = Server::in_thread().unwrap();
        let case = Case {
            path,
            // Of several, one may have an odd number of turns.
            connections: 1,
            ..Case::default()
        };
        let played = case.play(server.address).await;
        assert_eq!(failures(&played), [(kind, count)], "{path}");
        assert_eq!(played.step.counts.sent, 40, "{path}");
    }
}

#[tokio::test]
async fn a_wrong_body_is_a_failure() {
    let server = Server::in_thread().unwrap();
    let case = Case {
        checks: vec![status(200), Check::BodyEquals(b"no".to_vec())],
        ..Case::default()
    };
    let played = case.play(server.address).await;
    assert_eq!(failures(&played), [(FailureKind::CheckBody, 40)]);
    assert_eq!(played.step.goodput_per_s, 0.0);
    assert!(played.step.throughput_per_s > 0.0);
}

#[tokio::test]
async fn nobody_listening_is_refused_and_nothing_is_sent() {
    let unused = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let played = Case::default().play(unused).await;
    assert_eq!(failures(&played), [(FailureKind::ConnectRefused, 40)]);
    assert_eq!((played.step.counts.due, played.step.counts.sent), (40, 0));
    assert_eq!(
        played.step.response.quantile(0.5),
        Some(QuantileValue::Failed)
    );
}

/// T11 of the ground-truth tests, short: every twentieth request hangs.
#[tokio::test]
async fn timeouts_are_counted_exactly_and_stay_in_the_percentiles() {
    let server = Server::in_thread().unwrap();
    let case = Case {
        path: "/every?n=20&time=10s",
        connections: 1,
        until: Until::Requests(400),
        timeout: Duration::from_millis(50),
        ..Case::default()
    };
    let played = case.play(server.address).await;
    assert_eq!(failures(&played), [(FailureKind::ReceiveTimeout, 20)]);
    let response = &played.step.response;
    assert_eq!(
        response
            .quantile(0.95)
            .map(|v| matches!(v, QuantileValue::Ns(_))),
        Some(true)
    );
    assert_eq!(response.quantile(0.975), None, "not a stored level");
    let late = Some(QuantileValue::AtLeastNs(50_000_000));
    assert_eq!(response.limit_ns, Some(50_000_000));
    assert_eq!(response.timed_out, 20);
    // Only four lie beyond p99: too few to print.
    assert_eq!(response.quantile(0.99), None);
    let case = Case {
        path: "/every?n=20&time=10s",
        until: Until::Requests(1_000),
        timeout: Duration::from_millis(50),
        connections: 10,
        ..Case::default()
    };
    assert_eq!(
        case.play(server.address).await.step.response.quantile(0.99),
        late
    );
}

#[tokio::test]
async fn a_stop_ends_the_step_early_with_balanced_books() {
    let server = Server::in_thread().unwrap();
    let stop = Stop::default();
    let case = Case {
        until: Until::Elapsed(Duration::from_secs(3_600)),
        ..Case::default()
    };
    let stopper = stop.clone();
    let played = case
        .watched(server.address, &stop, &mut |event| {
            if matches!(event, Event::Interval(_)) {
                stopper.set();
            }
        })
        .await;
    assert_eq!(played.step.counts.sent, server.counts().unwrap().requests);
    assert!(played.step.window_ns < 3_600_000_000_000);
}
