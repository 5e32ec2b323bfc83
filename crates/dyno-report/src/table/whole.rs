//! The tables of a whole run: how its targets start, stop, what they take and cost,
//! whatever step is played.

use dyno_result::{Build, Mark, Summary, Target, Trial};

use super::{Cell, Column, Fact, TableRow, figure, plain};
use crate::figures::Figures;
use crate::subject::Subject;
use crate::{number, table, text};

/// Tables under one title.
pub(crate) struct Chapter {
    pub(crate) title: &'static str,
    pub(crate) tables: Vec<Named>,
}

/// A table with a word for what it is about.
pub(crate) struct Named {
    pub(crate) what: &'static str,
    pub(crate) columns: &'static [Column],
    pub(crate) rows: Vec<TableRow>,
}

const START: &[Column] = &[
    Column::Target,
    Column::Fact(Fact::Listens),
    Column::Fact(Fact::Ready),
    Column::Fact(Fact::First),
    Column::Fact(Fact::Stop),
];

const MEMORY: &[Column] = &[
    Column::Target,
    Column::Fact(Fact::Idle),
    Column::Fact(Fact::IdleShare),
    Column::Fact(Fact::Peak),
    Column::Fact(Fact::After),
    Column::Fact(Fact::AfterShare),
];

const SIZE: &[Column] = &[
    Column::Target,
    Column::Fact(Fact::Code),
    Column::Fact(Fact::Packed),
    Column::Fact(Fact::Dependencies),
    Column::Fact(Fact::Artefact),
    Column::Fact(Fact::Build),
];

/// What there is to say of the whole run; nothing of what nobody has seen.
pub(crate) fn chapters(figures: &Figures) -> Vec<Chapter> {
    let of_life = |columns: &'static [Column]| {
        let subjects = figures.subjects.iter();
        let rows = subjects.map(|subject| of_life(figures, subject, columns));
        rows.collect::<Vec<_>>()
    };
    let sizes = figures.recording.run.targets.iter().map(of_size);
    let tables = [
        ("start", START, of_life(START)),
        ("memory", MEMORY, of_life(MEMORY)),
        ("size", SIZE, sizes.collect()),
    ];
    let start = Chapter {
        title: "Start, size, memory",
        tables: tables.into_iter().filter_map(named).collect(),
    };
    let cost = Chapter {
        title: "Cost",
        tables: named(("cost", table::cost::COLUMNS, table::cost::rows(figures)))
            .into_iter()
            .collect(),
    };
    let chapters = [start, cost].into_iter();
    chapters
        .filter(|chapter| !chapter.tables.is_empty())
        .collect()
}

/// The table without the rows that say nothing; none without any other.
fn named(
    (what, columns, mut rows): (&'static str, &'static [Column], Vec<TableRow>),
) -> Option<Named> {
    rows.retain(|row| {
        let mut cells = row.cells.iter().flatten();
        cells.any(|cell| cell.main != number::MISSING)
    });
    (!rows.is_empty()).then_some(Named {
        what,
        columns,
        rows,
    })
}

/// How the valid trials of a target started and ended.
fn of_life(figures: &Figures, subject: &Subject<'_>, columns: &[Column]) -> TableRow {
    let trials: Vec<&Trial> = figures
        .valid_trials(&subject.target.id)
        .filter(|trial| subject.has(trial))
        .collect();
    let figure_of = |of: fn(&Trial) -> Option<u64>| {
        let sample = trials.iter().filter_map(|trial| of(trial));
        Summary::of(&sample.map(|value| value as f64).collect::<Vec<_>>())
    };
    let time = |of| figure(figure_of(of), number::time, number::time_range);
    let bytes = |of| figure(figure_of(of), number::bytes, number::bytes_range);
    let cell = |column: &Column| match column {
        Column::Fact(Fact::Listens) => time(|trial| Some(trial.start.as_ref()?.listen_ns)),
        Column::Fact(Fact::Ready) => time(|trial| Some(trial.start.as_ref()?.ready_ns)),
        Column::Fact(Fact::First) => time(|trial| trial.start.as_ref()?.first_ns),
        Column::Fact(Fact::Stop) => time(|trial| Some(trial.stop.as_ref()?.duration_ns)),
        Column::Fact(Fact::Idle) => bytes(|trial| Some(trial.idle.as_ref()?.rss_bytes)),
        Column::Fact(Fact::IdleShare) => bytes(|trial| trial.idle.as_ref()?.pss_bytes),
        Column::Fact(Fact::Peak) => bytes(peak),
        Column::Fact(Fact::After) => bytes(|trial| Some(after(trial)?.rss_bytes)),
        Column::Fact(Fact::AfterShare) => bytes(|trial| after(trial)?.pss_bytes),
        _ => Cell::default(),
    };
    TableRow {
        target: Cell {
            main: subject.name.clone(),
            detail: format!("{}, n = {}", subject.target.class.word(), trials.len()),
        },
        cells: Ok(columns.iter().skip(1).map(cell).collect()),
    }
}

/// The largest resident set of all steps.
fn peak(trial: &Trial) -> Option<u64> {
    let resources = trial
        .steps
        .iter()
        .filter_map(|step| step.resources.as_ref());
    resources.map(|resources| resources.rss_peak_bytes).max()
}

/// The quiet process after the last step.
fn after(trial: &Trial) -> Option<&Mark> {
    trial.steps.last()?.resources.as_ref()?.after.as_ref()
}

/// The code of a target, and what was made of it.
fn of_size(target: &Target) -> TableRow {
    let missing = || plain(number::MISSING.to_owned());
    let size = target.size.as_ref();
    let code = size.map_or_else(missing, |size| {
        let lines = size
            .code_lines
            .map_or(number::MISSING.to_owned(), number::count);
        let detail = match size.files.len() {
            1 => "1 file".to_owned(),
            n => format!("{n} files"),
        };
        Cell {
            main: lines,
            detail,
        }
    });
    let dependencies = size.and_then(|size| size.dependencies.as_ref());
    let dependencies = dependencies.map_or_else(missing, |all| Cell {
        main: number::count(all.total.into()),
        detail: all
            .direct
            .map_or(String::new(), |direct| format!("{direct} direct")),
    });
    let packed = size.map(|size| size.gzip_bytes as f64);
    let artefact = target
        .build
        .as_ref()
        .map(|build| build.artefact_bytes as f64);
    let bytes = |bytes: Option<f64>| bytes.map_or_else(missing, |b| plain(number::bytes(b)));
    TableRow {
        target: Cell {
            main: text::line(&target.name),
            detail: target.class.word().to_owned(),
        },
        cells: Ok(vec![
            code,
            bytes(packed),
            dependencies,
            bytes(artefact),
            target.build.as_ref().map_or_else(missing, build),
        ]),
    }
}

/// From nothing if that was measured, else as it was.
fn build(build: &Build) -> Cell {
    let time = |seconds: f64| number::time(seconds * 1e9);
    match (build.cold_s, build.warm_s) {
        (Some(cold), Some(warm)) => Cell {
            main: time(cold),
            detail: format!("again {}", time(warm)),
        },
        _ => Cell {
            main: time(build.duration_s),
            detail: "caches as found".to_owned(),
        },
    }
}
