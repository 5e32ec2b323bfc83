//! The limit of a search: `p99 < 200ms and failed < 0.1%`, parsed and printed.

use std::fmt;
use std::ops::Range;
use std::time::Duration;

use dyno_toml::suggestion;

use crate::duration::decimal;
use crate::{Rate, parse_duration, parse_rate, print_duration, print_rate};

/// One thing that must hold of a probe.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Clause {
    /// What is looked at.
    pub metric: Metric,
    /// Whether the bound itself still holds: `<=` and `>=`.
    pub or_equal: bool,
    /// What it must stay below; throughput and goodput above.
    pub bound: Bound,
}

/// What a clause looks at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Metric {
    /// The response time at a level in (0, 1), failures behind every answer.
    Quantile(f64),
    /// The slowest right answer.
    Max,
    /// The mean response time of right answers.
    Mean,
    /// The share of the due starts without a right answer.
    Failed,
    /// Answers per second, right or wrong.
    Throughput,
    /// Right answers per second.
    Goodput,
}

/// What a metric is compared with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bound {
    /// A response time, longer than zero.
    Time(Duration),
    /// Of a whole, from 0 to 1: of the due starts, or of the rate that is asked.
    Share(f64),
    /// Per time.
    Rate(Rate),
}

/// What is wrong with a limit, and the bytes of it that are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LimitError {
    pub(crate) place: Range<usize>,
    pub(crate) message: String,
    pub(crate) hint: String,
}

/// How limits look.
pub(crate) const EXAMPLE: &str = "p99 < 200ms and failed < 0.1%";

/// The metrics that have names of their own, and the usual percentiles.
const METRICS: [&str; 9] = [
    "p50",
    "p90",
    "p99",
    "p99.9",
    "max",
    "mean",
    "failed",
    "throughput",
    "goodput",
];

impl Metric {
    /// Whether more of it is better: then its bound is a lower one.
    #[must_use]
    pub fn is_more_better(self) -> bool {
        matches!(self, Self::Throughput | Self::Goodput)
    }

    fn read(word: &str) -> Option<Self> {
        Some(match word {
            "max" => Self::Max,
            "mean" => Self::Mean,
            "failed" => Self::Failed,
            "throughput" => Self::Throughput,
            "goodput" => Self::Goodput,
            word => {
                let (whole, fraction) = decimal(word.strip_prefix('p')?)?;
                // Digit by digit: 99.9 divided by 100 is not 0.999.
                let level: f64 = format!("0.{whole:0>2}{fraction}").parse().ok()?;
                let fits = whole.len() <= 2 && fraction.len() <= 4 && level > 0.0;
                fits.then_some(Self::Quantile(level))?
            }
        })
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Quantile(q) => write!(f, "p{}", trimmed(q * 100.0)),
            Self::Max => f.write_str("max"),
            Self::Mean => f.write_str("mean"),
            Self::Failed => f.write_str("failed"),
            Self::Throughput => f.write_str("throughput"),
            Self::Goodput => f.write_str("goodput"),
        }
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Time(time) => f.write_str(&print_duration(*time)),
            Self::Share(share) => write!(f, "{}%", trimmed(share * 100.0)),
            Self::Rate(rate) => f.write_str(&print_rate(*rate)),
        }
    }
}

impl fmt::Display for Clause {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let sign = if self.metric.is_more_better() {
            '>'
        } else {
            '<'
        };
        let equal = if self.or_equal { "=" } else { "" };
        write!(f, "{} {sign}{equal} {}", self.metric, self.bound)
    }
}

/// Six digits after the point are more than a limit has.
fn trimmed(number: f64) -> String {
    let text = format!("{number:.6}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Reads `metric < value and metric < value …`: at least one clause, all of which
/// must hold, each metric once. Every problem is found.
pub(crate) fn parse_limit(text: &str) -> Result<Vec<Clause>, Vec<LimitError>> {
    let tokens = tokens(text);
    let (mut clauses, mut errors): (Vec<Clause>, Vec<LimitError>) = (Vec::new(), Vec::new());
    let mut from = 0;
    loop {
        let rest = &tokens[from..];
        let length = rest.iter().position(|token| token.word == "and");
        let part = &rest[..length.unwrap_or(rest.len())];
        // Where something is missing: behind the word before it.
        let end = from.checked_sub(1).map_or(0, |last| tokens[last].place.end);
        match clause(part, end..end) {
            Ok(clause) if clauses.iter().any(|other| other.metric == clause.metric) => {
                let (place, metric) = (part[0].place.clone(), clause.metric);
                let hint = "one bound for each metric";
                errors.push(error(place, format!("has {metric} twice"), hint));
            }
            Ok(clause) => clauses.push(clause),
            Err(wrong) => errors.push(wrong),
        }
        let Some(length) = length else { break };
        from += length + 1;
    }
    if errors.is_empty() {
        Ok(clauses)
    } else {
        Err(errors)
    }
}

/// A word, a number with its unit, or a sign.
struct Token<'a> {
    word: &'a str,
    place: Range<usize>,
}

fn tokens(text: &str) -> Vec<Token<'_>> {
    let is_sign = |letter: char| "<>=!".contains(letter);
    let mut tokens = Vec::new();
    let mut from = 0;
    while let Some(first) = text[from..].chars().next() {
        let same = |letter: char| !letter.is_whitespace() && is_sign(letter) == is_sign(first);
        if first.is_whitespace() {
            from += first.len_utf8();
            continue;
        }
        let rest = &text[from..];
        let length = rest.find(|letter| !same(letter)).unwrap_or(rest.len());
        tokens.push(Token {
            word: &rest[..length],
            place: from..from + length,
        });
        from += length;
    }
    tokens
}

