//! The table of password hashes: how many a target does, beside how many its CPUs can do
//! at most.

use dyno_result::{Run, Summary, needs_hash};

use super::{Cell, Column, Fact, TableRow, figure, target};
use crate::figures::{Figures, Row, StepFigures};
use crate::measured::Played;
use crate::number;

const COLUMNS: &[Column] = &[
    Column::Target,
    Column::Fact(Fact::Hashes),
    Column::Fact(Fact::HashCeiling),
    Column::Fact(Fact::HashReached),
    Column::Fact(Fact::HashTime),
];

/// The table of a step whose requests need hashes; none of others.
pub(crate) fn hashing(
    figures: &Figures,
    step: &StepFigures,
) -> Option<(&'static [Column], Vec<TableRow>)> {
    let rows = step.rows.iter().filter_map(|row| of_row(figures, row));
    let rows: Vec<TableRow> = rows.collect();
    (!rows.is_empty()).then_some((COLUMNS, rows))
}

/// What one trial did.
struct Seen {
    hashes_per_s: f64,
    ceiling_per_s: f64,
    time_ns: f64,
    cost: u32,
}

fn of_row(figures: &Figures, row: &Row) -> Option<TableRow> {
    let run = &figures.recording.run;
    let trials = row.measured()?.trials.iter();
    let seen: Vec<Seen> = trials.filter_map(|played| seen(run, played)).collect();
    let cost = seen.first()?.cost;
    let of = |of: fn(&Seen) -> f64| Summary::of(&seen.iter().map(of).collect::<Vec<_>>());
    let rate = |summary| figure(summary, number::significant, number::plain_range);
    let ratio_range = |low, high| number::plain_range(low, high) + "x";
    let time = figure(of(|s| s.time_ns), number::time, number::time_range);
    let detail = match time.detail.as_str() {
        "" => format!("cost {cost}"),
        range => format!("{range}; cost {cost}"),
    };
    Some(TableRow {
        target: target(row),
        cells: Ok(vec![
            rate(of(|s| s.hashes_per_s)),
            rate(of(|s| s.ceiling_per_s)),
            figure(
                of(|s| s.hashes_per_s / s.ceiling_per_s),
                number::ratio,
                ratio_range,
            ),
            Cell { detail, ..time },
        ]),
    })
}

fn seen(run: &Run, played: &Played) -> Option<Seen> {
    let time = played.trial.hash_time?;
    let share = share(run, played)?;
    Some(Seen {
        hashes_per_s: share * played.step.goodput_per_s,
        ceiling_per_s: time.ceiling_per_s(run.layout.target_cpus.len())?,
        time_ns: time.time_ns as f64,
        cost: time.cost,
    })
}

/// The share of the right answers that needed a hash each; none if none did.
fn share(run: &Run, played: &Played) -> Option<f64> {
    let contract = run.scenario.contract.as_deref()?;
    let requests = &run.scenario.requests;
    let mut hashed = requests
        .iter()
        .filter(|request| needs_hash(contract, &request.method, &request.path));
    let parts = &played.step.requests;
    if parts.is_empty() {
        // A single request has no figures of its own.
        return (requests.len() == 1 && hashed.next().is_some()).then_some(1.0);
    }
    let all: u64 = parts.iter().map(|part| part.counts.succeeded).sum();
    let hashed: Vec<_> = hashed.map(|of| (&of.flow, &of.name)).collect();
    let parts = parts
        .iter()
        .filter(|part| hashed.contains(&(&part.flow, &part.name)));
    let hashes: u64 = parts.map(|part| part.counts.succeeded).sum();
    (hashes > 0).then(|| hashes as f64 / all as f64)
}
