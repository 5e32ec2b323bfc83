//! One operation of a description as a flow of one request.

use std::time::Duration;

use crate::address::{encoded, sendable};
use crate::draft::{Body, Flow, Names, Request, Status};
use crate::header::{Headers, same};
use crate::json::Json;
use crate::text::{Text, is_sayable, mark};
use crate::{Error, Warning};

use super::document::{Document, Part};
use super::sample::{Sampler, Variety};
use super::security::secure;

/// What all operations share.
pub(super) struct Skeleton<'a> {
    pub(super) document: &'a Document,
    /// The path of the first server.
    pub(super) prefix: String,
    /// Names and values of path parameters.
    pub(super) vars: Vec<(String, String)>,
    /// Variables of the environment, and what stands in each.
    pub(super) variables: Vec<(String, &'static str)>,
    pub(super) names: Names,
    pub(super) warnings: Vec<Warning>,
}

/// An operation and where it is.
pub(super) struct Operation<'a> {
    pub(super) method: &'a str,
    pub(super) path: &'a str,
    /// The path's own table.
    pub(super) item: Part<'a>,
    pub(super) part: Part<'a>,
}

impl<'a> Skeleton<'a> {
    /// The flow of one operation.
    pub(super) fn flow(&mut self, operation: &Operation<'a>) -> Result<Flow, Error> {
        let parameters = self.parameters(operation)?;
        let mut headers = Headers::default();
        let mut query = Vec::new();
        let mut optional = Vec::new();
        for parameter in &parameters {
            let name = parameter.text("name").unwrap_or_default();
            let place = parameter.text("in").unwrap_or_default();
            if place == "path" {
                continue;
            }
            if !parameter.is("required") {
                optional.push(name);
                continue;
            }
            let value = self.fixed(parameter)?;
            match place.as_str() {
                "query" => query.push(format!("{}={}", encoded(&name), encoded(&value))),
                "cookie" => self.header(
                    &mut headers,
                    "Cookie",
                    &format!("{name}={value}"),
                    operation,
                ),
                // OpenAPI takes these from other places.
                _ if ["Accept", "Content-Type", "Authorization"]
                    .iter()
                    .any(|n| same(n, &name)) => {}
                _ => self.header(&mut headers, &name, &value, operation),
            }
        }
        let proof = secure(self.document, &operation.part, &mut headers)?;
        for variable in proof.variables {
            if !self.variables.contains(&variable) {
                self.variables.push(variable);
            }
        }
        for scheme in proof.unknown {
            let text = format!(
                "{}: the security scheme {scheme} left out",
                operation.shown()
            );
            self.warnings.push(Warning::new(text));
        }
        query.extend(proof.query);
        let mut request = Request {
            method: operation.method.to_ascii_uppercase(),
            path: self.path(operation, &parameters, &query)?,
            headers,
            body: Body::None,
            think: Duration::ZERO,
            status: statuses(&operation.part),
            capture: Vec::new(),
        };
        self.put_body(operation, &mut request)?;
        Ok(Flow {
            name: self.names.unique(&operation.name()),
            weight: 1,
            cookies: false,
            comment: comment(operation, &optional),
            requests: vec![request],
        })
    }

    /// Those of the path, but for what the operation says anew.
    fn parameters(&self, operation: &Operation<'a>) -> Result<Vec<Part<'a>>, Error> {
        let mut parameters: Vec<Part<'a>> = Vec::new();
        let own = operation.part.list("parameters");
        for parameter in operation.item.list("parameters").into_iter().chain(own) {
            let parameter = self.document.resolve(parameter)?;
            if parameter.text("name").is_none_or(|name| name.is_empty()) {
                return Err(Error::Inconsistent {
                    place: parameter.place,
                    message: "a parameter has no `name`".to_owned(),
                    hint: "every parameter has a `name` and an `in`".to_owned(),
                });
            }
            let same = |other: &Part<'_>| {
                ["name", "in"]
                    .iter()
                    .all(|key| other.text(key) == parameter.text(key))
            };
            parameters.retain(|other| !same(other));
            parameters.push(parameter);
        }
        Ok(parameters)
    }

    /// A value that is always the same, as text.
    fn fixed(&mut self, parameter: &Part<'a>) -> Result<String, Error> {
        let mut value = self.sample(Variety::Fixed, parameter)?;
        while let Json::List(elements) = value {
            value = elements.into_iter().next().unwrap_or(Json::Integer(1));
        }
        Ok(match value.as_str() {
            Some(text) => text,
            None if matches!(value, Json::Object(_) | Json::Null) => "1".to_owned(),
            None => value.compact(),
        })
    }

