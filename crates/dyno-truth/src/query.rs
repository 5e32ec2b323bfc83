//! The query of a path, read key by key.

use std::fmt::Display;
use std::str::FromStr;

/// What stands behind the question mark.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Query<'a>(&'a str);

impl<'a> Query<'a> {
    /// Splits a request target into path and query.
    pub(crate) fn split(target: &'a str) -> (&'a str, Self) {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        (path, Self(query))
    }

    /// The text behind `key=`.
    pub(crate) fn text(self, key: &str) -> Option<&'a str> {
        let pairs = self.0.split('&').filter_map(|pair| pair.split_once('='));
        pairs
            .into_iter()
            .find(|(name, _)| *name == key)
            .map(|(_, value)| value)
    }

    /// A number, or `default`.
    pub(crate) fn number<T: FromStr + Display>(self, key: &str, default: T) -> Result<T, String> {
        let Some(text) = self.text(key) else {
            return Ok(default);
        };
        text.parse().map_err(|_| {
            format!("{key}={text} is not a number; write something like {key}={default}")
        })
    }

    /// A time in ns, or `default`.
    pub(crate) fn time(self, key: &str, default_ns: u64) -> Result<u64, String> {
        let Some(text) = self.text(key) else {
            return Ok(default_ns);
        };
        parse_time(text)
            .ok_or_else(|| format!("{key}={text} is not a time; write something like {key}=10ms"))
    }
}

/// `5s`, `10ms`, `250us` or `17ns`, in ns.
fn parse_time(text: &str) -> Option<u64> {
    let units = [
        ("ns", 1),
        ("us", 1_000),
        ("ms", 1_000_000),
        ("s", 1_000_000_000),
    ];
    let (number, unit) = units
        .into_iter()
        .find_map(|(name, unit)| Some((text.strip_suffix(name)?, unit)))?;
    number.parse::<u64>().ok()?.checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_and_values_checked() {
        let (path, query) = Query::split("/queue?service=1ms&seed=7&think=x");
        assert_eq!(path, "/queue");
        assert_eq!(query.time("service", 0), Ok(1_000_000));
        assert_eq!(query.number("seed", 0_u64), Ok(7));
        assert_eq!(query.number("k", 5_u64), Ok(5));
        assert!(query.time("think", 0).is_err());
        assert!(query.number::<u64>("service", 0).is_err());
        for (text, ns) in [
            ("5s", Some(5_000_000_000)),
            ("250us", Some(250_000)),
            ("17ns", Some(17)),
            ("5", None),
            ("ms", None),
        ] {
            assert_eq!(parse_time(text), ns, "{text}");
        }
    }
}
