//! What a right answer looks like, as written.

use std::collections::BTreeMap;
use std::time::Duration;

use dyno_toml::{Problem, Reader, Spanned};
use schemars::JsonSchema;
use toml_span::Value;

use super::node::{json, range};
use super::pattern::regex;
use super::value::{levels, positive_duration};
use crate::placeholder::{Piece, Scanner};
use crate::schema::{ContainsForm, CountForm, HeaderForm, NodeForm, StatusForm};
use crate::{Check, Escape, Node, StatusRange, Text};

/// Everything given must hold, in every answer.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct Expect {
    /// The status, a class of them such as 2xx, or a list of both. A 4xx given here
    /// is a success with its own histogram.
    #[schemars(with = "Option<StatusForm>", extend("examples" = [200, "2xx", ["2xx", 404]]))]
    pub(crate) status: Option<Vec<StatusRange>>,
    /// Headers, upper and lower case being the same: the whole value, or a table.
    #[schemars(
        with = "Option<BTreeMap<String, HeaderForm>>",
        extend("examples" = [{ "Content-Type": { "contains": "json" } }])
    )]
    pub(crate) headers: Vec<(Spanned<String>, Text)>,
    /// The whole body.
    #[schemars(extend("examples" = ["Hello!\n"]))]
    pub(crate) body: Option<Spanned<String>>,
    /// What stands somewhere in the body; of a list, each.
    #[schemars(with = "Option<ContainsForm>", extend("examples" = ["Hello", ["Hello", "!"]]))]
    pub(crate) contains: Vec<Spanned<String>>,
    /// A regular expression that matches somewhere in the body.
    #[schemars(extend("examples" = ["id=\\d+"]))]
    pub(crate) matches: Option<String>,
    /// JSONPaths, and what they select in the body: a value, or a table with one or
    /// more of `exists`, `equals`, `type` and `count`.
    #[schemars(
        with = "Option<BTreeMap<String, NodeForm>>",
        extend("examples" = [{ "$.id": 5, "$.list": { "count": 3 }, "$.error": { "exists": false } }])
    )]
    pub(crate) json: Vec<(String, Node)>,
    /// The size of the body in bytes: one number, or a table with `min`, `max` or
    /// both.
    #[schemars(with = "Option<CountForm>", extend("examples" = [39, { "min": 1, "max": 100 }]))]
    pub(crate) bytes: Option<(u64, u64)>,
    /// The longest service time of a right answer.
    #[schemars(with = "Option<crate::schema::DurationText>", extend("examples" = ["200ms"]))]
    pub(crate) within: Option<Spanned<Duration>>,
    /// The share of answers whose body is checked; the report says so. Status and
    /// captures are looked at in every answer.
    #[schemars(
        with = "Option<f64>",
        range(max = 1.0),
        extend("exclusiveMinimum" = 0.0, "default" = 1.0, "examples" = [0.1])
    )]
    pub(crate) sample: Option<f64>,
}

impl Expect {
    pub(super) fn read(request: &mut Reader<'_, '_>) -> Option<Self> {
        let mut table = request.table("expect")?;
        let expect = Self {
            status: status(&mut table),
            headers: headers(&mut table),
            body: plain(&mut table, "body"),
            contains: contains(&mut table),
            matches: pattern(&mut table, "matches"),
            json: json(&mut table),
            bytes: range(&mut table, "bytes"),
            within: positive_duration(&mut table, "within"),
            sample: sample(&mut table),
        };
        table.finish();
        Some(expect)
    }

    /// All of it, as meant.
    pub(crate) fn checks(&self) -> Vec<Check> {
        let mut checks = Vec::new();
        checks.extend(self.status.clone().map(Check::Status));
        for (name, text) in &self.headers {
            checks.push(Check::Header(name.value.to_ascii_lowercase(), text.clone()));
        }
        let bytes = |text: &Spanned<String>| text.value.clone().into_bytes();
        checks.extend(self.body.as_ref().map(bytes).map(Check::BodyEquals));
        checks.extend(self.contains.iter().map(bytes).map(Check::BodyContains));
        checks.extend(self.matches.clone().map(Check::BodyMatches));
        for (path, node) in &self.json {
            checks.push(Check::Json(path.clone(), node.clone()));
        }
        checks.extend(self.bytes.map(|(min, max)| Check::BodyBytes(min, max)));
        checks.extend(
            self.within
                .as_ref()
                .map(|within| Check::Within(within.value)),
        );
        checks
    }
}

/// A number, a class, or a list of both.
fn status(table: &mut Reader<'_, '_>) -> Option<Vec<StatusRange>> {
    levels(table, "status", |table, value, name| {
        let Some(class) = value.as_str() else {
            let code = table.as_integer(value, name, 100..=599)?;
            let code = u16::try_from(code.value).ok()?;
            return Some(StatusRange {
                low: code,
                high: code,
            });
        };
        if let &[digit @ b'1'..=b'5', b'x', b'x'] = class.as_bytes() {
            let low = u16::from(digit - b'0') * 100;
            return Some(StatusRange {
                low,
                high: low + 99,
            });
        }
        let message = format!("`{name}` cannot be {class:?}");
        let place = value.span.start..value.span.end;
        let hint = "a number such as 200, a class such as \"2xx\", or a list of them";
        table.problem(Problem::new(message, place).hint(hint));
        None
    })
}

