//! Lines of access logs: the common and combined log format, and JSON objects.

use serde_json::Value;

use super::{Asked, Line, moment};

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

/// Reads a line as Apache and nginx write it, in the common or combined log format:
/// `host ident user [time] "method target version" status bytes …`. `None` if it has
/// no request.
#[must_use]
pub fn combined(line: &str) -> Option<Line> {
    let (head, rest) = line.split_once("] \"")?;
    let (request, rest) = quoted(rest)?;
    let status = rest.split_ascii_whitespace().next()?;
    // An address of IPv6 may have brackets, too, and stands before.
    let time = head.rsplit_once('[');
    Some(Line {
        at: time.and_then(|(_, time)| moment(time)),
        asked: Asked::of_line(&request)?,
        status: of_answer(status),
    })
}

/// Reads a line with a JSON object, as many servers and their proxies log: the request
/// in its members, or as an object or a line in `request`. `None` if it has no request.
#[must_use]
pub fn json_line(line: &str) -> Option<Line> {
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
        at: find(&TIME).and_then(|time| moment(&time)),
        asked,
        status: find(&STATUS).and_then(|status| of_answer(&status)),
    })
}

fn find(object: &Value, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| match object.get(name)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    })
}

/// A status that the server sent: 499 is nginx's word for a client that went away.
fn of_answer(status: &str) -> Option<u16> {
    let status = status.parse().ok();
    status.filter(|status| (100..600).contains(status) && *status != 499)
}

/// The text up to the next quote that is not escaped, and what follows it.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut out = String::new();
    let mut rest = text;
    loop {
        let (plain, special) = rest.split_at(rest.find(['"', '\\'])?);
        out.push_str(plain);
        let Some(escape) = special.strip_prefix('\\') else {
            return Some((out, &special[1..]));
        };
        let letter = escape.chars().next()?;
        rest = &escape[letter.len_utf8()..];
        if letter == 'x' {
            let (digits, after) = rest.split_at_checked(2)?;
            let byte = u8::from_str_radix(digits, 16).ok()?;
            // A byte that is no ASCII stands percent-encoded in a request line.
            match byte.is_ascii() {
                true => out.push(char::from(byte)),
                false => out.push_str(&format!("%{byte:02X}")),
            }
            rest = after;
        } else {
            out.push(letter);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // date -u -d '2026-11-22 10:00:00' +%s
    const AT: i128 = 1_795_341_600_000_000_000;

    /// When, method and path, and status.
    type Seen<'a> = Option<(Option<i128>, &'a str, Option<u16>)>;

    fn check(read: fn(&str) -> Option<Line>, line: &str, expected: Seen<'_>) {
        let seen = read(line).map(|line| {
            let asked = format!("{} {}", line.asked.method, line.asked.path);
            (line.at, asked, line.status)
        });
        let expected = expected.map(|(at, asked, status)| (at, asked.to_owned(), status));
        assert_eq!(seen, expected, "{line}");
    }

    #[test]
    fn lines_of_several_servers_are_read() {
        for (request, expected) in [
            ("GET /a?b=1 HTTP/1.1", Some("GET /a?b=1")),
            ("get http://h/a?b=1#c HTTP/2.0", Some("GET /a?b=1")),
            (
                r"POST /\x22\xc3\xbc\xff{ x HTTP/1.1",
                Some("POST /\"%C3%BC%FF{%20x"),
            ),
            ("GET /ü\u{FDD0}", Some("GET /%C3%BC%EF%BF%BD")),
            (r"\x16\x03\x01", None),
            (r"GET /\x2", None),
            (r"GET /\xzz HTTP/1.1", None),
            ("-", None),
            ("OPTIONS * HTTP/1.1", None),
            ("GET a/?b=http://h/ HTTP/1.1", None),
            ("GET data:x HTTP/1.1", None),
            ("CONNECT h:443 HTTP/1.1", None),
        ] {
            for host in ["::1 -", "[::1]:80 ::1 a[n"] {
                let line = format!(
                    r#"{host} - [22/Nov/2026:11:00:00 +0100] "{request}" 200 5 "-" "x \"y\"""#
                );
                let expected = expected.map(|asked| (Some(AT), asked, Some(200)));
                check(combined, &line, expected);
            }
        }
        let get = "GET /a";
        for (rest, at, status) in [
            ("[soon] \"GET /a HTTP/1.1\" 200 5", None, Some(200)),
            ("[1795341600] \"GET /a HTTP/1.1\" 499 0", Some(AT), None),
            ("[-] \"GET /a HTTP/1.1\" 999 0", None, None),
            ("[-] \"GET /a HTTP/1.1\" - 0", None, None),
        ] {
            check(combined, &format!("- - - {rest}"), Some((at, get, status)));
        }
        for line in ["", "hello", "- - - [t] \"GET / HTTP/1.1\"", "[t] \"GET /"] {
            check(combined, line, None);
        }
    }

    #[test]
    fn objects_of_several_servers_are_read() {
        let get = Some((Some(AT + 678_000_000), "GET /a", Some(404)));
        for line in [
            r#"{"time": "2026-11-22T10:00:00.678Z", "method": "get", "path": "/a", "status": 404}"#,
            r#"{"ts": 1795341600.678, "request": {"method": "GET", "uri": "/a"}, "status": "404"}"#,
            r#"{"@timestamp": 1795341600678, "request": "GET /a HTTP/1.1", "code": 404}"#,
            r#"{"msec": "1795341600.678", "url": "https://h/a", "status_code": 404}"#,
            r#" {"ts":1795341600678000,"request_method":"GET","request_uri":"/a","status":404}"#,
        ] {
            check(json_line, line, get);
        }
        let untimed = Some((None, "GET /a", None));
        check(json_line, r#"{"path": "/a", "status": 499}"#, untimed);
        check(json_line, r#"{"time": 7, "path": "/a"}"#, untimed);
        check(json_line, r#"{"time": "2026-11-22T10:00:00Z"#, None);
        check(json_line, r#"{"message": "started"}"#, None);
        check(json_line, r#"{"request": "started"}"#, None);
    }
}
