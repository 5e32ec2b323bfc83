//! How a result looks: tables, pages and charts of a run.
//!
//! Everything is a pure function of the [`Recording`], and cost of a price table, too: no
//! file is written, no clock read, nothing printed, so an old run gives the same page. To add a
//! format, write one file and one line of [`render`].

mod blame;
mod chart;
pub mod cost;
mod csv;
mod facts;
mod figures;
mod findings;
mod hey;
mod html;
mod json;
mod markdown;
mod measured;
mod notes;
pub mod number;
mod open;
mod parts;
pub mod prices;
mod reasons;
mod subject;
mod table;
mod terminal;
mod text;
mod verdicts;

use std::fmt;
use std::str::FromStr;

use dyno_result::Recording;
use thiserror::Error;

pub use chart::Chart;
pub use number::{count, percent, rate, time};
pub use prices::Prices;

use figures::Figures;

/// How a run can be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Tables for a terminal.
    Terminal,
    /// Tables for a pull request or a README.
    Markdown,
    /// Tidy rows, one a trial, step and metric.
    Csv,
    /// `run.json` itself.
    Json,
    /// One page with charts that needs nothing else.
    Html,
    /// The summary that people know from hey, for `dyno hit`.
    Hey,
}

impl Format {
    /// Every format.
    pub const ALL: &'static [Self] = &[
        Self::Terminal,
        Self::Markdown,
        Self::Csv,
        Self::Json,
        Self::Html,
        Self::Hey,
    ];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Terminal => "terminal",
            Self::Markdown => "markdown",
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Html => "html",
            Self::Hey => "hey",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Self, UnknownFormat> {
        let found = Self::ALL.iter().find(|format| format.name() == name);
        found.copied().ok_or_else(|| UnknownFormat(name.to_owned()))
    }
}

/// No format has that name.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("no format {0:?}, wanted one of terminal, markdown, csv, json, html, hey")]
pub struct UnknownFormat(pub String);

/// What the reader's screen is like, and what instances cost. The default suits a file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Options {
    /// Columns of the terminal; none where it does not tell.
    pub width: Option<u16>,
    /// Whether headings may be bold. The caller honours `NO_COLOR`.
    pub color: bool,
    /// Those of [`Prices::built_in`] for none.
    pub prices: Option<Prices>,
}

/// Why a run could not be shown.
#[derive(Debug, Error)]
pub enum Error {
    /// A row could not be written.
    #[error("could not write a CSV row")]
    Csv(#[from] ::csv::Error),
    /// A page could not be filled.
    #[error("could not fill the page")]
    Page(#[from] askama::Error),
    /// A chart could not be drawn.
    #[error("could not draw chart {chart}: {reason}")]
    Chart {
        /// Name of the chart.
        chart: String,
        /// What the drawing library says.
        reason: String,
    },
    /// Text could not be put together.
    #[error("could not format text")]
    Format(#[from] fmt::Error),
}

/// The run as text in a format.
pub fn render(recording: &Recording, format: Format, options: &Options) -> Result<String, Error> {
    let prices = options.prices.as_ref().unwrap_or(Prices::built_in());
    let figures = Figures::of(recording, prices);
    match format {
        Format::Terminal => terminal::render(&figures, options),
        Format::Markdown => markdown::render(&figures),
        Format::Csv => csv::render(recording),
        Format::Json => Ok(json::render(recording)),
        Format::Html => html::render(&figures),
        Format::Hey => hey::render(&figures),
    }
}

/// The charts of a run, each to stand alone in an article.
pub fn charts(recording: &Recording) -> Result<Vec<Chart>, Error> {
    chart::standalone(&Figures::of(recording, Prices::built_in()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_formats_are_read_back() {
        for format in Format::ALL {
            assert_eq!(format.name().parse(), Ok(*format));
            assert!(
                UnknownFormat(String::new())
                    .to_string()
                    .contains(format.name())
            );
        }
        let error = "pdf".parse::<Format>().unwrap_err().to_string();
        assert!(error.starts_with("no format \"pdf\""), "{error}");
    }
}
