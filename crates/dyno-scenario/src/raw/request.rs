//! Flows and their requests, as written.

use std::collections::BTreeMap;

use dyno_toml::{Problem, Reader, Spanned};
use schemars::JsonSchema;
use toml_span::Value;
use toml_span::value::ValueInner;

use super::value::{duration_of, expect_key, integer, refuse_both, tables};
use super::{Capture, Expect};
use crate::json::json_pieces;
use crate::placeholder::{Piece, Scanner, Written, push_text};
use crate::schema::{CaptureForm, FormValue, ThinkForm};
use crate::{Escape, Think, defaults, percent_encoded};

/// An ordered list of requests, asked one after the other over one connection. A
/// request that fails ends it.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct Flow {
    /// Name in reports, unlike all other flows.
    #[schemars(required, extend("examples" = ["sign in"]))]
    pub(crate) name: Option<Spanned<String>>,
    /// How often it is played, against the others.
    #[schemars(range(min = 1, max = MOST_WEIGHT), extend("default" = 1, "examples" = [8]))]
    pub(crate) weight: Option<Spanned<u32>>,
    /// Whether cookies of its answers are sent with its later requests.
    #[schemars(extend("default" = false, "examples" = [true]))]
    pub(crate) cookies: Option<Spanned<bool>>,
    /// What is asked, in this order.
    #[schemars(required, length(min = 1), extend("examples" = [[{ "path": "/users/me" }]]))]
    pub(crate) request: Option<Vec<Request>>,
}

/// The highest weight of a flow.
const MOST_WEIGHT: i64 = 10_000;

/// Most times that a request is asked in a row.
const MOST_REPEATS: i64 = 1000;

/// One request and what a right answer to it looks like. Path, headers, body and
/// the texts in `json` and `form` may have placeholders, such as {{token}}.
#[derive(Debug, JsonSchema)]
#[schemars(
    deny_unknown_fields,
    extend("allOf" = [
        { "not": { "required": ["body", "json"] } },
        { "not": { "required": ["body", "form"] } },
        { "not": { "required": ["json", "form"] } },
    ])
)]
pub(crate) struct Request {
    /// Its key as messages show it: `flow.request`.
    #[schemars(skip)]
    pub(crate) key: String,
    /// Name in reports; method and path if left out.
    #[schemars(extend("examples" = ["login"]))]
    pub(crate) name: Option<Spanned<String>>,
    /// Sent as written.
    #[schemars(extend("default" = defaults::METHOD, "examples" = ["POST"]))]
    pub(crate) method: Option<Spanned<String>>,
    /// Path and query, percent-encoded; values of placeholders are encoded by dyno.
    #[schemars(
        required,
        with = "Option<String>",
        regex(pattern = r#"^/([!-"$-~]|\{\{[^{}]*\}\})*$"#),
        extend("examples" = ["/users?page=2", "/users/{{id}}"])
    )]
    pub(crate) path: Option<Written>,
    /// Added to every request. Content-Length and Transfer-Encoding are set by dyno.
    #[schemars(
        with = "Option<BTreeMap<String, String>>",
        extend("examples" = [{ "Authorization": "Bearer {{token}}" }])
    )]
    pub(crate) headers: Vec<(Spanned<String>, Written)>,
    /// The body, sent as written, values of placeholders as they are.
    #[schemars(with = "Option<String>", extend("examples" = ["id={{id}}"]))]
    pub(crate) body: Option<Written>,
    /// The body as a value, sent as JSON; Content-Type is application/json unless
    /// the headers say otherwise. A text that is nothing but {{name | number}} is
    /// sent without quotes.
    #[schemars(
        with = "Option<serde_json::Value>",
        extend("examples" = [{ "email": "{{user.email}}", "age": "{{user.age | number}}" }])
    )]
    pub(crate) json: Option<Written>,
    /// The body as the fields of a form; Content-Type is
    /// application/x-www-form-urlencoded unless the headers say otherwise.
    #[schemars(
        with = "Option<BTreeMap<String, FormValue>>",
        extend("examples" = [{ "email": "{{user.email}}", "remember": true }])
    )]
    pub(crate) form: Option<Written>,
    /// Pause before the request, no part of any response time: always the same,
    /// evenly spread between two, or exponential with a mean.
    #[schemars(with = "Option<ThinkForm>")]
    #[schemars(extend("examples" = ["50ms", { "min": "10ms", "max": "100ms" }, { "mean": "50ms" }]))]
    pub(crate) think: Option<Think>,
    /// How often it is asked in a row.
    #[schemars(range(min = 1, max = MOST_REPEATS), extend("default" = 1, "examples" = [3]))]
    pub(crate) repeat: Option<Spanned<u32>>,
    /// What a right answer looks like. Without a status any from 200 to 399 is right.
    #[schemars(extend("examples" = [{ "status": 200, "json": { "$.id": 5 } }]))]
    pub(crate) expect: Option<Expect>,
    /// Values taken from a right answer, under names for later requests: a JSONPath
    /// or a table that says where the value stands. An answer without it fails.
    #[schemars(
        with = "Option<BTreeMap<String, CaptureForm>>",
        extend("examples" = [{ "token": "$.access_token", "session": { "cookie": "sid" } }])
    )]
    pub(crate) capture: Vec<Capture>,
}

impl Flow {
    pub(super) fn read(table: &mut Reader<'_, '_>) -> Self {
        expect_key(table, "request", "add a [[flow.request]] with a `path`");
        Self {
            name: table.required("name", Reader::string),
            weight: integer(table, "weight", 1..=MOST_WEIGHT),
            cookies: table.boolean("cookies"),
            request: tables(table, "request", Request::read),
        }
    }
}

