//! One request: method, path, headers and body must make a valid HTTP message.

use std::fmt::Write;

use dyno_toml::{Problem, Spanned};

use super::{Report, check_title};
use crate::{Check, Request, StatusRange, Template, defaults, raw};

/// Headers that follow from the body; a second one would contradict it.
const SET_BY_DYNO: [&str; 2] = ["Content-Length", "Transfer-Encoding"];

/// The request as meant, whatever was reported about it.
pub(super) fn request(raw: &raw::Request, report: Report<'_>) -> Request {
    if let Some(name) = &raw.name {
        check_title("request.name", name, report);
    }
    check_method(raw.method.as_ref(), report);
    check_path(raw.path.as_ref(), report);
    check_headers(&raw.headers, report);

    let text = |given: &Option<Spanned<String>>| given.as_ref().map(|text| text.value.clone());
    let method = text(&raw.method).unwrap_or_else(|| defaults::METHOD.to_owned());
    let path = text(&raw.path).unwrap_or_default();
    let mut checks = Vec::new();
    if let Some(expect) = &raw.expect {
        checks.extend(expect.status.as_ref().map(|status| {
            let (low, high) = (status.value, status.value);
            Check::Status(vec![StatusRange { low, high }])
        }));
        checks.extend(text(&expect.body).map(|body| Check::BodyEquals(body.into_bytes())));
    }
    let request = Request::new(&method, &path);
    Request {
        name: text(&raw.name).unwrap_or_else(|| request.name.clone()),
        headers: headers(raw),
        body: Template::fixed(
            text(&raw.body)
                .or_else(|| text(&raw.json))
                .unwrap_or_default(),
        ),
        checks,
        ..request
    }
}

fn check_method(method: Option<&Spanned<String>>, report: Report<'_>) {
    let Some(method) = method else { return };
    if !is_token(&method.value) {
        let message = format!("`request.method` cannot be {:?}", method.value);
        let hint = "one word, such as \"GET\" or \"POST\"";
        report(Problem::new(message, method.place.clone()).hint(hint));
    }
}

fn check_path(path: Option<&Spanned<String>>, report: Report<'_>) {
    let Some(path) = path else { return };
    let problem = |message: String| Problem::new(message, path.place.clone());
    if !path.value.starts_with('/') {
        let message = format!(
            "`request.path` must start with \"/\", found {:?}",
            path.value
        );
        let hint = if path.value.contains("://") {
            "the address is that of the target; write what follows it"
        } else {
            "such as \"/users?page=2\""
        };
        report(problem(message).hint(hint));
    }
    let unfit = |letter: &char| !letter.is_ascii_graphic() || *letter == '#';
    match path.value.chars().find(unfit) {
        Some('#') => {
            let hint = "what follows `#` is never sent; for the sign itself write \"%23\"";
            report(problem("`request.path` cannot have '#'".to_owned()).hint(hint));
        }
        Some(letter) => {
            let encoded = percent_encoded(letter);
            report(
                problem(format!("`request.path` cannot have {letter:?}"))
                    .hint(format!("percent-encode it: \"{encoded}\"")),
            );
        }
        None => {}
    }
}

fn check_headers(headers: &[(String, Spanned<String>)], report: Report<'_>) {
    for (index, (name, value)) in headers.iter().enumerate() {
        let problem = |message: String| Problem::new(message, value.place.clone());
        let same = |other: &str| other.eq_ignore_ascii_case(name);
        if !is_token(name) {
            let message = format!("`request.headers`: {name:?} cannot be the name of a header");
            report(problem(message).hint("letters, digits and `-`, such as \"Accept\""));
        } else if SET_BY_DYNO.into_iter().any(same) {
            let message = format!("`request.headers`: {name} is set by dyno");
            report(problem(message).hint("it follows from the body; leave it out"));
        } else if headers[..index].iter().any(|(other, _)| same(other)) {
            let message = format!("`request.headers`: {name} is there twice");
            report(problem(message).hint("upper and lower case make no difference"));
        }
        let unfit = |letter: &char| letter.is_control() && *letter != '\t';
        if let Some(letter) = value.value.chars().find(unfit) {
            let message = format!("`request.headers.{name}` cannot have {letter:?}");
            report(problem(message).hint("a header is one line"));
        }
    }
}

/// Those of the file and the one that follows from `json`.
fn headers(raw: &raw::Request) -> Vec<(String, Template)> {
    let own = raw.headers.iter();
    let mut headers: Vec<_> = own
        .map(|(name, value)| (name.clone(), Template::fixed(value.value.as_str())))
        .collect();
    let is_content_type =
        |(name, _): &(String, Template)| name.eq_ignore_ascii_case("Content-Type");
    if raw.json.is_some() && !headers.iter().any(is_content_type) {
        headers.push((
            "Content-Type".to_owned(),
            Template::fixed("application/json"),
        ));
    }
    headers
}

/// Whether `text` may be a method or the name of a header (RFC 9110, 5.6.2).
pub fn is_token(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(fits)
}

fn percent_encoded(letter: char) -> String {
    let mut encoded = String::new();
    for byte in letter.encode_utf8(&mut [0; 4]).bytes() {
        // Writing to a string cannot fail.
        let _ = write!(encoded, "%{byte:02X}");
    }
    encoded
}
