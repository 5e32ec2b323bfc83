//! One function a signal: is it beyond its limit, and how far?

use super::{Evidence, Level, Limits, Reason, Signal, Thresholds, Unit};
use crate::rank::mann_whitney;
use crate::{FailureKind, Fault, Interval, Load, Pacing, QuantileValue, Summary};

/// Slices below which a trend cannot be told from chance.
const LEAST_SLICES: usize = 10;

const SLICE_NS: u64 = 1_000_000_000;

/// Everything beyond a limit.
pub(super) fn reasons(of: &Evidence<'_>, limits: &Thresholds) -> Vec<Reason> {
    let signals = [
        no_answer,
        send_lag,
        late_starts,
        dropped,
        never_sent,
        generator_failures,
        busy,
        run_delay,
        steal,
        throttled,
        hiccup,
        littles_law,
        poisson,
        response_trend,
        throughput_trend,
        target_cpu,
    ];
    let reasons = signals.into_iter().filter_map(|signal| signal(of, limits));
    reasons.collect()
}

fn no_answer(of: &Evidence<'_>, _: &Thresholds) -> Option<Reason> {
    let succeeded = of.step.counts.succeeded;
    (succeeded == 0).then(|| reason(Signal::NoAnswer, Level::Invalid, 0.0, 1.0, Unit::Count))
}

/// At the highest level up to p99 at which there is a lag and an answer.
fn send_lag(of: &Evidence<'_>, limits: &Thresholds) -> Option<Reason> {
    let lag = of.step.send_lag.as_ref()?;
    if lag.count < limits.least_sample {
        return None;
    }
    let levels = || [0.99, 0.9, 0.5].into_iter();
    let late = |q| Some((q, ns(lag.quantile(q)?)?));
    let beside = |q| Some((late(q)?, ns(of.step.response.quantile(q)?)?));
    // No lag is a share of an answer that never came.
    let alone = || Some((levels().find_map(late)?, f64::INFINITY));
    let ((q, value), response) = levels().find_map(beside).or_else(alone)?;
    let invalid = (limits.send_lag_ns.invalid).max(limits.send_lag_share.invalid * response);
    let service = of.step.service.as_ref().and_then(|of| of.quantile(0.5));
    let share = service
        .and_then(ns)
        .map(|p50| limits.send_lag_share.warn * p50);
    let warn = (limits.send_lag_ns.warn).min(share.unwrap_or(f64::INFINITY));
    let limits = Limits { warn, invalid };
    let mut reason = graded(Signal::SendLag, value, limits, Unit::Ns)?;
    reason.quantile = Some(q);
    Some(reason)
}

fn late_starts(of: &Evidence<'_>, limits: &Thresholds) -> Option<Reason> {
    let late = of.step.generator.late_starts?;
    // The last start of each thread may be due a moment before the end.
    (late > limits.least_starts).then_some(())?;
    let share = late as f64 / of.step.counts.due as f64;
    graded(Signal::LateStarts, share, limits.not_sent, Unit::Fraction)
}

fn dropped(of: &Evidence<'_>, limits: &Thresholds) -> Option<Reason> {
    let counts = of.step.counts;
    let share = counts.dropped as f64 / counts.due.max(1) as f64;
    graded(Signal::Dropped, share, limits.dropped, Unit::Fraction)
}

/// Where no connection could be opened the target failed, and the failures say
/// so; here it is those that were still waiting for one at the end.
fn never_sent(of: &Evidence<'_>, limits: &Thresholds) -> Option<Reason> {
    if matches!(of.load, Load::Closed { .. }) {
        return None;
    }
    let (counts, failures) = (of.step.counts, &of.step.failures);
    let unsent = counts.due - counts.dropped.min(counts.due);
    let unsent = unsent.saturating_sub(counts.sent);
    let before = failures.iter().filter(|f| f.kind.is_before_sending());
    let unsent = unsent.saturating_sub(before.map(|failure| failure.count).sum());
    (unsent > limits.least_starts).then_some(())?;
    let share = unsent as f64 / counts.due as f64;
    graded(Signal::NeverSent, share, limits.not_sent, Unit::Fraction)
}

fn generator_failures(of: &Evidence<'_>, limits: &Thresholds) -> Option<Reason> {
    let own = |kind: FailureKind| kind.fault() == Fault::Generator;
    let failures = of.step.failures.iter().filter(|f| own(f.kind));
    let count: u64 = failures.map(|failure| failure.count).sum();
    let share = count as f64 / of.step.counts.due.max(1) as f64;
    let (signal, limits) = (Signal::GeneratorFailures, limits.generator_failures);
    graded(signal, share, limits, Unit::Fraction)
}

