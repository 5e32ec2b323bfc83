//! Requests that were recorded: lines of access logs, and entries of HAR files.
//!
//! One reader for both uses: [`log`](crate::log()) and [`har`](crate::har()) make
//! scenarios of them, a step with `replay` asks for them again at their times.

mod access;
pub(crate) mod entry;
pub(crate) mod har;

use jiff::Timestamp;

use crate::address::{Address, sendable};
use crate::text::without_marks;

pub use access::{combined, json_line};
pub use har::har;

/// A request that was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// When, ns since 1970: of the request or of its answer, as the server likes.
    /// `None` if it is not written, or not in a form that is known.
    pub at: Option<i128>,
    /// What was asked.
    pub asked: Asked,
    /// Of the answer, 100 to 599; `None` if none was sent, or it is not written.
    pub status: Option<u16>,
}

/// What was asked.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Asked {
    /// A token in capitals, and not `CONNECT`: that asks for a tunnel.
    pub method: String,
    /// Path and query, fit for a request line.
    pub path: String,
    /// Names and values that can be sent again, in their order; a log has none.
    pub headers: Vec<(String, String)>,
    /// Empty if there was none; a log has none.
    pub body: String,
}

impl Asked {
    /// A request without headers and body, of a path or a whole URL; `None` if it
    /// cannot be asked.
    fn new(method: &str, target: &str) -> Option<Self> {
        let method = method.to_ascii_uppercase();
        let target = without_marks(target);
        let path = match target.starts_with('/') {
            true => sendable(&target),
            false => Address::of(&target).filter(Address::is_web)?.path,
        };
        (dyno_scenario::is_token(&method) && method != "CONNECT").then_some(Self {
            method,
            path,
            headers: Vec::new(),
            body: String::new(),
        })
    }

    /// `GET /path HTTP/1.1`
    fn of_line(line: &str) -> Option<Self> {
        let (method, rest) = line.split_once(' ')?;
        let target = rest.rsplit_once(" HTTP/");
        Self::new(method, target.map_or(rest, |(target, _)| target))
    }
}

/// A moment, ns since 1970: in RFC 3339, as Apache and nginx write it, or a number
/// since 1970, of seconds, milliseconds, microseconds or nanoseconds by its size.
fn moment(text: &str) -> Option<i128> {
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Some(moment.as_nanosecond());
    }
    if let Ok(number) = text.parse::<f64>() {
        return since_1970(number);
    }
    let parsed = jiff::fmt::strtime::parse("%d/%b/%Y:%H:%M:%S %z", text).ok()?;
    Some(parsed.to_timestamp().ok()?.as_nanosecond())
}

/// Any moment from 1973 to 5138 is told by its size.
fn since_1970(number: f64) -> Option<i128> {
    let ns = match number {
        1e8..1e11 => 1e9,
        1e11..1e14 => 1e6,
        1e14..1e17 => 1e3,
        1e17..1e20 => 1.0,
        _ => return None,
    };
    // A float has no more than microseconds of such a time.
    let micros = (number * ns / 1e3).round() as i128;
    Some(micros * 1000)
}
