//! One HTTP/1.x answer (RFC 9112), read in whatever pieces the socket gives.
//!
//! Pure: bytes in, progress out. What counts as a right answer is left to
//! `check.rs`, the socket to `connection.rs`.

use std::mem::MaybeUninit;

use dyno_result::FailureKind;

use crate::check::Verifier;
use crate::chunked::Chunked;
use crate::server_timing;

/// Most fields in a head.
pub(crate) const FIELDS: usize = 64;
/// Longest head, bytes.
pub(crate) const HEAD_LIMIT: usize = 64 * 1024;
/// Longest head that is remembered, bytes.
const FAMILIAR: usize = 2048;

/// How far an answer has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    /// More bytes are needed.
    More,
    /// Complete; the connection can be used again.
    Reusable,
    /// Complete; the connection must be closed.
    Last,
}

/// A decoder of answers, one at a time; reused without allocation.
#[derive(Debug)]
pub(crate) struct Answer {
    state: State,
    /// The beginning of a head that came in pieces.
    partial: Vec<u8>,
    /// The request was HEAD: no body whatever the head says.
    bodiless: bool,
    reusable: bool,
    /// Status of the final answer, 0 before its head.
    pub(crate) status: u16,
    /// Body bytes so far, framing removed.
    pub(crate) body_bytes: u64,
    /// Its Server-Timing fields, a line each; without any, empty.
    pub(crate) timing: Vec<u8>,
}

#[derive(Debug, Clone)]
enum State {
    Head,
    Length(u64),
    Chunked(Chunked),
    UntilClose,
    Complete,
}

#[derive(Debug, Clone)]
struct Head {
    bytes: usize,
    status: u16,
    framing: State,
    reusable: bool,
    /// There is a Server-Timing field.
    timed: bool,
}

impl Answer {
    pub(crate) fn new() -> Self {
        Self {
            state: State::Head,
            partial: Vec::with_capacity(4096),
            bodiless: false,
            reusable: false,
            status: 0,
            body_bytes: 0,
            timing: Vec::new(),
        }
    }

    /// Prepares for the answer to the next request.
    pub(crate) fn expect(&mut self, head_request: bool) {
        self.state = State::Head;
        self.partial.clear();
        self.bodiless = head_request;
        self.status = 0;
        self.body_bytes = 0;
        self.timing.clear();
    }

    /// Takes the next bytes of the connection. `familiar` is shared with other
    /// connections to the same server.
    pub(crate) fn feed(
        &mut self,
        mut bytes: &[u8],
        familiar: &mut Familiar,
        verifier: &mut Verifier<'_>,
    ) -> Result<Progress, FailureKind> {
        while matches!(self.state, State::Head) {
            if self.partial.is_empty() {
                let Some(head) = familiar.parse(bytes, self.bodiless)? else {
                    self.partial.extend_from_slice(bytes);
                    return Ok(Progress::More);
                };
                let (text, rest) = bytes.split_at(head.bytes);
                bytes = rest;
                self.begin(head, text, verifier);
            } else {
                let before = self.partial.len();
                self.partial.extend_from_slice(bytes);
                let Some(head) = parse_head(&self.partial, self.bodiless)? else {
                    return Ok(Progress::More);
                };
                bytes = &bytes[head.bytes - before..];
                let text = std::mem::take(&mut self.partial);
                self.begin(head, &text[..], verifier);
                self.partial = text;
                self.partial.clear();
            }
            if bytes.is_empty() && matches!(self.state, State::Head) {
                return Ok(Progress::More);
            }
        }
        let used = self.body(bytes, verifier)?;
        if !self.is_complete() {
            return Ok(Progress::More);
        }
        if used < bytes.len() {
            return Err(FailureKind::HttpExtraBytes);
        }
        self.state = State::Complete;
        Ok(if self.reusable {
            Progress::Reusable
        } else {
            Progress::Last
        })
    }

