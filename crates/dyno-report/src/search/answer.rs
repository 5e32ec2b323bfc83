//! The answers of searches as sentences.

use dyno_result::{ProbeOutcome, Recovery, SearchBy, SearchEnding, Summary};

use super::{Sought, level, limit, mode, seen};
use crate::figures::{Row, StepFigures};
use crate::{number, text};

/// The loads that two targets hold, the larger as a multiple of the smaller.
pub(crate) fn compare(step: &StepFigures, reference: &Row, row: &Row) -> Option<String> {
    let (base, other) = (Sought::of(step, reference)?, Sought::of(step, row)?);
    let (a, b) = (base.held()?, other.held()?);
    let ratio = b.median / a.median;
    let ((fast, x), (slow, y)) = match ratio >= 1.0 {
        true => ((row, &other), (reference, &base)),
        false => ((reference, &base), (row, &other)),
    };
    let times = number::ratio(ratio.max(1.0 / ratio));
    let (fast, slow) = (&fast.name, &slow.name);
    let Some(highest) = y.broken() else {
        return Some(format!(
            "{fast} and {slow}: which of them holds more cannot be told, the limit of {slow} was \
             not found."
        ));
    };
    // From the lowest that holds to the highest that breaks.
    Some(match x.held().is_some_and(|held| held.low < highest.high) {
        true => format!(
            "{fast} and {slow}: no difference in the load that they hold is seen, their answers \
             overlap ({times})."
        ),
        false if x.broken().is_none() => {
            format!("{fast} holds at least {times} the load of {slow}.")
        }
        false => format!("{fast} holds {times} the load of {slow}."),
    })
}

/// What a search came to for one target.
pub(crate) fn sentences(step: &StepFigures, row: &Row) -> Vec<String> {
    let Some(sought) = Sought::of(step, row) else {
        return Vec::new();
    };
    let mut sentences = vec![answer(&sought, &row.name)];
    sentences.extend(beyond(&sought, &row.name));
    sentences.extend(closed_peak(&sought, &row.name));
    sentences
}

/// `X holds … up to 950/s and breaks it at 1,000/s by …`
fn answer(sought: &Sought, name: &str) -> String {
    let plan = sought.plan;
    let limit = limit(plan);
    let at = |of: Summary| match of.low == of.high {
        true => level(plan.by, of.median),
        false => format!(
            "{} ({} to {} over {} trials)",
            level(plan.by, of.median),
            number::plain(of.low),
            number::plain(of.high),
            of.n
        ),
    };
    let why = match sought.breaches().first() {
        Some((Some(clause), probe)) => {
            let place = plan.limit.iter().position(|other| other == *clause);
            let value = place.and_then(|place| probe.clauses.get(place));
            let value = value.map_or(String::new(), |of| format!(" ({})", seen(of.seen, probe)));
            format!(", by {}{value}", text::line(&clause.text))
        }
        Some((None, _)) => ", by a queue that grows as long as the load lasts".to_owned(),
        None => String::new(),
    };
    let is_sure = sought.is_sure(|of| of.held) && sought.is_sure(|of| of.broken);
    let unsure = match is_sure {
        true => "",
        false => "; not every trial is sure of both",
    };
    let rest = endings(sought);
    match (sought.held(), sought.broken()) {
        (Some(held), Some(broken)) => {
            let (held, broken) = (at(held), at(broken));
            format!(
                "{name} holds {limit} up to {held} and breaks it at {broken}{why}{unsure}.{rest}"
            )
        }
        (Some(held), None) => format!("{name} holds {limit} up to {}.{rest}", at(held)),
        (None, Some(broken)) => {
            format!(
                "{name} breaks {limit} at every level asked, down to {}{why}.{rest}",
                at(broken)
            )
        }
        (None, None) => format!("{name}: the search for {limit} has no answer.{rest}"),
    }
}

/// Why searches ended without both ends, each once.
fn endings(sought: &Sought) -> String {
    let by = sought.plan.by;
    let mut told: Vec<String> = Vec::new();
    for search in &sought.trials {
        let words = match search.ending {
            SearchEnding::Found | SearchEnding::Below => continue,
            SearchEnding::NotReached => {
                "That is the highest level that was to be asked: it can take more.".to_owned()
            }
            SearchEnding::Generator { level: at } => {
                format!("dyno was the limit at {}: it can take more.", level(by, at))
            }
            SearchEnding::NotRecovered { level: at } => {
                format!("It did not get over {} in a minute.", level(by, at))
            }
            SearchEnding::Died { level: at } => format!("Its process ended at {}.", level(by, at)),
            SearchEnding::Exhausted => {
                "The probes were used up before both ends were sure.".to_owned()
            }
            SearchEnding::RanOut => "The rows of data were used up.".to_owned(),
            SearchEnding::Interrupted => "The search was interrupted.".to_owned(),
        };
        if !told.contains(&words) {
            told.push(words);
        }
    }
    told.into_iter().map(|words| format!(" {words}")).collect()
}

/// How it fails beyond the limit.
fn beyond(sought: &Sought, name: &str) -> Option<String> {
    let overload = sought
        .trials
        .iter()
        .find_map(|search| search.overload.as_ref())?;
    let modes = sought.modes().into_iter();
    let modes =
        modes.map(|(of, share)| format!("{} ({} of the starts)", mode(of), number::percent(share)));
    let modes: Vec<String> = modes.collect();
    let modes = match modes.is_empty() {
        true => "answers".to_owned(),
        false => text::list(&modes),
    };
    let times = number::ratio(overload.factor);
    let recovered = sought.recovery().map_or(String::new(), |of| match of {
        Recovery::Recovered { after_ns } => format!(
            "; {} after the load it holds the limit again",
            number::time(after_ns as f64)
        ),
        Recovery::NotWithin { watched_ns } => format!(
            "; it does not hold the limit again within {}",
            number::time(watched_ns as f64)
        ),
        Recovery::Died => String::new(),
    });
    Some(format!(
        "At {times} the load that it holds, {name} {modes}{recovered}."
    ))
}

/// More connections than the target can use give no more answers.
fn closed_peak(sought: &Sought, name: &str) -> Option<String> {
    if sought.plan.by != SearchBy::Connections {
        return None;
    }
    let probes = sought.trials.iter().flat_map(|search| {
        let overload = search.overload.iter().map(|overload| &overload.probe);
        search.probes.iter().chain(overload)
    });
    let said = probes.filter(|probe| probe.outcome != ProbeOutcome::Void);
    let peak = said.max_by(|a, b| a.goodput_per_s.total_cmp(&b.goodput_per_s))?;
    Some(format!(
        "{name} gives most right answers, {} per second, to {}.",
        number::significant(peak.goodput_per_s),
        level(sought.plan.by, peak.level)
    ))
}
