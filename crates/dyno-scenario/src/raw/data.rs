//! Where values of placeholders come from, as written: data, secrets, variables.

use std::collections::BTreeMap;

use dyno_toml::{Problem, Reader, Spanned, suggestion};
use schemars::JsonSchema;
use toml_span::Value;

use super::request::scalar;
use super::value::{levels_of, refuse_both, tables};
use crate::schema::FormValue;
use crate::{End, Order};

/// Rows of named values, one for each flow that uses them: from a file or from
/// here.
#[derive(Debug, JsonSchema)]
#[schemars(
    deny_unknown_fields,
    extend("oneOf" = [
        { "required": ["csv"] },
        { "required": ["jsonl"] },
        { "required": ["rows"] },
    ]),
    extend("not" = {
        "required": ["order", "end"],
        "properties": { "order": { "const": "random" } },
    })
)]
pub(crate) struct Data {
    /// A CSV file with names in its first line; a relative path counts from the
    /// folder of the scenario.
    #[schemars(length(min = 1), extend("examples" = ["data/users.csv"]))]
    pub(crate) csv: Option<Spanned<String>>,
    /// A file with a JSON object a line; a relative path counts from the folder of
    /// the scenario.
    #[schemars(length(min = 1), extend("examples" = ["data/users.jsonl"]))]
    pub(crate) jsonl: Option<Spanned<String>>,
    /// The rows themselves, all with the same names.
    #[schemars(
        with = "Option<Vec<BTreeMap<String, FormValue>>>",
        length(min = 1),
        extend("examples" = [[{ "email": "a@example.org", "password": "secret" }]])
    )]
    pub(crate) rows: Option<(Vec<String>, Vec<Vec<String>>)>,
    /// In which order rows are given out: as they stand, each once in an order drawn
    /// from the seed, or any of them at random.
    #[schemars(with = "Option<String>")]
    #[schemars(extend("enum" = ORDERS.map(|(word, _)| word), "default" = ORDERS[0].0))]
    #[schemars(extend("examples" = ["shuffle"]))]
    pub(crate) order: Option<Spanned<Order>>,
    /// What happens when each row was given out once: they are given out again, the
    /// step ends, or flows that want a row fail. Not with a random order.
    #[schemars(with = "Option<String>")]
    #[schemars(extend("enum" = ENDS.map(|(word, _)| word), "default" = ENDS[0].0))]
    #[schemars(extend("examples" = ["stop"]))]
    pub(crate) end: Option<Spanned<End>>,
}

const ORDERS: [(&str, Order); 3] = [
    ("sequential", Order::Sequential),
    ("shuffle", Order::Shuffle),
    ("random", Order::Random),
];

const ENDS: [(&str, End); 3] = [
    ("repeat", End::Repeat),
    ("stop", End::Stop),
    ("fail", End::Fail),
];

/// A value that is never written to results or reports.
#[derive(Debug, JsonSchema)]
#[schemars(
    deny_unknown_fields,
    extend("oneOf" = [{ "required": ["env"] }, { "required": ["file"] }])
)]
pub(crate) struct Secret {
    /// The variable of dyno's environment that holds it.
    #[schemars(length(min = 1), extend("examples" = ["API_TOKEN"]))]
    pub(crate) env: Option<Spanned<String>>,
    /// The file that holds it, its last line end left out; a relative path counts
    /// from the folder of the scenario.
    #[schemars(length(min = 1), extend("examples" = ["token.txt"]))]
    pub(crate) file: Option<Spanned<String>>,
}

impl Data {
    pub(super) fn read(table: &mut Reader<'_, '_>) -> Self {
        one_of(table, &["csv", "jsonl", "rows"]);
        let data = Self {
            csv: path(table, "csv"),
            jsonl: path(table, "jsonl"),
            rows: rows(table),
            order: table.word("order", &ORDERS),
            end: table.word("end", &ENDS),
        };
        if let (Some(order), Some(end)) = (&data.order, &data.end)
            && order.value == Order::Random
        {
            let message = format!("`{}` cannot be used with a random order", table.name("end"));
            let hint = "random rows never come to an end; shuffle gives each once";
            table.problem(Problem::new(message, end.place.clone()).hint(hint));
        }
        data
    }
}

