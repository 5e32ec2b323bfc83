//! `PATH=VALUE` from the command line, put into the tree of a file's values.

use std::borrow::Cow;
use std::ops::Range;

use toml_span::Value;
use toml_span::value::{Key, ValueInner};

use crate::inherit::owned;
use crate::problem::Problem;
use crate::reader::suggestion;

const FORM: &str = "write PATH=VALUE, such as repeat=3, step[0].rate=500/s or step.NAME.rate=500/s";

/// One step of a path.
#[derive(Debug, PartialEq, Eq)]
enum Segment {
    /// A key of a table, or the `name` of an entry in a list of tables.
    Key(String),
    /// `[0]`
    Index(usize),
}

/// A step and where it stands.
type Placed = (Segment, Range<usize>);

/// Puts one `PATH=VALUE` into the tree. Its text begins at `offset`, in which all
/// places of it count, too. A key that is not there yet is added: whether it is
/// one that anybody knows is left to the reader.
pub(crate) fn apply(root: &mut Value<'_>, setting: &str, offset: usize) -> Result<(), Problem> {
    let (path, at) = path(setting, offset)?;
    put(root, &path, "", value(&setting[at..], offset + at))
}

/// The steps before the `=`, and where the value begins.
fn path(setting: &str, offset: usize) -> Result<(Vec<Placed>, usize), Problem> {
    let whole = offset..offset + setting.len();
    let wrong = || Problem::new(format!("{setting:?} says no path"), whole.clone()).hint(FORM);
    let mut segments = Vec::new();
    let mut at = 0;
    loop {
        let rest = &setting[at..];
        let (segment, length) = if let Some(quoted) = rest.strip_prefix('"') {
            let end = quoted.find('"').ok_or_else(wrong)?;
            (Segment::Key(quoted[..end].to_owned()), end + 2)
        } else if let Some(index) = rest.strip_prefix('[') {
            let end = index.find(']').ok_or_else(wrong)?;
            let index = index[..end].parse().map_err(|_| wrong())?;
            (Segment::Index(index), end + 2)
        } else {
            let end = rest.find(['.', '[', '=']).ok_or_else(wrong)?;
            let key = rest[..end].trim();
            if key.is_empty() {
                return Err(wrong());
            }
            (Segment::Key(key.to_owned()), end)
        };
        segments.push((segment, offset + at..offset + at + length));
        at += length;
        match setting[at..].bytes().next() {
            Some(b'=') => return Ok((segments, at + 1)),
            Some(b'.') => at += 1,
            Some(b'[') => {}
            _ => return Err(wrong()),
        }
    }
}

/// What is TOML is read as such, a list of what is not TOML one by one, anything
/// else is text: shells take quotes away.
fn value(text: &str, offset: usize) -> Value<'static> {
    const BEFORE: &str = "v = ";
    let written = format!("{BEFORE}{text}");
    let place = offset..offset + text.len();
    let parsed = toml_span::parse(&written).ok();
    let table = parsed.as_ref().and_then(Value::as_table);
    if let Some(value) = table
        .filter(|table| table.len() == 1)
        .and_then(|table| table.get("v"))
    {
        return owned(value, &|span| {
            let end = (span.end + offset).saturating_sub(BEFORE.len());
            (span.start + offset).saturating_sub(BEFORE.len())..end
        });
    }
    let list = text
        .trim()
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'));
    let inner = match list {
        Some(list) => {
            let start = offset + text.find('[').map_or(0, |at| at + 1);
            ValueInner::Array(items(list, start))
        }
        None => ValueInner::String(Cow::Owned(text.to_owned())),
    };
    Value::with_span(inner, place.into())
}

/// The values between commas.
fn items(list: &str, offset: usize) -> Vec<Value<'static>> {
    let mut at = offset;
    let item = |item: &str| {
        let start = at + (item.len() - item.trim_start().len());
        at += item.len() + 1;
        value(item.trim(), start)
    };
    list.split(',').map(item).collect()
}

/// Puts `new` where `path` leads from here; `said` is the path until here.
fn put<'de>(
    here: &mut Value<'de>,
    path: &[Placed],
    said: &str,
    new: Value<'de>,
) -> Result<(), Problem> {
    let Some(((segment, place), rest)) = path.split_first() else {
        *here = new;
        return Ok(());
    };
    let mut inner = here.take();
    let result = match (&mut inner, segment) {
        (ValueInner::Table(table), Segment::Key(name)) => {
            let said = join(said, name);
            let nothing =
                || Value::with_span(ValueInner::Table(Default::default()), place.clone().into());
            // Taken out and put in again, so that its key stands here.
            let mut value = table.remove(name.as_str()).unwrap_or_else(nothing);
            let result = put(&mut value, rest, &said, new);
            let key = Key {
                name: Cow::Owned(name.clone()),
                span: place.clone().into(),
            };
            table.insert(key, value);
            result
        }
        (ValueInner::Array(list), segment) => match entry(list, segment, place, said) {
            Ok(index) => put(&mut list[index], rest, &format!("{said}[{index}]"), new),
            Err(problem) => Err(problem),
        },
        (ValueInner::Table(_), Segment::Index(index)) => {
            let message = format!("`{said}` is a table, it has no [{index}]");
            Err(Problem::new(message, place.clone()).hint(FORM))
        }
        (_, Segment::Key(name)) => {
            let message = format!("`{said}` is one value, it has no `{name}`");
            Err(Problem::new(message, place.clone()).hint(FORM))
        }
        (_, Segment::Index(index)) => {
            let message = format!("`{said}` is one value, it has no [{index}]");
            Err(Problem::new(message, place.clone()).hint(FORM))
        }
    };
    here.set(inner);
    result
}

fn join(said: &str, name: &str) -> String {
    if said.is_empty() {
        name.to_owned()
    } else {
        format!("{said}.{name}")
    }
}

/// The place of an entry in a list, by its number or by its name.
fn entry(
    list: &[Value<'_>],
    segment: &Segment,
    place: &Range<usize>,
    said: &str,
) -> Result<usize, Problem> {
    let names: Vec<&str> = list
        .iter()
        .map(|entry| entry.pointer("/name").and_then(Value::as_str).unwrap_or(""))
        .collect();
    let wrong = |message: String, hint: String| Problem::new(message, place.clone()).hint(hint);
    match segment {
        Segment::Index(index) if *index < list.len() => Ok(*index),
        Segment::Index(index) => {
            let message = format!("`{said}` has no [{index}]");
            let hint = match list.len() {
                0 => "the list is empty".to_owned(),
                length => format!("from [0] to [{}]", length - 1),
            };
            Err(wrong(message, hint))
        }
        Segment::Key(name) => names.iter().position(|other| other == name).ok_or_else(|| {
            let known: Vec<&str> = names.into_iter().filter(|name| !name.is_empty()).collect();
            let hint = if known.is_empty() {
                format!("write {said}[0]")
            } else {
                suggestion(name, &known)
            };
            wrong(
                format!("`{said}` has no entry with the name {name:?}"),
                hint,
            )
        }),
    }
}

#[cfg(test)]
mod tests;
