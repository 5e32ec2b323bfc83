//! Nothing due is forgotten, whatever ends the run: T14. That the books balance
//! is checked in every run of these tests; here the server's own count is held
//! against them.

use std::time::Duration;

use dyno_result::FailureKind;
use nix::sys::signal::{Signal, kill};

use crate::bench::{Bench, truth};
use crate::client::{Ask, Engine, constant, poisson};
use crate::judge::Judge;

/// Stopped from outside (Ctrl-C) in the midst of an overload.
fn stopped(bench: &Bench<'_>) -> Judge {
    let ask = Ask {
        stop_after: Some(1),
        ..Ask::new(
            "/queue?service=1ms",
            poisson(1_500, 1_000, Duration::from_secs(3_600)),
        )
    };
    let counts = bench.play(&ask).step.counts;
    let server = bench.server.counts().unwrap();
    let mut judge = Judge::new("T14 stopped early");
    judge.exact("due", counts.due, counts.sent + counts.dropped);
    judge.exact(
        "sent",
        counts.sent,
        counts.succeeded + counts.failed + counts.unfinished,
    );
    judge.exact("the server's count", server.requests, counts.sent);
    judge
}

/// The server is killed in the midst of a run: what it answered is a success,
/// the rest has failed, and every start of the schedule is one of them.
fn killed(bench: &Bench<'_>) -> Judge {
    let pid = bench.server.pid().unwrap();
    let killer = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(700));
        kill(pid, Signal::SIGKILL).unwrap();
    });
    let load = constant(1_000, 50, Duration::from_millis(1_500));
    let step = bench.play(&Ask::new("/delay?time=5ms", load)).step;
    killer.join().unwrap();
    let counts = step.counts;
    let gone = |kind: &FailureKind| {
        use FailureKind::{
            ConnectRefused, ReceiveEndEarly, ReceiveReset, ReceiveStaleKeepalive, SendReset,
        };
        [
            ConnectRefused,
            ReceiveEndEarly,
            ReceiveReset,
            ReceiveStaleKeepalive,
            SendReset,
        ]
        .contains(kind)
    };
    let mut judge = Judge::new("T14 server killed");
    judge.exact("due", counts.due, 1_500);
    judge.exact(
        "ended",
        counts.succeeded + counts.failed + counts.dropped,
        1_500,
    );
    judge.at_least("answered", counts.succeeded as f64, 500.0);
    judge.at_least(
        "failed or dropped",
        (counts.failed + counts.dropped) as f64,
        500.0,
    );
    judge.exact(
        "of the server's making",
        step.failures.iter().all(|f| gone(&f.kind)),
        true,
    );
    judge
}

#[test]
fn t14_a_stop_leaves_balanced_books() {
    truth(&Engine, stopped);
}

#[test]
fn t14_a_dead_server_leaves_balanced_books() {
    truth(&Engine, killed);
}
