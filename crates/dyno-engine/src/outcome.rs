//! What came of a step: totals, histograms and dyno's own use become figures.

use dyno_result::{Distribution, FailureCount, Generator, Histogram, Step, StepHistograms, Warmup};
use dyno_scenario::Plan;
use nix::sys::resource::Usage;
use nix::sys::time::TimeValLike as _;

use crate::crew::PlayedPhase;
use crate::figures;
use crate::play::Played;
use crate::redact::Redactor;
use crate::slice::OpenTimes;
use crate::stock::Stock;
use crate::time::ns;

/// The result of `step`. `usage` is dyno's own, before and after the measured
/// phase.
pub(crate) fn outcome(
    step: &dyno_scenario::Step,
    warmup: Option<Warmup>,
    played: PlayedPhase,
    (threads, plan, stock): (usize, &Plan, &Stock),
    usage: (&Usage, &Usage),
) -> Played {
    let (before, after) = usage;
    let PlayedPhase { totals, merger, .. } = &played;
    let parts = totals.parts.as_deref();
    let seconds = played.window.as_secs_f64();
    let per_second = |count: u64| {
        if seconds > 0.0 {
            count as f64 / seconds
        } else {
            0.0
        }
    };
    let answered = totals.statuses.iter().sum::<u64>();
    let failures = FailureCount::of(&totals.failures);
    let late = failures.iter().filter(|failure| failure.kind.is_timeout());
    let timed_out: u64 = late.map(|failure| failure.count).sum();
    let counts = &totals.counts;
    // Nothing due may be missing from the percentiles.
    let failed = counts.failed - timed_out + counts.dropped + counts.unfinished;
    let response = Distribution::of(&merger.response, timed_out, failed, Some(ns(step.timeout)));
    let user = (after.user_time() - before.user_time()).num_nanoseconds();
    let system = (after.system_time() - before.system_time()).num_nanoseconds();
    let open = |kind: &dyn Fn(&OpenTimes) -> &Histogram| {
        let times = merger.open.as_ref()?;
        Some(Distribution::of(kind(times), 0, 0, None))
    };
    let step = Step {
        id: step.id.clone(),
        window_ns: ns(played.window),
        drain_ns: ns(played.drain),
        counts: totals.counts,
        failures,
        ran_out: totals.ran_out,
        statuses: (0..)
            .zip(totals.statuses.iter().copied())
            .filter(|(_, count)| *count > 0)
            .collect(),
        bytes: totals.bytes,
        throughput_per_s: per_second(totals.answered_in_window),
        goodput_per_s: per_second(totals.succeeded_in_window),
        response,
        service: open(&|times| &times.service),
        send_lag: open(&|times| &times.send_lag),
        pool_wait: open(&|times| &times.pool_wait),
        first_byte: Distribution::of(&merger.first_byte, 0, 0, None),
        connect: Distribution::of(&merger.connect, 0, 0, None),
        resources: None,
        generator: Generator {
            threads: u32::try_from(threads).unwrap_or(u32::MAX),
            cpu_user_ns: user.unsigned_abs(),
            cpu_system_ns: system.unsigned_abs(),
            cpu_per_request_ns: (answered > 0).then(|| (user + system) as f64 / answered as f64),
            busy_fraction: played.busy_fraction,
            rss_peak_bytes: after.max_rss().unsigned_abs() * 1024,
            pacing: played.pacing,
            hiccup: Some(Distribution::of(&played.hiccups, 0, 0, None)),
            loop_delay: Some(Distribution::of(&totals.loop_delay, 0, 0, None)),
            late_starts: played.pacing.map(|_| totals.late),
            poisson_p: played.poisson_p,
            kernel: None,
        },
        warmup,
        verdict: None,
        flows: parts.map_or_else(Vec::new, |parts| figures::flows(plan, parts)),
        requests: parts.map_or_else(Vec::new, |parts| {
            figures::requests(plan, parts, ns(step.timeout))
        }),
        examples: figures::examples(plan, &totals.examples, &Redactor::new(stock)),
        search: None,
    };
    let (intervals, histograms) = played.merger.timeline.finish();
    Played {
        step,
        histograms: StepHistograms {
            intervals: histograms,
        },
        intervals,
    }
}
