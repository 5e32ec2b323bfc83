//! Fills the raw structs from the tables of the file.

use std::ops::RangeInclusive;
use std::time::Duration;

use dyno_toml::{Problem, Reader, Spanned};
use toml_span::Value;

use super::{ARRIVALS, Burst, Expect, Ramp, Request, Scenario, Stage, Step, load};
use crate::json::json_text;
use crate::parse_duration;

impl Scenario {
    /// Takes every known key of the root table; the caller finishes it.
    pub(crate) fn read(root: &mut Reader<'_, '_>) -> Self {
        // A key of a later dyno explains what is missing beside it.
        let later = refuse_later(root, &["data", "flow"]);
        if !later {
            expect_key(root, "request", "add a [[request]] with a `path`");
        }
        let hint = "add a [[step]] with a `name`, `connections`, and `requests` or `duration`";
        expect_key(root, "step", hint);
        Self {
            name: root.required("name", Reader::string),
            contract: root.string("contract"),
            targets: root.strings("targets"),
            repeat: integer(root, "repeat", 1..=1000),
            idle: duration(root, "idle"),
            cooldown: duration(root, "cooldown"),
            warmup: duration(root, "warmup"),
            timeout: positive_duration(root, "timeout"),
            keepalive: root.boolean("keepalive"),
            request: tables(root, "request", Request::read),
            step: tables(root, "step", Step::read),
        }
    }
}

impl Request {
    fn read(table: &mut Reader<'_, '_>) -> Self {
        refuse_later(table, &["capture", "think"]);
        refuse_both(table, "body", "json", "a request has one body");
        Self {
            name: table.string("name"),
            method: table.string("method"),
            path: table.required("path", Reader::string),
            headers: headers(table),
            body: table.string("body"),
            json: json(table),
            expect: expect(table),
        }
    }
}

impl Step {
    fn read(table: &mut Reader<'_, '_>) -> Self {
        let later = refuse_later(table, &["replay", "search", "soak"]);
        load::check_kind(table, later);
        Self {
            name: table.required("name", Reader::string),
            requests: integer(table, "requests", 1..=i64::MAX),
            duration: positive_duration(table, "duration"),
            rate: load::rates(table),
            ramp: Ramp::read(table),
            stages: Stage::read_list(table),
            burst: Burst::read(table),
            arrivals: table.word("arrivals", &ARRIVALS.map(|each| (each.word(), each))),
            connections: load::connections(table),
            warmup: duration(table, "warmup"),
            timeout: positive_duration(table, "timeout"),
            keepalive: table.boolean("keepalive"),
        }
    }
}

/// In the order of the file.
fn headers(table: &mut Reader<'_, '_>) -> Vec<(String, Spanned<String>)> {
    let mut headers = table.string_map("headers");
    headers.sort_by_key(|(_, value)| value.place.start);
    headers
}

fn json(table: &mut Reader<'_, '_>) -> Option<Spanned<String>> {
    let value = table.value("json")?;
    let name = table.name("json");
    Some(Spanned {
        value: json_text(&value, &name, &|problem| table.problem(problem)),
        place: value.span.start..value.span.end,
    })
}

fn expect(table: &mut Reader<'_, '_>) -> Option<Expect> {
    let mut table = table.table("expect")?;
    let expect = Expect {
        status: integer(&mut table, "status", 100..=599),
        body: table.string("body"),
    };
    table.finish();
    Some(expect)
}

/// The values of a list, which must have some, or the one value that is there.
pub(super) fn one_or_more<'de>(
    table: &mut Reader<'_, 'de>,
    key: &'static str,
) -> Option<Vec<Value<'de>>> {
    refuse_empty(table, key);
    let is_list = table
        .peek(key)
        .is_some_and(|seen| seen.as_array().is_some());
    if is_list {
        Some(table.values(key))
    } else {
        Some(vec![table.value(key)?])
    }
}

