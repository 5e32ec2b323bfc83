//! The page of a run: one file, no script, nothing fetched. What stands where
//! is in `templates/page.html`, how it looks in `page.css` beside it; here it is filled.

mod environment;
mod target;

use askama::Template;

use crate::chart::{self, Plot};
use crate::figures::{Figures, StepFigures};
use crate::findings::Finding;
use crate::table::{Cell, Column, TableRow, rows};
use crate::verdicts::{self, Headline};
use crate::{Error, findings, notes, reasons, text};

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
        steps: figures.steps.iter().map(|s| tables(figures, s)).collect(),
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

/// How fast, and at what price; the latter only where something was watched.
fn tables(figures: &Figures, step: &StepFigures) -> StepTables {
    let table = |what, columns| StepTable {
        what,
        columns,
        rows: rows(figures, step, columns),
    };
    let mut tables = vec![table("speed", Column::SPEED)];
    if let Some(columns) = Column::schedule(step) {
        let mut schedule = table("schedule", columns);
        schedule.rows.retain(|row| row.cells.is_ok());
        tables.push(schedule);
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
