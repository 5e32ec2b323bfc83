//! Tables for a terminal of a hundred columns and more, two for each step: how
//! fast, and at what price. Words carry the meaning; bold only helps the eye.

use std::fmt::Write as _;

use comfy_table::{
    Cell as Field, CellAlignment, ColumnConstraint, ContentArrangement, LineStyle, Table,
    TableStyle,
};

use crate::figures::{Figures, StepFigures};
use crate::table::{Cell, Column, TableRow, chapters, hashing, parts, rows};
use crate::{Error, Options, findings, notes, text, verdicts};

/// Columns of a terminal that does not tell.
const WIDTH: u16 = 110;

/// Rows of flows or requests of a step that somebody may read here.
const MOST_PARTS: usize = 40;

/// The whole run.
pub(crate) fn render(figures: &Figures, options: &Options) -> Result<String, Error> {
    let run = &figures.recording.run;
    let width = options.width.unwrap_or(WIDTH).max(60);
    let mut page = String::new();
    let bold = |line: &str| match options.color {
        true => format!("\x1b[1m{line}\x1b[0m"),
        false => line.to_owned(),
    };
    for (index, headline) in verdicts::headlines(figures).iter().enumerate() {
        let lead = if index == 0 { "" } else { "- " };
        paragraph(&mut page, &headline.line, lead, width)?;
    }
    if !figures.steps.is_empty() {
        writeln!(page)?;
    }
    writeln!(page, "{}", bold(&text::line(&run.scenario.name)))?;
    paragraph(&mut page, &text::line(&run.scenario.question), "", width)?;
    paragraph(&mut page, &notes::summary(figures).join(" · "), "", width)?;
    for banner in notes::banners(figures) {
        writeln!(page)?;
        paragraph(&mut page, &banner, "!! ", width)?;
    }
    for step in &figures.steps {
        writeln!(page, "\n{}\n", bold(&step.title()))?;
        step_tables(&mut page, figures, step, width)?;
    }
    for chapter in chapters(figures) {
        writeln!(page, "\n{}", bold(chapter.title))?;
        for named in &chapter.tables {
            writeln!(page, "\n{}", table(&named.rows, named.columns, width))?;
        }
    }
    // What compares targets stands in the tables; what is behind it does not.
    for finding in findings::findings(figures) {
        let title = format!("What is behind it: {}", finding.title);
        list(&mut page, &bold(&title), &finding.causes, width)?;
    }
    list(
        &mut page,
        &bold("Before you quote it"),
        &findings::doubts(figures),
        width,
    )?;
    list(
        &mut page,
        &bold("How to read this"),
        &notes::legend(figures),
        width,
    )?;
    writeln!(page)?;
    paragraph(
        &mut page,
        &format!("Machine: {}", notes::machine(figures)),
        "",
        width,
    )?;
    paragraph(
        &mut page,
        &format!("Layout: {}", notes::layout(figures)),
        "",
        width,
    )?;
    Ok(page)
}

fn step_tables(
    page: &mut String,
    figures: &Figures,
    step: &StepFigures,
    width: u16,
) -> Result<(), Error> {
    let (measured, others): (Vec<_>, Vec<_>) = rows(step, Column::SPEED)
        .into_iter()
        .partition(|row| row.cells.is_ok());
    if !measured.is_empty() {
        writeln!(page, "{}", table(&measured, Column::SPEED, width))?;
    }
    for row in others {
        if let Err(reason) = row.cells {
            let line = format!("{} ({}): {reason}", row.target.main, row.target.detail);
            paragraph(page, &line, "", width)?;
        }
    }
    if let Some((columns, rows)) = hashing(figures, step) {
        writeln!(page, "\n{}", table(&rows, columns, width))?;
    }
    if let Some(columns) = Column::schedule(step) {
        let mut rows = rows(step, columns);
        rows.retain(|row| row.cells.is_ok());
        writeln!(page, "\n{}", table(&rows, columns, width))?;
    }
    for (columns, mut rows) in parts(step) {
        let more = rows.len().saturating_sub(MOST_PARTS);
        rows.truncate(MOST_PARTS);
        writeln!(page, "\n{}", table(&rows, columns, width))?;
        if more > 0 {
            writeln!(page, "… and {more} more rows, in the page")?;
        }
    }
    if step.has_costs() {
        let mut rows = rows(step, Column::COST);
        rows.retain(|row| row.cells.is_ok());
        writeln!(page, "\n{}", table(&rows, Column::COST, width))?;
    }
    Ok(())
}

