//! A request of the scenario as the bytes that go over the wire.

use bytes::Bytes;
use dyno_scenario::Request;
use http_body_util::Full;

use crate::Error;
use crate::address::{Address, Protocol};
use crate::escape::Unfit;
use crate::fill::{Values, decimal};
use crate::http2::Message;
use crate::pattern::Pattern;
use crate::stock::Stock;

/// A request that can be sent: rendered once and sent often, or filled anew.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rendered {
    /// Head and body, for HTTP/1.1.
    pub(crate) bytes: Vec<u8>,
    /// The same for HTTP/2, if that is spoken.
    pub(crate) message: Option<Message>,
    /// The answer has no body.
    pub(crate) is_head: bool,
}

/// A request with gaps.
#[derive(Debug, Clone)]
pub(crate) struct Blank {
    name: String,
    method: String,
    path: Pattern,
    /// What follows the path, up to the last field that the scenario gives.
    fields: Pattern,
    body: Pattern,
    has_length: bool,
    /// The scenario itself gives its cookies.
    gives_cookies: bool,
    /// Ends the connection after each answer.
    closes: bool,
    http2: Option<Box<Fields>>,
}

/// What HTTP/2 sends apart from each other.
#[derive(Debug, Clone)]
struct Fields {
    scheme: &'static str,
    authority: Pattern,
    headers: Vec<(String, Pattern)>,
}

/// What a request is filled in; used again.
#[derive(Debug, Default)]
pub(crate) struct Sheet {
    pub(crate) rendered: Rendered,
    /// Path and query of the request.
    pub(crate) target: Vec<u8>,
    /// The value of its `Cookie` field; none is sent if this is empty.
    pub(crate) cookies: Vec<u8>,
    body: Vec<u8>,
}

/// A request could not be filled.
#[derive(Debug)]
enum Refused {
    Unfit,
    Http(http::Error),
}

const USER_AGENT: &str = concat!("dyno/", env!("CARGO_PKG_VERSION"));

impl Blank {
    /// Makes `request` ready for the server at `address`.
    pub(crate) fn new(
        request: &Request,
        address: &Address,
        keepalive: bool,
        stock: &Stock,
    ) -> Result<Self, Error> {
        let headers = request.headers.iter().map(|(name, value)| {
            let value = Pattern::new(value, stock)?;
            Ok((name.clone(), value))
        });
        let headers: Vec<_> = headers.collect::<Result<_, Error>>()?;
        let given = |name: &str| {
            let mut headers = headers.iter();
            let (_, value) = headers.find(|(given, _)| given.eq_ignore_ascii_case(name))?;
            Some(value)
        };
        let is_given = |name: &str| given(name).is_some();
        let authority = given("Host").cloned().unwrap_or_else(|| {
            let mut authority = Pattern::default();
            authority.push(address.authority.as_bytes());
            authority
        });
        let mut fields = Pattern::default();
        fields.push(b" HTTP/1.1\r\n");
        if !is_given("Host") {
            field(&mut fields, "Host", &authority);
        }
        let mut agent = Pattern::default();
        agent.push(USER_AGENT.as_bytes());
        if !is_given("User-Agent") {
            field(&mut fields, "User-Agent", &agent);
        }
        for (name, value) in &headers {
            field(&mut fields, name, value);
        }
        let body = Pattern::new(&request.body, stock)?;
        let has_body = !body.as_fixed().is_some_and(<[u8]>::is_empty);
        let closes = !keepalive && !is_given("Connection");
        let gives_cookies = is_given("Cookie");
        let sets_agent = !is_given("User-Agent");
        let http2 = matches!(address.protocol, Protocol::Http2 { .. }).then(|| {
            let is_host = |name: &str| name.eq_ignore_ascii_case("Host");
            let agent = sets_agent.then(|| ("User-Agent".to_owned(), agent));
            let headers = headers.into_iter().filter(|(name, _)| !is_host(name));
            Box::new(Fields {
                scheme: if address.tls.is_some() {
                    "https"
                } else {
                    "http"
                },
                authority,
                headers: agent.into_iter().chain(headers).collect(),
            })
        });
        Ok(Self {
            name: request.name.clone(),
            path: Pattern::new(&request.path, stock)?,
            has_length: has_body || matches!(request.method.as_str(), "POST" | "PUT" | "PATCH"),
            method: request.method.clone(),
            fields,
            body,
            gives_cookies,
            closes,
            http2,
        })
    }

