//! What people already have, read as text: recorded requests ([`recorded`]), and
//! scenarios made of them, of curl commands and of OpenAPI descriptions.
//!
//! Each function here takes the text of a curl command, a HAR file, an OpenAPI
//! description or an access log, and gives the text of a scenario file that
//! `dyno_scenario::parse` reads. Text to text: reading files and printing are left
//! to `dyno import`. Nothing is dropped in silence: what could not be taken over is
//! a [`Warning`], said in the file's first comment too, or an [`Error`].

mod address;
mod body;
mod curl;
mod draft;
mod error;
mod har;
mod header;
mod json;
mod log;
mod openapi;
pub mod recorded;
mod text;
mod write;

pub use curl::curl;
pub use error::Error;
pub use har::{Assets, har};
pub use log::{MANY_PATHS, log};
pub use openapi::openapi;

/// Where a recording came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Source<'a> {
    /// For people: it stands in the first comment.
    pub name: &'a str,
    /// Its file as the scenario must name it, for a `replay` of it, which counts from
    /// the scenario's folder; `None` if it is no file.
    pub file: Option<&'a str>,
}

impl<'a> Source<'a> {
    /// A file that scenario and people call the same.
    pub fn file(name: &'a str) -> Self {
        let file = Some(name);
        Self { name, file }
    }
}

/// A scenario file, and what its reader should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// The text of the file.
    pub text: String,
    /// What was left out or guessed, in the order in which it was met.
    pub warnings: Vec<Warning>,
}

/// Something that was left out or guessed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// Where in the text that was read, from 1, where that is known.
    pub line: Option<usize>,
    /// What, and what to do about it.
    pub message: String,
}

impl Warning {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        let message = message.into();
        Self {
            line: None,
            message,
        }
    }

    pub(crate) fn at(line: usize, message: impl Into<String>) -> Self {
        Self {
            line: Some(line),
            ..Self::new(message)
        }
    }
}

impl std::fmt::Display for Warning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}
