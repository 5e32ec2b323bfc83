//! A recorded body, in the form that is easiest to read and edit and still gives
//! the same bytes.

use crate::address::encoded;
use crate::draft::{Body, Request};
use crate::json::Json;
use crate::text::Text;

/// What dyno sends with `json` and with `form` where no header says otherwise.
pub(crate) const JSON: &str = "application/json";
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

/// Gives `request` this body. Its headers must be complete: the type of the content
/// decides the form, and is left out where it goes without saying.
pub(crate) fn put(request: &mut Request, body: &str) {
    let content_type = request.headers.get("Content-Type");
    let content_type = content_type.map_or("", Text::as_str).to_owned();
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    let media_type = media_type.to_ascii_lowercase();
    request.body = if body.is_empty() {
        Body::None
    } else if media_type == JSON || media_type.ends_with("+json") {
        json(body)
    } else if media_type == FORM {
        form(body)
    } else {
        Body::Text(Text::literal(body))
    };
    drop_default_type(request);
}

/// Leaves out the type of the content where dyno sends the same one.
pub(crate) fn drop_default_type(request: &mut Request) {
    let default = match request.body {
        Body::Json(_) => JSON,
        Body::Form(_) => FORM,
        Body::None | Body::Text(_) => return,
    };
    let given = request.headers.get("Content-Type");
    if given.is_some_and(|given| given.as_str() == default) {
        request.headers.remove("Content-Type");
    }
}

fn json(body: &str) -> Body {
    let text = Text::literal(body);
    match serde_json::from_str::<Json>(body) {
        // Scalars and lists are rare, and no easier to read as TOML.
        Ok(value @ Json::Object(_)) if value.fits_toml() && value.compact() == text.as_str() => {
            Body::Json(value)
        }
        _ => Body::Text(text),
    }
}

fn form(body: &str) -> Body {
    let mut fields: Vec<(String, Text)> = Vec::new();
    for field in body.split('&') {
        let Some((name, value)) = field.split_once('=') else {
            return Body::Text(Text::literal(body));
        };
        let (name, value) = (decoded(name), decoded(value));
        let (Some(name), Some(value)) = (name, value) else {
            return Body::Text(Text::literal(body));
        };
        if name.contains("{{") || fields.iter().any(|(other, _)| *other == name) {
            return Body::Text(Text::literal(body));
        }
        fields.push((name, Text::literal(&value)));
    }
    Body::Form(fields)
}

/// What `text` was before it was percent-encoded; `None` unless dyno would encode it
/// to the same bytes.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&first, behind)) = rest.split_first() {
        let hex = |digits: &[u8]| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok();
        let (byte, behind) = match first {
            b'%' => (hex(behind.get(..2)?)?, behind.get(2..)?),
            other => (other, behind),
        };
        bytes.push(byte);
        rest = behind;
    }
    let decoded = String::from_utf8(bytes).ok()?;
    (encoded(&decoded) == text).then_some(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(content_type: &str, text: &str) -> (String, Vec<String>) {
        let mut request = Request::new("POST", Text::literal("/"));
        request.headers.add_default("content-type", content_type);
        put(&mut request, text);
        let body = match &request.body {
            Body::None => "none".to_owned(),
            Body::Text(text) => format!("text {text}"),
            Body::Json(json) => format!("json {}", json.compact()),
            Body::Form(fields) => {
                let fields = fields
                    .iter()
                    .map(|(name, value)| format!(" {name}:{value}"));
                format!("form{}", fields.collect::<String>())
            }
        };
        let headers = request.headers.iter();
        (body, headers.map(|(_, value)| value.to_string()).collect())
    }

    #[test]
    fn the_form_is_kept_only_where_the_bytes_are() {
        let check = |content_type: &str, text: &str, expected: &str, header: &[&str]| {
            let (seen, headers) = body(content_type, text);
            assert_eq!(
                (seen.as_str(), headers),
                (expected, header.iter().map(|&h| h.to_owned()).collect()),
                "{text}"
            );
        };
        check(JSON, r#"{"a":1}"#, r#"json {"a":1}"#, &[]);
        let charset = "application/json; charset=utf-8";
        check(charset, r#"{"a":1}"#, r#"json {"a":1}"#, &[charset]);
        check(JSON, r#"{"a": 1}"#, r#"text {"a": 1}"#, &[JSON]);
        check(JSON, r#"{"a":1.50}"#, r#"text {"a":1.50}"#, &[JSON]);
        check(JSON, r#"{"a":"\u00fc"}"#, r#"text {"a":"\u00fc"}"#, &[JSON]);
        check(JSON, r#"{"a":null}"#, r#"text {"a":null}"#, &[JSON]);
        check(JSON, "[1]", "text [1]", &[JSON]);
        check(JSON, "{", "text {", &[JSON]);
        check(FORM, "a=1&b=x%20%26", "form a:1 b:x &", &[]);
        check(FORM, "a=x+y", "text a=x+y", &[FORM]);
        check(FORM, "a=%2f", "text a=%2f", &[FORM]);
        check(FORM, "a=1&a=2", "text a=1&a=2", &[FORM]);
        check(FORM, "a", "text a", &[FORM]);
        check("text/plain", "{{x}}", "text {{{{x}}", &["text/plain"]);
        check(JSON, "", "none", &[JSON]);
    }
}
