//! The table of what a million requests cost, target by target on each instance of the
//! price table.

use dyno_result::Level;

use super::{Cell, Column, Fact, TableRow, plain};
use crate::cost::{Fit, Measured};
use crate::figures::Figures;
use crate::measured::Played;
use crate::prices::Instance;
use crate::subject::Subject;
use crate::{number, text};

/// Requests a second that instances are counted for; the column says so, too.
const RATE: f64 = 1000.0;

/// The share of a step's requests that may go wrong where its throughput is a capacity.
const MOST_LOST: f64 = 0.001;

pub(super) const COLUMNS: &[Column] = &[
    Column::Target,
    Column::Fact(Fact::Copies),
    Column::Fact(Fact::Planned),
    Column::Fact(Fact::PerHour),
    Column::Fact(Fact::PerMillion),
    Column::Fact(Fact::Instances),
];

/// Instance by instance every target with a capacity.
pub(super) fn rows(figures: &Figures) -> Vec<TableRow> {
    let subjects = figures.subjects.iter();
    let known = subjects.filter_map(|subject| Some((subject, capacity(figures, subject)?)));
    let known: Vec<_> = known.collect();
    let instances = figures.prices.instances.iter();
    let rows = instances.flat_map(|instance| {
        let rows = known.iter();
        rows.map(move |(subject, measured)| {
            let fit = Fit::of(measured, instance, figures.prices);
            row(subject, instance, fit)
        })
    });
    rows.collect()
}

fn row(subject: &Subject<'_>, instance: &Instance, fit: Option<Fit>) -> TableRow {
    let cells = match fit {
        None => {
            let mut cells = vec![plain(number::MISSING.to_owned()); COLUMNS.len() - 1];
            cells[0] = plain("0".to_owned());
            cells
        }
        Some(fit) => {
            let instances = fit.instances(RATE);
            vec![
                plain(fit.copies.to_string()),
                plain(number::significant(fit.planned_per_s)),
                plain(number::significant(fit.usd_per_h)),
                plain(number::significant(fit.usd_per_million())),
                plain(instances.map_or(number::MISSING.to_owned(), number::count)),
            ]
        }
    };
    TableRow {
        target: Cell {
            main: subject.name.clone(),
            detail: text::line(&instance.name),
        },
        cells: Ok(cells),
    }
}

/// The most right answers a second that a target gave in a closed step, and what it took
/// then. None where that step's figures are not the target's, where more than one in a
/// thousand went wrong in it, and where its CPUs were not its own: a lesser step would
/// say nothing of what it can do.
fn capacity(figures: &Figures, subject: &Subject<'_>) -> Option<Measured> {
    let layout = &figures.recording.run.layout;
    if layout.shared || layout.target_cpus.is_empty() {
        return None;
    }
    let closed = figures
        .steps
        .iter()
        .filter(|step| step.asked_per_s().is_none());
    let measured = closed.filter_map(|step| step.rows.get(subject.index)?.measured());
    let best = measured.max_by(|a, b| a.goodput.median.total_cmp(&b.goodput.median))?;
    let is_of_target = |played: &Played| played.verdict.level < Level::Invalid;
    let is_right = best.goodput.median > 0.0 && best.lost_share() <= MOST_LOST;
    (is_right && best.trials.iter().all(is_of_target)).then(|| Measured {
        capacity_per_s: best.goodput.median,
        cpus: u32::try_from(layout.target_cpus.len()).unwrap_or(u32::MAX),
        memory_bytes: best.memory.map(|memory| memory.median),
    })
}
