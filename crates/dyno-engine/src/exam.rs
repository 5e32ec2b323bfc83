//! All that is looked at in one kept answer: its checks, and what is captured.

use std::cell::RefCell;
use std::time::Duration;

use dyno_result::FailureKind;
use dyno_scenario::{Check, JsonType, Node, Place, Text};
use memchr::memmem::Finder;
use regex::bytes::{CaptureLocations, Regex};
use serde_json::Value;

use crate::cookies;
use crate::json_path::{Path, plain};
use crate::kept::{BODY_LIMIT, Keep, Kept};

/// The checks and captures of one request, made ready.
#[derive(Debug, Clone)]
pub(crate) struct Exam {
    /// Those of every answer.
    always: Vec<Test>,
    /// Those of the sampled ones, which look at the body.
    body: Vec<Test>,
    captures: Vec<(usize, Find)>,
}

#[derive(Debug, Clone)]
enum Test {
    Header(String, Wording),
    Bytes(u64, u64),
    Within(Duration),
    Equals(Box<[u8]>),
    Contains(Box<Finder<'static>>),
    Matches(Regex),
    Json(Path, Node),
}

#[derive(Debug, Clone)]
enum Wording {
    Exists,
    Equals(Vec<u8>),
    Contains(Box<Finder<'static>>),
    Matches(Regex),
}

#[derive(Debug, Clone)]
enum Find {
    Json(Path),
    Header(String),
    Cookie(String),
    Regex(Regex, RefCell<CaptureLocations>),
}

/// What is known of an answer beside what was kept.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Facts {
    pub(crate) service: Duration,
    pub(crate) body_bytes: u64,
    /// Its body is to be checked.
    pub(crate) is_sampled: bool,
}

/// Why an answer is wrong, and for people: which check says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wrong {
    pub(crate) kind: FailureKind,
    pub(crate) check: &'static str,
}

/// A regular expression or a JSONPath is none. The scenario has been checked, so
/// that only plans made by hand can have one.
#[derive(Debug, thiserror::Error)]
#[error("{text:?} cannot be used: {why}")]
pub struct BadCheck {
    /// As it was given.
    pub text: String,
    /// What is wrong with it.
    pub why: String,
}

impl From<FailureKind> for Wrong {
    fn from(kind: FailureKind) -> Self {
        Self { kind, check: "" }
    }
}

impl Exam {
    /// `checks` but for those on which a streaming check decides already: the
    /// status, and the first whole body.
    pub(crate) fn new(
        checks: &[Check],
        captures: &[dyno_scenario::Capture],
    ) -> Result<Self, BadCheck> {
        let (mut always, mut body) = (Vec::new(), Vec::new());
        let mut streamed = false;
        for check in checks {
            match check {
                Check::Status(_) => {}
                Check::BodyEquals(_) if !streamed => streamed = true,
                Check::BodyEquals(text) => body.push(Test::Equals(text.as_slice().into())),
                Check::BodyContains(part) => body.push(Test::Contains(finder(part))),
                Check::BodyMatches(text) => body.push(Test::Matches(regex(text)?)),
                Check::BodyBytes(low, high) => body.push(Test::Bytes(*low, *high)),
                Check::Json(text, node) => body.push(Test::Json(path(text)?, node.clone())),
                Check::Header(name, text) => {
                    always.push(Test::Header(name.clone(), Wording::new(text)?));
                }
                Check::Within(limit) => always.push(Test::Within(*limit)),
            }
        }
        let captures = captures.iter().map(|capture| {
            let find = match &capture.from {
                Place::Json(text) => Find::Json(path(text)?),
                Place::Header(name) => Find::Header(name.clone()),
                Place::Cookie(name) => Find::Cookie(name.clone()),
                Place::Regex(text) => {
                    let regex = regex(text)?;
                    let locations = RefCell::new(regex.capture_locations());
                    Find::Regex(regex, locations)
                }
            };
            Ok((capture.slot, find))
        });
        Ok(Self {
            always,
            body,
            captures: captures.collect::<Result<_, _>>()?,
        })
    }

