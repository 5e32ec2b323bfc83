//! What is asked, as meant: flows of requests, and the values they are filled with.

use std::time::Duration;

use crate::{Check, Template};

/// Everything that is asked of a target, whatever the load.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Plan {
    /// At least one, unless all steps replay logs.
    pub flows: Vec<Flow>,
    /// Which flow a start plays.
    pub mix: Mix,
    /// The names of all captures, each once; [`Capture::slot`] counts in it. Those
    /// of the setup come first: their values stay for the whole trial.
    pub slots: Vec<String>,
    /// Where rows of data come from.
    pub data: Vec<Data>,
    /// Values that are never written anywhere.
    pub secrets: Vec<Secret>,
    /// Asked once before the first step of a trial, in turn; not measured.
    pub setup: Vec<Request>,
    /// Asked once after its last step, in turn; not measured.
    pub teardown: Vec<Request>,
}

impl Plan {
    /// Requests that take turns, a flow each.
    #[must_use]
    pub fn of(requests: Vec<Request>) -> Self {
        let flow = |request: Request| Flow {
            name: request.name.clone(),
            weight: 1,
            cookies: false,
            requests: vec![request],
        };
        Self {
            flows: requests.into_iter().map(flow).collect(),
            ..Self::default()
        }
    }

    /// All requests of all flows, in the order of the file.
    pub fn requests(&self) -> impl Iterator<Item = &Request> {
        self.flows.iter().flat_map(|flow| &flow.requests)
    }
}

/// Which flow the n-th start plays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mix {
    /// Each in its turn: the requests of the short form.
    #[default]
    Turns,
    /// At random by weight, drawn from the seed.
    Weights,
}

/// An ordered list of requests, played by one connection from its first to its
/// last.
#[derive(Debug, Clone, PartialEq)]
pub struct Flow {
    /// Name in reports.
    pub name: String,
    /// How often it is drawn, against the others; at least 1.
    pub weight: u32,
    /// Whether cookies of its answers are sent with its later requests.
    pub cookies: bool,
    /// In the order in which they are asked; at least one.
    pub requests: Vec<Request>,
}

/// One request, complete but for the address and the values of its templates.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// Name in reports.
    pub name: String,
    /// `GET`, `POST`, …
    pub method: String,
    /// Origin form, starts with `/`.
    pub path: Template,
    /// In the order of the file; `Host` and `Content-Length` are added by the
    /// engine unless they stand here.
    pub headers: Vec<(String, Template)>,
    /// Empty for none.
    pub body: Template,
    /// What a right answer looks like. Without a [`Check::Status`] any status from
    /// 200 to 399 is right.
    pub checks: Vec<Check>,
    /// The share of answers whose body is checked, above 0 and at most 1. Status
    /// and captures are looked at in every answer.
    pub sample: f64,
    /// What is taken from a right answer, for later requests.
    pub captures: Vec<Capture>,
    /// Pause before the request. No part of any response time.
    pub think: Think,
    /// How often it is asked in a row; at least 1.
    pub repeat: u32,
}

impl Request {
    /// `method` and `path` as they stand, with nothing else.
    #[must_use]
    pub fn new(method: &str, path: &str) -> Self {
        Self {
            name: format!("{method} {path}"),
            method: method.to_owned(),
            path: Template::fixed(path),
            headers: Vec::new(),
            body: Template::default(),
            checks: Vec::new(),
            sample: 1.0,
            captures: Vec::new(),
            think: Think::None,
            repeat: 1,
        }
    }
}

/// How long a client thinks before a request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Think {
    /// Not at all.
    #[default]
    None,
    /// Always so long.
    Fixed(Duration),
    /// Evenly spread from the one to the other.
    Uniform(Duration, Duration),
    /// At random, with this mean.
    Exponential(Duration),
}

/// A value taken from an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capture {
    /// Its place in [`Plan::slots`].
    pub slot: usize,
    /// Where it stands. An answer without it fails.
    pub from: Place,
}

/// Where in an answer a value stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The first node that a JSONPath (RFC 9535) selects: a string without its
    /// quotes and escapes, anything else as it is written.
    Json(String),
    /// The first header of this name, in lower case.
    Header(String),
    /// The value of a cookie that the answer sets.
    Cookie(String),
    /// The first group of a regular expression, or all that it matches if it has
    /// none.
    Regex(String),
}

/// Rows of named values, one for each flow that uses them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Data {
    /// `user` in `{{user.email}}`.
    pub name: String,
    /// Where the rows are.
    pub rows: Rows,
    /// In which order they are given out.
    pub order: Order,
    /// What happens when each was given out once.
    pub end: End,
}

/// Where rows of data are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rows {
    /// A CSV file with names in its first line; from the scenario's folder.
    Csv(String),
    /// A file with a JSON object a line; from the scenario's folder.
    JsonLines(String),
    /// In the scenario itself: names, then rows of as many values.
    Inline(Vec<String>, Vec<Vec<String>>),
}

/// In which order rows are given out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    /// As they stand.
    #[default]
    Sequential,
    /// Each once, in an order drawn from the seed; then each once more.
    Shuffle,
    /// Any of them, drawn from the seed.
    Random,
}

/// What happens when every row was given out once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum End {
    /// They are given out again.
    #[default]
    Repeat,
    /// The step ends.
    Stop,
    /// Flows that want a row fail.
    Fail,
}

/// A value that is never written anywhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secret {
    /// `token` in `{{secret.token}}`.
    pub name: String,
    /// Where it is.
    pub from: SecretPlace,
}

/// Where a secret is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretPlace {
    /// In a variable of the environment.
    Env(String),
    /// In a file, without the line's end; from the scenario's folder.
    File(String),
}
