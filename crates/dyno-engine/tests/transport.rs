//! Every way of reaching a server: right answers over each, exact counts of each
//! thing that goes wrong.

#![expect(clippy::unwrap_used, reason = "a test may panic, helpers included")]

mod speaker;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use dyno_engine::{
    Address, Endpoint, Error, Play, Played, Protocol, Stock, Stop, Tls, Trust, Wall, play,
};
use dyno_result::FailureKind;
use dyno_scenario::{
    Capture, Check, Escape, Flow, Load, Part, Place, Plan, Request, Source, Step, Text, Until,
    Variant,
};
use speaker::{Fault, Habit, Speaker, Speaks, authority, certificate};
use tempfile::TempDir;

const HTTP2: Protocol = Protocol::Http2 { streams: 1 };

#[derive(Clone)]
struct Case {
    path: &'static str,
    body: Option<&'static [u8]>,
    connections: u32,
    requests: u64,
    timeout: Duration,
    threads: usize,
    keepalive: bool,
}

impl Default for Case {
    fn default() -> Self {
        Self {
            path: "/ok",
            body: Some(b"ok"),
            connections: 2,
            requests: 40,
            timeout: Duration::from_secs(10),
            threads: 1,
            keepalive: true,
        }
    }
}

impl Case {
    async fn try_play(&self, address: &Address) -> Result<Played, Error> {
        let request = Request {
            checks: (self.body)
                .map(|body| Check::BodyEquals(body.to_vec()))
                .into_iter()
                .collect(),
            ..Request::new("GET", self.path)
        };
        let plan = Plan::of(vec![request]);
        self.try_play_plan(&plan, &Stock::default(), address).await
    }

    async fn try_play_plan(
        &self,
        plan: &Plan,
        stock: &Stock,
        address: &Address,
    ) -> Result<Played, Error> {
        let step = Step {
            id: "step".to_owned(),
            name: "step".to_owned(),
            load: Load::Closed {
                connections: self.connections,
                until: Until::Requests(self.requests),
            },
            warmup: Duration::ZERO,
            timeout: self.timeout,
            keepalive: self.keepalive,
        };
        let what = Play {
            step: &step,
            plan,
            stock,
            address,
            threads: &vec![None; self.threads],
            seed: 1,
            pacing: dyno_result::Pacing::Sleep,
            stop: &Stop::default(),
        };
        play(what, &mut |_| {}).await
    }

    async fn play(&self, address: &Address) -> Played {
        let played = self.try_play(address).await.unwrap();
        let counts = played.step.counts;
        assert!(counts.balanced(), "{counts:?}");
        assert_eq!(counts.due, self.requests);
        played
    }
}

fn failures(played: &Played) -> Vec<(FailureKind, u64)> {
    let failures = played.step.failures.iter();
    failures
        .map(|failure| (failure.kind, failure.count))
        .collect()
}

fn address(socket: SocketAddr, protocol: Protocol) -> Address {
    Address {
        protocol,
        ..Address::plain(socket, socket.to_string())
    }
}

fn encrypted(socket: SocketAddr, protocol: Protocol, server_name: &str, trust: Trust) -> Address {
    let server_name = server_name.to_owned();
    Address {
        tls: Some(Tls { server_name, trust }),
        ..address(socket, protocol)
    }
}

/// A folder with a file of that text.
fn file(text: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    std::fs::write(&path, text).unwrap();
    (folder, path)
}

/// What one answer gives goes into the next request, whatever is spoken.
#[tokio::test]
async fn flows_are_played_over_every_protocol() {
    let certified = certificate();
    let (_folder, ca) = file(&certified.cert.pem());
    for (speaks, protocol) in [(Speaks::Http1, Protocol::Http1), (Speaks::Http2, HTTP2)] {
        let server = Speaker::start(speaks, Some(&certified));
        let mut first = Request::new("GET", "/ok");
        let from = |from| Capture { slot: 0, from };
        first.captures = vec![from(Place::Regex("o.".to_owned()))];
        first.checks = vec![Check::Header("content-length".to_owned(), Text::Exists)];
        let mut second = Request::new("GET", "/");
        second.path.parts.push(Part::Value {
            source: Source::Slot(0),
            escape: Escape::Url,
            place: 0..0,
        });
        second.headers = vec![("X-Ok".to_owned(), second.path.clone())];
        second.checks = vec![Check::BodyEquals(b"ok".to_vec())];
        let plan = Plan {
            flows: vec![Flow {
                name: "both".to_owned(),
                weight: 1,
                cookies: true,
                requests: vec![first, second],
            }],
            slots: vec!["word".to_owned()],
            ..Plan::default()
        };
        let folder = std::path::Path::new("");
        let wall = Wall {
            at: std::time::Instant::now(),
            since_1970: Duration::ZERO,
        };
        let stock = Stock::read(&plan, &Variant::default(), folder, wall).unwrap();
        let trust = Trust::File(ca.clone());
        let address = encrypted(server.address, protocol, "localhost", trust);
        let case = Case::default();
        let played = case.try_play_plan(&plan, &stock, &address).await.unwrap();
        assert_eq!(failures(&played), [], "{speaks:?}");
        assert_eq!(played.step.flows[0].counts.succeeded, 40, "{speaks:?}");
        assert_eq!(
            (server.requests(), server.connections()),
            (80, 2),
            "{speaks:?}"
        );
    }
}

