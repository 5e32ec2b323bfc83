//! The headers of one request: which are taken over, and how often a name may stand.

use dyno_scenario::is_token;

use crate::text::Text;

/// Headers in the order in which they were met, each name once.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Headers(Vec<(String, Text)>);

/// Why a header was not taken over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// It follows from the body and the address; dyno sets it.
    SetByDyno,
    /// It is about one connection, not about the request (RFC 9110, 7.6.1).
    Hop,
    /// A pseudo header of HTTP/2.
    Pseudo,
    /// It cannot be sent as it is written.
    Unfit,
}

impl Headers {
    /// Adds a header, or the value to one of this name, as RFC 9110 (5.2) joins them.
    pub(crate) fn add(&mut self, name: &str, value: Text) -> Result<(), Refused> {
        if let Some(refused) = refused(name, value.as_str()) {
            return Err(refused);
        }
        match self.0.iter_mut().find(|(other, _)| same(other, name)) {
            None => self.0.push((name.to_owned(), value)),
            Some((_, first)) => {
                let between = if same(name, "Cookie") { "; " } else { ", " };
                first.join(between, &value);
            }
        }
        Ok(())
    }

    /// Adds a header unless there is one of this name.
    pub(crate) fn add_default(&mut self, name: &str, value: &str) {
        if self.get(name).is_none() {
            self.0.push((name.to_owned(), Text::literal(value)));
        }
    }

    /// The value of a header, its name in any case.
    pub(crate) fn get(&self, name: &str) -> Option<&Text> {
        let found = self.0.iter().find(|(other, _)| same(other, name));
        found.map(|(_, value)| value)
    }

    /// Gives a header that is there another value.
    pub(crate) fn replace(&mut self, name: &str, value: Text) {
        if let Some((_, old)) = self.0.iter_mut().find(|(other, _)| same(other, name)) {
            *old = value;
        }
    }

    /// Takes a header away.
    pub(crate) fn remove(&mut self, name: &str) {
        self.0.retain(|(other, _)| !same(other, name));
    }

    /// Names and values.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &(String, Text)> {
        self.0.iter()
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

pub(crate) fn same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

/// Why a header is not taken over; `None` if it is.
pub(crate) fn refused(name: &str, value: &str) -> Option<Refused> {
    const HOP: [&str; 7] = [
        "Connection",
        "Keep-Alive",
        "Proxy-Authorization",
        "Proxy-Connection",
        "TE",
        "Trailer",
        "Upgrade",
    ];
    let is = |other: &&str| same(name, other);
    if name.starts_with(':') {
        Some(Refused::Pseudo)
    } else if ["Content-Length", "Transfer-Encoding"].iter().any(is) {
        Some(Refused::SetByDyno)
    } else if HOP.iter().any(is) {
        Some(Refused::Hop)
    } else if !is_token(name)
        || value
            .chars()
            .any(|letter| letter.is_control() && letter != '\t')
    {
        Some(Refused::Unfit)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_once_and_some_not_at_all() {
        let mut headers = Headers::default();
        let mut add = |name: &str, value: &str| headers.add(name, Text::literal(value));
        assert_eq!(add("Accept", "a"), Ok(()));
        assert_eq!(add("accept", "b"), Ok(()));
        assert_eq!(add("cookie", "x=1"), Ok(()));
        assert_eq!(add("Cookie", "y=2"), Ok(()));
        assert_eq!(add("content-length", "5"), Err(Refused::SetByDyno));
        assert_eq!(add("Connection", "close"), Err(Refused::Hop));
        assert_eq!(add(":path", "/"), Err(Refused::Pseudo));
        assert_eq!(add("a b", "c"), Err(Refused::Unfit));
        assert_eq!(add("a", "b\nc"), Err(Refused::Unfit));
        let seen: Vec<_> = headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        assert_eq!(seen, [("Accept", "a, b"), ("cookie", "x=1; y=2")]);
    }
}
