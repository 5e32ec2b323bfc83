//! A line of the common or combined log format.

use super::line::{Asked, Line, moment};

/// `host ident user [time] "method target version" status bytes …`
pub(super) fn read(line: &str) -> Option<Line> {
    let (_, rest) = line.split_once('[')?;
    let (time, rest) = rest.split_once("] \"")?;
    let (request, rest) = quoted(rest)?;
    let status = rest.split_ascii_whitespace().next()?;
    Some(Line {
        at: moment(time)?,
        asked: Asked::of_line(&request)?,
        status: status.parse().ok(),
    })
}

/// The text up to the next quote that is not escaped, and what follows it.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    loop {
        match rest {
            [b'"', ..] => break,
            [b'\\', b'x', high, low, after @ ..] => {
                let digit = |digit: &u8| char::from(*digit).to_digit(16);
                bytes.push((digit(high)? * 16 + digit(low)?) as u8);
                rest = after;
            }
            [b'\\', byte, after @ ..] | [byte, after @ ..] => {
                bytes.push(*byte);
                rest = after;
            }
            [] => return None,
        }
    }
    let after = &text[text.len() - rest.len() + 1..];
    // A byte that is no UTF-8 stands percent-encoded in a request line.
    let mut request = String::new();
    for chunk in bytes.utf8_chunks() {
        request.push_str(chunk.valid());
        for byte in chunk.invalid() {
            request.push_str(&format!("%{byte:02X}"));
        }
    }
    Some((request, after))
}
