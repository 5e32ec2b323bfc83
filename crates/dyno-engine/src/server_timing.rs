//! The durations in `Server-Timing` fields (W3C Server Timing): read in place, and as
//! leniently as the specification wants. What they mean is left to `attribution.rs`.

use crate::kept::fields;

/// The name of the field.
pub(crate) const FIELD: &str = "server-timing";

/// Longest duration that is believed, ms: a day.
const MOST_MS: f64 = 86_400_000.0;

/// Adds the values of the fields in `head`, a line each, to `lines`.
pub(crate) fn collect(head: &[u8], lines: &mut Vec<u8>) {
    for (name, value) in fields(head) {
        if name.eq_ignore_ascii_case(FIELD.as_bytes()) {
            add(value, lines);
        }
    }
}

/// Adds the value of one field. Lines keep a quote that is not closed to itself.
pub(crate) fn add(value: &[u8], lines: &mut Vec<u8>) {
    lines.extend_from_slice(value);
    lines.push(b'\n');
}

/// The metrics with a duration in such lines: name, and ns, none for what is no
/// number of milliseconds from zero to a day. A metric without `dur` is left out.
pub(crate) fn durations(lines: &[u8]) -> Durations<'_> {
    Durations { rest: lines }
}

/// See [`durations`].
#[derive(Debug)]
pub(crate) struct Durations<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Durations<'a> {
    type Item = (&'a [u8], Option<u64>);

    fn next(&mut self) -> Option<Self::Item> {
        while !self.rest.is_empty() {
            let name = self.until(b";,\n").trim_ascii();
            let mut duration = None;
            while self.takes(b';') {
                let parameter = self.until(b"=;,\n").trim_ascii();
                let value = match self.takes(b'=') {
                    true => self.value(),
                    false => b"",
                };
                // Of several the first one counts.
                if duration.is_none() && parameter.eq_ignore_ascii_case(b"dur") {
                    duration = Some(nanoseconds(value));
                }
            }
            // The comma, or the end of the line.
            self.rest = self.rest.get(1..).unwrap_or_default();
            if let (Some(duration), false) = (duration, name.is_empty()) {
                return Some((name, duration));
            }
        }
        None
    }
}

impl<'a> Durations<'a> {
    /// What is before the first of these bytes, or the end.
    fn until(&mut self, ends: &[u8]) -> &'a [u8] {
        let end = self.rest.iter().position(|byte| ends.contains(byte));
        let (before, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        before
    }

    fn takes(&mut self, byte: u8) -> bool {
        let is_there = self.rest.first() == Some(&byte);
        self.rest = &self.rest[usize::from(is_there)..];
        is_there
    }

    /// The value of a parameter; what follows a quoted one is passed over.
    fn value(&mut self) -> &'a [u8] {
        while matches!(self.rest.first(), Some(b' ' | b'\t')) {
            self.rest = &self.rest[1..];
        }
        if !self.takes(b'"') {
            return self.until(b";,\n").trim_ascii();
        }
        let begin = self.rest;
        loop {
            self.until(b"\"\\\n");
            let value = &begin[..begin.len() - self.rest.len()];
            if self.takes(b'\\') {
                // What is escaped cannot end it; the end of the line can.
                let escaped = self.rest.first().is_some_and(|byte| *byte != b'\n');
                self.rest = &self.rest[usize::from(escaped)..];
                continue;
            }
            self.takes(b'"');
            self.until(b";,\n");
            return value;
        }
    }
}

/// A number of milliseconds, as ns.
fn nanoseconds(value: &[u8]) -> Option<u64> {
    let is_plain = |byte: &u8| byte.is_ascii_digit() || b"+-.eE".contains(byte);
    let text = std::str::from_utf8(value).ok()?;
    let ms: f64 = text.parse().ok()?;
    let is_good = value.iter().all(is_plain) && (0.0..=MOST_MS).contains(&ms);
    is_good.then(|| (ms * 1e6).round() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(lines: &str, expected: &[(&str, Option<u64>)]) {
        let seen = durations(lines.as_bytes());
        let seen: Vec<_> = seen
            .map(|(name, ns)| (std::str::from_utf8(name).unwrap(), ns))
            .collect();
        assert_eq!(seen, expected, "{lines:?}");
    }

    #[test]
    fn durations_are_milliseconds() {
        check(
            "pool;dur=0.012, db;dur=0.934,hashq;dur=0.101, hash;dur=48.210, app;dur=49.800\n",
            &[
                ("pool", Some(12_000)),
                ("db", Some(934_000)),
                ("hashq", Some(101_000)),
                ("hash", Some(48_210_000)),
                ("app", Some(49_800_000)),
            ],
        );
        check("a;dur=1e3\n", &[("a", Some(1_000_000_000))]);
        check(
            "a;dur=.5\nb;dur=5.\n",
            &[("a", Some(500_000)), ("b", Some(5_000_000))],
        );
        check("a;dur=+0\nb;dur=-0\n", &[("a", Some(0)), ("b", Some(0))]);
        check("a;dur=0.0000004\n", &[("a", Some(0))]);
        check("a;dur=86400000\n", &[("a", Some(86_400_000_000_000))]);
    }

    #[test]
    fn parameters_come_in_any_order_and_quoted() {
        for line in [
            "db;dur=2;desc=\"a\"\n",
            "db;desc=\"a, b;dur=7\";dur=2\n",
            "db;desc=\"a \\\" , \\\\\" ; dur=2\n",
            "db;desc=a b;dur=2",
            " db ; DUR = 2 , \n",
            "db;dur=\"2\"\n",
            "db;dur=\"2\" x;dur=9\n",
            "db;x;;=;dur=2;dur=3\n",
            ",,db;dur=2\n",
            "cache;desc=hit, db;dur=2, miss\n",
            "cache;desc=\"not closed, x;dur=1\ndb;dur=2\n",
            "cache;desc=\"ends so\\\ndb;dur=2\n",
            "\n\ndb;dur=2\n\n",
        ] {
            check(line, &[("db", Some(2_000_000))]);
        }
        check(
            "db;dur=1, db;dur=2",
            &[("db", Some(1_000_000)), ("db", Some(2_000_000))],
        );
    }

    #[test]
    fn what_is_no_duration_is_told() {
        for value in [
            "", " ", "x", "1ms", "-1", "nan", "inf", "1e400", "86400001", "0x10", "1 2", "\u{0661}",
        ] {
            check(&format!("a;dur={value}\n"), &[("a", None)]);
        }
        check("a;dur", &[("a", None)]);
        check(";dur=1, a, b;desc=x", &[]);
    }

    #[test]
    fn every_field_of_a_head_is_taken() {
        let mut lines = Vec::new();
        let head =
            b"HTTP/1.1 200 OK\r\nServer-Timing: a;dur=1 \r\nX: y\r\nSERVER-TIMING:b;dur=2\r\n\r\n";
        collect(head, &mut lines);
        assert_eq!(lines, b"a;dur=1\nb;dur=2\n");
    }
}