/// A thread that polls for due times is on its CPU by design. With one
/// connection a thread no answer waits behind another, so response times hold
/// however busy it is; the throughput may still be dyno's.
fn busy(of: &Evidence<'_>, limits: &Thresholds) -> Option<Reason> {
    let generator = &of.step.generator;
    if !matches!(generator.pacing, None | Some(Pacing::Sleep)) {
        return None;
    }
    let share = generator.busy_fraction;
    let found = graded(Signal::Busy, share, limits.busy, Unit::Fraction)?;
    let alone = match of.load {
        Load::Closed { connections, .. } => *connections <= generator.threads,
        _ => false,
    };
    over_time(of, limits, at_most_warn(found, alone, limits.busy))
}

/// On the same CPUs as the target a load thread waits for it, whatever dyno
/// does: people who share them get what they asked for, with a warning, as long
/// as the load thread gets its half.
fn run_delay(of: &Evidence<'_>, limits: &Thresholds) -> Option<Reason> {
    let share = of.step.generator.kernel.as_ref()?.run_delay_fraction?;
    let limit = match of.surroundings.shared {
        true => limits.run_delay_shared,
        false => limits.run_delay,
    };
    let found = graded(Signal::RunDelay, share, limit, Unit::Fraction)?;
    over_time(of, limits, at_most_warn(found, false, limit))
}

fn steal(of: &Evidence<'_>, limits: &Thresholds) -> Option<Reason> {
    let share = of.step.generator.kernel.as_ref()?.steal_fraction?;
    let found = graded(Signal::Steal, share, limits.steal, Unit::Fraction)?;
    over_time(of, limits, at_most_warn(found, false, limits.steal))
}

fn throttled(of: &Evidence<'_>, _: &Thresholds) -> Option<Reason> {
    let periods = of.step.generator.kernel.as_ref()?.throttled_periods?;
    let (signal, level) = (Signal::Throttled, Level::Invalid);
    (periods > 0).then(|| reason(signal, level, periods as f64, 0.0, Unit::Count))
}

fn hiccup(of: &Evidence<'_>, limits: &Thresholds) -> Option<Reason> {
    let longest = of.step.generator.hiccup.as_ref()?.max_ns? as f64;
    let p99 = [0.99, 0.9, 0.5].into_iter();
    let p99 = p99.filter_map(|q| of.step.response.quantile(q)).next();
    let p99 = p99.and_then(ns).unwrap_or(f64::INFINITY);
    let limits = Limits {
        invalid: (limits.hiccup_ns.invalid)
            .max(p99)
            .max(limits.hiccup_share * of.step.window_ns as f64),
        ..limits.hiccup_ns
    };
    graded(Signal::Hiccup, longest, limits, Unit::Ns)
}

/// In the closed model without think time every connection is always in a
/// request, so the response times of all requests add up to connections times
/// window. Where the exact sum is not known, from its least to its most: requests
/// begun in the window may end in the drain, and of a failure only the limit is
/// known.
fn littles_law(of: &Evidence<'_>, limits: &Thresholds) -> Option<Reason> {
    let Load::Closed {
        connections,
        duration_s: Some(asked),
        ..
    } = of.load
    else {
        return None;
    };
    let step = of.step;
    let (window, drain) = (step.window_ns as f64, step.drain_ns as f64);
    let is_whole = (window / 1e9 - asked).abs() < 0.01 * asked;
    let connections = f64::from(*connections);
    let response = &step.response;
    let is_enough = response.count as f64 >= 10.0 * connections;
    if !is_whole || !is_enough || step.window_ns < limits.full_window_ns {
        return None;
    }
    let limit = response.limit_ns.map_or(window, |ns| ns as f64);
    let answered = response.count as f64 * response.mean_ns?;
    let late = response.timed_out as f64 * limit;
    let unknown = step.counts.unfinished as f64 * (window + drain)
        + response.failed.saturating_sub(step.counts.unfinished) as f64 * limit;
    let most = (answered + late + unknown) / (connections * window);
    let least = (answered + late) / (connections * window) - drain / window;
    let off = if least > 1.0 {
        least - 1.0
    } else {
        (most - 1.0).min(0.0)
    };
    let (signal, unit) = (Signal::LittlesLaw, Unit::Fraction);
    let found = graded(signal, off.abs(), limits.littles_law, unit)?;
    Some(Reason {
        value: off,
        ..found
    })
}

