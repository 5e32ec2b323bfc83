//! Probes of a server with one queue: on either side of each clause, and of the
//! capacity.

use dyno_result::{FailureKind, Signal, Unit};

use super::*;
use crate::record::step_plan;
use crate::search::fixture::{Server, step};
use crate::search::plan;

fn judged(server: &mut Server, limit: &str, level: f64, verdict: &Verdict) -> Judged {
    let step = step(&format!("from = '1/s', limit = '{limit}'"));
    let plan = plan(&step, step.search.as_ref().unwrap());
    let probe = step.probe(level);
    let load = step_plan(&probe).load;
    judge(&plan.limit, &load, &server.play(&probe), verdict)
}

#[track_caller]
fn check(server: &mut Server, limit: &str, level: f64, expected: ProbeOutcome) -> Judged {
    let seen = judged(server, limit, level, &Verdict::default());
    assert_eq!(seen.outcome, expected, "{limit} at {level}: {seen:?}");
    seen
}

#[test]
fn a_queue_breaks_a_limit_of_time_as_soon_as_it_is_long_enough() {
    let mut server = Server::new(1000.0);
    let limit = "p99 < 200ms and failed < 0.1%";
    for level in [10.0, 500.0, 999.0, 1000.0] {
        let seen = check(&mut server, limit, level, ProbeOutcome::Held);
        assert_eq!((seen.backlog, seen.late), (None, 0));
    }
    // A hundredth more than it bears is a queue of 0.099 s after ten: it is not kept up.
    let seen = check(&mut server, limit, 1011.0, ProbeOutcome::Broke);
    assert!(seen.clauses.iter().all(|clause| clause.holds));
    assert!(seen.backlog.is_some_and(|backlog| backlog.waiting > 100));
    let seen = check(&mut server, limit, 1100.0, ProbeOutcome::Broke);
    let holds: Vec<bool> = seen.clauses.iter().map(|clause| clause.holds).collect();
    assert_eq!(holds, [false, true]);
    // The response to a start at t is a tenth of t: 80 % of them are late.
    assert!(seen.late.abs_diff(8_800) < 100, "{}", seen.late);
}

#[test]
fn a_limit_that_allows_long_waits_does_not_hide_a_growing_queue() {
    let mut server = Server::new(1000.0);
    for level in [1020.0, 1100.0, 2000.0, 5000.0] {
        let seen = check(&mut server, "p50 < 10s", level, ProbeOutcome::Broke);
        let backlog = seen.backlog.unwrap();
        assert!(
            backlog.last_p50_ns > 6 * backlog.first_p50_ns,
            "{backlog:?}"
        );
    }
}

#[test]
fn a_server_that_is_only_slow_has_no_queue() {
    // Two seconds of the ten are always under way, and the last ones never answered.
    let slow = step("from = '1/s', limit = 'p50 < 10s'").probe(1000.0);
    let mut played = Server::new(1e6).play(&slow);
    played.step.throughput_per_s *= 0.8;
    for slice in &mut played.intervals {
        slice.response_p50_ns = Some(2_000_000_000);
    }
    assert_eq!(backlog(&played.step, &played.intervals), None);
}

#[test]
fn each_clause_has_two_sides() {
    use ProbeOutcome::{Broke, Held};
    let mut server = Server::new(1000.0);
    for (limit, expected) in [
        // Ten seconds at 1,100/s: up to 909 ms, evenly, and 999 answers a second.
        ("p50 < 600ms", Broke),
        ("p5 < 60ms", Broke),
        ("mean < 400ms", Broke),
        ("max < 1100ms", Broke),
        ("throughput >= 999/s", Broke),
    ] {
        // For all of them there is a queue that grows, too.
        check(&mut server, limit, 1100.0, expected);
    }
    for (limit, expected) in [
        ("p99 < 2ms", Held),
        ("p99 < 1ms", Broke),
        ("max < 2ms", Held),
        ("max < 1ms", Broke),
        ("mean < 2ms", Held),
        ("throughput > 499/s", Held),
        ("throughput > 501/s", Broke),
        ("goodput > 99%", Held),
    ] {
        check(&mut server, limit, 500.0, expected);
    }
    let mut fails = Server {
        fails: (100, FailureKind::Status5xx),
        ..Server::new(1000.0)
    };
    for (limit, expected) in [
        ("failed < 1%", Broke),
        ("failed <= 1%", Held),
        ("failed < 1.1%", Held),
        ("p99 < 10ms", Held),
        // Failures are behind every answer.
        ("p99.1 < 10ms", Broke),
        ("goodput > 99.5%", Broke),
        ("throughput > 99.5%", Held),
    ] {
        check(&mut fails, limit, 500.0, expected);
    }
}

#[test]
fn few_requests_are_enough_to_decide() {
    let mut server = Server::new(1000.0);
    let seen = check(&mut server, "p99 < 10ms", 5.0, ProbeOutcome::Held);
    assert_eq!(
        seen.clauses[0].seen,
        Seen::Time(QuantileValue::Ns(1_000_447))
    );
    // One of fifty is more than one of a hundred.
    let mut one_fails = Server {
        fails: (50, FailureKind::ReceiveReset),
        ..server
    };
    let seen = check(&mut one_fails, "p99 < 10ms", 5.0, ProbeOutcome::Broke);
    assert_eq!(seen.clauses[0].seen, Seen::Time(QuantileValue::Failed));
}

#[test]
fn without_a_right_answer_no_limit_holds() {
    let mut wrong = Server {
        fails: (1, FailureKind::Status4xx),
        ..Server::new(1000.0)
    };
    let seen = check(&mut wrong, "throughput > 1/s", 50.0, ProbeOutcome::Broke);
    assert!(!seen.is_well && seen.clauses[0].holds);
}

#[test]
fn what_dyno_did_says_nothing_of_the_target() {
    let reason = |signal, level| Reason {
        signal,
        level,
        value: 1.0,
        limit: 0.5,
        unit: Unit::Fraction,
        quantile: None,
    };
    let mut server = Server::new(1000.0);
    for (signal, level, expected) in [
        (Signal::SendLag, Level::Invalid, ProbeOutcome::Void),
        (Signal::Busy, Level::Invalid, ProbeOutcome::Void),
        (Signal::Hiccup, Level::Invalid, ProbeOutcome::Void),
        (Signal::SendLag, Level::Warn, ProbeOutcome::Held),
        (Signal::Dropped, Level::Invalid, ProbeOutcome::Held),
        (Signal::TargetCpu, Level::Valid, ProbeOutcome::Held),
    ] {
        let verdict = Verdict::of(vec![reason(signal, level)]);
        let seen = judged(&mut server, "p99 < 200ms", 500.0, &verdict);
        assert_eq!(seen.outcome, expected, "{signal:?}");
        assert!(seen.is_well);
    }
    // Neither does a probe without a start.
    let probe = step("from = '1/s', limit = 'p99 < 1s'").probe(1.0);
    let mut played = server.play(&probe);
    played.step.counts = dyno_result::Counts::default();
    let load = step_plan(&probe).load;
    let seen = judge(&[], &load, &played, &Verdict::default());
    assert_eq!(seen.outcome, ProbeOutcome::Void);
}
