//! A request of the scenario as the bytes that go over the wire.

use std::fmt::Write as _;

use dyno_scenario::Request;

use crate::check::Check;

/// A request rendered once and sent often.
#[derive(Debug, Clone)]
pub(crate) struct Rendered {
    /// Head and body.
    pub(crate) bytes: Box<[u8]>,
    /// The answer has no body.
    pub(crate) is_head: bool,
    /// What a right answer looks like.
    pub(crate) check: Check,
}

impl Rendered {
    /// Renders `request` for the server known as `authority` (`host:port`).
    pub(crate) fn new(request: &Request, authority: &str, keepalive: bool) -> Self {
        let mut head = format!("{} {} HTTP/1.1\r\n", request.method, request.path);
        let mut field = |name: &str, value: &str| {
            write!(head, "{name}: {value}\r\n").expect("writing to memory does not fail");
        };
        let given = |name: &str| {
            let mut names = request.headers.iter().map(|(name, _)| name);
            names.any(|given| given.eq_ignore_ascii_case(name))
        };
        if !given("Host") {
            field("Host", authority);
        }
        if !given("User-Agent") {
            field("User-Agent", concat!("dyno/", env!("CARGO_PKG_VERSION")));
        }
        for (name, value) in &request.headers {
            field(name, value);
        }
        if !request.body.is_empty() || matches!(request.method.as_str(), "POST" | "PUT" | "PATCH") {
            field("Content-Length", &request.body.len().to_string());
        }
        if !keepalive && !given("Connection") {
            field("Connection", "close");
        }
        head.push_str("\r\n");
        Self {
            bytes: [head.as_bytes(), &request.body].concat().into_boxed_slice(),
            is_head: request.method == "HEAD",
            check: Check::new(&request.expect),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dyno_scenario::Expect;

    #[test]
    fn heads_are_complete_and_nothing_is_sent_twice() {
        let check =
            |method: &str, headers: &[(&str, &str)], body: &str, keepalive, expected: &str| {
                let headers = headers
                    .iter()
                    .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()));
                let request = Request {
                    name: String::new(),
                    method: method.to_owned(),
                    path: "/p?q".to_owned(),
                    headers: headers.collect(),
                    body: body.as_bytes().to_vec(),
                    expect: Expect::default(),
                };
                let seen = Rendered::new(&request, "h:1", keepalive);
                let seen = String::from_utf8(seen.bytes.into_vec()).unwrap();
                let agent = concat!("dyno/", env!("CARGO_PKG_VERSION"));
                assert_eq!(seen, expected.replace("AGENT", agent));
            };
        check(
            "GET",
            &[],
            "",
            true,
            "GET /p?q HTTP/1.1\r\nHost: h:1\r\nUser-Agent: AGENT\r\n\r\n",
        );
        check(
            "POST",
            &[("host", "x"), ("User-Agent", "y")],
            "hi",
            false,
            "POST /p?q HTTP/1.1\r\nhost: x\r\nUser-Agent: y\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi",
        );
    }
}