fn clause(tokens: &[Token<'_>], nothing: Range<usize>) -> Result<Clause, LimitError> {
    let Some((first, rest)) = tokens.split_first() else {
        let hint = format!("such as {EXAMPLE:?}");
        return Err(error(nothing, "has nothing to compare".to_owned(), &hint));
    };
    let metric = Metric::read(first.word).ok_or_else(|| no_metric(first))?;
    let Some((sign, rest)) = rest.split_first() else {
        let hint = format!("such as {EXAMPLE:?}");
        let message = format!("compares {metric} with nothing");
        return Err(error(first.place.clone(), message, &hint));
    };
    let right = if metric.is_more_better() {
        [">", ">="]
    } else {
        ["<", "<="]
    };
    if !right.contains(&sign.word) {
        let message = format!("cannot compare {metric} by {:?}", sign.word);
        let side = if metric.is_more_better() {
            "least"
        } else {
            "most"
        };
        let hint = format!(
            "say the {side} that is right with {} or {}",
            right[0], right[1]
        );
        return Err(error(sign.place.clone(), message, &hint));
    }
    let Some((value, rest)) = rest.split_first() else {
        let message = format!("compares {metric} with nothing");
        return Err(error(
            sign.place.clone(),
            message,
            "a value and its unit, such as 200ms",
        ));
    };
    if let Some(next) = rest.first() {
        let message = format!(
            "has {:?} behind {metric} {} {}",
            next.word, sign.word, value.word
        );
        let hint = "clauses are joined by `and`; all of them must hold";
        return Err(error(next.place.clone(), message, hint));
    }
    let or_equal = sign.word.len() > 1;
    let bound = bound(metric, value)?;
    if bound == Bound::Share(0.0) && !or_equal {
        let message = format!("wants {metric} below 0%, which never holds");
        return Err(error(
            value.place.clone(),
            message,
            "for none at all write failed <= 0%",
        ));
    }
    Ok(Clause {
        metric,
        or_equal,
        bound,
    })
}

fn no_metric(token: &Token<'_>) -> LimitError {
    let message = format!("has no metric {:?}", token.word);
    let digits = token.word.strip_prefix('p').and_then(decimal);
    let hint = match digits {
        Some(_) => "a percentile lies between p0 and p100, with at most 4 digits after the \
                    point; `max` is the slowest right answer"
            .to_owned(),
        None => suggestion(token.word, &METRICS),
    };
    error(token.place.clone(), message, &hint)
}

fn bound(metric: Metric, value: &Token<'_>) -> Result<Bound, LimitError> {
    let wrong = |message: String, hint: &str| error(value.place.clone(), message, hint);
    let share = value.word.strip_suffix('%').and_then(percent);
    let no_value = |wanted: &str| {
        let message = format!("cannot compare {metric} with {:?}", value.word);
        wrong(message, wanted)
    };
    match metric {
        Metric::Failed => match share {
            Some(share) => Ok(Bound::Share(share)),
            None => Err(no_value(
                "a share of the starts from 0% to 100%, such as 0.1%",
            )),
        },
        Metric::Throughput | Metric::Goodput => match (share, parse_rate(value.word)) {
            (Some(share), _) if share > 0.0 => Ok(Bound::Share(share)),
            (_, Ok(rate)) => Ok(Bound::Rate(rate)),
            _ => Err(no_value(
                "a rate such as 500/s, or a share of the rate asked such as 99%",
            )),
        },
        Metric::Quantile(_) | Metric::Max | Metric::Mean => match parse_duration(value.word) {
            Ok(time) if time.is_zero() => Err(wrong(
                format!("wants {metric} below 0s, which never holds"),
                "a time such as 200ms",
            )),
            Ok(time) => Ok(Bound::Time(time)),
            Err(_) => Err(no_value("a time and its unit: 200ms, 1.5s")),
        },
    }
}

/// `0.1` as 0.001; at most 100.
fn percent(text: &str) -> Option<f64> {
    decimal(text)?;
    let share = text.parse::<f64>().ok()? / 100.0;
    (share <= 1.0).then_some(share)
}

fn error(place: Range<usize>, message: String, hint: &str) -> LimitError {
    LimitError {
        place,
        message,
        hint: hint.to_owned(),
    }
}

#[cfg(test)]
mod tests;
