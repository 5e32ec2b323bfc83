//! Tables for a terminal of a hundred columns and more, one for each step and
//! one for the price. Words carry the meaning; bold only helps the eye.

use std::fmt::Write as _;

use comfy_table::{Cell as Field, CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};

use crate::figures::{Figures, StepFigures};
use crate::table::{Cell, Column, TableRow, rows};
use crate::{Error, Options, findings, notes, text};

/// Columns of a terminal that does not tell.
const WIDTH: u16 = 110;

/// The whole run.
pub(crate) fn render(figures: &Figures, options: &Options) -> Result<String, Error> {
    let run = &figures.recording.run;
    let width = options.width.unwrap_or(WIDTH).max(60);
    let mut page = String::new();
    let bold = |line: &str| match options.color {
        true => format!("\x1b[1m{line}\x1b[0m"),
        false => line.to_owned(),
    };
    writeln!(page, "{}", bold(&text::line(&run.scenario.name)))?;
    paragraph(&mut page, &text::line(&run.scenario.question), "", width)?;
    paragraph(&mut page, &notes::summary(figures).join(" · "), "", width)?;
    for banner in notes::banners(figures) {
        writeln!(page)?;
        paragraph(&mut page, &banner, "!! ", width)?;
    }
    for step in &figures.steps {
        writeln!(page, "\n{}\n", bold(&step.title()))?;
        let rows = rows(figures, step, Column::SPEED);
        writeln!(page, "{}", table(&rows, Column::SPEED, width))?;
        for row in &rows {
            if let Err(reason) = &row.cells {
                paragraph(
                    &mut page,
                    &format!("{}: {reason}", row.target.main),
                    "",
                    width,
                )?;
            }
        }
    }
    for step in figures.steps.iter().filter(|step| has_costs(step)) {
        writeln!(page, "\n{}\n", bold(&format!("Price of {}", step.title())))?;
        let mut rows = rows(figures, step, Column::COST);
        rows.retain(|row| row.cells.is_ok());
        writeln!(page, "{}", table(&rows, Column::COST, width))?;
    }
    let mut lines = findings::findings(figures);
    lines.extend(findings::doubts(figures));
    lines.extend(findings::generator(figures));
    list(&mut page, &bold("Notes"), &lines, width)?;
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

fn has_costs(step: &StepFigures) -> bool {
    let mut measured = step.rows.iter().filter_map(|row| row.measured());
    measured.any(|m| m.cpu_per_request.is_some() || m.memory.is_some() || m.ready.is_some())
}

fn table(rows: &[TableRow], columns: &[Column], width: u16) -> String {
    let mut table = Table::new();
    table
        .load_style(TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─')))
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(width);
    table.set_header(columns.iter().map(|column| field(column.title(), *column)));
    for row in rows {
        let mut cells = vec![lines(&row.target)];
        match &row.cells {
            Ok(figures) => cells.extend(figures.iter().map(lines)),
            Err(_) => cells.push("not measured".to_owned()),
        }
        cells.resize(columns.len(), String::new());
        let fields = cells.iter().zip(columns);
        table.add_row(fields.map(|(cell, column)| field(cell, *column)));
    }
    let count = columns.len();
    for (index, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, if index + 1 == count { 0 } else { 2 }));
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

/// The detail under the figure, a list one item a line.
fn lines(cell: &Cell) -> String {
    match cell.detail.as_str() {
        "" => cell.main.clone(),
        detail => format!("{}\n{}", cell.main, detail.replace("; ", "\n")),
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