#[tokio::test]
async fn every_transport_brings_the_right_answers() {
    let certified = certificate();
    let (_folder, ca) = file(&certified.cert.pem());
    for (speaks, protocol) in [(Speaks::Http1, Protocol::Http1), (Speaks::Http2, HTTP2)] {
        let tcp = Speaker::start(speaks, None);
        let over_tls = Speaker::start(speaks, Some(&certified));
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("socket");
        let unix = Speaker::start_unix(speaks, &path);
        let trust = Trust::File(ca.clone());
        let ways = [
            (&tcp, address(tcp.address, protocol)),
            (
                &over_tls,
                encrypted(over_tls.address, protocol, "localhost", trust),
            ),
            (
                &unix,
                Address {
                    endpoint: Endpoint::Unix(path),
                    ..address(unix.address, protocol)
                },
            ),
        ];
        for (server, address) in &ways {
            let played = Case::default().play(address).await;
            assert_eq!(failures(&played), [], "{address:?}");
            assert_eq!(
                (server.requests(), server.connections()),
                (40, 2),
                "{address:?}"
            );
            assert_eq!(played.step.connect.count, 2, "{address:?}");
            assert_eq!(played.step.counts.sent, 40);
            let case = Case {
                path: "/large",
                body: None,
                ..Case::default()
            };
            let played = case.play(address).await;
            assert_eq!(failures(&played), [], "{address:?}");
            assert_eq!(played.step.bytes.bodies, 40_000_000);
            assert!(played.step.bytes.received > 40_000_000);
            let case = Case {
                path: "/404",
                ..Case::default()
            };
            let played = case.play(address).await;
            assert_eq!(failures(&played), [(FailureKind::Status4xx, 40)]);
            let case = Case {
                body: Some(b"no"),
                ..Case::default()
            };
            let played = case.play(address).await;
            assert_eq!(failures(&played), [(FailureKind::CheckBody, 40)]);
        }
    }
}

#[tokio::test]
async fn a_certificate_is_believed_or_not() {
    let (_other, stranger) = file(&certificate().cert.pem());
    for (speaks, protocol, certified) in [
        (Speaks::Http1, Protocol::Http1, certificate()),
        (Speaks::Http2, HTTP2, certificate()),
        (Speaks::Http1, Protocol::Http1, authority()),
    ] {
        let (_folder, ca) = file(&certified.cert.pem());
        let server = Speaker::start(speaks, Some(&certified));
        let check = async |name: &str, trust: Trust, expected: &[(FailureKind, u64)]| {
            let address = encrypted(server.address, protocol, name, trust.clone());
            let played = Case::default().play(&address).await;
            assert_eq!(failures(&played), expected, "{protocol:?} {name} {trust:?}");
            let sent = if expected.is_empty() { 40 } else { 0 };
            assert_eq!(played.step.counts.sent, sent);
        };
        let refused = [(FailureKind::TlsCertificate, 40)];
        check("localhost", Trust::File(ca.clone()), &[]).await;
        check("localhost", Trust::File(stranger.clone()), &refused).await;
        check("elsewhere.test", Trust::File(ca.clone()), &refused).await;
        check("elsewhere.test", Trust::Anyone, &[]).await;
        check("127.0.0.1", Trust::Anyone, &[]).await;
    }
}

#[tokio::test]
async fn handshakes_fail_each_in_its_own_way() {
    let certified = certificate();
    let (_folder, ca) = file(&certified.cert.pem());
    let trust = Trust::File(ca);
    let check = async |server: &Speaker, protocol, timeout, kind| {
        let address = encrypted(server.address, protocol, "localhost", trust.clone());
        let case = Case {
            timeout: Duration::from_millis(timeout),
            requests: 6,
            ..Case::default()
        };
        let played = case.play(&address).await;
        assert_eq!(failures(&played), [(kind, 6)], "{protocol:?}");
        assert_eq!(played.step.counts.sent, 0);
    };
    let silent = Speaker::start(Speaks::Nothing, Some(&certified));
    let http1 = Speaker::start(Speaks::Http1, Some(&certified));
    let no_tls = Speaker::start(Speaks::Http1, None);
    for protocol in [Protocol::Http1, HTTP2] {
        check(&silent, protocol, 50, FailureKind::TlsTimeout).await;
        check(&no_tls, protocol, 10_000, FailureKind::TlsHandshake).await;
    }
    check(&http1, HTTP2, 10_000, FailureKind::H2NotOffered).await;
}

