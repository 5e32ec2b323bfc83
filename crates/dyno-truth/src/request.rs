//! The head of a request, as far as this server cares.

/// A complete request at the beginning of some bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Request<'a> {
    pub(crate) is_head: bool,
    /// Path and query.
    pub(crate) target: &'a str,
    pub(crate) wish: Wish,
    /// Length, body included.
    pub(crate) bytes: usize,
}

/// What the client wants of the connection after the answer (RFC 9112, 9.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wish {
    /// HTTP/1.1: to be kept.
    Keep,
    /// HTTP/1.0, as ApacheBench speaks it: to be kept if the answer says so.
    KeepIfTold,
    /// To be closed.
    Close,
}

/// Bytes that are no HTTP request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed;

impl<'a> Request<'a> {
    /// Reads a request; `None` when there is more to come.
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Option<Self>, Malformed> {
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
            return Ok(None);
        };
        let head = std::str::from_utf8(&bytes[..end]).map_err(|_| Malformed)?;
        let mut lines = head.split("\r\n");
        let mut words = lines.next().unwrap_or_default().split(' ');
        let (Some(method), Some(target), Some(version)) =
            (words.next(), words.next(), words.next())
        else {
            return Err(Malformed);
        };
        let mut request = Self {
            is_head: method == "HEAD",
            target,
            wish: Wish::Keep,
            bytes: end + 4,
        };
        let (mut closes, mut keeps) = (false, false);
        for (name, value) in lines.filter_map(|line| line.split_once(':')) {
            if name.eq_ignore_ascii_case("connection") {
                closes |= has(value, "close");
                keeps |= has(value, "keep-alive");
            } else if name.eq_ignore_ascii_case("content-length") {
                request.bytes += value.trim().parse::<usize>().map_err(|_| Malformed)?;
            }
        }
        request.wish = match (closes, version) {
            (true, _) => Wish::Close,
            (false, "HTTP/1.0") if keeps => Wish::KeepIfTold,
            (false, "HTTP/1.0") => Wish::Close,
            (false, _) => Wish::Keep,
        };
        Ok((request.bytes <= bytes.len()).then_some(request))
    }
}

/// Whether `token` is one of a field's.
fn has(value: &str, token: &str) -> bool {
    let mut tokens = value.split(',');
    tokens.any(|found| found.trim().eq_ignore_ascii_case(token))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_end_where_they_end() {
        use Wish::{Close, Keep};
        let check = |text: &str, expected: Result<Option<(bool, &str, Wish, usize)>, Malformed>| {
            let seen = Request::read(text.as_bytes());
            let seen = seen.map(|found| found.map(|r| (r.is_head, r.target, r.wish, r.bytes)));
            assert_eq!(seen, expected, "{text:?}");
        };
        check(
            "GET /a?b HTTP/1.1\r\nHost: x\r\n\r\nGET",
            Ok(Some((false, "/a?b", Keep, 30))),
        );
        check(
            "HEAD / HTTP/1.1\r\nconnection: Close\r\n\r\n",
            Ok(Some((true, "/", Close, 38))),
        );
        check("GET / HTTP/1.0\r\n\r\n", Ok(Some((false, "/", Close, 18))));
        check("POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nab", Ok(None));
        check(
            "POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc",
            Ok(Some((false, "/", Keep, 41))),
        );
        check("GET / HTTP/1.1\r\n", Ok(None));
        check("nonsense\r\n\r\n", Err(Malformed));
        check(
            "POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
            Err(Malformed),
        );
    }

    #[test]
    fn what_becomes_of_the_connection_depends_on_version_and_field() {
        for (version, fields, expected) in [
            ("1.1", "", Wish::Keep),
            ("1.1", "Connection: keep-alive\r\n", Wish::Keep),
            ("1.1", "Connection: TE\r\n", Wish::Keep),
            ("1.1", "Connection: close\r\n", Wish::Close),
            ("1.1", "Connection: TE, Close\r\n", Wish::Close),
            ("1.0", "", Wish::Close),
            ("1.0", "Connection: TE\r\n", Wish::Close),
            ("1.0", "Connection: close\r\n", Wish::Close),
            ("1.0", "Connection: Keep-Alive\r\n", Wish::KeepIfTold),
            ("1.0", "connection: te,keep-alive\r\n", Wish::KeepIfTold),
            (
                "1.0",
                "Connection: TE\r\nConnection: keep-alive\r\n",
                Wish::KeepIfTold,
            ),
            (
                "1.0",
                "Connection: close\r\nConnection: keep-alive\r\n",
                Wish::Close,
            ),
            (
                "1.1",
                "Connection: close\r\nConnection: keep-alive\r\n",
                Wish::Close,
            ),
        ] {
            let text = format!("GET / HTTP/{version}\r\n{fields}\r\n");
            let seen = Request::read(text.as_bytes()).unwrap().unwrap();
            assert_eq!(seen.wish, expected, "{text:?}");
        }
    }
}