    pub(super) fn sample(&mut self, variety: Variety, holder: &Part<'a>) -> Result<Json, Error> {
        let mut sampler = Sampler {
            document: self.document,
            variety,
            guessed: Vec::new(),
        };
        let value = sampler.value(holder)?;
        for place in sampler.guessed {
            let text = format!("{place} has a pattern and no example: its value is a guess");
            let is_new = self.warnings.iter().all(|warning| warning.message != text);
            if is_new {
                self.warnings.push(Warning::new(text));
            }
        }
        Ok(value)
    }

    fn header(
        &mut self,
        headers: &mut Headers,
        name: &str,
        value: &str,
        operation: &Operation<'_>,
    ) {
        if headers.add(name, Text::literal(value)).is_err() {
            let text = format!("{}: the header {name} left out", operation.shown());
            self.warnings.push(Warning::new(text));
        }
    }

    /// The path with a variable for each parameter.
    fn path(
        &mut self,
        operation: &Operation<'a>,
        parameters: &[Part<'a>],
        query: &[String],
    ) -> Result<Text, Error> {
        let mut path = self.prefix.clone();
        let mut rest = operation.path;
        let mut is_odd = false;
        while let Some((before, (name, behind))) = rest
            .split_once('{')
            .and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
        {
            path.push_str(before);
            is_odd |= name.contains('{');
            let is_it = |part: &&Part<'_>| {
                part.text("in").as_deref() == Some("path")
                    && part.text("name").as_deref() == Some(name)
            };
            let value = match parameters.iter().find(is_it) {
                Some(parameter) => self.fixed(parameter)?,
                None => {
                    let text = format!("{}: nothing describes {{{name}}}", operation.shown());
                    self.warnings.push(Warning::new(text));
                    "1".to_owned()
                }
            };
            let variable = self.variable(name, value);
            path.push_str(&mark(&format!("vars.{variable}")));
            rest = behind;
        }
        path.push_str(rest);
        let mut path = sendable(&path);
        if !query.is_empty() {
            path = format!("{path}?{}", query.join("&"));
        }
        if is_odd || !is_sayable(&path) {
            return Err(Error::Inconsistent {
                place: operation.item.place.clone(),
                message: "the path has a brace within braces".to_owned(),
                hint: "write parameters as {name}".to_owned(),
            });
        }
        Ok(Text::literal(&path))
    }

    /// A name for this value under `[vars]`: parameters of one name share a value or
    /// are numbered.
    fn variable(&mut self, name: &str, value: String) -> String {
        let fits = |letter: char| {
            if letter.is_ascii_alphanumeric() {
                letter
            } else {
                '_'
            }
        };
        let name: String = name.chars().map(fits).collect();
        let name = if name.is_empty() {
            "value".to_owned()
        } else {
            name
        };
        let numbered = (2..).map(|number| format!("{name}_{number}"));
        for candidate in [name.clone()].into_iter().chain(numbered) {
            match self.vars.iter().find(|(other, _)| *other == candidate) {
                Some((_, other)) if *other == value => return candidate,
                Some(_) => {}
                None => {
                    self.vars.push((candidate.clone(), value));
                    return candidate;
                }
            }
        }
        name
    }
}

impl Operation<'_> {
    pub(super) fn shown(&self) -> String {
        format!("{} {}", self.method.to_ascii_uppercase(), self.path)
    }

    fn name(&self) -> String {
        let id = self
            .part
            .text("operationId")
            .filter(|id| !id.trim().is_empty());
        id.unwrap_or_else(|| self.shown())
    }
}

fn comment(operation: &Operation<'_>, optional: &[String]) -> Option<String> {
    let mut said = Vec::new();
    let summary = operation.part.text("summary").unwrap_or_default();
    let summary = summary.trim();
    if !summary.is_empty() {
        let stop = if summary.ends_with(['.', '?', '!']) {
            ""
        } else {
            "."
        };
        said.push(format!("{summary}{stop}"));
    }
    if operation.part.is("deprecated") {
        said.push("Deprecated.".to_owned());
    }
    if !optional.is_empty() {
        said.push(format!("Optional, left out: {}.", optional.join(", ")));
    }
    (!said.is_empty()).then(|| said.join(" "))
}

/// The 2xx that the operation promises.
fn statuses(operation: &Part<'_>) -> Vec<Status> {
    let responses = operation.get("responses");
    let mut statuses = Vec::new();
    for (code, _) in responses.iter().flat_map(Part::members) {
        match code.parse::<u16>() {
            Ok(code) if (200..300).contains(&code) => statuses.push(Status::One(code)),
            Err(_) if code.eq_ignore_ascii_case("2xx") => statuses.push(Status::Class(2)),
            _ => {}
        }
    }
    if statuses.is_empty() {
        statuses.push(Status::Class(2));
    }
    statuses.sort_unstable();
    statuses
}
