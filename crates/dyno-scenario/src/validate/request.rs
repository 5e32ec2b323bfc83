//! One request: method, path, headers and body must make a valid HTTP message.

use std::fmt::Write;

use dyno_toml::{Problem, Spanned};

use super::names::{Names, Scope};
use super::{Report, check_title, value};
use crate::placeholder::{Piece, Written};
use crate::{Request, Template, Think, defaults, raw};

/// Headers that follow from the body; a second one would contradict it.
const SET_BY_DYNO: [&str; 2] = ["Content-Length", "Transfer-Encoding"];

/// The request as meant but for its captures, whatever was reported about it.
pub(super) fn request(
    raw: &raw::Request,
    names: &Names,
    scope: &Scope,
    report: Report<'_>,
) -> Request {
    let key = |key: &str| format!("{}.{key}", raw.key);
    if let Some(name) = &raw.name {
        check_title(&key("name"), name, report);
    }
    check_method(&key("method"), raw.method.as_ref(), report);
    check_path(&key("path"), raw.path.as_ref(), report);
    check_headers(&key("headers"), &raw.headers, report);

    let template = |written: &Option<Written>, last: &str| {
        let written = written.as_ref();
        let template = |written| names.template(written, &key(last), scope, report);
        written.map(template)
    };
    let method = value(raw.method.as_ref(), defaults::METHOD.to_owned());
    let path = raw.path.as_ref().map_or("", |path| path.text.as_str());
    let expect = raw.expect.as_ref();
    let body = template(&raw.body, "body").or_else(|| template(&raw.json, "json"));
    Request {
        name: value(raw.name.as_ref(), format!("{method} {path}")),
        path: template(&raw.path, "path").unwrap_or_default(),
        headers: headers(raw, names, scope, report),
        body: body
            .or_else(|| template(&raw.form, "form"))
            .unwrap_or_default(),
        checks: expect.map(raw::Expect::checks).unwrap_or_default(),
        sample: expect.and_then(|expect| expect.sample).unwrap_or(1.0),
        think: raw.think.unwrap_or(Think::None),
        repeat: value(raw.repeat.as_ref(), 1),
        ..Request::new(&method, "")
    }
}

/// The texts of a template that stand in the file, without what is filled in.
fn fixed(written: &Written) -> impl Iterator<Item = &str> {
    written.pieces.iter().filter_map(|piece| match piece {
        Piece::Text(text) => Some(text.as_str()),
        Piece::Placeholder(_) => None,
    })
}

fn check_method(key: &str, method: Option<&Spanned<String>>, report: Report<'_>) {
    let Some(method) = method else { return };
    if !is_token(&method.value) {
        let message = format!("`{key}` cannot be {:?}", method.value);
        let hint = "one word, such as \"GET\" or \"POST\"";
        report(Problem::new(message, method.place.clone()).hint(hint));
    }
}

fn check_path(key: &str, path: Option<&Written>, report: Report<'_>) {
    let Some(path) = path else { return };
    let problem = |message: String| Problem::new(message, path.place.clone());
    if !path.text.starts_with('/') {
        let message = format!("`{key}` must start with \"/\", found {:?}", path.text);
        let hint = if path.text.contains("://") {
            "the address is that of the target; write what follows it"
        } else {
            "such as \"/users?page=2\""
        };
        report(problem(message).hint(hint));
    }
    let unfit = |letter: &char| !letter.is_ascii_graphic() || *letter == '#';
    match fixed(path).flat_map(str::chars).find(unfit) {
        Some('#') => {
            let hint = "what follows `#` is never sent; for the sign itself write \"%23\"";
            report(problem(format!("`{key}` cannot have '#'")).hint(hint));
        }
        Some(letter) => {
            let encoded = percent_encoded(&letter.to_string());
            let hint = format!("percent-encode it: \"{encoded}\"");
            report(problem(format!("`{key}` cannot have {letter:?}")).hint(hint));
        }
        None => {}
    }
}

fn check_headers(key: &str, headers: &[(Spanned<String>, Written)], report: Report<'_>) {
    for (index, (name, value)) in headers.iter().enumerate() {
        let name = name.value.as_str();
        let problem = |message: String| Problem::new(message, value.place.clone());
        let same = |other: &str| other.eq_ignore_ascii_case(name);
        if !is_token(name) {
            let message = format!("`{key}`: {name:?} cannot be the name of a header");
            report(problem(message).hint("letters, digits and `-`, such as \"Accept\""));
        } else if SET_BY_DYNO.into_iter().any(same) {
            let message = format!("`{key}`: {name} is set by dyno");
            report(problem(message).hint("it follows from the body; leave it out"));
        } else if headers[..index].iter().any(|(other, _)| same(&other.value)) {
            let message = format!("`{key}`: {name} is there twice");
            report(problem(message).hint("upper and lower case make no difference"));
        }
        let unfit = |letter: &char| letter.is_control() && *letter != '\t';
        if let Some(letter) = fixed(value).flat_map(str::chars).find(unfit) {
            let message = format!("`{key}.{name}` cannot have {letter:?}");
            report(problem(message).hint("a header is one line"));
        }
    }
}

/// Those of the file and the one that follows from `json` or `form`.
fn headers(
    raw: &raw::Request,
    names: &Names,
    scope: &Scope,
    report: Report<'_>,
) -> Vec<(String, Template)> {
    let own = raw.headers.iter().map(|(name, value)| {
        let key = format!("{}.headers.{}", raw.key, name.value);
        let value = names.template(value, &key, scope, report);
        (name.value.clone(), value)
    });
    let mut headers: Vec<_> = own.collect();
    let content_type = if raw.json.is_some() {
        "application/json"
    } else if raw.form.is_some() {
        "application/x-www-form-urlencoded"
    } else {
        return headers;
    };
    let is_given = |(name, _): &(String, Template)| name.eq_ignore_ascii_case("Content-Type");
    if !headers.iter().any(is_given) {
        headers.push(("Content-Type".to_owned(), Template::fixed(content_type)));
    }
    headers
}

/// Whether `text` may be a method or the name of a header (RFC 9110, 5.6.2).
pub fn is_token(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(fits)
}

/// All but the unreserved characters of RFC 3986 (2.3) as `%XX`.
pub(crate) fn percent_encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}
