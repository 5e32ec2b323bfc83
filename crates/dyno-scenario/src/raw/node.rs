//! What must hold of the JSON of a body, as written.

use dyno_toml::{Problem, Reader, Spanned};
use toml_span::Value;

use super::expect::refuse_placeholders;
use super::pattern::{is_singular, json_path};
use crate::json::json_value;
use crate::{JsonType, Node};

/// All of `json`, in the order of the file.
pub(super) fn json(table: &mut Reader<'_, '_>) -> Vec<(String, Node)> {
    let Some(mut table) = table.table("json") else {
        return Vec::new();
    };
    let mut checks = Vec::new();
    for (key, value) in table.entries() {
        let name = table.name(&key.value);
        let path = json_path(&table, key, &name);
        let nodes = nodes(&table, value, &name);
        let Some(path) = path else { continue };
        checks.extend(nodes.into_iter().map(|node| match node {
            // Who counts at a path to one list means what is in it.
            Node::Count(..) if is_singular(&path) => (format!("{path}[*]"), node),
            node => (path.clone(), node),
        }));
    }
    checks
}

/// A value that the node equals, or a table with checks of it.
fn nodes<'de>(table: &Reader<'_, 'de>, value: Value<'de>, name: &str) -> Vec<Node> {
    if value.as_table().is_none() {
        return vec![Node::Equals(expected(table, &value, name))];
    }
    let Some(mut table) = table.as_table(value, name) else {
        return Vec::new();
    };
    let place = table.place();
    let given = ["exists", "equals", "type", "count"];
    let given = given.iter().any(|key| table.has(key));
    let mut nodes = Vec::new();
    nodes.extend(
        table
            .boolean("exists")
            .map(|exists| Node::Exists(exists.value)),
    );
    if let Some(value) = table.value("equals") {
        nodes.push(Node::Equals(expected(
            &table,
            &value,
            &table.name("equals"),
        )));
    }
    nodes.extend(
        table
            .word("type", &TYPES)
            .map(|kind| Node::Type(kind.value)),
    );
    nodes.extend(range(&mut table, "count").map(|(min, max)| Node::Count(min, max)));
    table.finish();
    if !given {
        let message = format!("`{name}` has nothing to check");
        let hint = "such as { exists = true }, { type = \"string\" } or { count = 3 }; \
                    an object is written { equals = {} }";
        table.problem(Problem::new(message, place).hint(hint));
    }
    nodes
}

/// A value that stands for itself.
fn expected(table: &Reader<'_, '_>, value: &Value<'_>, name: &str) -> serde_json::Value {
    if let Some(text) = value.as_str() {
        let text = Spanned {
            value: text.to_owned(),
            place: value.span.start..value.span.end,
        };
        refuse_placeholders(table, &text, name);
    }
    json_value(value, name, &|problem| table.problem(problem))
}

/// The names of the types of JSON.
pub(crate) const TYPES: [(&str, JsonType); 7] = [
    ("null", JsonType::Null),
    ("boolean", JsonType::Boolean),
    ("integer", JsonType::Integer),
    ("number", JsonType::Number),
    ("string", JsonType::String),
    ("array", JsonType::Array),
    ("object", JsonType::Object),
];

/// A number, or a table with `min`, `max` or both.
pub(super) fn range(table: &mut Reader<'_, '_>, key: &'static str) -> Option<(u64, u64)> {
    let value = table.value(key)?;
    let name = table.name(key);
    if value.as_table().is_none() {
        let number = table.as_integer(value, &name, 0..=i64::MAX)?;
        let number = u64::try_from(number.value).ok()?;
        return Some((number, number));
    }
    let mut table = table.as_table(value, &name)?;
    let given = table.has("min") || table.has("max");
    let mut end = |key| {
        let end = table.integer(key, 0..=i64::MAX)?;
        u64::try_from(end.value).ok()
    };
    let (min, max) = (end("min").unwrap_or(0), end("max").unwrap_or(u64::MAX));
    table.finish();
    let wrong = if !given {
        "must be a number, or have `min` or `max`"
    } else if min > max {
        "has a `min` above its `max`"
    } else {
        return Some((min, max));
    };
    table.problem(Problem::new(format!("`{name}` {wrong}"), table.place()));
    None
}