fn poisson(of: &Evidence<'_>, limits: &Thresholds) -> Option<Reason> {
    let (signal, p) = (Signal::Poisson, of.step.generator.poisson_p?);
    let limit = limits.poisson_p;
    (p < limit).then(|| reason(signal, Level::Warn, p, limit, Unit::Probability))
}

fn response_trend(of: &Evidence<'_>, limits: &Thresholds) -> Option<Reason> {
    let p50 = |slice: &Interval| slice.response_p50_ns.map(|ns| ns as f64);
    trend(of, limits, Signal::ResponseTrend, p50)
}

fn throughput_trend(of: &Evidence<'_>, limits: &Thresholds) -> Option<Reason> {
    let answers = |slice: &Interval| Some((slice.succeeded + slice.failed) as f64);
    trend(of, limits, Signal::ThroughputTrend, answers)
}

/// The second half of the whole slices against the first; an odd one in the
/// middle is left out. Loads that change by plan have a trend by plan.
fn trend(
    of: &Evidence<'_>,
    limits: &Thresholds,
    signal: Signal,
    figure: impl Fn(&Interval) -> Option<f64>,
) -> Option<Reason> {
    if !matches!(of.load, Load::Closed { .. } | Load::Open { .. }) {
        return None;
    }
    let is_whole = |slice: &&Interval| slice.start_ns + SLICE_NS <= of.step.window_ns;
    let slices = of.intervals.iter().filter(is_whole);
    let values: Vec<f64> = slices.filter_map(figure).collect();
    if values.len() < LEAST_SLICES {
        return None;
    }
    let half = values.len() / 2;
    let (first, second) = (&values[..half], &values[values.len() - half..]);
    let (before, after) = (Summary::of(first)?.median, Summary::of(second)?.median);
    let change = (before > 0.0).then(|| after / before - 1.0)?;
    let limit = limits.trend_change;
    let is_trend = change.abs() > limit && mann_whitney(first, second) < limits.trend_p;
    is_trend.then(|| reason(signal, Level::Warn, change, limit, Unit::Fraction))
}

fn target_cpu(of: &Evidence<'_>, limits: &Thresholds) -> Option<Reason> {
    let used = of.step.resources.as_ref()?;
    let cpus = of.surroundings.target_cpus;
    if cpus == 0 || of.step.window_ns < limits.least_window_ns {
        return None;
    }
    let time = (of.step.window_ns + of.step.drain_ns) as f64;
    let cpu = (used.cpu_user_ns + used.cpu_system_ns) as f64;
    let (share, limit) = (cpu / time / f64::from(cpus), limits.target_cpu);
    let (signal, unit) = (Signal::TargetCpu, Unit::Fraction);
    (share > limit).then(|| reason(signal, Level::Valid, share, limit, unit))
}

/// A share of time means nothing over a moment and little over a short one.
fn over_time(of: &Evidence<'_>, limits: &Thresholds, found: Graded) -> Option<Reason> {
    let window = of.step.window_ns;
    if window < limits.least_window_ns {
        return None;
    }
    Some(match window < limits.full_window_ns {
        true => found.capped(),
        false => found.reason,
    })
}

/// A reason and the limit that it would have as a mere warning.
struct Graded {
    reason: Reason,
    warn: f64,
}

impl Graded {
    fn capped(self) -> Reason {
        Reason {
            level: Level::Warn,
            limit: self.warn,
            ..self.reason
        }
    }
}

fn at_most_warn(reason: Reason, is_capped: bool, limits: Limits) -> Graded {
    let warn = limits.warn;
    let graded = Graded { reason, warn };
    match is_capped {
        true => Graded {
            reason: graded.capped(),
            warn,
        },
        false => graded,
    }
}

fn graded(signal: Signal, value: f64, limits: Limits, unit: Unit) -> Option<Reason> {
    if value > limits.invalid {
        Some(reason(signal, Level::Invalid, value, limits.invalid, unit))
    } else if value > limits.warn {
        Some(reason(signal, Level::Warn, value, limits.warn, unit))
    } else {
        None
    }
}

fn reason(signal: Signal, level: Level, value: f64, limit: f64, unit: Unit) -> Reason {
    Reason {
        signal,
        level,
        value,
        limit,
        unit,
        quantile: None,
    }
}

/// A time, or the time that it is at least; none for failures.
fn ns(value: QuantileValue) -> Option<f64> {
    match value {
        QuantileValue::Ns(ns) | QuantileValue::AtLeastNs(ns) => Some(ns as f64),
        QuantileValue::Failed => None,
    }
}
