//! Takes the keys of one table, one by one; what is left at the end is unknown.

use std::cell::RefCell;
use std::fmt::Display;
use std::ops::{Range, RangeInclusive};

use toml_span::Value;
use toml_span::value::{Key, Table, ValueInner};

use crate::inherit;
use crate::problem::{Found, Problem};

/// A value and the bytes of the file that it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spanned<T> {
    /// What was read.
    pub value: T,
    /// Where it stands.
    pub place: Range<usize>,
}

/// Reads one table. Every method notes a problem and returns `None` (or an
/// empty list) when the value is not what was asked for; an absent key is
/// `None` without a problem, unless wrapped in [`Reader::required`].
pub struct Reader<'f, 'de> {
    found: &'f Found,
    table: Table<'de>,
    place: Range<usize>,
    path: String,
    known: RefCell<Vec<&'static str>>,
}

impl<'f, 'de> Reader<'f, 'de> {
    /// A reader over `value`, or a problem when it is not a table.
    /// `path` names the table in messages, `""` for the root.
    pub fn over(value: &mut Value<'de>, path: &str, found: &'f Found) -> Option<Self> {
        let place = value.span.start..value.span.end;
        match value.take() {
            ValueInner::Table(table) => Some(Self {
                found,
                table,
                place,
                path: path.to_owned(),
                known: RefCell::default(),
            }),
            other => {
                let message = format!("`{path}` must be a table, found {}", kind(&other));
                found.push(Problem::new(message, place));
                None
            }
        }
    }

    /// The bytes of the file this table came from.
    pub fn place(&self) -> Range<usize> {
        self.place.clone()
    }

