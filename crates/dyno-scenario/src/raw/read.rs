//! Fills the raw structs from the tables of the file.

use std::ops::RangeInclusive;
use std::time::Duration;

use dyno_toml::{Problem, Reader, Spanned};
use toml_span::Value;
use toml_span::value::ValueInner;

use super::data::{named, variables};
use super::{
    ARRIVALS, Burst, Data, Flow, MODES, MOST_CONNECTIONS, Ramp, Replay, Request, Scenario, Secret,
    Stage, Step, Sweep, load,
};
use crate::parse_duration;

impl Scenario {
    /// Takes every known key of the root table; the caller finishes it.
    pub(crate) fn read(root: &mut Reader<'_, '_>) -> Self {
        refuse_both(root, "request", "flow", "a request alone is a flow, too");
        if !root.has("flow") && !only_replays(root) {
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
            vars: variables(root, "vars"),
            env: variables(root, "env"),
            sweep: Sweep::read(root),
            data: named(root, "data", Data::read),
            secret: named(root, "secret", Secret::read),
            setup: tables(root, "setup", Request::read),
            teardown: tables(root, "teardown", Request::read),
            request: tables(root, "request", Request::read),
            flow: tables(root, "flow", Flow::read),
            step: tables(root, "step", Step::read),
        }
    }
}

/// Whether all that is asked comes from logs.
fn only_replays(root: &Reader<'_, '_>) -> bool {
    let steps = root.peek("step").and_then(Value::as_array);
    steps.is_some_and(|steps| {
        let replays = |step: &Value<'_>| step.has_key("replay");
        !steps.is_empty() && steps.iter().all(replays)
    })
}

impl Sweep {
    fn read(root: &mut Reader<'_, '_>) -> Option<Self> {
        let mut table = root.table("sweep")?;
        let mode = table.word("mode", &MODES);
        table.finish();
        Some(Self { mode })
    }
}

impl Step {
    fn read(table: &mut Reader<'_, '_>) -> Self {
        let later = refuse_later(table, &["search", "soak"]);
        load::check_kind(table, later);
        let arrivals = ARRIVALS.map(|each| (each.word(), each));
        Self {
            name: table.required("name", Reader::string),
            requests: levels(table, "requests", |table, value, name| {
                narrow(table.as_integer(value, name, 1..=i64::MAX)?)
            }),
            duration: levels(table, "duration", positive_duration_of),
            rate: levels(table, "rate", load::rate),
            ramp: Ramp::read(table),
            stages: Stage::read_list(table),
            burst: Burst::read(table),
            replay: Replay::read(table),
            arrivals: levels(table, "arrivals", |table, value, name| {
                table.as_word(value, name, &arrivals)
            }),
            connections: levels(table, "connections", |table, value, name| {
                narrow(table.as_integer(value, name, 1..=MOST_CONNECTIONS)?)
            }),
            warmup: levels(table, "warmup", duration_of),
            timeout: levels(table, "timeout", positive_duration_of),
            keepalive: levels(table, "keepalive", Reader::as_boolean),
        }
    }
}

/// A value, or a list of at least one.
pub(super) fn levels<'f, 'de, T>(
    table: &mut Reader<'f, 'de>,
    key: &'static str,
    read: impl Fn(&Reader<'f, 'de>, Value<'de>, &str) -> Option<T>,
) -> Option<Vec<T>> {
    let value = table.value(key)?;
    let name = table.name(key);
    levels_of(table, value, &name, |value| read(table, value, &name))
}

/// The value, or each of a list, which must not be empty.
pub(super) fn levels_of<'de, T>(
    table: &Reader<'_, 'de>,
    mut value: Value<'de>,
    name: &str,
    read: impl Fn(Value<'de>) -> Option<T>,
) -> Option<Vec<T>> {
    let place = value.span.start..value.span.end;
    match value.take() {
        ValueInner::Array(values) if values.is_empty() => {
            table.problem(Problem::new(format!("`{name}` is an empty list"), place));
            None
        }
        ValueInner::Array(values) => Some(values.into_iter().filter_map(read).collect()),
        other => {
            value.set(other);
            Some(vec![read(value)?])
        }
    }
}

/// The tables of `[[key]]`, at least one, each read to its last key; `None` when
/// absent.
pub(super) fn tables<T>(
    table: &mut Reader<'_, '_>,
    key: &'static str,
    mut read: impl FnMut(&mut Reader<'_, '_>) -> T,
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
    let value = table.value(key)?;
    duration_of(table, value, &table.name(key))
}

/// Reads `value` as a duration.
pub(super) fn duration_of<'de>(
    table: &Reader<'_, 'de>,
    value: Value<'de>,
    name: &str,
) -> Option<Spanned<Duration>> {
    let seconds = value.as_integer().map(|number| number as f64);
    if let Some(number) = value.as_float().or(seconds) {
        let message = format!("`{name}` must be a duration in quotes, found the number {number}");
        let place = value.span.start..value.span.end;
        table.problem(Problem::new(message, place).hint("for seconds write \"5s\""));
        return None;
    }
    let text = table.as_string(value, name)?;
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
    let value = table.value(key)?;
    positive_duration_of(table, value, &table.name(key))
}

/// Reads `value` as a duration longer than none.
pub(super) fn positive_duration_of<'de>(
    table: &Reader<'_, 'de>,
    value: Value<'de>,
    name: &str,
) -> Option<Spanned<Duration>> {
    let duration = duration_of(table, value, name)?;
    if duration.value.is_zero() {
        let message = format!("`{name}` must be longer than 0s");
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