    /// The connection was closed: complete only if that is how the body ends.
    pub(crate) fn end(&self) -> Result<Progress, FailureKind> {
        match self.state {
            State::UntilClose => Ok(Progress::Last),
            _ => Err(FailureKind::ReceiveEndEarly),
        }
    }

    fn begin(&mut self, head: Head, text: &[u8], verifier: &mut Verifier<'_>) {
        // An interim answer (1xx) leaves the state at `Head` for the final one.
        if head.status >= 200 {
            self.status = head.status;
            self.state = head.framing;
            self.reusable = head.reusable;
            verifier.status(head.status);
            verifier.head(&text[..head.bytes]);
            if head.timed {
                server_timing::collect(&text[..head.bytes], &mut self.timing);
            }
        }
    }

    fn body(&mut self, bytes: &[u8], verifier: &mut Verifier<'_>) -> Result<usize, FailureKind> {
        let body_bytes = &mut self.body_bytes;
        let mut take = |part: &[u8]| {
            *body_bytes += part.len() as u64;
            verifier.body(part);
        };
        match &mut self.state {
            State::Length(left) => {
                let used = usize::try_from(*left).map_or(bytes.len(), |left| left.min(bytes.len()));
                take(&bytes[..used]);
                *left -= used as u64;
                Ok(used)
            }
            State::Chunked(chunked) => chunked
                .decode(bytes, take)
                .map_err(|_| FailureKind::HttpMalformed),
            State::UntilClose => {
                take(bytes);
                Ok(bytes.len())
            }
            State::Head | State::Complete => Ok(0),
        }
    }

    fn is_complete(&self) -> bool {
        match &self.state {
            State::Length(left) => *left == 0,
            State::Chunked(chunked) => chunked.is_done(),
            State::UntilClose | State::Head => false,
            State::Complete => true,
        }
    }
}

/// The last head and what it means: most servers send the same one until the
/// second changes. The meaning of a head follows from its bytes alone, so equal
/// bytes need not be parsed again, which took half of the time that dyno spent
/// outside the kernel.
#[derive(Debug, Default)]
pub(crate) struct Familiar {
    bytes: Vec<u8>,
    bodiless: bool,
    head: Option<Head>,
}

impl Familiar {
    /// As [`parse_head`].
    fn parse(&mut self, bytes: &[u8], bodiless: bool) -> Result<Option<Head>, FailureKind> {
        if let Some(head) = &self.head
            && self.bodiless == bodiless
            && bytes.starts_with(&self.bytes)
        {
            return Ok(Some(head.clone()));
        }
        let head = parse_head(bytes, bodiless)?;
        if let Some(head) = &head
            && head.bytes <= FAMILIAR
            // With durations it hardly comes twice.
            && !head.timed
        {
            self.bytes.clear();
            self.bytes.extend_from_slice(&bytes[..head.bytes]);
            self.bodiless = bodiless;
            self.head = Some(head.clone());
        }
        Ok(head)
    }
}

/// How the body behind a head ends, and whether the connection can be used again
/// afterwards; `None` when the head is not complete yet.
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) fn framing_of(
    bytes: &[u8],
    bodiless: bool,
) -> Result<Option<(crate::fuzzing::Framing, bool)>, FailureKind> {
    use crate::fuzzing::Framing;
    let head = parse_head(bytes, bodiless)?;
    Ok(head.map(|head| {
        let framing = match head.framing {
            State::Length(length) => Framing::Length(length),
            State::Chunked(_) => Framing::Chunked,
            State::Head | State::UntilClose | State::Complete => Framing::UntilClose,
        };
        (framing, head.reusable)
    }))
}

