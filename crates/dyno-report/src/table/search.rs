//! The rows of a search: the ends of the answer, what broke the limit, and what
//! happens beyond it.

use dyno_result::{Recovery, Summary};

use super::{Cell, Column, TableRow, plain, target};
use crate::figures::{Row, StepFigures};
use crate::search::{Sought, level, mode, seen};
use crate::{number, text};

/// The table of a search, where a step is one and was measured.
pub(crate) fn search(step: &StepFigures) -> Option<(&'static [Column], Vec<TableRow>)> {
    step.plan.search.as_ref()?;
    let rows = step.rows.iter().filter_map(|row| {
        let sought = Sought::of(step, row)?;
        let columns = Column::SEARCH.iter().skip(1);
        Some(TableRow {
            target: target(row),
            cells: Ok(columns
                .map(|column| cell(*column, step, row, &sought))
                .collect()),
        })
    });
    let rows: Vec<TableRow> = rows.collect();
    (!rows.is_empty()).then_some((Column::SEARCH, rows))
}

fn cell(column: Column, step: &StepFigures, row: &Row, of: &Sought) -> Cell {
    match column {
        Column::Held => end(of, (of.held(), of.is_sure(|of| of.held)), "none"),
        Column::Broken => {
            let is_sure = of.is_sure(|of| of.broken);
            end(of, (of.broken(), is_sure), number::MISSING)
        }
        Column::Ratio => Cell {
            main: ratio(step, row, of).map_or(number::MISSING.to_owned(), number::ratio),
            detail: if row.is_reference() { "reference" } else { "" }.to_owned(),
        },
        Column::BrokenBy => broken_by(of),
        Column::Overload => {
            let modes = of.modes().into_iter();
            let modes = modes.map(|(of, share)| format!("{} {}", mode(of), number::percent(share)));
            let modes: Vec<String> = modes.collect();
            let (main, rest) = match modes.split_first() {
                Some((first, rest)) => (first.clone(), rest.join(", ")),
                None => (number::MISSING.to_owned(), String::new()),
            };
            Cell { main, detail: rest }
        }
        Column::Recovered => plain(match of.recovery() {
            Some(Recovery::Recovered { after_ns }) => number::time(after_ns as f64),
            Some(Recovery::NotWithin { watched_ns }) => {
                format!("not within {}", number::time(watched_ns as f64))
            }
            Some(Recovery::Died) => "never".to_owned(),
            None => number::MISSING.to_owned(),
        }),
        _ => Cell::default(),
    }
}

/// The median over trials, their range, and whether enough probes agree on it.
fn end(of: &Sought, (ends, is_sure): (Option<Summary>, bool), none: &str) -> Cell {
    let Some(ends) = ends else {
        return plain(none.to_owned());
    };
    let mut detail: Vec<String> = Vec::new();
    if ends.low < ends.high {
        detail.push(format!(
            "{}–{}",
            number::plain(ends.low),
            number::plain(ends.high)
        ));
    }
    if ends.n < of.trials.len() {
        detail.push(format!("in {} of {}", ends.n, of.trials.len()));
    }
    if !is_sure {
        detail.push("unsure".to_owned());
    }
    Cell {
        main: level(of.plan.by, ends.median),
        detail: detail.join("; "),
    }
}

fn broken_by(of: &Sought) -> Cell {
    let breaches = of.breaches();
    let words = |(clause, probe): &(Option<&dyno_result::LimitClause>, &dyno_result::Probe)| {
        let Some(clause) = clause else {
            return ("a growing queue".to_owned(), String::new());
        };
        let place = of.plan.limit.iter().position(|other| other == *clause);
        let value = place.and_then(|place| probe.clauses.get(place));
        let value = value.map_or(String::new(), |value| seen(value.seen, probe));
        (text::line(&clause.text), value)
    };
    match breaches.first().map(words) {
        Some((main, detail)) => Cell { main, detail },
        None => plain(number::MISSING.to_owned()),
    }
}

/// The load that holds, of that of the reference.
fn ratio(step: &StepFigures, row: &Row, of: &Sought) -> Option<f64> {
    let reference = Sought::of(step, step.reference(row)?)?;
    let base = reference.held()?.median;
    Some(of.held()?.median / base)
}