#[tokio::test]
async fn unusable_certificates_are_errors_before_any_load() {
    let server = Speaker::start(Speaks::Http1, None);
    let (_folder, empty) = file("nothing");
    let missing = empty.with_file_name("missing");
    for (name, trust) in [
        ("localhost", Trust::File(empty)),
        ("localhost", Trust::File(missing)),
        ("not a name", Trust::Anyone),
    ] {
        let address = encrypted(server.address, Protocol::Http1, name, trust);
        let error = Case::default().try_play(&address).await.unwrap_err();
        assert!(matches!(error, Error::Tls(_)), "{error}");
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn streams_share_connections() {
    for (connections, streams, threads) in [(2, 10, 1), (2, 10, 2), (3, 4, 2), (1, 1, 1)] {
        let server = Speaker::start(Speaks::Http2, None);
        let case = Case {
            connections,
            threads,
            requests: 1_003,
            ..Case::default()
        };
        let played = case
            .play(&address(server.address, Protocol::Http2 { streams }))
            .await;
        assert_eq!(failures(&played), []);
        assert_eq!(
            (server.connections(), server.requests()),
            (u64::from(connections), 1_003)
        );
        assert_eq!(played.step.connect.count, u64::from(connections));
        assert_eq!(played.step.counts.sent, 1_003);
    }
}

#[tokio::test]
async fn streams_are_in_flight_together() {
    let server = Speaker::start(Speaks::Http2, None);
    let case = Case {
        path: "/mixed",
        connections: 2,
        requests: 200,
        ..Case::default()
    };
    let played = case
        .play(&address(server.address, Protocol::Http2 { streams: 10 }))
        .await;
    // One at a time on each connection would take at least 5 s.
    assert!(
        played.step.window_ns < 2_500_000_000,
        "{}",
        played.step.window_ns
    );
}

#[tokio::test]
async fn a_late_answer_costs_its_own_stream_only() {
    let server = Speaker::start(Speaks::Http2, None);
    let case = Case {
        path: "/hangs",
        connections: 1,
        requests: 400,
        timeout: Duration::from_millis(500),
        ..Case::default()
    };
    let played = case
        .play(&address(server.address, Protocol::Http2 { streams: 20 }))
        .await;
    assert_eq!(failures(&played), [(FailureKind::ReceiveTimeout, 40)]);
    assert_eq!((server.connections(), server.requests()), (1, 400));
    assert_eq!(played.step.connect.count, 1);
}

#[tokio::test]
async fn what_a_server_does_to_streams_and_connections_is_told_apart() {
    for (fault, kind, connections) in [
        (Fault::Reset, FailureKind::H2Reset, 1),
        (Fault::Goaway, FailureKind::H2Goaway, 8),
        (Fault::Close, FailureKind::ReceiveEndEarly, 8),
    ] {
        let server = Speaker::start(Speaks::FifthGoes(fault), None);
        let case = Case {
            connections: 1,
            ..Case::default()
        };
        let played = case.play(&address(server.address, HTTP2)).await;
        assert_eq!(failures(&played), [(kind, 8)], "{fault:?}");
        assert_eq!(
            (server.requests(), server.connections()),
            (40, connections),
            "{fault:?}"
        );
        assert_eq!(played.step.counts.sent, 40, "{fault:?}");
    }
}

/// nginx ends a connection after a thousand requests, others after some time; what
/// it did not process is no failure of the target's.
#[tokio::test]
async fn what_a_server_surely_did_not_process_is_sent_again() {
    for speaks in [
        Speaks::Retires(100),
        Speaks::Frames(Habit::Leaves(97)),
        Speaks::Frames(Habit::Refuses(101)),
    ] {
        let server = Speaker::start(speaks, None);
        let case = Case {
            requests: 5_000,
            ..Case::default()
        };
        let ten = Protocol::Http2 { streams: 10 };
        let played = case.play(&address(server.address, ten)).await;
        assert_eq!(failures(&played), [], "{speaks:?}");
        let counts = played.step.counts;
        assert_eq!(
            (counts.succeeded, counts.sent),
            (5_000, 5_000),
            "{speaks:?}"
        );
        assert_eq!(server.requests(), 5_000, "{speaks:?}");
        assert_eq!(played.step.connect.count, server.connections());
        let (refused, connections) = (server.refused(), server.connections());
        let as_expected = match speaks {
            // No batch of ten streams ends with request 97.
            Speaks::Frames(Habit::Leaves(_)) => refused > 0 && (52..=53).contains(&connections),
            // 5,000 and the repeats, dealt to two connections.
            Speaks::Frames(_) => (49..=50).contains(&refused) && connections == 2,
            _ => connections > 2,
        };
        assert!(as_expected, "{speaks:?}: {refused}, {connections}");
    }
}

#[tokio::test]
async fn what_a_server_may_have_processed_is_not_sent_again() {
    // The last three requests of each connection are taken and not answered.
    let server = Speaker::start(Speaks::Frames(Habit::Forgets(10, 3)), None);
    let case = Case {
        connections: 1,
        requests: 100,
        ..Case::default()
    };
    let four = Protocol::Http2 { streams: 4 };
    let played = case.play(&address(server.address, four)).await;
    assert_eq!(failures(&played), [(FailureKind::H2Goaway, 30)]);
    assert_eq!((server.requests(), server.connections()), (100, 10));
    assert_eq!(played.step.counts.sent, 100);
}

#[tokio::test]
async fn a_server_that_refuses_everything_is_not_asked_for_ever() {
    let server = Speaker::start(Speaks::Frames(Habit::Refuses(1)), None);
    let case = Case {
        connections: 1,
        ..Case::default()
    };
    let played = case.play(&address(server.address, HTTP2)).await;
    assert_eq!(failures(&played), [(FailureKind::H2Reset, 40)]);
    // Each is sent four times, and counted once.
    assert_eq!((server.requests(), server.refused()), (0, 160));
    assert_eq!(played.step.counts.sent, 40);
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn http1_is_not_http2() {
    let server = Speaker::start(Speaks::Http1, None);
    let played = Case::default().play(&address(server.address, HTTP2)).await;
    assert_eq!(failures(&played), [(FailureKind::H2Protocol, 40)]);
}

#[tokio::test]
async fn nobody_at_a_unix_socket_is_refused() {
    let (_folder, path) = file("");
    for path in [path.clone(), path.with_file_name("missing")] {
        let nowhere = Address {
            endpoint: Endpoint::Unix(path),
            ..Address::plain(SocketAddr::from(([127, 0, 0, 1], 1)), "localhost")
        };
        let played = Case::default().play(&nowhere).await;
        assert_eq!(failures(&played), [(FailureKind::ConnectRefused, 40)]);
    }
}

#[tokio::test]
async fn connections_start_from_the_addresses_given_in_turn() {
    for (keepalive, threads) in [(true, 1), (true, 2), (false, 2)] {
        let server = Speaker::start(Speaks::Http1, None);
        let sources: Vec<_> = (2..=5).map(|last| [127, 0, 0, last].into()).collect();
        let case = Case {
            connections: 8,
            threads,
            keepalive,
            ..Case::default()
        };
        let from = Address {
            sources: sources.clone(),
            ..address(server.address, Protocol::Http1)
        };
        let played = case.play(&from).await;
        assert_eq!(failures(&played), []);
        let mut peers = server.peers();
        peers.sort_unstable();
        if keepalive {
            let twice: Vec<_> = sources.iter().flat_map(|source| [*source; 2]).collect();
            assert_eq!(peers, twice);
        } else {
            assert_eq!(peers.len(), 40);
            peers.dedup();
            assert_eq!(peers, sources);
        }
    }
}

/// What is certain of two protocols on any machine: no request is lost, each takes
/// at least as long as the server did, and the slow ones are seen, all of them. That
/// the times agree is T20 of the ground-truth tests.
#[tokio::test]
async fn both_protocols_see_the_delays() {
    const MS: u64 = 1_000_000;
    for (speaks, protocol) in [(Speaks::Http1, Protocol::Http1), (Speaks::Http2, HTTP2)] {
        let server = Speaker::start(speaks, None);
        let case = Case {
            path: "/mixed",
            connections: 4,
            requests: 200,
            ..Case::default()
        };
        let played = case.play(&address(server.address, protocol)).await;
        assert_eq!(failures(&played), []);
        assert_eq!((server.requests(), server.connections()), (200, 4));
        let times = played.histograms.whole(|interval| &interval.response);
        let first_bytes = played.histograms.whole(|interval| &interval.first_byte);
        for times in [times, first_bytes] {
            assert_eq!(times.len(), 200);
            // To the histograms' three digits.
            assert!(times.min() >= 49 * MS, "{} ns", times.min());
            let slow = 200 - times.count_between(0, 199 * MS);
            assert!(slow >= 2, "{protocol:?}: {slow} slow answers");
        }
    }
}
