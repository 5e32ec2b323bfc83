//! Every fault in its class, every framing understood: T12, T13. The rest of T12
//! stands elsewhere: open files and ports in `tests/open_files.rs` and
//! `tests/ports.rs`, a wrong certificate in `dyno-engine/tests/transport`.

use dyno_result::FailureKind::{self, *};
use dyno_scenario::Until;

use crate::bench::{Bench, truth};
use crate::client::{Ask, Client as _, Engine, closed};
use crate::judge::Judge;

/// Paths in the order in which one connection asks for them, and what is wrong
/// with each answer. The order matters: a connection that has answered before
/// and is gone is a lost keep-alive race.
const FAULTS: &[(&str, Option<FailureKind>)] = &[
    ("/ok", None),
    ("/fault/404", Some(Status4xx)),
    ("/fault/500", Some(Status5xx)),
    ("/fault/end-in-head", Some(ReceiveEndEarly)),
    ("/fault/reset-before-head", Some(ReceiveReset)),
    ("/fault/end-before-head", Some(ReceiveEndEarly)),
    ("/fault/reset-in-head", Some(ReceiveReset)),
    ("/fault/reset-after-head", Some(ReceiveReset)),
    ("/fault/end-in-body", Some(ReceiveEndEarly)),
    ("/fault/end-in-chunk", Some(ReceiveEndEarly)),
    ("/fault/garbage", Some(HttpMalformed)),
    ("/fault/large-head", Some(HttpHeadTooLarge)),
    ("/fault/many-fields", Some(HttpHeadTooLarge)),
    ("/fault/two-lengths", Some(HttpMalformed)),
    ("/fault/length-too-small", Some(HttpExtraBytes)),
    ("/fault/bad-chunk", Some(HttpMalformed)),
    ("/fault/two-answers", Some(HttpExtraBytes)),
    ("/fault/upgrade", Some(HttpUpgrade)),
    // Answered, then closed: the next request finds nobody.
    ("/fault/idle-close", None),
    ("/ok", Some(ReceiveStaleKeepalive)),
    ("/ok", None),
    ("/fault/reset-before-head", Some(ReceiveStaleKeepalive)),
];

fn t12(bench: &Bench<'_>) -> Judge {
    const ROUNDS: u64 = 10;
    let mut judge = Judge::new("T12 error zoo");
    let ask = Ask {
        paths: FAULTS.iter().map(|(path, _)| (*path).to_owned()).collect(),
        ..Ask::new("", closed(1, Until::Requests(ROUNDS * FAULTS.len() as u64)))
    };
    let step = bench.play(&ask).step;
    for kind in FailureKind::ALL {
        let expected = FAULTS.iter().filter(|(_, k)| *k == Some(*kind)).count() as u64 * ROUNDS;
        let seen = step.failures.iter().find(|failure| failure.kind == *kind);
        let seen = seen.map_or(0, |failure| failure.count);
        if (seen, expected) != (0, 0) {
            judge.exact(kind.id(), seen, expected);
        }
    }
    let unused = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let refused = Engine
        .play(unused, &Ask::new("/ok", closed(4, Until::Requests(40))))
        .step;
    let failures: Vec<_> = refused.failures.iter().map(|f| (f.kind, f.count)).collect();
    judge.exact("nobody there", failures, vec![(ConnectRefused, 40)]);
    judge.exact("sent to nobody", refused.counts.sent, 0);
    judge
}

/// Name, method, whether the body is `ok`, and its length.
const FRAMINGS: &[(&str, &str, bool, u64)] = &[
    ("bytewise", "GET", true, 2),
    ("chunks-bytewise", "GET", true, 2),
    ("split-line-ends", "GET", true, 2),
    ("chunk-extensions", "GET", true, 2),
    ("trailers", "GET", true, 2),
    ("leading-zeros", "GET", true, 2),
    ("interim", "GET", true, 2),
    ("interim-apart", "GET", true, 2),
    ("head", "HEAD", false, 0),
    ("204", "GET", false, 0),
    ("304", "GET", false, 0),
    ("until-close", "GET", true, 2),
    ("http-1.0", "GET", true, 2),
    ("large", "GET", false, 10_000_000),
];

fn t13(bench: &Bench<'_>) -> Judge {
    const COUNT: u64 = 12;
    let mut judge = Judge::new("T13 framing");
    for (name, method, is_ok, body) in FRAMINGS {
        let ask = Ask {
            method,
            body: is_ok.then_some("ok"),
            ..Ask::new(
                format!("/framing/{name}"),
                closed(3, Until::Requests(COUNT)),
            )
        };
        let step = bench.play_well(&ask).step;
        let server = bench.server.counts().unwrap();
        let seen = (
            step.counts.succeeded,
            step.bytes.bodies,
            step.bytes.received,
        );
        judge.exact(name, seen, (COUNT, body * COUNT, server.written_bytes));
    }
    judge
}

#[test]
fn t12_each_fault_has_its_kind() {
    truth(&Engine, t12);
}

#[test]
fn t13_every_framing_is_understood() {
    truth(&Engine, t13);
}
