//! Fills the raw structs from the tables of the file.

use std::ops::RangeInclusive;
use std::time::Duration;

use dyno_toml::{Problem, Reader, Spanned};
use toml_span::Value;

use super::{ARRIVALS, Expect, MOST_CONNECTIONS, Request, Scenario, Step};
use crate::json::json_text;
use crate::{Rate, parse_duration, parse_rate};

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
        let later = refuse_later(table, &["ramp", "replay", "search", "soak", "stages"]);
        if table.has("rate") {
            check_open(table, later);
        } else {
            check_closed(table, later);
        }
        Self {
            name: table.required("name", Reader::string),
            requests: integer(table, "requests", 1..=i64::MAX),
            duration: positive_duration(table, "duration"),
            rate: rates(table),
            arrivals: table.word("arrivals", &ARRIVALS.map(|each| (each.word(), each))),
            connections: connections(table),
            warmup: duration(table, "warmup"),
            timeout: positive_duration(table, "timeout"),
            keepalive: table.boolean("keepalive"),
        }
    }
}

/// Which keys go together in a step without a rate. Beside a key of a later dyno
/// nothing is missing.
fn check_closed(table: &Reader<'_, '_>, later: bool) {
    let end = "a step ends after a number of requests or after a time";
    refuse_both(table, "requests", "duration", end);
    if later {
        return;
    }
    if let Some(place) = table.key_place("arrivals") {
        let message = "`step.arrivals` needs `step.rate`";
        let hint = "add how many start, such as rate = \"500/s\"";
        table.problem(Problem::new(message, place).hint(hint));
    }
    if !table.has("requests") && !table.has("duration") {
        let message = "`step.requests` or `step.duration` is missing";
        table.problem(Problem::new(message, table.place()).hint(end));
    }
    let hint = "how many are open at once, such as 100 or [1, 10, 100]";
    expect_key(table, "connections", hint);
}

/// Which keys go together in a step with a rate.
fn check_open(table: &Reader<'_, '_>, later: bool) {
    let end = "a step with a rate ends after a time, such as duration = \"10s\"";
    refuse_both(table, "requests", "rate", end);
    if !later && !table.has("requests") {
        expect_key(table, "duration", end);
    }
    let is_list = |seen: &&Value<'_>| seen.as_array().is_some();
    if let Some(seen) = table.peek("connections").filter(is_list) {
        let message = "`step.connections` must be one number beside `step.rate`, found a list";
        let hint = "how many may carry the starts; the levels are those of the rate";
        let place = seen.span.start..seen.span.end;
        table.problem(Problem::new(message, place).hint(hint));
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

/// A number, or a list of at least one.
fn connections(table: &mut Reader<'_, '_>) -> Option<Vec<Spanned<u32>>> {
    let name = table.name("connections");
    let values = one_or_more(table, "connections")?;
    let number = |value| narrow(table.as_integer(value, &name, 1..=MOST_CONNECTIONS)?);
    Some(values.into_iter().filter_map(number).collect())
}

/// A rate, or a list of at least one.
fn rates(table: &mut Reader<'_, '_>) -> Option<Vec<Spanned<Rate>>> {
    let name = table.name("rate");
    let values = one_or_more(table, "rate")?;
    let rate = |value: Value<'_>| {
        let seconds = value.as_integer().map(|number| number as f64);
        if let Some(number) = value.as_float().or(seconds) {
            let message = format!("`{name}` must be a rate in quotes, found the number {number}");
            let place = value.span.start..value.span.end;
            let hint = "for starts per second write \"500/s\"";
            table.problem(Problem::new(message, place).hint(hint));
            return None;
        }
        let Spanned { value, place } = table.as_string(value, &name)?;
        match parse_rate(&value) {
            Ok(value) => Some(Spanned { value, place }),
            Err(error) => {
                table.problem(Problem::new(format!("`{name}`: {error}"), place));
                None
            }
        }
    };
    Some(values.into_iter().filter_map(rate).collect())
}

/// The values of a list, which must have some, or the one value that is there.
fn one_or_more<'de>(table: &mut Reader<'_, 'de>, key: &'static str) -> Option<Vec<Value<'de>>> {
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
fn tables<T>(
    table: &mut Reader<'_, '_>,
    key: &'static str,
    read: impl Fn(&mut Reader<'_, '_>) -> T,
) -> Option<Vec<T>> {
    // An absent key is asked for all the same: a misspelt one shall find its name.
    let present = table.has(key);
    let is_table = |seen: &&Value<'_>| seen.as_table().is_some();
    if let Some(seen) = table.peek(key).filter(is_table) {
        let message = format!("`{key}` must be a list of tables, found one table");
        let place = seen.span.start..seen.span.end;
        table.problem(Problem::new(message, place).hint(format!("write [[{key}]]")));
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

fn integer<T: TryFrom<i64>>(
    table: &mut Reader<'_, '_>,
    key: &'static str,
    range: RangeInclusive<i64>,
) -> Option<Spanned<T>> {
    narrow(table.integer(key, range)?)
}

/// The ranges asked for fit the types, so that nothing is lost here.
fn narrow<T: TryFrom<i64>>(number: Spanned<i64>) -> Option<Spanned<T>> {
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

fn positive_duration(table: &mut Reader<'_, '_>, key: &'static str) -> Option<Spanned<Duration>> {
    let duration = duration(table, key)?;
    if duration.value.is_zero() {
        let message = format!("`{}` must be longer than 0s", table.name(key));
        table.problem(Problem::new(message, duration.place));
        return None;
    }
    Some(duration)
}

/// Notes a missing key, as [`Reader::required`] does, with a way out.
fn expect_key(table: &Reader<'_, '_>, key: &str, hint: &str) {
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
fn refuse_both(table: &Reader<'_, '_>, first: &str, second: &str, hint: &str) {
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