    /// What must be kept of an answer.
    pub(crate) fn keep(&self, is_sampled: bool) -> Keep {
        let of_head = |test: &Test| matches!(test, Test::Header(..));
        let find_head = |(_, find): &(_, Find)| matches!(find, Find::Header(_) | Find::Cookie(_));
        let of_body = |test: &Test| !matches!(test, Test::Bytes(..));
        let body = (is_sampled && self.body.iter().any(of_body))
            || self.captures.iter().any(|capture| !find_head(capture));
        Keep {
            head: self.always.iter().any(of_head) || self.captures.iter().any(find_head),
            body: if body { BODY_LIMIT } else { 0 },
        }
    }

    /// Whether there is nothing to look at.
    pub(crate) fn is_empty(&self) -> bool {
        self.always.is_empty() && self.body.is_empty() && self.captures.is_empty()
    }

    /// Checks a complete answer and, if it is right, fills `slots`.
    pub(crate) fn look(
        &self,
        kept: &Kept,
        facts: &Facts,
        slots: &mut [Vec<u8>],
    ) -> Result<(), Wrong> {
        for test in &self.always {
            test.holds(kept, facts)?;
        }
        if facts.is_sampled {
            for test in &self.body {
                test.holds(kept, facts)?;
            }
        }
        for (slot, find) in &self.captures {
            let into = &mut slots[*slot];
            into.clear();
            find.find(kept, into).ok_or(Wrong {
                kind: FailureKind::CheckCapture,
                check: find.name(),
            })?;
        }
        Ok(())
    }
}

impl Test {
    fn holds(&self, kept: &Kept, facts: &Facts) -> Result<(), Wrong> {
        let body = kept.body.as_slice();
        let (holds, kind, check) = match self {
            Self::Header(name, wording) => {
                let holds = kept.values(name).any(|value| wording.holds(value));
                (holds, FailureKind::CheckHeader, "header")
            }
            Self::Within(limit) => {
                let holds = facts.service <= *limit;
                (holds, FailureKind::CheckTime, "within")
            }
            Self::Bytes(low, high) => {
                let holds = (*low..=*high).contains(&facts.body_bytes);
                (holds, FailureKind::CheckBody, "bytes")
            }
            _ if kept.is_cut => (false, FailureKind::CheckBody, "body too large to be kept"),
            Self::Equals(text) => (body == &**text, FailureKind::CheckBody, "body"),
            Self::Contains(part) => {
                let holds = part.find(body).is_some();
                (holds, FailureKind::CheckBody, "contains")
            }
            Self::Matches(regex) => (regex.is_match(body), FailureKind::CheckBody, "matches"),
            Self::Json(path, node) => (json(path, node, body), FailureKind::CheckBody, "json"),
        };
        if holds {
            Ok(())
        } else {
            Err(Wrong { kind, check })
        }
    }
}

impl Wording {
    fn new(text: &Text) -> Result<Self, BadCheck> {
        Ok(match text {
            Text::Exists => Self::Exists,
            Text::Equals(text) => Self::Equals(text.clone().into_bytes()),
            Text::Contains(part) => Self::Contains(finder(part.as_bytes())),
            Text::Matches(text) => Self::Matches(regex(text)?),
        })
    }

    fn holds(&self, value: &[u8]) -> bool {
        match self {
            Self::Exists => true,
            Self::Equals(text) => value == text.as_slice(),
            Self::Contains(part) => part.find(value).is_some(),
            Self::Matches(regex) => regex.is_match(value),
        }
    }
}

