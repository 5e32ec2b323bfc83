//! The head of a request, as far as this server cares.

/// A complete request at the beginning of some bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Request<'a> {
    pub(crate) is_head: bool,
    /// Path and query.
    pub(crate) target: &'a str,
    /// The client wants the connection closed.
    pub(crate) close: bool,
    /// Length, body included.
    pub(crate) bytes: usize,
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
            close: version == "HTTP/1.0",
            bytes: end + 4,
        };
        for (name, value) in lines.filter_map(|line| line.split_once(':')) {
            if name.eq_ignore_ascii_case("connection") {
                request.close = value.trim().eq_ignore_ascii_case("close");
            } else if name.eq_ignore_ascii_case("content-length") {
                request.bytes += value.trim().parse::<usize>().map_err(|_| Malformed)?;
            }
        }
        Ok((request.bytes <= bytes.len()).then_some(request))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_end_where_they_end() {
        let check = |text: &str, expected: Result<Option<(bool, &str, bool, usize)>, Malformed>| {
            let seen = Request::read(text.as_bytes());
            let seen = seen.map(|found| found.map(|r| (r.is_head, r.target, r.close, r.bytes)));
            assert_eq!(seen, expected, "{text:?}");
        };
        check(
            "GET /a?b HTTP/1.1\r\nHost: x\r\n\r\nGET",
            Ok(Some((false, "/a?b", false, 30))),
        );
        check(
            "HEAD / HTTP/1.1\r\nconnection: Close\r\n\r\n",
            Ok(Some((true, "/", true, 38))),
        );
        check("GET / HTTP/1.0\r\n\r\n", Ok(Some((false, "/", true, 18))));
        check("POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nab", Ok(None));
        check(
            "POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc",
            Ok(Some((false, "/", false, 41))),
        );
        check("GET / HTTP/1.1\r\n", Ok(None));
        check("nonsense\r\n\r\n", Err(Malformed));
        check(
            "POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
            Err(Malformed),
        );
    }
}
