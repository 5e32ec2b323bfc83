//! The rows of where the time goes.

use dyno_result::Summary;

use super::{Cell, Column, TableRow};
use crate::attribution::{self, PartOfTime, Split};
use crate::figures::StepFigures;
use crate::number;

/// What stands above the first table.
pub(crate) const CAPTION: &str = "Where the time goes";

/// The tables of targets and of requests, where answers tell their times.
pub(crate) fn attribution(step: &StepFigures) -> Vec<(&'static [Column], Vec<TableRow>)> {
    let targets = (Column::TIME, attribution::targets(step));
    let requests = (Column::TIME_BY_REQUEST, attribution::requests(step));
    let tables = [targets, requests].into_iter();
    tables
        .filter(|(_, splits)| !splits.is_empty())
        .map(|(columns, splits)| (columns, splits.iter().map(row).collect()))
        .collect()
}

fn row(split: &Split) -> TableRow {
    let count = Cell {
        main: number::count(split.answers),
        detail: format!("mean {}", number::time(split.mean_ns)),
    };
    TableRow {
        target: Cell {
            main: split.name.clone(),
            detail: split.of.clone(),
        },
        cells: Ok([count]
            .into_iter()
            .chain(split.parts.iter().map(part))
            .collect()),
    }
}

fn part(part: &PartOfTime) -> Cell {
    if part.mean_ns == 0.0 {
        return Cell {
            main: "0 %".to_owned(),
            detail: String::new(),
        };
    }
    let quantile = |name: &str, summary: Option<Summary>| {
        summary.map(|summary| format!("{name} {}", number::time(summary.median)))
    };
    let quantiles = [quantile("p50", part.p50), quantile("p99", part.p99)];
    let quantiles: Vec<String> = quantiles.into_iter().flatten().collect();
    Cell {
        main: share(part),
        detail: quantiles.join("; "),
    }
}

/// A tenth of a percent is the least that is told.
pub(crate) fn share(part: &PartOfTime) -> String {
    match part.tenths {
        0 if part.mean_ns > 0.0 => "< 0.1 %".to_owned(),
        tenths => format!("{}.{} %", tenths / 10, tenths % 10),
    }
}