impl Find {
    /// Writes what is found into `into`; none if there is none.
    fn find(&self, kept: &Kept, into: &mut Vec<u8>) -> Option<()> {
        match self {
            Self::Json(path) => {
                let mut tree = String::new();
                plain(path.first(&kept.body, &mut tree).ok()??, into);
            }
            Self::Header(name) => into.extend_from_slice(kept.values(name).next()?),
            Self::Cookie(name) => {
                let mut fields = kept.values("set-cookie");
                into.extend_from_slice(fields.find_map(|field| cookies::value_of(field, name))?);
            }
            Self::Regex(regex, locations) => {
                let locations = &mut *locations.borrow_mut();
                regex.captures_read(locations, &kept.body)?;
                let group = usize::from(locations.len() > 1);
                let (begin, end) = locations.get(group)?;
                into.extend_from_slice(&kept.body[begin..end]);
            }
        }
        Some(())
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Json(_) => "capture from JSON",
            Self::Header(_) => "capture from a header",
            Self::Cookie(_) => "capture from a cookie",
            Self::Regex(..) => "capture by a regular expression",
        }
    }
}

/// Whether `node` holds of what `path` selects in `body`.
fn json(path: &Path, node: &Node, body: &[u8]) -> bool {
    let mut tree = String::new();
    if let Node::Count(low, high) = node {
        return (path.count(body)).is_ok_and(|count| (*low..=*high).contains(&count));
    }
    let Ok(first) = path.first(body, &mut tree) else {
        return false;
    };
    match (node, first) {
        (Node::Exists(wanted), first) => first.is_some() == *wanted,
        (_, None) => false,
        (Node::Equals(wanted), Some(text)) => equals(wanted, text),
        (Node::Type(wanted), Some(text)) => is_of(*wanted, text),
        (Node::Count(..), Some(_)) => unreachable!("answered above"),
    }
}

/// Whether the JSON in `text` is this value; numbers are equal by their worth.
fn equals(wanted: &Value, text: &str) -> bool {
    match wanted {
        Value::Null => text == "null",
        Value::Bool(wanted) => text == if *wanted { "true" } else { "false" },
        Value::Number(wanted) => {
            let exact = wanted.as_i64().zip(text.parse::<i64>().ok());
            match exact {
                Some((wanted, found)) => wanted == found,
                None => text.parse::<f64>().ok() == wanted.as_f64(),
            }
        }
        Value::String(wanted) => match text.strip_prefix('"').and_then(|t| t.strip_suffix('"')) {
            Some(inside) if !inside.contains('\\') => inside == wanted,
            Some(_) => {
                let mut found = Vec::new();
                plain(text, &mut found);
                found == wanted.as_bytes()
            }
            None => false,
        },
        Value::Array(_) | Value::Object(_) => {
            serde_json::from_str::<Value>(text).is_ok_and(|found| found == *wanted)
        }
    }
}

fn is_of(wanted: JsonType, text: &str) -> bool {
    let first = text.as_bytes().first().copied().unwrap_or_default();
    match wanted {
        JsonType::Null => first == b'n',
        JsonType::Boolean => matches!(first, b't' | b'f'),
        JsonType::String => first == b'"',
        JsonType::Array => first == b'[',
        JsonType::Object => first == b'{',
        JsonType::Number => first == b'-' || first.is_ascii_digit(),
        JsonType::Integer => {
            let number = text.parse::<f64>();
            (first == b'-' || first.is_ascii_digit()) && number.is_ok_and(|n| n.fract() == 0.0)
        }
    }
}

fn finder(part: &[u8]) -> Box<Finder<'static>> {
    Box::new(Finder::new(part).into_owned())
}

fn regex(text: &str) -> Result<Regex, BadCheck> {
    Regex::new(text).map_err(|error| bad(text, &error))
}

fn path(text: &str) -> Result<Path, BadCheck> {
    Path::new(text).map_err(|error| bad(text, &error))
}

fn bad(text: &str, why: &dyn std::fmt::Display) -> BadCheck {
    BadCheck {
        text: text.to_owned(),
        why: why.to_string(),
    }
}

#[cfg(test)]
#[path = "exam_tests.rs"]
mod tests;
