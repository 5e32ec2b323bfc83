//! Rows and cells without markup: what every table of a run says. How a cell
//! looks is left to the formats.

mod cost;
mod fact;
mod hashing;
mod parts;
mod whole;

use dyno_result::{Distribution, QuantileValue, Step, Summary};

use crate::figures::{Outcome, Row, StepFigures};
use crate::measured::{Measured, QuantileSpread};
use crate::{number, verdicts};

pub(crate) use fact::Fact;
pub(crate) use hashing::hashing;
pub(crate) use parts::parts;
pub(crate) use whole::chapters;

/// What a column shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Column {
    Target,
    Flow,
    Request,
    Count,
    Throughput,
    Ratio,
    P50,
    P90,
    P99,
    P999,
    Max,
    Failures,
    Cpu,
    Memory,
    Ready,
    Asked,
    ServiceP50,
    ServiceP99,
    PoolWait,
    LagP50,
    LagP99,
    Dropped,
    Unfinished,
    Fact(Fact),
}

/// A figure and, where there is more to say, its range or what it is made of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Cell {
    pub(crate) main: String,
    pub(crate) detail: String,
}

/// One target at one step.
pub(crate) struct TableRow {
    /// The target: name, class and number of trials.
    pub(crate) target: Cell,
    /// The other columns, or why there is nothing to show.
    pub(crate) cells: Result<Vec<Cell>, String>,
}

impl Column {
    /// Everything there is to say, the target first.
    pub(crate) const ALL: &'static [Self] = &[
        Self::Target,
        Self::Throughput,
        Self::Ratio,
        Self::P50,
        Self::P90,
        Self::P99,
        Self::P999,
        Self::Max,
        Self::Failures,
        Self::Cpu,
        Self::Memory,
        Self::Ready,
    ];

    /// How fast, and how well.
    pub(crate) const SPEED: &'static [Self] = &[
        Self::Target,
        Self::Throughput,
        Self::Ratio,
        Self::P50,
        Self::P90,
        Self::P99,
        Self::P999,
        Self::Max,
        Self::Failures,
    ];

    /// At what price.
    pub(crate) const COST: &'static [Self] = &[Self::Target, Self::Cpu, Self::Memory, Self::Ready];

    /// How the schedule of an open step was kept.
    const SCHEDULE: &'static [Self] = Self::SCHEDULE_LOST.split_at(8).0;

    /// The same where starts were lost.
    const SCHEDULE_LOST: &'static [Self] = &[
        Self::Target,
        Self::Asked,
        Self::Throughput,
        Self::ServiceP50,
        Self::ServiceP99,
        Self::PoolWait,
        Self::LagP50,
        Self::LagP99,
        Self::Dropped,
        Self::Unfinished,
    ];

    /// Flow by flow.
    pub(crate) const FLOWS: &'static [Self] = &[
        Self::Flow,
        Self::Count,
        Self::P50,
        Self::P90,
        Self::P99,
        Self::P999,
        Self::Max,
        Self::Failures,
    ];

    /// Request by request.
    pub(crate) const REQUESTS: &'static [Self] = &[
        Self::Request,
        Self::Count,
        Self::P50,
        Self::P90,
        Self::P99,
        Self::P999,
        Self::Max,
        Self::Failures,
    ];

    /// How the schedule was kept, for measured open steps.
    pub(crate) fn schedule(step: &StepFigures) -> Option<&'static [Self]> {
        step.asked_per_s()?;
        let measured: Vec<&Measured> = step.rows.iter().filter_map(Row::measured).collect();
        let is_lost = measured.iter().any(|of| of.dropped + of.unfinished > 0);
        (!measured.is_empty()).then_some(match is_lost {
            true => Self::SCHEDULE_LOST,
            false => Self::SCHEDULE,
        })
    }

    /// The head of the column.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Target => "target",
            Self::Flow => "flow",
            Self::Request => "request",
            Self::Count => "number",
            Self::Throughput => "req/s",
            Self::Ratio => "ratio",
            Self::P50 => "p50",
            Self::P90 => "p90",
            Self::P99 => "p99",
            Self::P999 => "p99.9",
            Self::Max => "max",
            Self::Failures => "failures",
            Self::Cpu => "CPU/request",
            Self::Memory => "peak memory",
            Self::Ready => "start-up",
            Self::Asked => "starts/s",
            Self::ServiceP50 => "service p50",
            Self::ServiceP99 => "service p99",
            Self::PoolWait => "pool wait p99",
            Self::LagP50 => "lag p50",
            Self::LagP99 => "lag p99",
            Self::Dropped => "dropped",
            Self::Unfinished => "unfinished",
            Self::Fact(fact) => fact.title(),
        }
    }

    /// Whether its cells are figures, to be set flush right.
    pub(crate) fn is_figure(self) -> bool {
        !matches!(
            self,
            Self::Target | Self::Flow | Self::Request | Self::Failures
        )
    }
}

/// The rows of a step with these columns, of which the first is the target.
pub(crate) fn rows(step: &StepFigures, columns: &[Column]) -> Vec<TableRow> {
    let rows = step.rows.iter().map(|row| TableRow {
        target: target(row),
        cells: match &row.outcome {
            Outcome::NotMeasured(reason) => Err(format!("not measured: {reason}")),
            Outcome::Measured(measured) => {
                let is_reference = row.is_reference();
                let columns = columns.iter().filter(|c| **c != Column::Target);
                Ok(columns
                    .map(|c| cell(*c, step, measured, is_reference))
                    .collect())
            }
        },
    });
    rows.collect()
}