/// `None` when the head is not complete yet.
fn parse_head(bytes: &[u8], bodiless: bool) -> Result<Option<Head>, FailureKind> {
    let mut fields = [const { MaybeUninit::uninit() }; FIELDS];
    let mut response = httparse::Response::new(&mut []);
    let parsed = httparse::ParserConfig::default().parse_response_with_uninit_headers(
        &mut response,
        // A head of any length could come in one piece.
        &bytes[..bytes.len().min(HEAD_LIMIT)],
        &mut fields,
    );
    let length = match parsed {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) if bytes.len() < HEAD_LIMIT => return Ok(None),
        Ok(httparse::Status::Partial) | Err(httparse::Error::TooManyHeaders) => {
            return Err(FailureKind::HttpHeadTooLarge);
        }
        Err(_) => return Err(FailureKind::HttpMalformed),
    };
    let status = response.code.unwrap_or_default();
    if status < 100 {
        return Err(FailureKind::HttpMalformed);
    }
    if status == 101 {
        return Err(FailureKind::HttpUpgrade);
    }
    let mut framing = Fields::default();
    for field in response.headers.iter() {
        framing.note(field.name, field.value)?;
    }
    let http_1_1 = response.version == Some(1);
    let empty = bodiless || status < 200 || status == 204 || status == 304;
    let (state, delimited) = framing.body(empty);
    Ok(Some(Head {
        bytes: length,
        status,
        framing: state,
        reusable: delimited && !framing.close && (http_1_1 || framing.keeps_http_1_0()),
        timed: framing.timed,
    }))
}

/// The fields that say where an answer ends, and whether it tells its times.
#[derive(Default)]
struct Fields {
    length: Option<u64>,
    transfer_encoding: bool,
    chunked: bool,
    close: bool,
    keep_alive: bool,
    timed: bool,
}

impl Fields {
    fn note(&mut self, name: &str, value: &[u8]) -> Result<(), FailureKind> {
        // The length of the name rejects nearly every field at once.
        match name.len() {
            14 if name.eq_ignore_ascii_case("content-length") => {
                let length = std::str::from_utf8(value)
                    .ok()
                    .filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))
                    .and_then(|text| text.parse().ok())
                    .ok_or(FailureKind::HttpMalformed)?;
                if self.length.is_some_and(|other| other != length) {
                    return Err(FailureKind::HttpMalformed);
                }
                self.length = Some(length);
            }
            17 if name.eq_ignore_ascii_case("transfer-encoding") => {
                self.transfer_encoding = true;
                if let Some(coding) = last_element(value) {
                    self.chunked = coding.eq_ignore_ascii_case(b"chunked");
                }
            }
            10 if name.eq_ignore_ascii_case("connection") => {
                for token in value.split(|byte| *byte == b',') {
                    let token = token.trim_ascii();
                    self.close |= token.eq_ignore_ascii_case(b"close");
                    self.keep_alive |= token.eq_ignore_ascii_case(b"keep-alive");
                }
            }
            13 => self.timed |= name.eq_ignore_ascii_case(server_timing::FIELD),
            _ => {}
        }
        Ok(())
    }

    /// Whether HTTP/1.0 may keep the connection: it knows no transfer codings, so
    /// with one its framing is in doubt (RFC 9112, section 6.1).
    fn keeps_http_1_0(&self) -> bool {
        self.keep_alive && !self.transfer_encoding
    }

    /// How the body ends, and whether that leaves the connection usable
    /// (RFC 9112, section 6.3; a transfer coding overrides a length).
    fn body(&self, empty: bool) -> (State, bool) {
        if empty {
            (State::Length(0), true)
        } else if self.chunked {
            (State::Chunked(Chunked::new()), true)
        } else if let (false, Some(length)) = (self.transfer_encoding, self.length) {
            (State::Length(length), true)
        } else {
            (State::UntilClose, false)
        }
    }
}

/// The last element of a list; empty ones do not count (RFC 9110, section 5.6.1).
fn last_element(value: &[u8]) -> Option<&[u8]> {
    value
        .rsplit(|byte| *byte == b',')
        .map(<[u8]>::trim_ascii)
        .find(|element| !element.is_empty())
}

#[cfg(test)]
#[path = "answer_tests.rs"]
mod tests;
