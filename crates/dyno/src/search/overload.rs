//! How a target fails when more is asked than it can bear. Pure.

use dyno_result::{FailureKind, OverloadMode, OverloadShare, Probe, ProbeOutcome};

/// Shares of the starts below which a fate is not worth a word.
const LEAST: f64 = 0.001;

/// What became of the starts of a probe beyond the limit, the most frequent fate
/// first, before it the end of the process. `late` counts the right answers beyond the
/// limit.
pub(crate) fn modes(probe: &Probe, late: u64, is_dead: bool) -> Vec<OverloadShare> {
    let counts = probe.counts;
    let share = |count: u64| count as f64 / counts.due.max(1) as f64;
    let status = |status| probe.statuses.get(&status).copied().unwrap_or(0);
    let failed = |of: fn(FailureKind) -> bool| -> u64 {
        let failures = probe.failures.iter().filter(|failure| of(failure.kind));
        failures.map(|failure| failure.count).sum()
    };
    let wrong = failed(is_status);
    // Where they are expected they are right answers.
    let shed = (status(429) + status(503)).min(wrong);
    let late = match (late, &probe.backlog) {
        (0, Some(backlog)) => backlog.waiting,
        (late, _) => late,
    };
    let fates = [
        (OverloadMode::Sheds, shed),
        (OverloadMode::Refuses, failed(is_refusal)),
        (OverloadMode::Errs, wrong - shed + failed(is_other)),
        (
            OverloadMode::TimesOut,
            failed(FailureKind::is_timeout) + counts.unfinished,
        ),
        (OverloadMode::Queues, late + counts.dropped),
    ];
    let mut modes: Vec<OverloadShare> = fates
        .into_iter()
        .map(|(mode, count)| OverloadShare {
            mode,
            fraction: share(count),
        })
        .filter(|of| of.fraction >= LEAST)
        .collect();
    modes.sort_by(|a, b| b.fraction.total_cmp(&a.fraction));
    if is_dead {
        let fraction = 1.0 - share(counts.succeeded);
        let mode = OverloadMode::Crashes;
        modes.insert(0, OverloadShare { mode, fraction });
    } else if probe.outcome == ProbeOutcome::Held {
        let fraction = share(counts.succeeded);
        let mode = OverloadMode::Holds;
        modes.insert(0, OverloadShare { mode, fraction });
    }
    modes
}

fn is_status(kind: FailureKind) -> bool {
    kind.phase() == "status"
}

fn is_refusal(kind: FailureKind) -> bool {
    matches!(
        kind,
        FailureKind::ConnectRefused
            | FailureKind::ConnectReset
            | FailureKind::SendReset
            | FailureKind::ReceiveReset
            | FailureKind::ReceiveEndEarly
            | FailureKind::ReceiveStaleKeepalive
            | FailureKind::H2Goaway
            | FailureKind::H2Reset
    )
}

fn is_other(kind: FailureKind) -> bool {
    let is_own = kind.phase() == "generator";
    !is_own && !is_status(kind) && !is_refusal(kind) && !kind.is_timeout()
}

#[cfg(test)]
mod tests {
    use dyno_result::{
        Backlog, Counts, Distribution, FailureCount, ProbeStage, Verdict, new_histogram,
    };

    use super::*;

    fn probe(failures: &[(FailureKind, u64)], statuses: &[(u16, u64)]) -> Probe {
        let failed: u64 = failures.iter().map(|(_, count)| count).sum();
        let count = |&(kind, count)| FailureCount { kind, count };
        Probe {
            stage: ProbeStage::Overload,
            level: 150.0,
            window_ns: 10_000_000_000,
            counts: Counts {
                due: 1000,
                sent: 1000,
                succeeded: 1000 - failed,
                failed,
                ..Counts::default()
            },
            failures: failures.iter().map(count).collect(),
            statuses: statuses.iter().copied().collect(),
            throughput_per_s: 100.0,
            goodput_per_s: 100.0,
            response: Distribution::of(&new_histogram(), 0, 0, None),
            cpu_per_request_ns: None,
            verdict: Verdict::default(),
            outcome: ProbeOutcome::Broke,
            clauses: Vec::new(),
            backlog: None,
            recovery: None,
        }
    }

    #[track_caller]
    fn check(probe: &Probe, late: u64, expected: &[(OverloadMode, f64)]) {
        let seen = modes(probe, late, false);
        let seen: Vec<_> = seen.iter().map(|of| (of.mode, of.fraction)).collect();
        assert_eq!(seen, expected);
    }

    #[test]
    fn every_fate_has_its_name() {
        use FailureKind as Kind;
        use OverloadMode as Mode;
        check(
            &probe(
                &[(Kind::Status5xx, 300), (Kind::Status4xx, 60)],
                &[(503, 290), (429, 60)],
            ),
            0,
            &[(Mode::Sheds, 0.35), (Mode::Errs, 0.01)],
        );
        check(
            &probe(&[(Kind::ReceiveReset, 20), (Kind::ConnectRefused, 30)], &[]),
            100,
            &[(Mode::Queues, 0.1), (Mode::Refuses, 0.05)],
        );
        check(
            &probe(&[(Kind::CheckBody, 5)], &[]),
            0,
            &[(Mode::Errs, 0.005)],
        );
        check(
            &probe(&[(Kind::ReceiveTimeout, 400)], &[]),
            300,
            &[(Mode::TimesOut, 0.4), (Mode::Queues, 0.3)],
        );
        // dyno's own, and too few to matter.
        check(&probe(&[(Kind::GeneratorPorts, 400)], &[]), 0, &[]);
        // A 429 that is right.
        check(&probe(&[], &[(429, 300)]), 0, &[]);
    }

    #[test]
    fn starts_that_wait_are_queued_whatever_the_limit_says() {
        let mut queued = probe(&[], &[]);
        queued.backlog = Some(Backlog {
            waiting: 330,
            first_p50_ns: 1,
            last_p50_ns: 9,
        });
        check(&queued, 0, &[(OverloadMode::Queues, 0.33)]);
        queued.counts.dropped = 100;
        queued.counts.unfinished = 50;
        check(
            &queued,
            400,
            &[(OverloadMode::Queues, 0.5), (OverloadMode::TimesOut, 0.05)],
        );
    }

    #[test]
    fn the_end_of_the_process_comes_first_and_none_at_all_is_said() {
        let dead = probe(&[(FailureKind::ConnectRefused, 600)], &[]);
        let seen = modes(&dead, 0, true);
        assert_eq!(seen[0].mode, OverloadMode::Crashes);
        assert_eq!((seen[0].fraction, seen[1].fraction), (0.6, 0.6));
        let mut fine = probe(&[], &[]);
        fine.outcome = ProbeOutcome::Held;
        check(&fine, 0, &[(OverloadMode::Holds, 1.0)]);
    }
}
