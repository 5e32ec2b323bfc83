//! Streams that share a connection, and servers that end one or the other.

use std::time::Duration;

use dyno_engine::Protocol;
use dyno_result::FailureKind;

use crate::case::{Case, HTTP2, address, failures};
use crate::speaker::{Fault, Habit, Speaker, Speaks};

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
            // 97 f + s1 + s2 = 5,000 with rests s <= 96: f whole ones is 50 with two rests or 51.
            Speaks::Frames(Habit::Leaves(_)) => refused > 0 && (52..=53).contains(&connections),
            // 101 r + s1 + s2 = 5,000 + r with rests s <= 100: r is 48 to 50.
            Speaks::Frames(_) => (48..=50).contains(&refused) && connections == 2,
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
