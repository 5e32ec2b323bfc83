//! A request of the scenario as the bytes that go over the wire.

use bytes::Bytes;
use dyno_scenario::{Request, Template};
use http_body_util::Full;

use crate::Error;
use crate::address::{Address, Protocol};
use crate::check::Check;
use crate::http2::Message;

/// A request rendered once and sent often.
#[derive(Debug, Clone)]
pub(crate) struct Rendered {
    /// Head and body, for HTTP/1.1.
    pub(crate) bytes: Box<[u8]>,
    /// The same for HTTP/2, if that is spoken.
    pub(crate) message: Option<Message>,
    /// The answer has no body.
    pub(crate) is_head: bool,
    /// What a right answer looks like.
    pub(crate) check: Check,
}

const USER_AGENT: &str = concat!("dyno/", env!("CARGO_PKG_VERSION"));

impl Rendered {
    /// Renders `request` for the server at `address`.
    pub(crate) fn new(
        request: &Request,
        address: &Address,
        keepalive: bool,
    ) -> Result<Self, Error> {
        let message = match address.protocol {
            Protocol::Http1 => None,
            Protocol::Http2 { .. } => Some(message(request, address)?),
        };
        Ok(Self {
            bytes: bytes(request, address.authority.as_bytes(), keepalive),
            message,
            is_head: request.method == "HEAD",
            check: Check::new(&request.checks),
        })
    }
}

/// Head and body of `request` to the server known as `authority` (`host:port`).
fn bytes(request: &Request, authority: &[u8], keepalive: bool) -> Box<[u8]> {
    let mut bytes = Vec::new();
    let path = text(&request.path);
    for part in [request.method.as_bytes(), b" ", path, b" HTTP/1.1\r\n"] {
        bytes.extend_from_slice(part);
    }
    let mut field = |name: &str, value: &[u8]| {
        for part in [name.as_bytes(), b": ", value, b"\r\n"] {
            bytes.extend_from_slice(part);
        }
    };
    if given(request, "Host").is_none() {
        field("Host", authority);
    }
    if given(request, "User-Agent").is_none() {
        field("User-Agent", USER_AGENT.as_bytes());
    }
    for (name, value) in &request.headers {
        field(name, text(value));
    }
    let body = text(&request.body);
    if !body.is_empty() || matches!(request.method.as_str(), "POST" | "PUT" | "PATCH") {
        field("Content-Length", body.len().to_string().as_bytes());
    }
    if !keepalive && given(request, "Connection").is_none() {
        field("Connection", b"close");
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(body);
    bytes.into_boxed_slice()
}

/// The same for HTTP/2, where the host stands in `:authority`.
fn message(request: &Request, address: &Address) -> Result<Message, Error> {
    let scheme = if address.tls.is_some() {
        "https"
    } else {
        "http"
    };
    let authority = given(request, "Host").unwrap_or(address.authority.as_bytes());
    let uri = [scheme.as_bytes(), b"://", authority, text(&request.path)].concat();
    let mut message = http::Request::builder()
        .version(http::Version::HTTP_2)
        .method(request.method.as_str())
        .uri(uri.as_slice());
    if given(request, "User-Agent").is_none() {
        message = message.header("User-Agent", USER_AGENT);
    }
    for (name, value) in &request.headers {
        if !name.eq_ignore_ascii_case("Host") {
            message = message.header(name, text(value));
        }
    }
    let body = Full::new(Bytes::copy_from_slice(text(&request.body)));
    message.body(body).map_err(|source| Error::Http2Request {
        request: request.name.clone(),
        source,
    })
}

/// The value that the scenario gives for a field.
fn given<'a>(request: &'a Request, name: &str) -> Option<&'a [u8]> {
    let mut headers = request.headers.iter();
    let (_, value) = headers.find(|(given, _)| given.eq_ignore_ascii_case(name))?;
    Some(text(value))
}

fn text(template: &Template) -> &[u8] {
    template.as_fixed().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_complete_and_nothing_is_sent_twice() {
        let check =
            |method: &str, headers: &[(&str, &str)], body: &str, keepalive, expected: &str| {
                let headers = headers
                    .iter()
                    .map(|(n, v)| ((*n).to_owned(), Template::fixed(*v)));
                let request = Request {
                    headers: headers.collect(),
                    body: Template::fixed(body),
                    ..Request::new(method, "/p?q")
                };
                let seen = bytes(&request, b"h:1", keepalive);
                let seen = String::from_utf8(seen.into_vec()).unwrap();
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
