//! A line with a JSON object, as many servers and their proxies log.

use serde_json::Value;

use super::line::{Asked, Line, moment};

// Names of the same thing in the logs of different servers.
const TIME: [&str; 9] = [
    "time",
    "timestamp",
    "@timestamp",
    "ts",
    "datetime",
    "date",
    "time_iso8601",
    "time_local",
    "msec",
];
const METHOD: [&str; 4] = ["method", "request_method", "http_method", "verb"];
const TARGET: [&str; 6] = [
    "path",
    "uri",
    "request_uri",
    "url",
    "target",
    "request_path",
];
const STATUS: [&str; 4] = ["status", "status_code", "http_status", "code"];

/// A request as one object, or with `request` in it as an object or a line.
pub(super) fn read(line: &str) -> Option<Line> {
    let line: Value = serde_json::from_str(line).ok()?;
    let inner = line.get("request").unwrap_or(&line);
    let find = |names: &[&str]| find(inner, names).or_else(|| find(&line, names));
    let asked = match inner.as_str() {
        Some(text) => Asked::of_line(text)?,
        None => {
            let method = find(&METHOD).unwrap_or_else(|| "GET".to_owned());
            Asked::new(&method, &find(&TARGET)?)?
        }
    };
    Some(Line {
        at: moment(&find(&TIME)?)?,
        asked,
        status: find(&STATUS).and_then(|status| status.parse().ok()),
    })
}

fn find(object: &Value, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| match object.get(name)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    })
}