impl Secret {
    pub(super) fn read(table: &mut Reader<'_, '_>) -> Self {
        one_of(table, &["env", "file"]);
        Self {
            env: path(table, "env"),
            file: path(table, "file"),
        }
    }
}

/// Notes when not exactly one of the keys is there.
fn one_of(table: &Reader<'_, '_>, keys: &[&str]) {
    let given: Vec<&str> = keys.iter().copied().filter(|key| table.has(key)).collect();
    if given.is_empty() {
        let names: Vec<String> = keys
            .iter()
            .map(|key| format!("`{}`", table.name(key)))
            .collect();
        let message = format!("{} is missing", names.join(" or "));
        table.problem(Problem::new(message, table.place()));
    }
    for other in given.iter().skip(1) {
        refuse_both(table, given[0], other, "the values come from one place");
    }
}

/// A text that is not empty.
fn path(table: &mut Reader<'_, '_>, key: &'static str) -> Option<Spanned<String>> {
    let text = table.string(key)?;
    if text.value.is_empty() {
        let message = format!("`{}` is empty", table.name(key));
        table.problem(Problem::new(message, text.place.clone()));
    }
    Some(text)
}

/// The names of the first row, then the values of all rows in that order.
fn rows(table: &mut Reader<'_, '_>) -> Option<(Vec<String>, Vec<Vec<String>>)> {
    let mut names: Option<Vec<String>> = None;
    let rows = tables(table, "rows", |row| {
        let mut values = Vec::new();
        for (key, value) in row.entries() {
            let name = row.name(&key.value);
            if let Some(value) = scalar(row, value, &name) {
                values.push((key, value.value));
            }
        }
        let names = names.get_or_insert_with(|| {
            let names = values.iter().map(|(key, _)| key.value.clone());
            names.collect()
        });
        in_order(row, names, values)
    })?;
    Some((names.unwrap_or_default(), rows))
}

/// The values of one row in the order of the names.
fn in_order(
    row: &Reader<'_, '_>,
    names: &[String],
    mut values: Vec<(Spanned<String>, String)>,
) -> Vec<String> {
    let mut ordered = Vec::new();
    for name in names {
        let Some(at) = values.iter().position(|(key, _)| key.value == *name) else {
            let message = format!("`{}` is missing", row.name(name));
            let hint = "all rows have the names of the first";
            row.problem(Problem::new(message, row.place()).hint(hint));
            continue;
        };
        ordered.push(values.remove(at).1);
    }
    let known: Vec<&str> = names.iter().map(String::as_str).collect();
    for (key, _) in values {
        let message = format!("`{}` is not in the first row", row.name(&key.value));
        let hint = suggestion(&key.value, &known);
        row.problem(Problem::new(message, key.place).hint(hint));
    }
    ordered
}

/// The tables of a table with free keys, `[data.user]`, each read to its last key.
pub(super) fn named<T>(
    table: &mut Reader<'_, '_>,
    key: &'static str,
    read: impl Fn(&mut Reader<'_, '_>) -> T,
) -> Vec<(Spanned<String>, T)> {
    let Some(mut outer) = table.table(key) else {
        return Vec::new();
    };
    let entries = outer.entries().into_iter();
    let read_whole = |(name, value): (Spanned<String>, Value<'_>)| {
        let key = outer.name(&name.value);
        let mut inner = outer.as_table(value, &key)?;
        let value = read(&mut inner);
        inner.finish();
        Some((name, value))
    };
    entries.filter_map(read_whole).collect()
}

/// Values under free keys, each with its levels, as text; none where the problem
/// has been noted.
pub(crate) type Variables = Vec<(Spanned<String>, Vec<Spanned<String>>)>;

/// `[vars]` or `[env]`.
pub(super) fn variables(table: &mut Reader<'_, '_>, key: &'static str) -> Variables {
    let Some(mut table) = table.table(key) else {
        return Vec::new();
    };
    let entries = table.entries().into_iter();
    let read = |(name, value): (Spanned<String>, Value<'_>)| {
        let key = table.name(&name.value);
        let levels = levels_of(&table, value, &key, |value| scalar(&table, value, &key));
        (name, levels.unwrap_or_default())
    };
    entries.map(read).collect()
}
