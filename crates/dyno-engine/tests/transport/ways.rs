//! TCP, TLS and Unix sockets: the same answers over each, and each way to fail.

use std::net::SocketAddr;
use std::time::Duration;

use dyno_engine::{Address, Endpoint, Error, Protocol, Trust};
use dyno_result::FailureKind;

use crate::case::{Case, HTTP2, address, encrypted, failures, file};
use crate::speaker::{Speaker, Speaks, authority, certificate};

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