/// Two spaces between columns where there is room, else one; where that does
/// not help either, the names of targets are broken.
fn table(rows: &[TableRow], columns: &[Column], width: u16) -> String {
    let mut table = Table::new();
    table
        .load_style(TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─')))
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(width);
    // The level under the name: `pool wait p99` would be a wide column.
    let titles = columns
        .iter()
        .map(|column| (column.title().replace(" p", "\np"), column));
    table.set_header(titles.map(|(title, column)| field(&title, *column)));
    for row in rows {
        let figures = row.cells.iter().flatten().zip(&columns[1..]);
        let mut fields = vec![field(&lines(&row.target, Column::Target), Column::Target)];
        fields.extend(figures.map(|(cell, column)| field(&lines(cell, *column), *column)));
        table.add_row(fields);
    }
    let content: u16 = table.column_max_content_widths().iter().sum();
    let last = columns.len() - 1;
    let gaps = u16::try_from(last).unwrap_or(u16::MAX);
    let gap = if content + 2 * gaps <= width { 2 } else { 1 };
    for (index, column) in table.column_iter_mut().enumerate() {
        // comfy-table itself sets one space between columns.
        column.set_padding((0, if index == last { 0 } else { gap - 1 }));
        if index > 0 {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    table.trim_fmt()
}

fn field(content: &str, column: Column) -> Field {
    let field = Field::new(content);
    match column.is_figure() {
        true => field.set_alignment(CellAlignment::Right),
        false => field,
    }
}

/// The detail under the figure, where there is room for it: most ranges and
/// the kinds of failure are left to the text below and to wider formats.
fn lines(cell: &Cell, column: Column) -> String {
    let main = cell.main.replacen("FAILED (", "FAILED\n(", 1);
    let is_shown = !matches!(
        column,
        Column::P50
            | Column::P90
            | Column::P999
            | Column::Max
            | Column::Failures
            | Column::ServiceP50
            | Column::LagP50
    );
    match cell.detail.as_str() {
        detail if is_shown && !detail.is_empty() => {
            format!(
                "{main}\n{}",
                detail
                    .replace("reference", "ref.")
                    .replace("; ", "\n")
                    .replace(" to ", "\nto ")
            )
        }
        _ => main,
    }
}

fn list(page: &mut String, title: &str, lines: &[String], width: u16) -> Result<(), Error> {
    if !lines.is_empty() {
        writeln!(page, "\n{title}")?;
    }
    for line in lines {
        paragraph(page, line, "- ", width)?;
    }
    Ok(())
}

/// Words filled into lines; `lead` starts the first, its width indents the rest.
fn paragraph(page: &mut String, words: &str, lead: &str, width: u16) -> Result<(), Error> {
    let width = usize::from(width.min(110));
    let mut line = lead.to_owned();
    let mut is_empty = true;
    for word in words.split_whitespace() {
        let length = line.chars().count() + usize::from(!is_empty) + word.chars().count();
        if !is_empty && length > width {
            writeln!(page, "{}", line.trim_end())?;
            line = " ".repeat(lead.chars().count());
            is_empty = true;
        }
        if !is_empty {
            line.push(' ');
        }
        line.push_str(word);
        is_empty = false;
    }
    if !is_empty {
        writeln!(page, "{}", line.trim_end())?;
    }
    Ok(())
}
