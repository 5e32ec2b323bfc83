//! The rows of flows and of requests.

use super::{Cell, Column, TableRow, figure, lost, plain, spread};
use crate::figures::StepFigures;
use crate::number;
use crate::parts::{self, Part};

/// The tables of flows and of requests, where a step has them.
pub(crate) fn parts(step: &StepFigures) -> Vec<(&'static [Column], Vec<TableRow>)> {
    let flows = parts::flows(step).map(|flows| (Column::FLOWS, flows));
    let requests = parts::requests(step).map(|requests| (Column::REQUESTS, requests));
    let tables = flows.into_iter().chain(requests);
    tables
        .map(|(columns, parts)| {
            (
                columns,
                parts.iter().map(|part| of_part(part, columns)).collect(),
            )
        })
        .collect()
}

fn of_part(part: &Part, columns: &[Column]) -> TableRow {
    let trials = part.trials.len();
    let quantile = |q| spread(part.quantile(q), trials, part.lost_share());
    let cell = |column: &Column| match column {
        Column::Count => plain(number::count(part.due())),
        Column::P50 => quantile(0.5),
        Column::P90 => quantile(0.9),
        Column::P99 => quantile(0.99),
        Column::P999 => quantile(0.999),
        Column::Max => figure(part.max(), number::time, number::time_range),
        Column::Failures => {
            let kinds = part.losses().into_iter();
            let kinds = kinds.map(|(kind, count)| format!("{kind} {}", number::count(count)));
            lost(part.lost(), part.lost_share(), kinds.collect())
        }
        _ => Cell::default(),
    };
    TableRow {
        target: Cell {
            main: part.name.clone(),
            detail: part.of.clone(),
        },
        cells: Ok(columns.iter().skip(1).map(cell).collect()),
    }
}
