//! The cookies of one flow (RFC 6265): what its answers set goes with its later
//! requests. There is one server, so that domains do not matter.

use crate::wall::{Wall, days};

/// The cookies that a flow has. Buffers are used again.
#[derive(Debug, Default)]
pub(crate) struct Jar {
    cookies: Vec<Cookie>,
    /// Of those, in use; the rest is for later.
    count: usize,
}

#[derive(Debug, Default)]
struct Cookie {
    name: Vec<u8>,
    value: Vec<u8>,
    path: Vec<u8>,
    secure: bool,
}

/// A `Set-Cookie` field, read.
#[derive(Debug, Default, PartialEq, Eq)]
struct Set<'a> {
    name: &'a [u8],
    value: &'a [u8],
    path: Option<&'a [u8]>,
    secure: bool,
    /// It is to be forgotten.
    expired: bool,
}

impl Jar {
    /// A new flow begins.
    pub(crate) fn clear(&mut self) {
        self.count = 0;
    }

    /// Takes a `Set-Cookie` field of the answer to a request for `target`.
    pub(crate) fn set(&mut self, field: &[u8], target: &[u8], wall: &Wall) {
        let Some(set) = read(field, wall) else {
            return;
        };
        let path = set.path.unwrap_or_else(|| default_path(target));
        let used = &mut self.cookies[..self.count];
        let known = used
            .iter()
            .position(|cookie| cookie.name == set.name && cookie.path == path);
        match known {
            Some(known) if set.expired => {
                // Those set first stay first.
                used[known..].rotate_left(1);
                self.count -= 1;
            }
            Some(known) => used[known].put(&set, path),
            None if set.expired => {}
            None => {
                if self.count == self.cookies.len() {
                    self.cookies.push(Cookie::default());
                }
                self.cookies[self.count].put(&set, path);
                self.count += 1;
            }
        }
    }

    /// Writes the value of the `Cookie` field for `target`: `a=1; b=2`, nothing if
    /// there are none.
    pub(crate) fn write(&self, target: &[u8], is_secure: bool, out: &mut Vec<u8>) {
        let path = target.split(|byte| *byte == b'?').next().unwrap_or(target);
        let before = out.len();
        let fitting = |cookie: &&Cookie| cookie.fits(path) && (is_secure || !cookie.secure);
        for cookie in self.cookies[..self.count].iter().filter(fitting) {
            if out.len() > before {
                out.extend_from_slice(b"; ");
            }
            for part in [&cookie.name, &b"="[..], &cookie.value] {
                out.extend_from_slice(part);
            }
        }
    }
}

impl Cookie {
    fn put(&mut self, set: &Set<'_>, path: &[u8]) {
        for (buffer, bytes) in [
            (&mut self.name, set.name),
            (&mut self.value, set.value),
            (&mut self.path, path),
        ] {
            buffer.clear();
            buffer.extend_from_slice(bytes);
        }
        self.secure = set.secure;
    }

    /// Section 5.1.4: the same path, or one below it.
    fn fits(&self, path: &[u8]) -> bool {
        let Some(rest) = path.strip_prefix(self.path.as_slice()) else {
            return false;
        };
        rest.is_empty() || self.path.ends_with(b"/") || rest.starts_with(b"/")
    }
}

/// The value of the cookie `name` that a `Set-Cookie` field sets.
pub(crate) fn value_of<'a>(field: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let pair = field.split(|byte| *byte == b';').next()?;
    let (found, value) = split(pair)?;
    (found == name.as_bytes()).then_some(value)
}

fn read<'a>(field: &'a [u8], wall: &Wall) -> Option<Set<'a>> {
    let mut parts = field.split(|byte| *byte == b';');
    let (name, value) = split(parts.next()?)?;
    let mut set = Set {
        name,
        value,
        ..Set::default()
    };
    let (mut age, mut expires) = (None, None);
    for part in parts {
        let (key, value) = split(part).unwrap_or((part.trim_ascii(), b""));
        if key.eq_ignore_ascii_case(b"path") {
            // Anything else is the default, says section 5.2.4.
            set.path = Some(value).filter(|path| path.starts_with(b"/"));
        } else if key.eq_ignore_ascii_case(b"secure") {
            set.secure = true;
        } else if key.eq_ignore_ascii_case(b"max-age") {
            age = Some(value.starts_with(b"-") || value.iter().all(|byte| *byte == b'0'));
        } else if key.eq_ignore_ascii_case(b"expires") {
            expires = date(value).map(|seconds| seconds <= wall.ms() / 1000);
        }
    }
    set.expired = age.or(expires).unwrap_or(false);
    Some(set)
}

/// `name=value` without the white space around both.
fn split(pair: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = pair.iter().position(|byte| *byte == b'=')?;
    let name = pair[..at].trim_ascii();
    (!name.is_empty()).then_some((name, pair[at + 1..].trim_ascii()))
}

/// Section 5.1.4: up to the last slash, without it.
fn default_path(target: &[u8]) -> &[u8] {
    let path = target.split(|byte| *byte == b'?').next().unwrap_or(target);
    match path.iter().rposition(|byte| *byte == b'/') {
        None | Some(0) => b"/",
        Some(end) => &path[..end],
    }
}

/// Seconds since 1970 of a date as servers write it: `Thu, 01 Jan 1970 00:00:00
/// GMT`, with spaces or dashes; 0 for one before.
fn date(text: &[u8]) -> Option<u64> {
    const MONTHS: &[u8; 36] = b"janfebmaraprmayjunjulaugsepoctnovdec";
    let text = std::str::from_utf8(text).ok()?;
    let (_, text) = text.split_once(", ")?;
    let mut words = text.split([' ', '-', ':']);
    let mut number = || words.next()?.parse::<u64>().ok();
    let day = number().filter(|day| (1..=31).contains(day))?;
    let name = words.next()?.as_bytes();
    let is_it = |month: &[u8]| month.eq_ignore_ascii_case(name);
    let month = MONTHS.chunks(3).position(is_it)? as u64 + 1;
    let mut number = || words.next()?.parse::<u64>().ok();
    let year = match number()? {
        short @ 0..70 => short + 2000,
        short @ 70..100 => short + 1900,
        year => year.min(9999),
    };
    let clock = number()? * 3600 + number()? * 60 + number()?;
    if year < 1970 {
        return Some(0);
    }
    Some(days(year, month, day) * 86_400 + clock)
}

#[cfg(test)]
#[path = "cookies_tests.rs"]
mod tests;
