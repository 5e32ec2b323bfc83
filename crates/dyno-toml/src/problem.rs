//! A problem in a file: what is wrong, where, and the way out.

use std::cell::RefCell;
use std::fmt;
use std::ops::Range;

use miette::{Diagnostic, LabeledSpan, NamedSource, SourceCode};

use crate::source::Sources;

/// One thing wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What is wrong: lower case, no full stop.
    pub message: String,
    /// Byte range in the text; an empty range points between two characters.
    pub place: Range<usize>,
    /// The way out, when we know it.
    pub hint: Option<String>,
}

impl Problem {
    /// A problem without a hint.
    pub fn new(message: impl Into<String>, place: Range<usize>) -> Self {
        Self {
            message: message.into(),
            place,
            hint: None,
        }
    }

    /// Adds the way out.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// The problems found so far in one text. Shared by all its readers.
#[derive(Debug)]
pub struct Found {
    pub(crate) text: String,
    list: RefCell<Vec<Problem>>,
}

impl Found {
    /// No problem yet in `text`.
    #[must_use]
    pub fn over(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            list: RefCell::default(),
        }
    }

    /// Notes one more problem.
    pub fn push(&self, problem: Problem) {
        self.list.borrow_mut().push(problem);
    }

    /// Hands over what was found, in the order of the file.
    pub(crate) fn take(&self) -> Vec<Problem> {
        let mut list = self.list.take();
        list.sort_by_key(|problem| problem.place.start);
        list
    }
}

/// Everything that is wrong with one file.
///
/// `Display` gives one line a problem, `file:line:column: message (hint)`;
/// through [`Diagnostic`] a terminal can show the lines of the file themselves.
#[derive(Debug)]
pub struct Problems {
    list: Vec<Located>,
}

impl Problems {
    /// Ties problems to the file that has them, or to the `settings` that were put
    /// over it ([`read_with`](crate::read_with)). For what can be seen only after
    /// reading, such as a column that a file of data does not have.
    #[must_use]
    pub fn new(name: &str, text: &str, settings: &[String], list: Vec<Problem>) -> Self {
        let sources = Sources::new(name, text, settings);
        let locate = |problem| sources.locate(problem);
        Self {
            list: list.into_iter().map(locate).collect(),
        }
    }

    /// The problems, in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.list.iter().map(|located| &located.problem)
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, located) in self.list.iter().enumerate() {
            let newline = if index == 0 { "" } else { "\n" };
            let (start, message) = (&located.start, &located.problem.message);
            write!(f, "{newline}{start}: {message}")?;
            if let Some(hint) = &located.problem.hint {
                write!(f, " ({hint})")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

/// Shows each problem as a report of its own, with its lines of the file.
impl Problems {
    /// The single reports, for a renderer of [`Diagnostic`]s.
    pub fn diagnostics(&self) -> impl Iterator<Item = &(dyn Diagnostic + Send + Sync)> {
        self.list.iter().map(|located| located as _)
    }
}

/// A problem and the text that has it.
#[derive(Debug)]
pub(crate) struct Located {
    source: NamedSource<String>,
    /// What a line about it starts with: `file:line:column`.
    start: String,
    problem: Problem,
}

impl Located {
    /// In a file.
    pub(crate) fn in_file(name: &str, text: &str, mut problem: Problem) -> Self {
        problem.place = within(text, &problem.place);
        let (line, column) = line_column(text, problem.place.start);
        Self {
            source: NamedSource::new(name, text.to_owned()),
            start: format!("{name}:{line}:{column}"),
            problem,
        }
    }

    /// In a setting on the command line, which is one line.
    pub(crate) fn in_setting(setting: &str, mut problem: Problem) -> Self {
        problem.place = within(setting, &problem.place);
        Self {
            source: NamedSource::new("--set", setting.to_owned()),
            start: format!("--set {setting}"),
            problem,
        }
    }
}

impl fmt::Display for Located {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problem.message)
    }
}

impl std::error::Error for Located {}

impl Diagnostic for Located {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let hint = self.problem.hint.as_ref()?;
        Some(Box::new(hint))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let span = self.problem.place.clone();
        Some(Box::new(std::iter::once(LabeledSpan::underline(span))))
    }
}

/// The place, cut to whole characters of the text: the parser sometimes points
/// behind the end of a broken file, where nothing can be shown.
fn within(text: &str, place: &Range<usize>) -> Range<usize> {
    let mut start = place.start.min(text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let mut end = place.end.clamp(start, text.len());
    while !text.is_char_boundary(end) {
        end += 1;
    }
    start..end
}

/// Line and column (both from 1, columns in characters) of a byte offset.
fn line_column(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (line, before[start..].chars().count() + 1)
}

/// A file that is not TOML at all.
pub(crate) fn syntax(error: &toml_span::Error, text: &str) -> Problem {
    let place = within(text, &(error.span.start..error.span.end));
    let problem = Problem::new(error.to_string(), place);
    match error.kind {
        toml_span::ErrorKind::UnquotedString => problem.hint("put the text in quotes"),
        _ => problem,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_stay_within_the_text() {
        for (place, expected) in [
            (0..3, 0..3),
            (0..9, 0..4),
            (8..9, 4..4),
            (2..3, 1..3),
            (Range { start: 3, end: 2 }, 3..3),
            (0..2, 0..3),
        ] {
            assert_eq!(within("aüb", &place), expected, "{place:?}");
        }
    }

    #[test]
    fn line_and_column_count_from_one() {
        let text = "a = 1\nü = 2\n";
        for (offset, expected) in [
            (0, (1, 1)),
            (4, (1, 5)),
            (6, (2, 1)),
            (8, (2, 2)),
            (99, (3, 1)),
        ] {
            assert_eq!(line_column(text, offset), expected, "offset {offset}");
        }
    }
}
