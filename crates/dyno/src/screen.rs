//! The only place that prints: stdout is data, stderr is talk. A reader that
//! went away (`dyno … | head`) is no error.
//!
//! On a terminal a block of lines may stand below the talk and change. The cursor
//! waits below the block: whatever ends dyno leaves a usable terminal.

use std::fmt::Write as _;
use std::io::{IsTerminal as _, Write as _};
use std::sync::{Mutex, PoisonError};

/// The lines of the block on the screen.
static BLOCK: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Prints data.
pub(crate) fn data(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes());
    if !text.ends_with('\n') {
        let _ = out.write_all(b"\n");
    }
    let _ = out.flush();
}

/// Prints a line of talk, above the block.
pub(crate) fn talk(text: &str) {
    let block = BLOCK.lock().unwrap_or_else(PoisonError::into_inner);
    let text = format!("{}\n", text.trim_end());
    write(&match block.is_empty() {
        true => text,
        false => replace(&block, &text, &block, columns()),
    });
}

/// Shows `lines`, each narrower than the terminal, instead of the block.
pub(crate) fn show(mut lines: Vec<String>) {
    let (_, rows) = size();
    // What does not fit could not be erased again.
    lines.truncate(rows.saturating_sub(1).max(1));
    let mut block = BLOCK.lock().unwrap_or_else(PoisonError::into_inner);
    if *block != lines {
        write(&replace(&block, "", &lines, columns()));
        *block = lines;
    }
}

/// Takes the block away.
pub(crate) fn erase() {
    let mut block = BLOCK.lock().unwrap_or_else(PoisonError::into_inner);
    if !block.is_empty() {
        write(&replace(&block, "", &[], columns()));
        block.clear();
    }
}

/// Whether a block can be shown: a person looks at stderr, on a terminal that
/// moves its cursor.
pub(crate) fn is_lively() -> bool {
    let is_set = |name| {
        std::env::var_os(name).is_some_and(|value: std::ffi::OsString| {
            !value.is_empty() && value != "0" && value != "false"
        })
    };
    let is_dumb = std::env::var_os("TERM").is_none_or(|term| term.is_empty() || term == "dumb");
    std::io::stderr().is_terminal() && !is_dumb && !is_set("CI")
}

/// Columns of the terminal.
pub(crate) fn columns() -> usize {
    size().0
}

/// Columns and rows; the usual ones where the terminal does not say.
fn size() -> (usize, usize) {
    match terminal_size::terminal_size_of(std::io::stderr()) {
        Some((columns, rows)) if columns.0 > 0 && rows.0 > 0 => {
            (usize::from(columns.0), usize::from(rows.0))
        }
        _ => (80, 24),
    }
}

/// What turns the block `old` into `text` and the block `new`, in one write.
fn replace(old: &[String], text: &str, new: &[String], columns: usize) -> String {
    // A terminal made narrower has wrapped the old lines.
    let rows = old
        .iter()
        .map(|line| line.chars().count().div_ceil(columns.max(1)).max(1));
    let mut out = String::new();
    match rows.sum::<usize>() {
        0 => {}
        rows => {
            let _ = write!(out, "\r\x1b[{rows}A\x1b[J");
        }
    }
    out += text;
    for line in new {
        out += line;
        out.push('\n');
    }
    out
}

fn write(text: &str) {
    let mut err = std::io::stderr().lock();
    let _ = err.write_all(text.as_bytes());
    let _ = err.flush();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_taken_away_with_every_row_it_fills() {
        let lines = |text: &[&str]| text.iter().map(ToString::to_string).collect::<Vec<_>>();
        let check = |old: &[&str], text, new: &[&str], columns, expected| {
            assert_eq!(replace(&lines(old), text, &lines(new), columns), expected);
        };
        check(&[], "", &["a", "b"], 80, "a\nb\n");
        check(&["a", "b"], "", &["c"], 80, "\r\x1b[2A\x1b[Jc\n");
        check(&["a"], "talk\n", &["a"], 80, "\r\x1b[1A\x1b[Jtalk\na\n");
        check(&["a", ""], "", &[], 80, "\r\x1b[2A\x1b[J");
        check(&["■■■■■", "ab"], "", &[], 2, "\r\x1b[4A\x1b[J");
    }
}
