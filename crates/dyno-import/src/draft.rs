//! A scenario before it is written.

use std::time::Duration;

use dyno_scenario::LogFormat;
use toml_writer::ToTomlValue;

use crate::header::Headers;
use crate::json::Json;
use crate::text::Text;
use crate::{Imported, Source, Warning, write};

/// A scenario before it is written. Texts are in the syntax of templates.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Draft {
    /// Becomes the name of the scenario: letters and digits of it.
    pub(crate) name: String,
    /// The first comment: what it was made from.
    pub(crate) question: String,
    /// How to play it, a line.
    pub(crate) play: String,
    /// What to look at before it is played; the warnings follow.
    pub(crate) notes: Vec<String>,
    /// Names and values under `[vars]`.
    pub(crate) vars: Vec<(String, String)>,
    /// Rows that requests are filled with.
    pub(crate) data: Vec<Data>,
    /// What is asked.
    pub(crate) asked: Asked,
    /// Lines of the last comment, behind the step.
    pub(crate) closing: Vec<String>,
    /// What was left out or guessed.
    pub(crate) warnings: Vec<Warning>,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Asked {
    /// Requests that take turns: the short form.
    Requests(Vec<Request>),
    /// Flows.
    Flows(Vec<Flow>),
}

/// Rows of one set of data, any of which may be drawn.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Data {
    /// `users` in `{{users.id}}`.
    pub(crate) name: String,
    /// The names of the columns.
    pub(crate) columns: Vec<String>,
    /// As many values a row.
    pub(crate) rows: Vec<Vec<String>>,
}

/// Requests in their order.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Flow {
    /// Unlike those of the others.
    pub(crate) name: String,
    /// 1 to 10,000.
    pub(crate) weight: u32,
    /// Whether it keeps the cookies that it is given.
    pub(crate) cookies: bool,
    /// A comment above it, a line.
    pub(crate) comment: Option<String>,
    /// At least one.
    pub(crate) requests: Vec<Request>,
}

/// One request.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Request {
    /// `GET`, `POST`, …
    pub(crate) method: String,
    /// Path and query.
    pub(crate) path: Text,
    /// Each name once.
    pub(crate) headers: Headers,
    /// The body.
    pub(crate) body: Body,
    /// The pause before it; none if zero.
    pub(crate) think: Duration,
    /// The statuses that are right; any from 200 to 399 if none.
    pub(crate) status: Vec<Status>,
    /// Names for values of the answer, and the JSONPath of each.
    pub(crate) capture: Vec<(String, String)>,
}

/// The body of a request.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) enum Body {
    /// None.
    #[default]
    None,
    /// Sent as written.
    Text(Text),
    /// A value, sent as JSON.
    Json(Json),
    /// Fields, sent percent-encoded.
    Form(Vec<(String, Text)>),
}

/// A status, or a class of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Status {
    /// This one.
    One(u16),
    /// `2xx`, by its first digit.
    Class(u8),
}

impl Request {
    /// With nothing but method and path.
    pub(crate) fn new(method: &str, path: Text) -> Self {
        Self {
            method: method.to_owned(),
            path,
            headers: Headers::default(),
            body: Body::None,
            think: Duration::ZERO,
            status: Vec::new(),
            capture: Vec::new(),
        }
    }
}

impl Draft {
    /// The scenario file.
    pub(crate) fn finish(mut self) -> Imported {
        let mut said = Vec::new();
        self.warnings.retain(|warning| {
            let is_new = !said.contains(warning);
            said.push(warning.clone());
            is_new
        });
        Imported {
            text: write::file(&self),
            warnings: self.warnings,
        }
    }
}

/// `1 line`, `2 lines`.
pub(crate) fn counted(count: usize, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}

/// The last comment: a step that asks for what is in the file at the recorded times.
pub(crate) fn replay(source: Source<'_>, format: LogFormat) -> Vec<String> {
    let Some(file) = source.file else {
        return Vec::new();
    };
    let log = file.to_toml_value();
    let format = match format {
        said if said == LogFormat::of(file) => "",
        LogFormat::Combined => ", format = \"combined\"",
        LogFormat::JsonLines => ", format = \"jsonl\"",
        LogFormat::Har => ", format = \"har\"",
    };
    [
        "To ask for what was recorded at the times at which it was, put this in the place",
        "of the step above:",
        "",
        "[[step]]",
        "name = \"as recorded\"",
        &format!("replay = {{ log = {log}, speed = 1.0{format} }}"),
    ]
    .map(str::to_owned)
    .to_vec()
}

/// The file's name without folders and ending, for the scenario's name.
pub(crate) fn stem(source: &str) -> &str {
    let file = source.rsplit(['/', '\\']).next().unwrap_or(source);
    match file.split_once('.') {
        Some((stem, _)) if !stem.is_empty() => stem,
        _ => file,
    }
}

/// The longest name of anything in a scenario, in characters.
pub(crate) const LONGEST_NAME: usize = 100;

/// Names that were given out.
#[derive(Debug, Default)]
pub(crate) struct Names(Vec<String>);

impl Names {
    /// `wanted`, cut to its length and numbered if there is one like it.
    pub(crate) fn unique(&mut self, wanted: &str) -> String {
        let wanted = wanted.replace(char::is_control, " ");
        let wanted = if wanted.trim().is_empty() {
            "flow"
        } else {
            wanted.trim()
        };
        let first: String = wanted.chars().take(LONGEST_NAME).collect();
        // Room for the number.
        let short: String = wanted.chars().take(LONGEST_NAME - 8).collect();
        let numbered = (2..).map(|number| format!("{short} ({number})"));
        let is_free = |name: &String| !self.0.contains(name);
        let name = [first].into_iter().chain(numbered).find(is_free);
        let name = name.unwrap_or_default();
        self.0.push(name.clone());
        name
    }
}