    /// The request, if nothing of it changes.
    pub(crate) fn as_fixed(&self) -> Result<Option<Rendered>, Error> {
        let patterns = [&self.path, &self.fields, &self.body];
        if patterns.iter().any(|pattern| pattern.as_fixed().is_none()) {
            return Ok(None);
        }
        let mut sheet = Sheet::default();
        let filled = self.try_fill(
            &mut Values::none(&mut fastrand::Rng::with_seed(0)),
            &mut sheet,
        );
        match filled {
            Ok(()) => Ok(Some(sheet.rendered)),
            Err(Refused::Http(source)) => Err(Error::Http2Request {
                request: self.name.clone(),
                source,
            }),
            Err(Refused::Unfit) => Ok(None),
        }
    }

    /// The data that its gaps are filled from.
    pub(crate) fn data(&self) -> impl Iterator<Item = usize> {
        let patterns = [&self.path, &self.fields, &self.body];
        patterns.into_iter().flat_map(Pattern::data)
    }

    /// Whether there is `{{seq}}` in it.
    pub(crate) fn has_numbers(&self) -> bool {
        let patterns = [&self.path, &self.fields, &self.body];
        patterns.into_iter().any(Pattern::has_numbers)
    }

    /// Whether the scenario itself gives its cookies.
    pub(crate) fn has_cookie_field(&self) -> bool {
        self.gives_cookies
    }

    /// Writes the path into `sheet`, for those who need to know it before
    /// [`Self::fill`].
    pub(crate) fn aim(&self, values: &mut Values<'_>, sheet: &mut Sheet) -> Result<(), Unfit> {
        sheet.target.clear();
        sheet.cookies.clear();
        self.path.fill(values, &mut sheet.target)
    }

    /// Writes the rest of the request, behind [`Self::aim`].
    pub(crate) fn fill(&self, values: &mut Values<'_>, sheet: &mut Sheet) -> Result<(), Unfit> {
        self.complete(values, sheet).map_err(|_| Unfit)
    }

    fn try_fill(&self, values: &mut Values<'_>, sheet: &mut Sheet) -> Result<(), Refused> {
        self.aim(values, sheet)?;
        self.complete(values, sheet)
    }

    fn complete(&self, values: &mut Values<'_>, sheet: &mut Sheet) -> Result<(), Refused> {
        let Sheet {
            rendered,
            target,
            cookies,
            body,
        } = sheet;
        rendered.is_head = self.method == "HEAD";
        body.clear();
        if let Some(fields) = &self.http2 {
            let message = fields.message(self, values, target, cookies)?;
            self.body.fill(values, body)?;
            let message = message.body(Full::new(Bytes::copy_from_slice(body)));
            rendered.message = Some(message.map_err(Refused::Http)?);
            return Ok(());
        }
        let bytes = &mut rendered.bytes;
        bytes.clear();
        for part in [self.method.as_bytes(), b" ", target] {
            bytes.extend_from_slice(part);
        }
        self.fields.fill(values, bytes)?;
        self.body.fill(values, body)?;
        if self.has_length {
            bytes.extend_from_slice(b"Content-Length: ");
            let mut digits = [0; 20];
            bytes.extend_from_slice(decimal(body.len() as u64, &mut digits));
            bytes.extend_from_slice(b"\r\n");
        }
        if !cookies.is_empty() {
            for part in [b"Cookie: ", cookies.as_slice(), b"\r\n"] {
                bytes.extend_from_slice(part);
            }
        }
        if self.closes {
            bytes.extend_from_slice(b"Connection: close\r\n");
        }
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(body);
        Ok(())
    }
}

impl Fields {
    /// The head, where the host stands in `:authority`.
    fn message(
        &self,
        blank: &Blank,
        values: &mut Values<'_>,
        target: &[u8],
        cookies: &[u8],
    ) -> Result<http::request::Builder, Refused> {
        let mut uri = [self.scheme, "://"].concat().into_bytes();
        self.authority.fill(values, &mut uri)?;
        uri.extend_from_slice(target);
        let mut message = http::Request::builder()
            .version(http::Version::HTTP_2)
            .method(blank.method.as_str())
            .uri(uri.as_slice());
        let mut text = Vec::new();
        for (name, value) in &self.headers {
            text.clear();
            value.fill(values, &mut text)?;
            message = message.header(name, text.as_slice());
        }
        if !cookies.is_empty() {
            message = message.header("Cookie", cookies);
        }
        Ok(message)
    }
}

impl From<Unfit> for Refused {
    fn from(_: Unfit) -> Self {
        Self::Unfit
    }
}

fn field(fields: &mut Pattern, name: &str, value: &Pattern) {
    fields.push(name.as_bytes());
    fields.push(b": ");
    fields.append(value);
    fields.push(b"\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use dyno_scenario::Template;

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
                let address = Address::plain(([127, 0, 0, 1], 1).into(), "h:1".to_owned());
                let blank = Blank::new(&request, &address, keepalive, &Stock::default());
                let seen = blank.unwrap().as_fixed().unwrap().unwrap();
                let seen = String::from_utf8(seen.bytes).unwrap();
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
