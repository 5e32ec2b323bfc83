//! The live view as lines of text: a pure function of its state and the width.

use std::time::Duration;

use dyno_report::number;
use dyno_result::{Distribution, QuantileValue};
use dyno_scenario::Until;

use super::{Figures, Mark, Stage, State, spark};

/// Columns of the names on the left.
const NAME: usize = 17;

/// Columns of a time.
const CELL: usize = 10;

/// No wider, whatever the terminal.
const WIDEST: usize = 100;

/// A load thread that is busier may be what limits the load.
const BUSY: f64 = 0.8;

/// A load thread that is busier is what limits the load.
const FULL: f64 = 0.95;

/// A send lag that is too small to matter, ns.
const SMALL_LAG_NS: f64 = 1e6;

/// The share of the response time that dyno's own lateness may have.
const LAG_SHARE: f64 = 0.1;

/// How long after a second its figures are expected.
const SILENCE: Duration = Duration::from_millis(2500);

/// At a lower rate seconds without an answer are as asked.
const OFTEN_PER_S: f64 = 20.0;

/// What is left to do when no request comes due any more.
const WAITING: &str = "waiting for the last answers";

/// The view, every line narrower than `width`.
pub(crate) fn render(state: &State, width: usize) -> Vec<String> {
    let width = width.saturating_sub(1).min(WIDEST);
    let mut lines = vec![head(state, width), progress(state, width)];
    if let (Some(last), Some(so_far)) = (&state.last, &state.so_far) {
        lines.push(rates(state, last, so_far));
        lines.extend(times(last, so_far));
        lines.push(failures(so_far));
        lines.extend(itself(state, so_far));
        lines.extend(sparklines(&state.seconds, width));
    }
    lines.into_iter().map(|line| cut(line, width)).collect()
}

/// The p99 of a second, where there is one.
pub(super) fn p99(of: &Distribution) -> Option<u64> {
    match of.quantile(0.99).or(of.max_ns.map(QuantileValue::Ns))? {
        QuantileValue::Ns(ns) | QuantileValue::AtLeastNs(ns) => Some(ns),
        QuantileValue::Failed => None,
    }
}

/// What is asked of what; the load last, whole, whatever the URL's length.
fn head(state: &State, width: usize) -> String {
    let connections = match state.asked.connections {
        1 => "1 connection".to_owned(),
        many => format!("{} connections", number::count(many.into())),
    };
    let load = match state.asked.starts_per_s {
        Some(rate) => format!("{} starts/s, {connections}", number::plain(rate)),
        None => connections,
    };
    let room = width.saturating_sub(load.chars().count() + 2);
    format!("{}, {load}", cut(state.what.clone(), room))
}

/// A bar of what is done, and the time left.
fn progress(state: &State, width: usize) -> String {
    let elapsed = state.elapsed;
    let (share, text) = match (state.stage, state.asked.until) {
        (Stage::Opening, _) => (0.0, "opening connections".to_owned()),
        (Stage::Ending, _) => (1.0, WAITING.to_owned()),
        (Stage::Measuring, Until::Elapsed(length)) if elapsed >= length => {
            (1.0, WAITING.to_owned())
        }
        (Stage::Measuring, Until::Elapsed(length)) => {
            let (at, of, left) = (clock(elapsed), clock(length), clock(length - elapsed));
            let share = elapsed.as_secs_f64() / length.as_secs_f64();
            (share, format!("{at} of {of}, {left} left"))
        }
        (Stage::Measuring, Until::Requests(count)) => {
            let done = state
                .so_far
                .as_ref()
                .map_or(0, |so_far| so_far.response.total());
            let (done_text, of) = (number::count(done), number::count(count));
            let share = done as f64 / count.max(1) as f64;
            let text = format!("{done_text} of {of} requests, {}", clock(elapsed));
            (share, text)
        }
    };
    let silent = match &state.so_far {
        Some(so_far) => elapsed.saturating_sub(so_far.length),
        None => elapsed,
    };
    let is_slow = (state.asked.starts_per_s).is_some_and(|rate| rate < OFTEN_PER_S);
    let text = match state.stage {
        Stage::Measuring if silent >= SILENCE && !is_slow => {
            format!("{text}; no news for {}", clock(silent))
        }
        _ => text,
    };
    let bar = width.saturating_sub(text.chars().count() + 3).clamp(5, 40);
    let full = (share.clamp(0.0, 1.0) * bar as f64).floor() as usize;
    format!("[{}{}] {text}", "█".repeat(full), "░".repeat(bar - full))
}

/// Throughput, beside what was asked in the open model.
fn rates(state: &State, last: &Figures, so_far: &Figures) -> String {
    let per_s = |of: &Figures| of.answers as f64 / of.length.as_secs_f64();
    let (now, all) = (number::significant(per_s(last)), per_s(so_far));
    let text = format!("{now} last s, {} so far", number::significant(all));
    let text = match state.asked.starts_per_s {
        Some(asked) if asked > 0.0 => {
            format!("{text} ({} of asked)", number::percent(all / asked))
        }
        _ => text,
    };
    format!("{:NAME$}{text}", "answers/s")
}

