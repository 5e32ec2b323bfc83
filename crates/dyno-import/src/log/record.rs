//! One line of an access log: what was asked, and the status of the answer.

use crate::address::{Address, sendable};
use crate::json::Json;

/// One request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) method: String,
    /// Path and query.
    pub(super) target: String,
    /// Of the answer, if the line has one that a server sends.
    pub(super) status: Option<u16>,
}

/// Names of the same thing in the logs of different servers.
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

/// Reads a line: a JSON object, or common and combined log format. `None` if it has
/// no request.
pub(super) fn record(line: &str) -> Option<Record> {
    if line.trim_start().starts_with('{') {
        return json(&serde_json::from_str(line).ok()?);
    }
    // host ident user [time] "method target version" status bytes …
    let (_, rest) = line.split_once("] \"")?;
    let (request, rest) = quoted(rest)?;
    let status = rest.split_ascii_whitespace().next()?;
    request_line(&request, status.parse().ok())
}

/// A request as one object, or with `request` in it as an object or a line.
fn json(line: &Json) -> Option<Record> {
    let inner = line.get("request").unwrap_or(line);
    let status = find(line, &STATUS).and_then(|status| status.parse().ok());
    if let Some(text) = inner.as_str() {
        return request_line(&text, status);
    }
    let target = find(inner, &TARGET).or_else(|| find(line, &TARGET))?;
    let method = find(inner, &METHOD).or_else(|| find(line, &METHOD));
    new(&method.unwrap_or_else(|| "GET".to_owned()), &target, status)
}

fn find(json: &Json, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| match json.get(name)? {
        Json::Integer(number) => Some(number.to_string()),
        other => other.as_str(),
    })
}

fn request_line(line: &str, status: Option<i64>) -> Option<Record> {
    let (method, rest) = line.split_once(' ')?;
    let target = rest
        .rsplit_once(" HTTP/")
        .map_or(rest, |(target, _)| target);
    new(method, target, status)
}

fn new(method: &str, target: &str, status: Option<i64>) -> Option<Record> {
    let target = match Address::of(target) {
        Some(address) if !target.starts_with('/') => address.path,
        _ if target.starts_with('/') => sendable(target),
        _ => return None,
    };
    let method = method.to_ascii_uppercase();
    let status = status.and_then(|status| u16::try_from(status).ok());
    // 499 is nginx's word for a client that went away.
    let status = status.filter(|&status| (100..600).contains(&status) && status != 499);
    dyno_scenario::is_token(&method).then_some(Record {
        method,
        target,
        status,
    })
}

/// The text up to the next quote that is not escaped, and what follows it.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut out = String::new();
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return Some((out, &text[at + 1..])),
            '\\' => match letters.next()?.1 {
                'x' => {
                    let byte = u8::from_str_radix(text.get(at + 2..at + 4)?, 16).ok()?;
                    letters.nth(1)?;
                    // A byte that is no ASCII stands percent-encoded in a request line.
                    if byte.is_ascii() {
                        out.push(char::from(byte));
                    } else {
                        out.push_str(&format!("%{byte:02X}"));
                    }
                }
                other => out.push(other),
            },
            other => out.push(other),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_several_servers_are_read() {
        let check = |line: &str, expected: Option<(&str, &str, Option<u16>)>| {
            let seen = record(line);
            let seen = seen
                .as_ref()
                .map(|seen| (seen.method.as_str(), seen.target.as_str(), seen.status));
            assert_eq!(seen, expected, "{line}");
        };
        let get = Some(("GET", "/a?b=1", Some(200)));
        check(
            r#"::1 - - [22/Nov/2026:10:00:00 +0000] "GET /a?b=1 HTTP/1.1" 200 5"#,
            get,
        );
        check(
            r#"::1 - ann [22/Nov/2026:10:00:00 +0000] "GET /a?b=1 HTTP/2.0" 200 5 "-" "x \"y\"""#,
            get,
        );
        let odd = r#"- - - [t] "POST /\x22\xc3\xbc x HTTP/1.1" 499 0"#;
        check(odd, Some(("POST", "/\"%C3%BC%20x", None)));
        check(r#"- - - [t] "\x16\x03\x01" 400 0"#, None);
        check(r#"- - - [t] "-" 408 0"#, None);
        check(r#"- - - [t] "OPTIONS * HTTP/1.1" 200 0"#, None);
        check(r#"- - - [t] "GET http://h/a?b=1 HTTP/1.1" 200 0"#, get);
        check("hello", None);
        check("", None);
        check(r#"{"method":"get","path":"/a?b=1","status":200}"#, get);
        check(
            r#"{"request_method":"GET","request_uri":"/a?b=1","status":"200"}"#,
            get,
        );
        check(r#"{"request":"GET /a?b=1 HTTP/1.1","status":200}"#, get);
        check(
            r#"{"request":{"method":"GET","uri":"/a?b=1"},"status":200}"#,
            get,
        );
        check(r#"{"url":"https://h/a?b=1","status_code":200}"#, get);
        check(r#"{"message":"started"}"#, None);
        check(r#"{"path":"/a"#, None);
    }
}
