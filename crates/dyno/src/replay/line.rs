//! One request of a log, however it was written.

use jiff::Timestamp;
use url::Url;

/// One request of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// Since 1970, ns.
    pub(super) at: i128,
    pub(super) asked: Asked,
    /// Of the answer, if the log has it.
    pub(super) status: Option<u16>,
}

/// What was asked.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Asked {
    pub(super) method: String,
    /// Path and query, fit for a request line.
    pub(super) path: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: String,
}

impl Asked {
    /// A request without headers and body; `None` if it cannot be asked.
    pub(super) fn new(method: &str, target: &str) -> Option<Self> {
        let method = method.to_ascii_uppercase();
        let path = path(target)?;
        (dyno_scenario::is_token(&method) && method != "CONNECT").then_some(Self {
            method,
            path,
            headers: Vec::new(),
            body: String::new(),
        })
    }

    /// `GET /path HTTP/1.1`
    pub(super) fn of_line(line: &str) -> Option<Self> {
        let (method, rest) = line.split_once(' ')?;
        let target = match rest.rsplit_once(" HTTP/") {
            Some((target, _)) => target,
            None => rest,
        };
        Self::new(method, target)
    }
}

/// Path and query; of a whole URL, too. What a request line cannot have is
/// percent-encoded.
fn path(target: &str) -> Option<String> {
    let target = match target.starts_with('/') {
        true => target.to_owned(),
        false => {
            let url = Url::parse(target).ok()?;
            let query = url
                .query()
                .map_or(String::new(), |query| format!("?{query}"));
            url.has_host().then(|| format!("{}{query}", url.path()))?
        }
    };
    let target = target.split('#').next().unwrap_or_default();
    let mut path = String::new();
    for byte in target.bytes() {
        match byte {
            0x21..=0x7e => path.push(char::from(byte)),
            _ => path.push_str(&format!("%{byte:02X}")),
        }
    }
    Some(path)
}

/// A moment as logs write it, ns since 1970: RFC 3339, as Apache and nginx do, or a
/// number since 1970, of seconds, milliseconds, microseconds or nanoseconds by its
/// size.
pub(super) fn moment(text: &str) -> Option<i128> {
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