fn headers(table: &mut Reader<'_, '_>) -> Vec<(Spanned<String>, Text)> {
    let headers_key = table.name("headers");
    let Some(mut table) = table.table("headers") else {
        return Vec::new();
    };
    let entries = table.entries().into_iter();
    let header = |(key, value): (Spanned<String>, Value<'_>)| {
        let (name, place) = (table.name(&key.value), key.place.clone());
        if !crate::is_token(&key.value) {
            let (headers, key) = (&headers_key, &key.value);
            let message = format!("`{headers}`: {key:?} cannot be the name of a header");
            let hint = "letters, digits and `-`, such as \"Content-Type\"";
            table.problem(Problem::new(message, place).hint(hint));
        }
        Some((key, header(&table, value, &name)?))
    };
    entries.filter_map(header).collect()
}

/// The whole value, or one of `equals`, `contains`, `matches` and `exists`.
fn header<'de>(table: &Reader<'_, 'de>, value: Value<'de>, name: &str) -> Option<Text> {
    if value.as_str().is_some() {
        let text = table.as_string(value, name)?;
        refuse_placeholders(table, &text, name);
        return Some(Text::Equals(text.value));
    } else if value.as_table().is_none() {
        let place = value.span.start..value.span.end;
        return table.wrong(name, "text in quotes or a table", value.as_ref(), place);
    }
    let mut table = table.as_table(value, name)?;
    let keys = ["equals", "contains", "matches", "exists"];
    let given = keys.iter().filter(|key| table.has(key)).count();
    let equals = plain(&mut table, "equals");
    let contains = plain(&mut table, "contains");
    let matches = pattern(&mut table, "matches");
    let exists = table.boolean("exists");
    table.finish();
    let hint = "such as { contains = \"json\" }, { matches = '^text/' } or { exists = true }";
    if given != 1 {
        let message = format!("`{name}` must be text in quotes or a table with one key");
        table.problem(Problem::new(message, table.place()).hint(hint));
        return None;
    }
    if let Some(no) = exists.as_ref().filter(|exists| !exists.value) {
        let message = format!("`{name}.exists` cannot be false");
        table.problem(Problem::new(message, no.place.clone()).hint(hint));
    }
    let text = equals.map(|text| Text::Equals(text.value));
    let text = text.or(contains.map(|text| Text::Contains(text.value)));
    let text = text.or(matches.map(Text::Matches));
    text.or(exists.map(|_| Text::Exists))
}

/// A text that stands for itself.
fn plain(table: &mut Reader<'_, '_>, key: &'static str) -> Option<Spanned<String>> {
    let text = table.string(key)?;
    refuse_placeholders(table, &text, &table.name(key));
    Some(text)
}

fn contains(table: &mut Reader<'_, '_>) -> Vec<Spanned<String>> {
    let read = |table: &Reader<'_, '_>, value: Value<'_>, name: &str| {
        let text = table.as_string(value, name)?;
        refuse_placeholders(table, &text, name);
        Some(text)
    };
    levels(table, "contains", read).unwrap_or_default()
}

fn pattern(table: &mut Reader<'_, '_>, key: &'static str) -> Option<String> {
    let text = table.string(key)?;
    regex(table, text, &table.name(key))
}

/// Nothing is filled in here, and who writes a placeholder expects it to be.
pub(super) fn refuse_placeholders(table: &Reader<'_, '_>, text: &Spanned<String>, key: &str) {
    let scanner = Scanner {
        source: table.source(),
        key,
        report: &|_| {},
    };
    for piece in scanner.pieces(text, Escape::None) {
        if let Piece::Placeholder(one) = piece {
            let message = format!("`{key}`: a placeholder is not filled in here");
            let hint = "what is expected is the same for all answers; \
                        for the braces themselves use `matches`";
            table.problem(Problem::new(message, one.place).hint(hint));
        }
    }
}

fn sample(table: &mut Reader<'_, '_>) -> Option<f64> {
    let value = table.value("sample")?;
    let name = table.name("sample");
    let place = value.span.start..value.span.end;
    let whole = value.as_integer().map(|number| number as f64);
    let Some(share) = value.as_float().or(whole) else {
        return table.wrong(&name, "a number", value.as_ref(), place);
    };
    if share > 0.0 && share <= 1.0 {
        return Some(share);
    }
    let message = format!("`{name}` must be above 0 and at most 1, found {share}");
    let hint = "0.1 checks the body of every tenth answer, chosen at random";
    table.problem(Problem::new(message, place).hint(hint));
    None
}
