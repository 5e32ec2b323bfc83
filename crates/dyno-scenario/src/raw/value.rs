//! Kinds of values that many keys have, and keys that must or must not be there.

use std::ops::RangeInclusive;
use std::time::Duration;

use dyno_toml::{Problem, Reader, Spanned};
use toml_span::Value;
use toml_span::value::ValueInner;

use crate::parse_duration;

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

pub(super) fn duration(table: &mut Reader<'_, '_>, key: &'static str) -> Option<Spanned<Duration>> {
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