fn plain(main: String) -> Cell {
    Cell {
        main,
        detail: String::new(),
    }
}

fn target(row: &Row) -> Cell {
    let class = row.target.class.word();
    let detail = match row.measured() {
        Some(measured) => {
            let mark = verdicts::mark(measured).map_or(String::new(), |mark| format!("; {mark}"));
            format!("{class}, n = {}{mark}", measured.trials.len())
        }
        None => class.to_owned(),
    };
    Cell {
        main: row.name.clone(),
        detail,
    }
}

fn cell(column: Column, step: &StepFigures, of: &Measured, is_reference: bool) -> Cell {
    match column {
        Column::Target | Column::Flow | Column::Request | Column::Fact(_) => Cell::default(),
        Column::Count => plain(number::count(of.due)),
        Column::Throughput => throughput(of),
        Column::Ratio => Cell {
            main: of.ratio.map_or(number::MISSING.to_owned(), number::ratio),
            detail: if is_reference { "reference" } else { "" }.to_owned(),
        },
        Column::P50 => quantile(of, 0.5),
        Column::P90 => quantile(of, 0.9),
        Column::P99 => quantile(of, 0.99),
        Column::P999 => quantile(of, 0.999),
        Column::Max => figure(of.max, number::time, number::time_range),
        Column::Failures => failures(of),
        Column::Cpu => figure(of.cpu_per_request, number::time, number::time_range),
        Column::Memory => figure(of.memory, number::bytes, number::bytes_range),
        Column::Ready => figure(of.ready, number::time, number::time_range),
        Column::Asked => plain(
            step.asked_per_s()
                .map_or(number::MISSING.to_owned(), number::plain),
        ),
        Column::ServiceP50 => quantile_of(of, |s| s.service.as_ref(), 0.5),
        Column::ServiceP99 => quantile_of(of, |s| s.service.as_ref(), 0.99),
        Column::PoolWait => quantile_of(of, |s| s.pool_wait.as_ref(), 0.99),
        Column::LagP50 => quantile_of(of, |s| s.send_lag.as_ref(), 0.5),
        Column::LagP99 => quantile_of(of, |s| s.send_lag.as_ref(), 0.99),
        Column::Dropped => plain(number::count(of.dropped)),
        Column::Unfinished => plain(number::count(of.unfinished)),
    }
}

/// A median and its range over trials.
fn figure(
    summary: Option<Summary>,
    print: fn(f64) -> String,
    print_range: fn(f64, f64) -> String,
) -> Cell {
    let Some(summary) = summary else {
        return Cell {
            main: number::MISSING.to_owned(),
            detail: String::new(),
        };
    };
    let main = print(summary.median);
    let range = print_range(summary.low, summary.high);
    let detail = if range == main { String::new() } else { range };
    Cell { main, detail }
}

/// Wrong answers come fast: where they are more than rounding, goodput is told.
fn throughput(of: &Measured) -> Cell {
    let mut cell = figure(
        Some(of.throughput),
        number::significant,
        number::plain_range,
    );
    let (all, good) = (of.throughput.median, of.goodput.median);
    if good < 0.995 * all {
        if !cell.detail.is_empty() {
            cell.detail.push_str("; ");
        }
        cell.detail += &format!("goodput {}", number::significant(good));
    }
    cell
}

fn quantile(of: &Measured, q: f64) -> Cell {
    quantile_of(of, |step| Some(&step.response), q)
}

fn quantile_of(of: &Measured, kind: fn(&Step) -> Option<&Distribution>, q: f64) -> Cell {
    spread(of.quantile_of(kind, q), of.trials.len(), of.lost_share())
}

/// A quantile and its range over trials; `share` is what got no right answer.
fn spread(spread: Option<QuantileSpread>, trials: usize, share: f64) -> Cell {
    let Some(QuantileSpread { median, low, high }) = spread else {
        return plain(number::MISSING.to_owned());
    };
    let detail = match (low, high) {
        _ if trials < 2 => String::new(),
        (QuantileValue::Ns(_), QuantileValue::Ns(0..=1)) => String::new(),
        (QuantileValue::Ns(low), QuantileValue::Ns(high)) => {
            number::time_range(low as f64, high as f64)
        }
        (low, high) if low == high => String::new(),
        (low, QuantileValue::Failed) => format!("{} to FAILED", number::quantile(Some(low), share)),
        (low, high) => format!(
            "{} to {}",
            number::quantile(Some(low), share),
            number::quantile(Some(high), share)
        ),
    };
    let main = number::quantile(Some(median), share);
    let detail = if detail == main {
        String::new()
    } else {
        detail
    };
    Cell { main, detail }
}

fn failures(of: &Measured) -> Cell {
    lost(of.lost, of.lost_share(), of.losses())
}

fn lost(count: u64, share: f64, kinds: Vec<String>) -> Cell {
    let main = match count {
        0 => "0".to_owned(),
        n => format!("{} ({})", number::count(n), number::percent(share)),
    };
    Cell {
        main,
        detail: kinds.join(", "),
    }
}
