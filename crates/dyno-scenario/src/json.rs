//! A value written in TOML, meant as JSON.

use dyno_toml::{Problem, Spanned};
use serde_json::Value as Json;
use toml_span::Value;
use toml_span::value::{Table, ValueInner};

use crate::Escape;
use crate::placeholder::{Piece, Placeholder, Scanner, push_text};

/// The JSON value; texts stand in it as they are. What JSON cannot say (`inf`,
/// `nan`) is reported under `name`.
pub(crate) fn json_value(value: &Value<'_>, name: &str, report: &dyn Fn(Problem)) -> Json {
    match value.as_ref() {
        ValueInner::String(text) => Json::from(text.as_ref()),
        ValueInner::Integer(number) => Json::from(*number),
        ValueInner::Float(number) => {
            if !number.is_finite() {
                let message = format!("`{name}` cannot have {number}: JSON has no such number");
                report(Problem::new(message, value.span.start..value.span.end));
            }
            Json::from(*number)
        }
        ValueInner::Boolean(value) => Json::from(*value),
        ValueInner::Array(values) => {
            let value = |value| json_value(value, name, report);
            values.iter().map(value).collect()
        }
        ValueInner::Table(table) => table
            .iter()
            .map(|(key, value)| (key.name.to_string(), json_value(value, name, report)))
            .collect(),
    }
}

/// The JSON text with its placeholders, keys in the order of the file.
pub(crate) fn json_pieces(value: &Value<'_>, scanner: &Scanner<'_>) -> Vec<Piece> {
    let mut pieces = Vec::new();
    write(value, scanner, &mut pieces);
    pieces
}

fn write(value: &Value<'_>, scanner: &Scanner<'_>, out: &mut Vec<Piece>) {
    match value.as_ref() {
        ValueInner::String(text) => write_text(
            Spanned {
                value: text.to_string(),
                place: value.span.start..value.span.end,
            },
            scanner,
            out,
        ),
        ValueInner::Array(values) => {
            push_text(out, "[");
            for (index, value) in values.iter().enumerate() {
                push_text(out, if index == 0 { "" } else { "," });
                write(value, scanner, out);
            }
            push_text(out, "]");
        }
        ValueInner::Table(table) => write_table(table, scanner, out),
        ValueInner::Integer(_) | ValueInner::Float(_) | ValueInner::Boolean(_) => {
            let value = json_value(value, scanner.key, scanner.report);
            push_text(out, &value.to_string());
        }
    }
}

fn write_table(table: &Table<'_>, scanner: &Scanner<'_>, out: &mut Vec<Piece>) {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span.start);
    push_text(out, "{");
    for (index, (key, value)) in entries.into_iter().enumerate() {
        scanner.refuse_key(&key.name, key.span.start..key.span.end);
        push_text(out, if index == 0 { "" } else { "," });
        push_text(out, &quoted(&key.name));
        push_text(out, ":");
        write(value, scanner, out);
    }
    push_text(out, "}");
}

/// A string, unless it is nothing but a number to be filled in.
fn write_text(text: Spanned<String>, scanner: &Scanner<'_>, out: &mut Vec<Piece>) {
    let pieces = scanner.pieces(&text, Escape::JsonString);
    let number = |one: &Placeholder| one.escape == Escape::JsonNumber;
    let bare = matches!(pieces.as_slice(), [Piece::Placeholder(one)] if number(one));
    let quote = if bare { "" } else { "\"" };
    push_text(out, quote);
    for piece in pieces {
        match piece {
            Piece::Text(text) => {
                let quoted = quoted(&text);
                push_text(out, &quoted[1..quoted.len() - 1]);
            }
            Piece::Placeholder(_) => out.push(piece),
        }
    }
    push_text(out, quote);
}

fn quoted(text: &str) -> String {
    Json::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The JSON text of a value, its placeholders in `<>`.
    fn text(file: &str) -> String {
        let value = toml_span::parse(file).unwrap();
        let scanner = Scanner {
            source: file,
            key: "json",
            report: &|problem| panic!("{problem:?}"),
        };
        let pieces = json_pieces(value.pointer("/v").unwrap(), &scanner);
        let written = pieces.into_iter().map(|piece| match piece {
            Piece::Text(text) => text,
            Piece::Placeholder(one) => format!("<{}>", one.name),
        });
        written.collect()
    }

    #[test]
    fn keys_keep_their_order_and_text_is_escaped() {
        let file =
            "v = { z = 1, a = [true, 1.0, 2.5e300], \"q\\\"\" = \"line\\n\", n = { b.c = -1 } }";
        let expected = r#"{"z":1,"a":[true,1.0,2.5e+300],"q\"":"line\n","n":{"b":{"c":-1}}}"#;
        assert_eq!(text(file), expected);
        serde_json::from_str::<Json>(&text(file)).unwrap();
    }

    #[test]
    fn placeholders_stand_in_strings_unless_they_are_numbers() {
        let file =
            r#"v = { a = "{{x}}", b = "\"{{x}}\" {{y}}", c = "{{ n | number }}", d = ["{{x}}"] }"#;
        let expected = r#"{"a":"<x>","b":"\"<x>\" <y>","c":<n>,"d":["<x>"]}"#;
        assert_eq!(text(file), expected);
    }

    #[test]
    fn values_are_the_same_in_json() {
        let file = "v = { a = [1, 2.5, false, '{{x}}'], b = {} }";
        let value = toml_span::parse(file).unwrap();
        let seen = json_value(value.pointer("/v").unwrap(), "json", &|problem| {
            panic!("{problem:?}")
        });
        let expected = serde_json::json!({ "a": [1, 2.5, false, "{{x}}"], "b": {} });
        assert_eq!(seen, expected);
    }
}
