//! What curl makes of the values of `--data-urlencode` and of URLs.

use crate::Error;
use crate::address;

use super::options::Place;

/// `content`, `=content` and `name=content`, the content percent-encoded as curl
/// does. The forms with a file are refused.
pub(super) fn urlencoded(text: &str, place: &Place) -> Result<String, Error> {
    let at = text.find(['=', '@']);
    let Some(at) = at else {
        return Ok(encoded(text));
    };
    let (name, content) = text.split_at(at);
    if let Some(file) = content.strip_prefix('@') {
        place.no_file(format!("@{file}"))?;
    }
    let content = encoded(&content[1..]);
    Ok(if name.is_empty() {
        content
    } else {
        format!("{name}={content}")
    })
}

/// As curl encodes: a blank becomes `+`.
fn encoded(text: &str) -> String {
    address::encoded(text).replace("%20", "+")
}

/// The path of a URL without `.` and `..` (RFC 3986, 5.2.4), its query kept.
pub(super) fn without_dots(path: &str) -> String {
    let end = path.find(['?', '#']).unwrap_or(path.len());
    let (path, query) = path.split_at(end);
    let mut kept: Vec<&str> = Vec::new();
    let mut segments = path.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        let is_last = segments.peek().is_none();
        match segment {
            "." => {}
            ".." => drop(kept.pop()),
            other => {
                kept.push(other);
                continue;
            }
        }
        if is_last {
            kept.push("");
        }
    }
    format!("/{}{query}", kept.join("/"))
}

/// Text with its percent-encoding undone, as credentials in a URL are sent.
pub(super) fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&first, behind)) = rest.split_first() {
        let digits = behind
            .get(..2)
            .and_then(|digits| std::str::from_utf8(digits).ok());
        let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        let byte = byte.filter(|_| first == b'%');
        rest = if byte.is_some() { &behind[2..] } else { behind };
        bytes.push(byte.unwrap_or(first));
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The URL with a scheme, as curl guesses it.
pub(super) fn with_scheme(url: &str) -> String {
    if url.contains("://") {
        url.to_owned()
    } else {
        format!("http://{}", url.trim_start_matches('/'))
    }
}

/// Whether curl would make several URLs of this one.
pub(super) fn is_glob(url: &str) -> bool {
    let host = url.find("://").map_or(0, |at| at + 3);
    let host_end = url[host..].find('/').map_or(url.len(), |at| host + at);
    let (host, path) = (&url[host..host_end], &url[host_end..]);
    let pair = |text: &str, open, close| {
        let opened = text.find(open);
        opened.is_some_and(|at| text[at..].contains(close))
    };
    pair(path, '{', '}') || pair(path, '[', ']') || pair(host, '{', '}')
}