    /// The whole text, places count in it.
    pub fn source(&self) -> &'f str {
        &self.found.text
    }

    /// Notes a problem at a place.
    pub fn problem(&self, problem: Problem) {
        self.found.push(problem);
    }

    /// Whether the key is there and not yet taken.
    pub fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// A value that is not yet taken, left where it is.
    pub fn peek(&self, key: &str) -> Option<&Value<'de>> {
        self.table.get(key)
    }

    /// Where a key that is not yet taken stands.
    pub fn key_place(&self, key: &str) -> Option<Range<usize>> {
        let (key, _) = self.table.get_key_value(key)?;
        Some(key.span.start..key.span.end)
    }

    /// The keys still in the table, for tables with free keys.
    pub fn remaining(&self) -> Vec<String> {
        self.table.keys().map(|key| key.name.to_string()).collect()
    }

    /// Notes a missing key when `value` is `None` although the table does not
    /// have the key. Call it before anything takes the key:
    /// `let name = reader.required("name", Reader::string)`.
    pub fn required<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&mut Self, &'static str) -> Option<T>,
    ) -> Option<T> {
        if !self.has(key) {
            let message = format!("`{}` is missing", self.name(key));
            self.found.push(Problem::new(message, self.place()));
        }
        read(self, key)
    }

    /// Takes over what another file says wherever this table is silent; tables
    /// within tables likewise, lists whole. Keys already asked for stay as they
    /// are. Problems with what was taken over are shown at `place`; a parent
    /// that is not TOML is left to be reported when it is read itself.
    pub fn inherit(&mut self, parent: &str, place: &Range<usize>) {
        let Ok(parent) = toml_span::parse(parent) else {
            return;
        };
        if let Some(parent) = parent.as_table() {
            inherit::fill(&mut self.table, parent, place);
        }
        let known = self.known.borrow();
        self.table
            .retain(|key, _| !known.contains(&key.name.as_ref()));
    }

    /// The raw value of a key, to be read by the caller.
    pub fn value(&mut self, key: &'static str) -> Option<Value<'de>> {
        self.known.borrow_mut().push(key);
        self.table.remove(key)
    }

    /// The raw value of a key chosen at run time (tables with free keys).
    pub fn free_value(&mut self, key: &str) -> Option<Value<'de>> {
        self.table.remove(key)
    }

    /// Everything still in the table, in the order of the file, for tables with
    /// free keys.
    pub fn entries(&mut self) -> Vec<(Spanned<String>, Value<'de>)> {
        let key = |key: &Key<'_>| Spanned {
            value: key.name.to_string(),
            place: key.span.start..key.span.end,
        };
        let mut entries: Vec<_> = std::mem::take(&mut self.table)
            .into_iter()
            .map(|(name, value)| (key(&name), value))
            .collect();
        entries.sort_by_key(|(key, _)| key.place.start);
        entries
    }

    /// A string.
    pub fn string(&mut self, key: &'static str) -> Option<Spanned<String>> {
        let value = self.value(key)?;
        self.as_string(value, &self.name(key))
    }

    /// A string that `parse` understands; its error becomes the problem.
    pub fn parsed<T, E: Display>(
        &mut self,
        key: &'static str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<Spanned<T>> {
        let text = self.string(key)?;
        match parse(&text.value) {
            Ok(value) => Some(Spanned {
                value,
                place: text.place,
            }),
            Err(error) => {
                let message = format!("`{}`: {error}", self.name(key));
                self.found.push(Problem::new(message, text.place));
                None
            }
        }
    }

    /// One of the words given, with the nearest one as the hint otherwise.
    pub fn word<T: Copy>(&mut self, key: &'static str, words: &[(&str, T)]) -> Option<Spanned<T>> {
        let value = self.value(key)?;
        self.as_word(value, &self.name(key), words)
    }

    /// Reads `value` as one of the words given.
    pub fn as_word<T: Copy>(
        &self,
        value: Value<'de>,
        name: &str,
        words: &[(&str, T)],
    ) -> Option<Spanned<T>> {
        let text = self.as_string(value, name)?;
        if let Some((_, value)) = words.iter().find(|(word, _)| *word == text.value) {
            return Some(Spanned {
                value: *value,
                place: text.place,
            });
        }
        let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let message = format!("`{name}` cannot be {:?}", text.value);
        self.found
            .push(Problem::new(message, text.place).hint(suggestion(&text.value, &names)));
        None
    }

    /// A whole number within `range`.
    pub fn integer(
        &mut self,
        key: &'static str,
        range: RangeInclusive<i64>,
    ) -> Option<Spanned<i64>> {
        let value = self.value(key)?;
        self.as_integer(value, &self.name(key), range)
    }

    /// `true` or `false`.
    pub fn boolean(&mut self, key: &'static str) -> Option<Spanned<bool>> {
        let value = self.value(key)?;
        self.as_boolean(value, &self.name(key))
    }

    /// A list of strings; absent is an empty list.
    pub fn strings(&mut self, key: &'static str) -> Vec<Spanned<String>> {
        let name = self.name(key);
        self.values(key)
            .into_iter()
            .filter_map(|value| self.as_string(value, &name))
            .collect()
    }

    /// A table of strings with free keys; absent is an empty list.
    pub fn string_map(&mut self, key: &'static str) -> Vec<(String, Spanned<String>)> {
        let Some(mut table) = self.table(key) else {
            return Vec::new();
        };
        table
            .remaining()
            .into_iter()
            .filter_map(|key| {
                let value = table.free_value(&key)?;
                let text = table.as_string(value, &table.name(&key))?;
                Some((key, text))
            })
            .collect()
    }

    /// A table inside this one.
    pub fn table(&mut self, key: &'static str) -> Option<Reader<'f, 'de>> {
        let mut value = self.value(key)?;
        Reader::over(&mut value, &self.name(key), self.found)
    }

    /// An array of tables (`[[key]]`); absent is an empty list.
    pub fn tables(&mut self, key: &'static str) -> Vec<Reader<'f, 'de>> {
        let name = self.name(key);
        self.values(key)
            .iter_mut()
            .filter_map(|value| Reader::over(value, &name, self.found))
            .collect()
    }

    /// An array of anything; absent is an empty list.
    pub fn values(&mut self, key: &'static str) -> Vec<Value<'de>> {
        let Some(mut value) = self.value(key) else {
            return Vec::new();
        };
        let place = value.span.start..value.span.end;
        match value.take() {
            ValueInner::Array(values) => values,
            other => {
                let nothing: Option<()> = self.wrong(&self.name(key), "a list", &other, place);
                debug_assert!(nothing.is_none());
                Vec::new()
            }
        }
    }

    /// Reads `value` as a string; `name` is used in the message.
    pub fn as_string(&self, mut value: Value<'de>, name: &str) -> Option<Spanned<String>> {
        let place = value.span.start..value.span.end;
        match value.take() {
            ValueInner::String(text) => Some(Spanned {
                value: text.into_owned(),
                place,
            }),
            other => self.wrong(name, "text in quotes", &other, place),
        }
    }

    /// Reads `value` as a list of strings.
    pub fn as_strings(&self, mut value: Value<'de>, name: &str) -> Option<Spanned<Vec<String>>> {
        let place = value.span.start..value.span.end;
        match value.take() {
            ValueInner::Array(values) => {
                let value = values
                    .into_iter()
                    .map(|value| Some(self.as_string(value, name)?.value))
                    .collect::<Option<_>>()?;
                Some(Spanned { value, place })
            }
            other => self.wrong(name, "a list of texts in quotes", &other, place),
        }
    }

    /// Reads `value` as `true` or `false`.
    pub fn as_boolean(&self, mut value: Value<'de>, name: &str) -> Option<Spanned<bool>> {
        let place = value.span.start..value.span.end;
        match value.take() {
            ValueInner::Boolean(value) => Some(Spanned { value, place }),
            other => self.wrong(name, "true or false", &other, place),
        }
    }

    /// Reads `value` as a table.
    pub fn as_table(&self, mut value: Value<'de>, name: &str) -> Option<Self> {
        Self::over(&mut value, name, self.found)
    }

    /// Reads `value` as a whole number within `range`.
    pub fn as_integer(
        &self,
        mut value: Value<'de>,
        name: &str,
        range: RangeInclusive<i64>,
    ) -> Option<Spanned<i64>> {
        let place = value.span.start..value.span.end;
        match value.take() {
            ValueInner::Integer(value) if range.contains(&value) => Some(Spanned { value, place }),
            ValueInner::Integer(value) => {
                let bound = if value < *range.start() {
                    format!("at least {}", range.start())
                } else {
                    format!("at most {}", range.end())
                };
                let message = format!("`{name}` must be {bound}, found {value}");
                self.found.push(Problem::new(message, place));
                None
            }
            other => self.wrong(name, "a whole number", &other, place),
        }
    }

    /// Notes every key that nobody asked for. Must be the last call.
    pub fn finish(&mut self) {
        let known = self.known.borrow();
        for key in std::mem::take(&mut self.table).into_keys() {
            let message = format!("unknown key `{}`", self.name(&key.name));
            let place = key.span.start..key.span.end;
            self.found
                .push(Problem::new(message, place).hint(suggestion(&key.name, &known)));
        }
    }

    /// The key as messages show it: `step.connections`.
    pub fn name(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        }
    }

    /// Notes that `seen` is not what was `wanted`; always `None`.
    pub fn wrong<T>(
        &self,
        name: &str,
        wanted: &str,
        seen: &ValueInner<'_>,
        place: Range<usize>,
    ) -> Option<T> {
        let message = format!("`{name}` must be {wanted}, found {}", kind(seen));
        self.found.push(Problem::new(message, place));
        None
    }
}

/// `did you mean …` when something is near, the whole list otherwise.
#[must_use]
pub fn suggestion(seen: &str, known: &[&str]) -> String {
    let nearest = known
        .iter()
        .map(|word| (strsim::damerau_levenshtein(seen, word), *word))
        .min();
    match nearest {
        Some((distance, word)) if distance <= seen.len().max(word.len()) / 3 + 1 => {
            format!("did you mean `{word}`?")
        }
        _ => format!("known here: {}", known.join(", ")),
    }
}

fn kind(value: &ValueInner<'_>) -> String {
    match value {
        ValueInner::String(text) => format!("the text {text:?}"),
        ValueInner::Integer(number) => format!("the number {number}"),
        ValueInner::Float(number) => format!("the number {number}"),
        ValueInner::Boolean(value) => format!("{value}"),
        ValueInner::Array(_) => "a list".to_owned(),
        ValueInner::Table(_) => "a table".to_owned(),
    }
}

#[cfg(test)]
mod tests;
