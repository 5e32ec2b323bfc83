//! A page for a pull request or a README: GitHub's tables, no HTML, no images.

use std::fmt::Write as _;

use crate::figures::Figures;
use crate::table::{Cell, Column, TableRow, chapters, hashing, parts, rows};
use crate::{Error, findings, notes, text, verdicts};

/// The whole run.
pub(crate) fn render(figures: &Figures) -> Result<String, Error> {
    let run = &figures.recording.run;
    let mut page = String::new();
    for (index, headline) in verdicts::headlines(figures).iter().enumerate() {
        match index {
            0 => writeln!(page, "**{}**\n", escape(&headline.line))?,
            _ => writeln!(page, "- {}", escape(&headline.line))?,
        }
    }
    writeln!(page, "\n# {}\n", escape(&run.scenario.name))?;
    if !run.scenario.question.is_empty() {
        writeln!(page, "{}\n", escape(&run.scenario.question))?;
    }
    writeln!(page, "{}\n", escape(&notes::summary(figures).join(" · ")))?;
    for banner in notes::banners(figures) {
        writeln!(page, "> **{}**\n", escape(&banner))?;
    }
    let findings = findings::findings(figures);
    if !findings.is_empty() {
        writeln!(page, "## What this shows\n")?;
    }
    for finding in findings {
        writeln!(page, "**{}**\n", escape(&finding.title))?;
        items(&mut page, finding.sentences())?;
    }
    for step in &figures.steps {
        writeln!(page, "## {}\n", escape(&step.title()))?;
        table(&mut page, Column::ALL, rows(step, Column::ALL))?;
        if let Some((columns, rows)) = hashing(figures, step) {
            table(&mut page, columns, rows)?;
        }
        if let Some(columns) = Column::schedule(step) {
            let mut rows = rows(step, columns);
            rows.retain(|row| row.cells.is_ok());
            table(&mut page, columns, rows)?;
        }
        for (columns, rows) in parts(step) {
            table(&mut page, columns, rows)?;
        }
    }
    for chapter in chapters(figures) {
        writeln!(page, "## {}\n", chapter.title)?;
        for named in chapter.tables {
            table(&mut page, named.columns, named.rows)?;
        }
    }
    section(&mut page, "Before you quote it", &findings::doubts(figures))?;
    section(&mut page, "How to read this", &notes::legend(figures))?;
    let machine = [
        format!("Machine: {}", notes::machine(figures)),
        format!("Layout: {}", notes::layout(figures)),
        format!("Run: {}", text::line(&run.run_id)),
    ];
    section(&mut page, "Where", &machine)?;
    writeln!(
        page,
        "To repeat:\n\n{}",
        fence(&text::command(&run.command))
    )?;
    Ok(page)
}

fn table(page: &mut String, columns: &[Column], rows: Vec<TableRow>) -> Result<(), Error> {
    let titles = columns.iter().map(|column| column.title());
    writeln!(page, "| {} |", titles.collect::<Vec<_>>().join(" | "))?;
    let rules = columns
        .iter()
        .map(|c| if c.is_figure() { "--:" } else { ":--" });
    writeln!(page, "| {} |", rules.collect::<Vec<_>>().join(" | "))?;
    for row in rows {
        let mut cells = vec![cell(&row.target)];
        match &row.cells {
            Ok(figures) => cells.extend(figures.iter().map(cell)),
            Err(reason) => {
                cells.push(escape(reason));
                cells.resize(columns.len(), String::new());
            }
        }
        writeln!(page, "| {} |", cells.join(" | "))?;
    }
    writeln!(page)?;
    Ok(())
}

fn section(page: &mut String, title: &str, lines: &[String]) -> Result<(), Error> {
    if lines.is_empty() {
        return Ok(());
    }
    writeln!(page, "## {title}\n")?;
    items(page, lines)
}

fn items<'a>(page: &mut String, lines: impl IntoIterator<Item = &'a String>) -> Result<(), Error> {
    for line in lines {
        writeln!(page, "- {}", escape(line))?;
    }
    writeln!(page)?;
    Ok(())
}

fn cell(cell: &Cell) -> String {
    match cell.detail.as_str() {
        "" => escape(&cell.main),
        detail => format!("{} ({})", escape(&cell.main), escape(detail)),
    }
}

/// A code block that its content cannot close.
fn fence(code: &str) -> String {
    let longest = code.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}console\n{code}\n{fence}")
}

/// Text that stays text: no markup, no HTML, no mention of a person.
fn escape(line: &str) -> String {
    let mut escaped = String::new();
    for c in text::line(line).chars() {
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' => {
                escaped.push('\\');
                escaped.push(c);
            }
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '@' => escaped.push_str("@\u{200b}"),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_in_names_stays_text() {
        assert_eq!(
            escape("a|b`c` <script> @you\n# x"),
            "a\\|b\\`c\\` &lt;script&gt; @\u{200b}you \\# x"
        );
        assert_eq!(fence("a ``` b"), "````console\na ``` b\n````");
    }
}