impl Request {
    pub(super) fn read(table: &mut Reader<'_, '_>) -> Self {
        for (first, second) in [("body", "json"), ("body", "form"), ("json", "form")] {
            refuse_both(table, first, second, "a request has one body");
        }
        let path = table.name("path");
        Self {
            key: path.strip_suffix(".path").unwrap_or_default().to_owned(),
            name: table.string("name"),
            method: table.string("method"),
            path: table.required("path", |table, key| text(table, key, Escape::Url)),
            headers: headers(table),
            body: text(table, "body", Escape::None),
            json: json(table),
            form: form(table),
            think: think(table),
            repeat: integer(table, "repeat", 1..=MOST_REPEATS),
            expect: Expect::read(table),
            capture: Capture::read_all(table),
        }
    }
}

fn text(table: &mut Reader<'_, '_>, key: &'static str, escape: Escape) -> Option<Written> {
    let text = table.string(key)?;
    let name = table.name(key);
    Some(scanner(table, &name, &|problem| table.problem(problem)).scan(text, escape))
}

fn scanner<'a>(
    table: &'a Reader<'_, '_>,
    key: &'a str,
    report: &'a dyn Fn(Problem),
) -> Scanner<'a> {
    Scanner {
        source: table.source(),
        key,
        report,
    }
}

/// In the order of the file.
fn headers(table: &mut Reader<'_, '_>) -> Vec<(Spanned<String>, Written)> {
    let Some(mut table) = table.table("headers") else {
        return Vec::new();
    };
    let mut headers = Vec::new();
    for (key, value) in table.entries() {
        let name = table.name(&key.value);
        let Some(text) = table.as_string(value, &name) else {
            continue;
        };
        let report = |problem| table.problem(problem);
        let value = scanner(&table, &name, &report).scan(text, Escape::Header);
        headers.push((key, value));
    }
    headers
}

fn json(table: &mut Reader<'_, '_>) -> Option<Written> {
    let value = table.value("json")?;
    let name = table.name("json");
    Some(Written {
        pieces: json_pieces(
            &value,
            &scanner(table, &name, &|problem| table.problem(problem)),
        ),
        text: String::new(),
        place: value.span.start..value.span.end,
    })
}

/// `a=b&c=d`, fields in the order of the file.
fn form(table: &mut Reader<'_, '_>) -> Option<Written> {
    let mut table = table.table("form")?;
    let mut pieces = Vec::new();
    for (key, value) in table.entries() {
        let name = table.name(&key.value);
        let report = |problem| table.problem(problem);
        let scanner = scanner(&table, &name, &report);
        scanner.refuse_key(&key.value, key.place);
        let Some(text) = scalar(&table, value, &name) else {
            continue;
        };
        let between = if pieces.is_empty() { "" } else { "&" };
        push_text(&mut pieces, between);
        push_text(&mut pieces, &percent_encoded(&key.value));
        push_text(&mut pieces, "=");
        for piece in scanner.pieces(&text, Escape::Url) {
            match piece {
                Piece::Text(text) => push_text(&mut pieces, &percent_encoded(&text)),
                Piece::Placeholder(_) => pieces.push(piece),
            }
        }
    }
    Some(Written {
        pieces,
        text: String::new(),
        place: table.place(),
    })
}

/// A text, a number, `true` or `false`: as text.
pub(super) fn scalar(
    table: &Reader<'_, '_>,
    value: Value<'_>,
    name: &str,
) -> Option<Spanned<String>> {
    let place = value.span.start..value.span.end;
    let value = match value.as_ref() {
        ValueInner::String(text) => text.to_string(),
        ValueInner::Integer(number) => number.to_string(),
        ValueInner::Float(number) => number.to_string(),
        ValueInner::Boolean(flag) => flag.to_string(),
        seen @ (ValueInner::Array(_) | ValueInner::Table(_)) => {
            return table.wrong(name, "a text, a number, true or false", seen, place);
        }
    };
    Some(Spanned { value, place })
}

/// A duration, `{ min, max }` or `{ mean }`.
fn think(table: &mut Reader<'_, '_>) -> Option<Think> {
    let value = table.value("think")?;
    let name = table.name("think");
    if value.as_table().is_none() {
        let pause = duration_of(table, value, &name)?;
        return Some(Think::Fixed(pause.value));
    }
    let mut table = table.as_table(value, &name)?;
    let mut key = |key| {
        let name = table.name(key);
        let value = table.value(key)?;
        duration_of(&table, value, &name)
    };
    let (min, max, mean) = (key("min"), key("max"), key("mean"));
    let place = table.place();
    let think = match (min, max, mean) {
        (None, None, Some(mean)) if !mean.value.is_zero() => Ok(Think::Exponential(mean.value)),
        (None, None, Some(_)) => Err("must have a mean longer than 0s".to_owned()),
        (Some(min), Some(max), None) if min.value < max.value => {
            Ok(Think::Uniform(min.value, max.value))
        }
        (Some(_), Some(_), None) => Err("must have a `max` longer than its `min`".to_owned()),
        _ => Err("must have `min` and `max`, or `mean`".to_owned()),
    };
    table.finish();
    match think {
        Ok(think) => Some(think),
        Err(wrong) => {
            let hint =
                "such as \"50ms\", { min = \"10ms\", max = \"100ms\" } or { mean = \"50ms\" }";
            table.problem(Problem::new(format!("`{name}` {wrong}"), place).hint(hint));
            None
        }
    }
}
