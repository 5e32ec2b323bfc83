//! A value written in TOML, sent as JSON.

use dyno_toml::Problem;
use toml_span::Value;
use toml_span::value::ValueInner;

/// The JSON text of `value`, keys in the order of the file. What JSON cannot
/// say (`inf`, `nan`) is reported under `name`.
pub(crate) fn json_text(value: &Value<'_>, name: &str, report: &dyn Fn(Problem)) -> String {
    let mut out = String::new();
    write(value, name, report, &mut out);
    out
}

fn write(value: &Value<'_>, name: &str, report: &dyn Fn(Problem), out: &mut String) {
    match value.as_ref() {
        ValueInner::String(text) => out.push_str(&quoted(text)),
        ValueInner::Integer(number) => out.push_str(&number.to_string()),
        ValueInner::Float(number) if number.is_finite() => {
            out.push_str(&serde_json::Value::from(*number).to_string());
        }
        ValueInner::Float(number) => {
            let message = format!("`{name}` cannot have {number}: JSON has no such number");
            report(Problem::new(message, value.span.start..value.span.end));
        }
        ValueInner::Boolean(value) => out.push_str(if *value { "true" } else { "false" }),
        ValueInner::Array(values) => {
            out.push('[');
            for (index, value) in values.iter().enumerate() {
                out.push_str(if index == 0 { "" } else { "," });
                write(value, name, report, out);
            }
            out.push(']');
        }
        ValueInner::Table(table) => {
            let mut entries: Vec<_> = table.iter().collect();
            entries.sort_by_key(|(key, _)| key.span.start);
            out.push('{');
            for (index, (key, value)) in entries.into_iter().enumerate() {
                out.push_str(if index == 0 { "" } else { "," });
                out.push_str(&quoted(&key.name));
                out.push(':');
                write(value, name, report, out);
            }
            out.push('}');
        }
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_keep_their_order_and_text_is_escaped() {
        let value = toml_span::parse(
            "v = { z = 1, a = [true, 1.0, 2.5e300], \"q\\\"\" = \"line\\n\", n = { b.c = -1 } }",
        )
        .unwrap();
        let text = json_text(value.pointer("/v").unwrap(), "json", &|problem| {
            panic!("{problem:?}")
        });
        let expected = r#"{"z":1,"a":[true,1.0,2.5e+300],"q\"":"line\n","n":{"b":{"c":-1}}}"#;
        assert_eq!(text, expected);
        serde_json::from_str::<serde_json::Value>(&text).unwrap();
    }
}
