//! One file that stands on another: keys it does not have are taken over.

use std::borrow::Cow;
use std::ops::Range;

use toml_span::Span;
use toml_span::value::{Key, Table, Value, ValueInner};

/// Adds to `table` every key of `parent` that it lacks, tables within tables
/// likewise; lists are taken whole. Everything taken over stands at `place`, so
/// that a problem with it points to the line that asked for it.
pub(crate) fn fill<'de>(table: &mut Table<'de>, parent: &Table<'_>, place: &Range<usize>) {
    for (key, inherited) in parent {
        let Some(own) = table.get_mut(key.name.as_ref()) else {
            let name = Cow::Owned(key.name.to_string());
            let span = place.clone().into();
            table.insert(Key { name, span }, owned(inherited, &|_| place.clone()));
            continue;
        };
        let (true, Some(inherited)) = (own.as_table().is_some(), inherited.as_table()) else {
            continue;
        };
        let mut value = own.take();
        if let ValueInner::Table(own) = &mut value {
            fill(own, inherited, place);
        }
        own.set(value);
    }
}

/// A copy that does not borrow from the text; `place` says where what stands at a
/// span is said to stand.
pub(crate) fn owned(value: &Value<'_>, place: &dyn Fn(Span) -> Range<usize>) -> Value<'static> {
    let inner = if let Some(text) = value.as_str() {
        ValueInner::String(Cow::Owned(text.to_owned()))
    } else if let Some(number) = value.as_integer() {
        ValueInner::Integer(number)
    } else if let Some(flag) = value.as_bool() {
        ValueInner::Boolean(flag)
    } else if let Some(list) = value.as_array() {
        ValueInner::Array(list.iter().map(|value| owned(value, place)).collect())
    } else if let Some(table) = value.as_table() {
        let entry = |(key, value): (&Key<'_>, &Value<'_>)| {
            let name = Cow::Owned(key.name.to_string());
            let span = place(key.span).into();
            (Key { name, span }, owned(value, place))
        };
        ValueInner::Table(table.iter().map(entry).collect())
    } else {
        ValueInner::Float(value.as_float().unwrap_or(f64::NAN))
    };
    Value::with_span(inner, place(value.span).into())
}
