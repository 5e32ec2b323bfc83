//! A URL, cut where the scenario needs it: who is asked, and for what.

use std::fmt::Write;

use crate::text::is_mark;

/// The parts of a URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    /// `http://localhost:8080`: scheme and host in lower case, no usual port.
    pub(crate) origin: String,
    /// `name:password` before the host.
    pub(crate) credentials: Option<String>,
    /// Path and query as they stand, at least `/`; what a request line cannot have
    /// is percent-encoded.
    pub(crate) path: String,
}

impl Address {
    /// Cuts `url`, which begins with a scheme; `None` if it has no host.
    pub(crate) fn of(url: &str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        let scheme = scheme.to_ascii_lowercase();
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let (credentials, host) = match authority.rsplit_once('@') {
            Some((credentials, host)) => (Some(credentials.to_owned()), host),
            None => (None, authority),
        };
        let usual = match scheme.as_str() {
            "http" | "ws" => ":80",
            "https" | "wss" => ":443",
            _ => "",
        };
        // The name of a variable is not a host.
        let host = if host.contains(is_mark) {
            host.to_owned()
        } else {
            host.to_lowercase()
        };
        let host = host.strip_suffix(usual).unwrap_or(&host);
        let host = host.strip_suffix(':').unwrap_or(host);
        if scheme.is_empty() || host.is_empty() {
            return None;
        }
        Some(Self {
            origin: format!("{scheme}://{host}"),
            credentials,
            path: sendable(path),
        })
    }

    /// Whether a web server is asked.
    pub(crate) fn is_web(&self) -> bool {
        ["http", "https"].contains(&self.scheme())
    }

    /// Scheme of the origin.
    pub(crate) fn scheme(&self) -> &str {
        self.origin.split(':').next().unwrap_or_default()
    }
}

/// Path and query as a request line may have them: without a fragment, beginning
/// with `/`, what is not printable ASCII percent-encoded.
pub(crate) fn sendable(path: &str) -> String {
    let path = path.split('#').next().unwrap_or_default();
    let mut out = String::new();
    if !path.starts_with('/') {
        out.push('/');
    }
    encode(&mut out, path, |letter| letter.is_ascii_graphic());
    out
}

/// All percent-encoded but RFC 3986's unreserved characters, and placeholders.
pub(crate) fn encoded(text: &str) -> String {
    let mut out = String::new();
    let is_unreserved = |letter: char| letter.is_ascii_alphanumeric() || "-._~".contains(letter);
    encode(&mut out, text, is_unreserved);
    out
}

fn encode(out: &mut String, text: &str, is_kept: impl Fn(char) -> bool) {
    for letter in text.chars() {
        if is_kept(letter) || is_mark(letter) {
            out.push(letter);
            continue;
        }
        for byte in letter.encode_utf8(&mut [0; 4]).bytes() {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_cut() {
        let check = |url: &str, expected: Option<(&str, Option<&str>, &str)>| {
            let seen = Address::of(url);
            let seen = seen.as_ref().map(|address| {
                let credentials = address.credentials.as_deref();
                (address.origin.as_str(), credentials, address.path.as_str())
            });
            assert_eq!(seen, expected, "{url}");
        };
        check("http://a", Some(("http://a", None, "/")));
        check(
            "HTTPS://A.Example:443?x=1#y",
            Some(("https://a.example", None, "/?x=1")),
        );
        check(
            "http://u:p@q@[::1]:8080/a/../b?c=/d?e",
            Some(("http://[::1]:8080", Some("u:p@q"), "/a/../b?c=/d?e")),
        );
        check(
            "http://a:8443/ü b'\"%2f",
            Some(("http://a:8443", None, "/%C3%BC%20b'\"%2f")),
        );
        check("http:///x", None);
        check("a/b", None);
        check("://a", None);
        check("http://@/", None);
    }
}
