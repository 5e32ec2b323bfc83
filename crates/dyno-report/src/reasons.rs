//! The sentence of each reason of a verdict: what was seen, whose doing it was,
//! and what to do about it.

use dyno_result::{Level, Load, QuantileValue, Reason, SearchEnding, Signal, Step, StepPlan};

use crate::{blame, number, search};

/// The word that stands before the reasons.
pub(crate) fn word(level: Level) -> &'static str {
    match level {
        Level::Valid => "VALID",
        Level::Warn => "WARN",
        Level::Invalid => "INVALID",
    }
}

/// Without a full stop.
pub(crate) fn sentence(reason: &Reason, step: &Step, plan: &StepPlan) -> String {
    let value = reason.value;
    let share = || number::percent(value);
    let is_invalid = reason.level == Level::Invalid;
    match reason.signal {
        Signal::NoAnswer => blame::no_answer(step),
        Signal::SendLag => send_lag(reason, step),
        Signal::LateStarts => format!(
            "{} of the starts were sent after the window though a connection was idle: dyno could \
             not keep the schedule; give it more CPUs or ask for less",
            share()
        ),
        Signal::Dropped => format!(
            "{} of the starts were dropped, {} of {} were sent: the target or the number of \
             connections was the limit; the load was lighter than asked",
            share(),
            number::count(step.counts.sent),
            number::count(step.counts.due)
        ),
        Signal::NeverSent => format!(
            "{} of the starts never got a connection: the target or the number of connections was \
             the limit; the load was lighter than asked",
            share()
        ),
        Signal::GeneratorFailures => {
            format!("{} of the requests {}", share(), blame::own(&step.failures))
        }
        Signal::Busy => busy(reason, plan),
        Signal::RunDelay => format!(
            "a load thread was ready without a CPU {} of the time: others took its CPU, and the \
             wait is part of the times; give dyno and the target CPUs of their own",
            share()
        ),
        Signal::Steal => format!(
            "the hypervisor gave {} of the CPU time to others: measure when its host is quiet",
            share()
        ),
        Signal::Throttled => format!(
            "a CPU quota held back dyno's control group {} times: lift the quota",
            number::count(value as u64)
        ),
        Signal::Hiccup => format!(
            "the machine stood still for dyno for {}{}: the slowest times are not the target's",
            number::time(value),
            if is_invalid {
                ", longer than the response time at p99"
            } else {
                ""
            }
        ),
        Signal::LittlesLaw => format!(
            "the response times fill the connections {} too {} (Little's law): times are missing \
             or were counted twice; please report it",
            number::percent(value.abs()),
            if value > 0.0 { "much" } else { "little" }
        ),
        Signal::Poisson => format!(
            "the starts were not as random as asked (Kolmogorov-Smirnov p = {}): bursts or gaps \
             of dyno's own are part of the load",
            number::significant(value)
        ),
        Signal::ResponseTrend => format!(
            "the median response time {} from the first half to the second: not yet steady; use a \
             longer warm-up or look at the seconds",
            change(value)
        ),
        Signal::ThroughputTrend => format!(
            "the throughput {} from the first half to the second: not yet steady; use a longer \
             warm-up or look at the seconds",
            change(value)
        ),
        Signal::TargetCpu => format!(
            "the target used {} of its CPUs: they were the limit",
            share()
        ),
        Signal::Search => no_answer(step, plan),
    }
}

/// Of a search that has ended without its answer.
fn no_answer(step: &Step, plan: &StepPlan) -> String {
    let ending = step.search.as_ref().map(|search| search.ending);
    match (ending, &plan.search) {
        (Some(SearchEnding::Generator { level }), Some(plan)) => format!(
            "dyno or its machine was the limit at {}, not the target, which can take more; give \
             dyno more CPUs and a quiet machine",
            search::level(plan.by, level)
        ),
        (Some(SearchEnding::RanOut), _) => {
            "the rows of data were used up before the search had its answer; give more rows or \
             `end = \"repeat\"`"
                .to_owned()
        }
        _ => "the search had used up its probes or its time before both ends of its answer were \
              sure: the target is of two minds near its limit; use longer probes"
            .to_owned(),
    }
}

fn send_lag(reason: &Reason, step: &Step) -> String {
    let q = reason.quantile.unwrap_or(0.99);
    let level = format!("p{}", number::plain(q * 100.0));
    let lag = number::time(reason.value);
    let ns = |value| match value {
        QuantileValue::Ns(ns) | QuantileValue::AtLeastNs(ns) => Some(ns as f64),
        QuantileValue::Failed => None,
    };
    let service = || step.service.as_ref()?.quantile(0.5).and_then(ns);
    let (of, what) = match reason.level {
        Level::Invalid => (
            step.response.quantile(q).and_then(ns),
            format!("response {level}"),
        ),
        _ => (service(), "service p50".to_owned()),
    };
    let share = of.filter(|of| *of > 0.0).map_or(String::new(), |of| {
        format!(" is {} of {what}", number::percent(reason.value / of))
    });
    let lesson = match reason.level {
        Level::Invalid => {
            "dyno was late, and its lateness is in the response times; give it more CPUs or ask \
             for less"
        }
        _ => "dyno was late",
    };
    format!("send lag {level} {lag}{share} ({lesson})")
}

fn busy(reason: &Reason, plan: &StepPlan) -> String {
    let share = number::percent(reason.value);
    let closed = matches!(plan.load, Load::Closed { .. });
    // The limit of a warning by its length or its connections is the lower one.
    match (reason.level, closed) {
        (Level::Invalid, true) => format!(
            "generator-bound: dyno's busiest thread was on a CPU {share} of the time, so the \
             throughput is dyno's (the target gives at least that) and the response times hold \
             its queue; use fewer connections or give dyno more CPUs"
        ),
        (Level::Invalid, false) => format!(
            "dyno's busiest thread was on a CPU {share} of the time: answers waited for dyno; give \
             it more CPUs or ask for less"
        ),
        (_, true) if reason.value > 0.95 => format!(
            "generator-bound: dyno's busiest thread was on a CPU {share} of the time, so the \
             throughput is dyno's; the target gives at least that"
        ),
        _ => format!(
            "dyno's busiest thread was on a CPU {share} of the time: it is near its limit, and \
             answers may have waited for it"
        ),
    }
}

fn change(by: f64) -> String {
    let size = number::percent(by.abs());
    match by > 0.0 {
        true => format!("rose by {size}"),
        false => format!("fell by {size}"),
    }
}
