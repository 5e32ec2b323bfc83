//! What a JSONPath (RFC 9535) selects in an answer. A path that can select one
//! node only is followed while the text is parsed, without building values; any
//! other is left to `serde_json_path`.

use std::fmt;

use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;
use serde_json_path::{JsonPath, ParseError};

use crate::escape::unescape;

/// A path, read once and followed often.
#[derive(Debug, Clone)]
pub(crate) enum Path {
    /// Of names and places from the root down.
    One(Vec<Key>),
    Any(JsonPath),
}

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Key {
    Name(String),
    Index(usize),
}

/// A text is not JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotJson;

impl Path {
    pub(crate) fn new(text: &str) -> Result<Self, ParseError> {
        let any = JsonPath::parse(text)?;
        Ok(keys(text).map_or(Self::Any(any), Self::One))
    }

    /// The text of the first node that is selected in `json`, as it is written.
    /// `tree` holds it if the path needs one.
    pub(crate) fn first<'a>(
        &self,
        json: &'a [u8],
        tree: &'a mut String,
    ) -> Result<Option<&'a str>, NotJson> {
        match self {
            Self::One(keys) => follow(keys, json),
            Self::Any(path) => {
                let value: Value = serde_json::from_slice(json).map_err(|_| NotJson)?;
                let first = path.query(&value).first();
                *tree = first.map(Value::to_string).unwrap_or_default();
                Ok(first.is_some().then_some(tree.as_str()))
            }
        }
    }

    /// How many nodes are selected in `json`.
    pub(crate) fn count(&self, json: &[u8]) -> Result<u64, NotJson> {
        match self {
            Self::One(keys) => Ok(follow(keys, json)?.map_or(0, |_| 1)),
            Self::Any(path) => {
                let value: Value = serde_json::from_slice(json).map_err(|_| NotJson)?;
                Ok(path.query(&value).len() as u64)
            }
        }
    }
}

/// Writes the value of a node: a string without its quotes and escapes, anything
/// else as it is written.
pub(crate) fn plain(node: &str, out: &mut Vec<u8>) {
    let inside = node.strip_prefix('"').and_then(|n| n.strip_suffix('"'));
    match inside {
        Some(text) => unescape(text, out),
        None => out.extend_from_slice(node.as_bytes()),
    }
}

/// The keys of a path that is only names and places, such as `$.a['b'][0]`. The
/// text is known to be a path. Names with escapes and places from the end are for
/// the other kind.
fn keys(text: &str) -> Option<Vec<Key>> {
    let mut rest = text.strip_prefix('$')?;
    let mut keys = Vec::new();
    while !rest.is_empty() {
        let key;
        if let Some(after) = rest.strip_prefix('.') {
            let is_name = |letter: char| {
                letter == '_' || letter.is_ascii_alphanumeric() || !letter.is_ascii()
            };
            let end = after.find(|letter| !is_name(letter)).unwrap_or(after.len());
            key = Key::Name(after[..end].to_owned()).non_empty()?;
            rest = &after[end..];
        } else {
            let after = rest.strip_prefix('[')?;
            let (inside, behind) = match after.chars().next()? {
                quote @ ('\'' | '"') => {
                    let (inside, behind) = after[1..].split_once(quote)?;
                    (Key::Name(inside.to_owned()), behind)
                }
                _ => {
                    let (inside, behind) = after.split_once(']')?;
                    let index = inside.trim().parse().ok()?;
                    // The bracket is taken off below.
                    (Key::Index(index), &after[after.len() - behind.len() - 1..])
                }
            };
            if matches!(&inside, Key::Name(name) if name.contains('\\')) {
                return None;
            }
            key = inside;
            rest = behind.strip_prefix(']')?;
        }
        keys.push(key);
    }
    Some(keys)
}

impl Key {
    fn non_empty(self) -> Option<Self> {
        (!matches!(&self, Self::Name(name) if name.is_empty())).then_some(self)
    }
}

fn follow<'a>(keys: &[Key], json: &'a [u8]) -> Result<Option<&'a str>, NotJson> {
    let mut parser = serde_json::Deserializer::from_slice(json);
    let found = Follow(keys).deserialize(&mut parser).map_err(|_| NotJson)?;
    parser.end().map_err(|_| NotJson)?;
    Ok(found)
}

/// What is left of the path.
struct Follow<'k>(&'k [Key]);

impl<'de> DeserializeSeed<'de> for Follow<'_> {
    type Value = Option<&'de str>;

    fn deserialize<D: serde::Deserializer<'de>>(self, parser: D) -> Result<Self::Value, D::Error> {
        match self.0 {
            [] => {
                <&RawValue as serde::Deserialize>::deserialize(parser).map(|node| Some(node.get()))
            }
            _ => parser.deserialize_any(self),
        }
    }
}

impl<'de> Visitor<'de> for Follow<'_> {
    type Value = Option<&'de str>;

    fn expecting(&self, text: &mut fmt::Formatter<'_>) -> fmt::Result {
        text.write_str("any JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let (first, rest) = self.0.split_first().ok_or_else(|| A::Error::custom(""))?;
        let mut found = None;
        while let Some(is_it) = map.next_key_seed(IsKey(first))? {
            if is_it {
                // Of a name that comes twice the last value counts, as in a tree.
                found = map.next_value_seed(Follow(rest))?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let (first, rest) = self.0.split_first().ok_or_else(|| A::Error::custom(""))?;
        let mut found = None;
        for index in 0.. {
            if *first == Key::Index(index) {
                match list.next_element_seed(Follow(rest))? {
                    Some(node) => found = node,
                    None => break,
                }
            } else if list.next_element::<IgnoredAny>()?.is_none() {
                break;
            }
        }
        Ok(found)
    }

    // Nothing is below these.
    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }
    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }
    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(None)
    }
    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(None)
    }
    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(None)
    }
    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(None)
    }
}

/// Whether a member's name is the one that is looked for.
struct IsKey<'k>(&'k Key);

impl<'de> DeserializeSeed<'de> for IsKey<'_> {
    type Value = bool;

    fn deserialize<D: serde::Deserializer<'de>>(self, parser: D) -> Result<bool, D::Error> {
        parser.deserialize_str(self)
    }
}

impl Visitor<'_> for IsKey<'_> {
    type Value = bool;

    fn expecting(&self, text: &mut fmt::Formatter<'_>) -> fmt::Result {
        text.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<bool, E> {
        Ok(matches!(self.0, Key::Name(wanted) if wanted == name))
    }
}

#[cfg(test)]
#[path = "json_path_tests.rs"]
mod tests;