/// Response times, and service times beside them in the open model.
fn times(last: &Figures, so_far: &Figures) -> Vec<String> {
    let labels = ["p50", "p90", "p99", "max"].map(|label| format!("{label:>CELL$}"));
    let mut lines = vec![format!("{:NAME$}{}", "", labels.concat())];
    let mut row = |name: &str, of: &Distribution| {
        let quantiles = [0.5, 0.9, 0.99].map(|q| cell(of.quantile(q)));
        let max = cell(of.max_ns.map(QuantileValue::Ns));
        lines.push(format!("{name:NAME$}{}{max}", quantiles.concat()));
    };
    row("response, last s", &last.response);
    row("response, so far", &so_far.response);
    if let (Some(last), Some(so_far)) = (&last.service, &so_far.service) {
        row("service, last s", last);
        row("service, so far", so_far);
    }
    lines
}

fn cell(value: Option<QuantileValue>) -> String {
    let text = match value {
        Some(QuantileValue::Failed) => "FAILED".to_owned(),
        other => number::quantile(other, 0.0),
    };
    format!("{text:>CELL$}")
}

/// Failures by kind.
fn failures(so_far: &Figures) -> String {
    let failed: u64 = so_far.failures.iter().map(|failure| failure.count).sum();
    let name = "failed";
    if failed == 0 {
        return format!("{name:NAME$}0");
    }
    let kind =
        |f: &dyno_result::FailureCount| format!("{} {}", f.kind.id(), number::count(f.count));
    let kinds: Vec<String> = so_far.failures.iter().map(kind).collect();
    let share = number::percent(failed as f64 / so_far.response.total().max(1) as f64);
    let (failed, kinds) = (number::count(failed), kinds.join(", "));
    format!("{name:NAME$}{failed} ({share}): {kinds}")
}

/// Whether dyno keeps up.
fn itself(state: &State, so_far: &Figures) -> Vec<String> {
    let busy = state.busy_fraction;
    let doubt = if busy > FULL {
        ": AT ITS LIMIT"
    } else if busy > BUSY {
        ": near its limit"
    } else {
        ""
    };
    let (name, share) = ("dyno, busy", number::percent(busy));
    let mut lines = vec![format!("{name:NAME$}{share} of the time{doubt}")];
    if let Some((label, lag, response)) = lag(so_far) {
        let doubt = match lag > SMALL_LAG_NS && lag > LAG_SHARE * response {
            true => ": TOO LATE",
            false => "",
        };
        let (name, lag) = ("dyno, send lag", number::time(lag));
        lines.push(format!("{name:NAME$}{label} {lag}{doubt}"));
    }
    lines
}

/// Send lag and response time at the highest level up to p99 that there is.
fn lag(so_far: &Figures) -> Option<(&'static str, f64, f64)> {
    let levels = [(0.99, "p99"), (0.9, "p90"), (0.5, "p50")];
    levels.into_iter().find_map(|(q, label)| {
        let QuantileValue::Ns(lag) = so_far.send_lag.as_ref()?.quantile(q)? else {
            return None;
        };
        let response = match so_far.response.quantile(q)? {
            QuantileValue::Ns(ns) | QuantileValue::AtLeastNs(ns) => ns as f64,
            QuantileValue::Failed => f64::INFINITY,
        };
        Some((label, lag as f64, response))
    })
}

/// Answers and p99, a sign a second.
fn sparklines(seconds: &[Mark], width: usize) -> [String; 2] {
    const PEAK: usize = 16;
    let room = width.saturating_sub(NAME + PEAK);
    let latest = &seconds[seconds.len().saturating_sub(room)..];
    let answers: Vec<_> = latest.iter().map(|mark| Some(mark.answers)).collect();
    let p99: Vec<_> = latest.iter().map(|mark| mark.p99_ns).collect();
    let most = |of: &[Option<u64>]| of.iter().flatten().copied().max();
    let peak = |of: &[Option<u64>], show: &dyn Fn(u64) -> String| {
        most(of).map_or(number::MISSING.to_owned(), show)
    };
    let line = |name: &str, of: &[Option<u64>], peak: String| {
        format!("{name:NAME$}{} up to {peak}", spark::line(of, room))
    };
    let rate = peak(&answers, &|count| number::significant(count as f64));
    let time = peak(&p99, &|ns| number::time(ns as f64));
    [
        line("answers/s", &answers, rate),
        line("response p99", &p99, time),
    ]
}

/// `9 s`, `2 m 05 s`, `3 h 04 m`.
fn clock(time: Duration) -> String {
    // The second that has begun counts as soon as it is nearly over: drawings
    // come a little late or early.
    let seconds = (time + Duration::from_millis(100)).as_secs();
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{} m {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} m", seconds / 3600, seconds % 3600 / 60),
    }
}

/// At most `width` signs, with a mark where something is missing.
fn cut(line: String, width: usize) -> String {
    if line.chars().count() <= width {
        return line;
    }
    let kept: String = line.chars().take(width.saturating_sub(1)).collect();
    kept + "…"
}

#[cfg(test)]
mod tests;
