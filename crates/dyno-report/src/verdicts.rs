//! The verdict of a run, said before any figure: a line for the whole, one for
//! each step where there are several, and what else is doubtful.

use std::collections::BTreeMap;

use dyno_result::{Level, Reason, RunKind, Signal};

use crate::figures::{Figures, Row, StepFigures};
use crate::measured::{Measured, Played};
use crate::reasons::{sentence, word};
use crate::text;

/// A step or the whole run, with its worst reason.
pub(crate) struct Headline {
    pub(crate) level: Level,
    /// `WARN: send lag p99 …`
    pub(crate) line: String,
}

/// A reason in the trials of a target at a step.
struct Doubt {
    level: Level,
    signal: Signal,
    /// Which target; empty where there is only one to speak of.
    name: String,
    /// In the worst trial.
    sentence: String,
    /// `in 2 of 5 trials`; empty for a single trial.
    trials: String,
}

impl Doubt {
    fn words(&self) -> String {
        let of = |word: &str, lead: &str, tail: &str| match word {
            "" => String::new(),
            word => format!("{lead}{word}{tail}"),
        };
        let (name, trials) = (of(&self.name, "", ": "), of(&self.trials, ", ", ""));
        format!("{name}{}{trials}", self.sentence)
    }
}

/// The run first; then its steps, where there are several.
pub(crate) fn headlines(figures: &Figures) -> Vec<Headline> {
    let steps: Vec<(&StepFigures, Vec<Doubt>)> = judged(figures).collect();
    let invalid = invalid_trials(figures);
    if steps.is_empty() {
        return invalid.first().map_or(Vec::new(), |reason| {
            vec![Headline::new(Level::Invalid, "", &text::line(reason))]
        });
    }
    if let ([(_, doubts)], []) = (&steps[..], &invalid[..]) {
        let words = doubts.first().map_or(String::new(), Doubt::words);
        return vec![Headline::new(level(doubts), "", &words)];
    }
    let levels = steps.iter().map(|(_, doubts)| level(doubts));
    let count = |wanted: Level| levels.clone().filter(|level| *level == wanted).count();
    let (bad, odd) = (count(Level::Invalid), count(Level::Warn));
    let mut parts = Vec::new();
    if bad > 0 {
        parts.push(format!("{bad} of {} steps cannot be used", steps.len()));
    }
    if !invalid.is_empty() {
        let all = figures.recording.run.trials.len();
        let unused = invalid.len();
        parts.push(format!("{unused} of {all} trials are not used"));
    }
    if odd > 0 {
        parts.push(format!("{odd} of {} steps in doubt", steps.len()));
    }
    let whole = match invalid.is_empty() {
        true => levels.clone().max().unwrap_or_default(),
        false => Level::Invalid,
    };
    let mut lines = vec![Headline::new(whole, "", &parts.join(", "))];
    lines.extend(steps.iter().map(|(step, doubts)| {
        let words = doubts.first().map_or(String::new(), Doubt::words);
        Headline::new(level(doubts), &step.title(), &words)
    }));
    lines
}

impl Headline {
    fn new(level: Level, title: &str, words: &str) -> Self {
        let parts = [title, word(level), words].into_iter();
        let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
        let line = parts.join(": ");
        Self { level, line }
    }
}

/// The reasons that no headline has said.
pub(crate) fn others(figures: &Figures) -> Vec<String> {
    let several = judged(figures).count() > 1;
    let of_step = judged(figures).flat_map(|(step, doubts)| {
        let title = match several {
            true => format!("{}: ", step.title()),
            false => String::new(),
        };
        let rest = doubts.into_iter().skip(1);
        rest.map(move |doubt| format!("{}: {title}{}.", word(doubt.level), doubt.words()))
            .collect::<Vec<_>>()
    });
    of_step.collect()
}

/// No fault, but what set the figures.
pub(crate) fn limits(step: &StepFigures, row: &Row, of: &Measured) -> Vec<String> {
    let found = by_signal(step, of, |level| level == Level::Valid);
    let words = found.into_iter().map(|doubt| {
        let doubt = Doubt {
            name: row.name.clone(),
            ..doubt
        };
        doubt.words() + "."
    });
    words.collect()
}

/// `INVALID in 2 of 5`, for the table; none when all is well.
pub(crate) fn mark(of: &Measured) -> Option<String> {
    let levels = of.trials.iter().map(|played| played.verdict.level);
    let worst = levels.clone().max().filter(|level| *level > Level::Valid)?;
    let count = levels.filter(|level| *level == worst).count();
    Some(match of.trials.len() {
        1 => word(worst).to_owned(),
        all => format!("{} in {count} of {all}", word(worst)),
    })
}

fn invalid_trials<'a>(figures: &Figures<'a>) -> Vec<&'a str> {
    let trials = figures.recording.run.trials.iter();
    let reasons = trials.filter_map(|trial| trial.invalid_reasons.first());
    reasons.map(String::as_str).collect()
}

fn level(doubts: &[Doubt]) -> Level {
    doubts.first().map_or(Level::Valid, |doubt| doubt.level)
}

/// The steps that were measured and what is doubtful in each, worst first.
fn judged<'f, 'a>(
    figures: &'f Figures<'a>,
) -> impl Iterator<Item = (&'f StepFigures<'a>, Vec<Doubt>)> {
    let is_hit = figures.recording.run.kind == RunKind::Hit;
    figures.steps.iter().filter_map(move |step| {
        let rows = step.rows.iter();
        let rows: Vec<_> = rows
            .filter_map(|row| Some((row, row.measured()?)))
            .collect();
        let mut doubts: Vec<Doubt> = Vec::new();
        for (row, measured) in &rows {
            for doubt in by_signal(step, measured, |level| level > Level::Valid) {
                let name = match is_hit {
                    true => String::new(),
                    false => row.name.clone(),
                };
                doubts.push(Doubt { name, ..doubt });
            }
        }
        doubts.sort_by_key(|doubt| (std::cmp::Reverse(doubt.level), doubt.signal));
        (!rows.is_empty()).then_some((step, doubts))
    })
}

/// One doubt a signal, of its worst trial.
fn by_signal(step: &StepFigures, of: &Measured, wanted: fn(Level) -> bool) -> Vec<Doubt> {
    let mut found: BTreeMap<Signal, Vec<(&Played, Reason)>> = BTreeMap::new();
    for played in &of.trials {
        let reasons = played.verdict.reasons.iter();
        for reason in reasons.filter(|reason| wanted(reason.level)) {
            found
                .entry(reason.signal)
                .or_default()
                .push((played, *reason));
        }
    }
    let doubts = found.into_values().filter_map(|seen| {
        let badness = |reason: &Reason| match reason.signal {
            Signal::Poisson => -reason.value,
            _ => reason.value.abs(),
        };
        let (played, worst) = seen.iter().max_by(|(_, a), (_, b)| {
            (a.level.cmp(&b.level)).then(badness(a).total_cmp(&badness(b)))
        })?;
        Some(Doubt {
            level: worst.level,
            signal: worst.signal,
            name: String::new(),
            sentence: sentence(worst, played.step, step.plan),
            trials: match of.trials.len() {
                1 => String::new(),
                all => format!("in {} of {all} trials", seen.len()),
            },
        })
    });
    doubts.collect()
}