/// The tables of `[[key]]`, at least one, each read to its last key; `None` when
/// absent.
pub(super) fn tables<T>(
    table: &mut Reader<'_, '_>,
    key: &'static str,
    read: impl Fn(&mut Reader<'_, '_>) -> T,
) -> Option<Vec<T>> {
    // An absent key is asked for all the same: a misspelt one shall find its name.
    let present = table.has(key);
    let is_table = |seen: &&Value<'_>| seen.as_table().is_some();
    if let Some(seen) = table.peek(key).filter(is_table) {
        let name = table.name(key);
        let message = format!("`{name}` must be a list of tables, found one table");
        let place = seen.span.start..seen.span.end;
        table.problem(Problem::new(message, place).hint(format!("write [[{name}]]")));
        table.value(key);
        return None;
    }
    refuse_empty(table, key);
    let read_whole = |mut table: Reader<'_, '_>| {
        let value = read(&mut table);
        table.finish();
        value
    };
    let list = table.tables(key).into_iter().map(read_whole).collect();
    present.then_some(list)
}

pub(super) fn integer<T: TryFrom<i64>>(
    table: &mut Reader<'_, '_>,
    key: &'static str,
    range: RangeInclusive<i64>,
) -> Option<Spanned<T>> {
    narrow(table.integer(key, range)?)
}

/// The ranges asked for fit the types, so that nothing is lost here.
pub(super) fn narrow<T: TryFrom<i64>>(number: Spanned<i64>) -> Option<Spanned<T>> {
    let value = T::try_from(number.value).ok()?;
    let place = number.place;
    Some(Spanned { value, place })
}

fn duration(table: &mut Reader<'_, '_>, key: &'static str) -> Option<Spanned<Duration>> {
    let name = table.name(key);
    let value = table.value(key)?;
    let seconds = value.as_integer().map(|number| number as f64);
    if let Some(number) = value.as_float().or(seconds) {
        let message = format!("`{name}` must be a duration in quotes, found the number {number}");
        let place = value.span.start..value.span.end;
        table.problem(Problem::new(message, place).hint("for seconds write \"5s\""));
        return None;
    }
    let text = table.as_string(value, &name)?;
    let place = text.place;
    match parse_duration(&text.value) {
        Ok(value) => Some(Spanned { value, place }),
        Err(error) => {
            table.problem(Problem::new(format!("`{name}`: {error}"), place));
            None
        }
    }
}

pub(super) fn positive_duration(
    table: &mut Reader<'_, '_>,
    key: &'static str,
) -> Option<Spanned<Duration>> {
    let duration = duration(table, key)?;
    if duration.value.is_zero() {
        let message = format!("`{}` must be longer than 0s", table.name(key));
        table.problem(Problem::new(message, duration.place));
        return None;
    }
    Some(duration)
}

/// Notes a missing key, as [`Reader::required`] does, with a way out.
pub(super) fn expect_key(table: &Reader<'_, '_>, key: &str, hint: &str) {
    if !table.has(key) {
        let message = format!("`{}` is missing", table.name(key));
        table.problem(Problem::new(message, table.place()).hint(hint));
    }
}

fn refuse_empty(table: &Reader<'_, '_>, key: &str) {
    let is_empty = |seen: &&Value<'_>| seen.as_array().is_some_and(Vec::is_empty);
    if let Some(seen) = table.peek(key).filter(is_empty) {
        let message = format!("`{}` is an empty list", table.name(key));
        table.problem(Problem::new(message, seen.span.start..seen.span.end));
    }
}

/// Notes two keys that exclude each other, at the later one.
pub(super) fn refuse_both(table: &Reader<'_, '_>, first: &str, second: &str, hint: &str) {
    let (Some(a), Some(b)) = (table.key_place(first), table.key_place(second)) else {
        return;
    };
    let (first, second) = (table.name(first), table.name(second));
    let message = format!("`{first}` and `{second}` exclude each other");
    let place = if a.start > b.start { a } else { b };
    table.problem(Problem::new(message, place).hint(hint));
}

/// Notes keys that are part of the format but not of this dyno yet, so that
/// nobody is sent looking for a typing mistake. Whether there were any.
fn refuse_later(table: &mut Reader<'_, '_>, keys: &[&str]) -> bool {
    let mut found = false;
    for key in keys {
        let Some(place) = table.key_place(key) else {
            continue;
        };
        let message = format!("`{}` is not supported yet by this dyno", table.name(key));
        table.problem(Problem::new(message, place));
        table.free_value(key);
        found = true;
    }
    found
}
