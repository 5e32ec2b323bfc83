//! The page of a run: one file, no script, nothing fetched. What stands where
//! is in `templates/page.html`, how it looks in `page.css` beside it; here it is filled.

mod environment;
mod target;

use std::collections::BTreeMap;

use askama::Template;

use crate::chart::{self, Plot};
use crate::figures::{Figures, StepFigures};
use crate::findings::Finding;
use crate::table::{Cell, Column, TableRow, chapters, hashing, parts, rows};
use crate::verdicts::{self, Headline};
use crate::{Error, findings, notes, reasons, text};

/// Wrong answers of one kind that are shown.
const EXAMPLES: usize = 3;

#[derive(Template)]
#[template(path = "page.html")]
struct Page {
    verdicts: Vec<Headline>,
    name: String,
    question: String,
    summary: Vec<String>,
    machine: String,
    layout: String,
    banners: Vec<String>,
    findings: Vec<Finding>,
    doubts: Vec<String>,
    steps: Vec<StepTables>,
    examples: Vec<Wrong>,
    legend: Vec<String>,
    charts: Vec<Figure>,
    targets: Vec<target::Card>,
    environment: Vec<(&'static str, String)>,
    scenario_file: String,
    scenario_text: String,
    command: String,
    footer: String,
}

struct StepTables {
    name: String,
    load: String,
    tables: Vec<StepTable>,
}

struct StepTable {
    what: &'static str,
    columns: &'static [Column],
    rows: Vec<TableRow>,
}

/// A wrong answer, to be looked at.
struct Wrong {
    /// Which request of which target, and what was wrong with it.
    title: String,
    head: String,
    body: String,
    is_cut: bool,
}

struct Figure {
    plot_name: &'static str,
    title: &'static str,
    subtitle: String,
    description: String,
    wide: String,
    narrow: String,
    columns: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

/// The whole page.
pub(crate) fn render(figures: &Figures) -> Result<String, Error> {
    let run = &figures.recording.run;
    let targets = run
        .targets
        .iter()
        .map(|target| target::card(figures, target));
    let charts = chart::plots(figures).into_iter().map(figure);
    let page = Page {
        verdicts: verdicts::headlines(figures),
        name: text::line(&run.scenario.name),
        question: text::line(&run.scenario.question),
        summary: notes::summary(figures),
        machine: notes::machine(figures),
        layout: notes::layout(figures),
        banners: notes::banners(figures),
        findings: findings::findings(figures),
        doubts: findings::doubts(figures),
        steps: steps(figures),
        examples: examples(figures),
        legend: notes::legend(figures),
        charts: charts.collect::<Result<_, _>>()?,
        targets: targets.collect(),
        environment: environment::facts(figures),
        scenario_file: text::line(&run.scenario.file),
        scenario_text: text::block(&run.scenario.text),
        command: text::command(&run.command),
        footer: text::line(&format!(
            "run {}, seed {}, {} {}, schema {} {}",
            run.run_id, run.seed, run.tool.name, run.tool.version, run.schema, run.schema_version
        )),
    };
    Ok(text::block(&page.render()?))
}

/// Step by step, then what is not of a step.
fn steps(figures: &Figures) -> Vec<StepTables> {
    let steps = figures.steps.iter().map(|step| tables(figures, step));
    let whole = chapters(figures).into_iter().map(|chapter| StepTables {
        name: chapter.title.to_owned(),
        load: String::new(),
        tables: chapter
            .tables
            .into_iter()
            .map(|named| StepTable {
                what: named.what,
                columns: named.columns,
                rows: named.rows,
            })
            .collect(),
    });
    steps.chain(whole).collect()
}

/// How fast, and at what price; the latter only where something was watched.
fn tables(figures: &Figures, step: &StepFigures) -> StepTables {
    let table = |what, columns| StepTable {
        what,
        columns,
        rows: rows(step, columns),
    };
    let mut tables = vec![table("speed", Column::SPEED)];
    if let Some((columns, rows)) = hashing(figures, step) {
        tables.push(StepTable {
            what: "hashes",
            columns,
            rows,
        });
    }
    if let Some(columns) = Column::schedule(step) {
        let mut schedule = table("schedule", columns);
        schedule.rows.retain(|row| row.cells.is_ok());
        tables.push(schedule);
    }
    for (columns, rows) in parts(step) {
        let what = columns[0].title();
        tables.push(StepTable {
            what,
            columns,
            rows,
        });
    }
    if step.has_costs() {
        let mut price = table("price", Column::COST);
        price.rows.retain(|row| row.cells.is_ok());
        tables.push(price);
    }
    StepTables {
        name: step.name.clone(),
        load: step.load.clone(),
        tables,
    }
}

/// Wrong answers, of each target, step and kind the first ones, however many trials
/// have seen such.
fn examples(figures: &Figures) -> Vec<Wrong> {
    let mut told: BTreeMap<String, usize> = BTreeMap::new();
    let mut examples = Vec::new();
    for (step, row, measured) in figures.measured() {
        for example in measured.trials.iter().flat_map(|p| &p.step.examples) {
            let request = match example.flow == example.request {
                true => example.request.clone(),
                false => format!("{}: {}", example.flow, example.request),
            };
            let check = match example.check.as_str() {
                "" => String::new(),
                check => format!(" ({check})"),
            };
            let title = text::line(&format!(
                "{}, {}, {request}: {}{check}",
                row.name,
                step.title(),
                example.kind.id()
            ));
            let count = told.entry(title.clone()).or_default();
            *count += 1;
            if *count <= EXAMPLES {
                examples.push(Wrong {
                    title,
                    head: text::block(&example.head),
                    body: text::block(&example.body),
                    is_cut: example.is_cut,
                });
            }
        }
    }
    examples
}

fn figure(plot: Plot) -> Result<Figure, Error> {
    let (wide, narrow) = chart::inline(&plot)?;
    Ok(Figure {
        plot_name: plot.name,
        title: plot.title,
        subtitle: plot.subtitle,
        description: plot.description,
        wide,
        narrow,
        columns: plot.columns,
        rows: plot.rows,
    })
}

impl Headline {
    /// Only for its looks: the word stands in the line.
    fn class(&self) -> String {
        reasons::word(self.level).to_lowercase()
    }
}

impl Cell {
    /// The detail in lines that need not be broken.
    fn details(&self) -> impl Iterator<Item = &str> {
        let parts = self.detail.split("; ").flat_map(|part| part.split(", "));
        parts.filter(|part| !part.is_empty())
    }
}
