//! Why a command could not do its job, as a person reads it: the reason, the
//! end of a log, the way out, and the exit code.

use std::fmt::Write as _;
use std::io::IsTerminal as _;

use dyno_toml::Problems;
use miette::{GraphicalReportHandler, GraphicalTheme};
use serde::{Deserialize, Serialize};

use crate::exit::Exit;

/// A command's end without its result.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    reason: Reason,
    /// Lines shown below the reason: the end of a log.
    details: Vec<String>,
    hint: Option<String>,
}

#[derive(Debug)]
enum Reason {
    Error(anyhow::Error),
    Problems(Vec<Problems>),
}

impl Reason {
    fn line(&self) -> String {
        match self {
            Self::Error(error) => format!("{error:#}"),
            Self::Problems(files) => {
                let texts: Vec<String> = files.iter().map(Problems::to_string).collect();
                texts.join("; ").replace('\n', "; ")
            }
        }
    }
}

/// A failure on its way from one process of dyno to another.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Told {
    exit: Exit,
    message: String,
    details: Vec<String>,
    hint: Option<String>,
}

impl Failure {
    /// Wrong usage or input, with the way out.
    pub(crate) fn input(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            exit: Exit::Input,
            reason: Reason::Error(anyhow::Error::msg(message.into())),
            details: Vec::new(),
            hint: Some(hint.into()),
        }
    }

    /// dyno could not do its job.
    pub(crate) fn dyno(error: impl Into<anyhow::Error>) -> Self {
        Self {
            exit: Exit::Failed,
            reason: Reason::Error(error.into()),
            details: Vec::new(),
            hint: None,
        }
    }

    /// A target could not be brought to the start.
    pub(crate) fn target(error: dyno_target::Error) -> Self {
        let hint = error.hint();
        let details = error.log().map(|log| log.lines.clone()).unwrap_or_default();
        match error {
            dyno_target::Error::Manifest(problems) => Self::from(vec![problems]),
            error @ dyno_target::Error::UnknownTarget { .. } => Self {
                exit: Exit::Input,
                reason: Reason::Error(error.into()),
                details,
                hint,
            },
            error => Self {
                exit: Exit::Target,
                reason: Reason::Error(error.into()),
                details,
                hint,
            },
        }
    }

    /// There is no database, or not the one that was wanted.
    pub(crate) fn database(error: dyno_postgres::Error) -> Self {
        let hint = error.hint();
        let details = error.log().map(|log| log.lines.clone()).unwrap_or_default();
        let exit = if error.is_input() {
            Exit::Input
        } else if error.is_no_server() {
            Exit::Target
        } else {
            Exit::Failed
        };
        Self {
            exit,
            reason: Reason::Error(error.into()),
            details,
            hint,
        }
    }

    /// A target that was fine before is not any more.
    pub(crate) fn lost_target(message: impl Into<String>) -> Self {
        Self {
            exit: Exit::Target,
            ..Self::dyno(anyhow::Error::msg(message.into()))
        }
    }

    /// Adds lines to be shown below the reason.
    pub(crate) fn details(mut self, lines: Vec<String>) -> Self {
        self.details = lines;
        self
    }

    /// Adds the way out.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// What another process must know to fail with it.
    pub(crate) fn told(self) -> Told {
        Told {
            exit: self.exit,
            message: self.reason.line(),
            details: self.details,
            hint: self.hint,
        }
    }

    /// The reason on one line, with the end of the log.
    pub(crate) fn line(&self) -> String {
        let reason = self.reason.line();
        match self.details.iter().rfind(|line| !line.trim().is_empty()) {
            Some(last) => format!("{reason} (its log ends with: {})", last.trim()),
            None => reason,
        }
    }

    /// The text for stderr: with the lines of the file on a terminal, one line
    /// a problem elsewhere.
    pub(crate) fn render(&self) -> String {
        let mut text = match &self.reason {
            Reason::Problems(files) => render_problems(files),
            Reason::Error(error) => format!("error: {error:#}\n"),
        };
        for line in &self.details {
            let _ = writeln!(text, "  | {line}");
        }
        if let Some(hint) = &self.hint {
            let _ = write!(text, "\nhint: {hint}\n");
        }
        text
    }
}

impl From<Vec<Problems>> for Failure {
    fn from(files: Vec<Problems>) -> Self {
        Self {
            exit: Exit::Input,
            reason: Reason::Problems(files),
            details: Vec::new(),
            hint: None,
        }
    }
}

impl From<Told> for Failure {
    fn from(told: Told) -> Self {
        Self {
            exit: told.exit,
            reason: Reason::Error(anyhow::Error::msg(told.message)),
            details: told.details,
            hint: told.hint,
        }
    }
}

impl From<Problems> for Failure {
    fn from(problems: Problems) -> Self {
        Self::from(vec![problems])
    }
}

impl From<dyno_engine::Error> for Failure {
    fn from(error: dyno_engine::Error) -> Self {
        use dyno_engine::Error;
        let exit = match &error {
            // What was given cannot be used; no load was made.
            Error::Tls(_) | Error::Http2Request { .. } | Error::Stock(_) | Error::Check(_) => {
                Exit::Input
            }
            _ => Exit::Failed,
        };
        Self {
            exit,
            ..Self::dyno(error)
        }
    }
}

impl From<dyno_report::Error> for Failure {
    fn from(error: dyno_report::Error) -> Self {
        Self::dyno(error)
    }
}

fn render_problems(files: &[Problems]) -> String {
    if !std::io::stderr().is_terminal() {
        return files
            .iter()
            .fold(String::new(), |text, file| text + &format!("{file}\n"));
    }
    let theme = if std::env::var_os("NO_COLOR").is_some() {
        GraphicalTheme::unicode_nocolor()
    } else {
        GraphicalTheme::unicode()
    };
    let handler = GraphicalReportHandler::new_themed(theme);
    let mut text = String::new();
    for diagnostic in files.iter().flat_map(Problems::diagnostics) {
        // Rendering to memory fails only if a label lies outside of the text.
        if handler.render_report(&mut text, diagnostic).is_err() {
            let _ = writeln!(text, "error: {diagnostic}");
        }
    }
    text
}
