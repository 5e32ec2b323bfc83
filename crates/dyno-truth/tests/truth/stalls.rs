//! A server that stands still: T1, T1b, T2.

use std::time::Duration;

use dyno_scenario::Until;
use dyno_truth::{expected, now_ns};
use nix::sys::signal::{Signal, kill};

use crate::bench::{Bench, truth};
use crate::client::{Ask, Engine, at, closed, constant, response};
use crate::judge::Judge;
use crate::judge::Tolerance::Within;

const STALL: &str = "/stall?period=1s&length=100ms";

/// What T1 asks.
pub(crate) fn t1_ask(seconds: u64) -> Ask {
    stall_ask(300, seconds)
}

fn stall_ask(connections: u32, seconds: u64) -> Ask {
    let load = constant(1_000, connections, Duration::from_secs(seconds));
    Ask::new(STALL, load)
}

/// T1: frozen for a tenth of each second. Response time counts from the intended
/// start, so everything that comes due in the window waits for its end.
pub(crate) fn t1(bench: &Bench<'_>, seconds: u64) -> Judge {
    stall("T1 stall, ms", bench, 300, seconds)
}

/// T1 with too few connections for what comes due in a window: most of it waits
/// for a connection, and that counts as much as waiting for an answer.
fn t1_few(bench: &Bench<'_>, seconds: u64) -> Judge {
    stall("T1 stall, 20 connections, ms", bench, 20, seconds)
}

fn stall(name: &str, bench: &Bench<'_>, connections: u32, seconds: u64) -> Judge {
    let ask = stall_ask(connections, seconds);
    let bare = bench.bare(&ask.load);
    let played = bench.play_well(&ask);
    let seen = response(&played);
    let mut judge = Judge::new(name);
    judge.exact("answers", seen.len(), 1_000 * seconds);
    // A tenth of the starts meets the stall: p90 is the place of the first of them,
    // and moves with the few that are caught up with after it.
    for (name, q) in [
        ("p85", 0.85),
        ("p95", 0.95),
        ("p99", 0.99),
        ("p99.9", 0.999),
    ] {
        let expected = bare + expected::stall(q, 0.1, 100.0);
        judge.near(name, at(&seen, q), expected, Within(2.0));
    }
    judge.near("max", at(&seen, 1.0), bare + 100.0, Within(2.0));
    let mean = bare + expected::stall_mean(0.1, 100.0);
    judge.near("mean", seen.mean() / 1e6, mean, Within(2.0));
    judge
}

/// T1b: the closed model asks less while the server stands still, and so does
/// not see it: the lie must show.
fn t1b(bench: &Bench<'_>, seconds: u64) -> Judge {
    let load = closed(10, Until::Elapsed(Duration::from_secs(seconds)));
    let played = bench.play_well(&Ask::new(STALL, load));
    let mut judge = Judge::new("T1b stall, closed model, ms");
    judge.below("p99", at(&response(&played), 0.99), 5.0);
    judge.exact("service time apart", played.step.service.is_some(), false);
    judge
}

/// T2: the server's process is stopped once. What it is stopped for is measured,
/// since the test's own sleep may be late.
fn t2(bench: &Bench<'_>, seconds: u64, stop: Duration) -> Judge {
    let load = constant(1_000, 1_600, Duration::from_secs(seconds));
    let bare = bench.bare(&load);
    let pid = bench.server.pid().unwrap();
    let stopper = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_secs(seconds) / 3);
        let begin = now_ns();
        kill(pid, Signal::SIGSTOP).unwrap();
        std::thread::sleep(stop);
        kill(pid, Signal::SIGCONT).unwrap();
        (now_ns() - begin) as f64 / 1e6
    });
    let played = bench.play_well(&Ask::new("/ok", load));
    let stopped = stopper.join().unwrap();
    let share = stopped / (seconds as f64 * 1e3);
    let seen = response(&played);
    let mut judge = Judge::new("T2 SIGSTOP, ms");
    for (name, q) in [
        // After the stop, where who catches up at a pace of its own is still late.
        ("p70", 0.7),
        ("p95", 0.95),
        ("p96", 0.96),
        ("p99", 0.99),
        ("p99.9", 0.999),
    ] {
        let expected = bare + expected::stall(q, share, stopped);
        judge.near(name, at(&seen, q), expected, Within(20.0));
    }
    judge.near("max", at(&seen, 1.0), bare + stopped, Within(20.0));
    let mean = bare + expected::stall_mean(share, stopped);
    judge.near("mean", seen.mean() / 1e6, mean, Within(20.0));
    judge
}

#[test]
fn t1_a_stall_shows_in_everything_that_came_due_in_it() {
    truth(&Engine, |bench| t1(bench, 4));
}

#[test]
fn t1_a_stall_shows_in_what_waits_for_a_connection() {
    truth(&Engine, |bench| t1_few(bench, 4));
}

#[test]
#[ignore = "30 s; scripts/truth runs it"]
fn t1_long() {
    truth(&Engine, |bench| t1(bench, 30));
}

#[test]
fn t1b_the_closed_model_does_not_see_a_stall() {
    truth(&Engine, |bench| t1b(bench, 2));
}

#[test]
#[ignore = "30 s; scripts/truth runs it"]
fn t1b_long() {
    truth(&Engine, |bench| t1b(bench, 30));
}

#[test]
fn t2_a_stopped_server_shows_in_everything_that_came_due_meanwhile() {
    truth(&Engine, |bench| t2(bench, 3, Duration::from_millis(800)));
}

#[test]
#[ignore = "30 s; scripts/truth runs it"]
fn t2_long() {
    truth(&Engine, |bench| t2(bench, 30, Duration::from_millis(1_400)));
}
