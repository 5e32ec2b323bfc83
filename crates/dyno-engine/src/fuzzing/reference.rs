//! A second reading of answers, written to be obvious: the whole text at once,
//! no state between calls. Heads are split by `httparse`, the rest is its own.

use dyno_result::FailureKind;

use super::fields::{Fields, Framing};
use crate::answer::{FIELDS, HEAD_LIMIT};

/// What a whole text says.
#[derive(Debug)]
pub(super) struct Reading {
    /// Status of the final answer, 0 if its head is not there.
    pub(super) status: u16,
    /// Body bytes before the end, wherever that is.
    pub(super) body: Vec<u8>,
    pub(super) ending: Ending,
}

#[derive(Debug)]
pub(super) enum Ending {
    /// The answer says where it ends: before this byte.
    Delimited { end: usize, reusable: bool },
    /// The close of the connection ends it.
    UntilClose,
    /// The text stops in mid-answer.
    Cut,
    /// Not an answer that dyno accepts.
    Broken(FailureKind),
}

/// A head at the beginning of a text.
pub(super) enum Head {
    Whole(Whole),
    Cut,
    Broken(FailureKind),
}

pub(super) struct Whole {
    pub(super) bytes: usize,
    pub(super) status: u16,
    pub(super) framing: Framing,
    pub(super) reusable: bool,
}

/// Reads the answer at the beginning of `text`, which is all there will be.
pub(super) fn read(text: &[u8], head_request: bool) -> Reading {
    let mut reading = Reading {
        status: 0,
        body: Vec::new(),
        ending: Ending::Cut,
    };
    let mut at = 0;
    reading.ending = loop {
        match head(&text[at..], head_request) {
            Head::Cut => break Ending::Cut,
            Head::Broken(kind) => break Ending::Broken(kind),
            Head::Whole(head) => {
                at += head.bytes;
                if head.status >= 200 {
                    reading.status = head.status;
                    break body(text, at, &head, &mut reading.body);
                }
            }
        }
    };
    reading
}

/// Reads one head, of an interim or a final answer.
pub(super) fn head(text: &[u8], head_request: bool) -> Head {
    let mut fields = [httparse::EMPTY_HEADER; FIELDS];
    let mut response = httparse::Response::new(&mut fields);
    let bytes = match response.parse(text) {
        Ok(httparse::Status::Complete(bytes)) if bytes <= HEAD_LIMIT => bytes,
        Ok(httparse::Status::Partial) if text.len() < HEAD_LIMIT => return Head::Cut,
        Ok(_) | Err(httparse::Error::TooManyHeaders) => {
            return Head::Broken(FailureKind::HttpHeadTooLarge);
        }
        Err(_) => return Head::Broken(FailureKind::HttpMalformed),
    };
    let status = response.code.unwrap_or_default();
    let empty = match status {
        0..100 => return Head::Broken(FailureKind::HttpMalformed),
        101 => return Head::Broken(FailureKind::HttpUpgrade),
        100..200 | 204 | 304 => true,
        _ => head_request,
    };
    match Fields(response.headers).framing(response.version == Some(0), empty) {
        Err(kind) => Head::Broken(kind),
        Ok((framing, reusable)) => Head::Whole(Whole {
            bytes,
            status,
            framing,
            reusable,
        }),
    }
}

/// Reads the body that begins at byte `at`.
fn body(text: &[u8], at: usize, head: &Whole, body: &mut Vec<u8>) -> Ending {
    let rest = &text[at..];
    let reusable = head.reusable;
    match head.framing {
        Framing::UntilClose => {
            body.extend_from_slice(rest);
            Ending::UntilClose
        }
        Framing::Length(length) if length > rest.len() as u64 => {
            body.extend_from_slice(rest);
            Ending::Cut
        }
        Framing::Length(length) => {
            let length = usize::try_from(length).unwrap_or(rest.len());
            body.extend_from_slice(&rest[..length]);
            let end = at + length;
            Ending::Delimited { end, reusable }
        }
        Framing::Chunked => match (Chunks { text: rest, at: 0 }.read(body)) {
            Ok(used) => Ending::Delimited {
                end: at + used,
                reusable,
            },
            Err(ending) => ending,
        },
    }
}

/// A chunked body (RFC 9112, section 7.1): CR LF only, sizes of up to 16 digits,
/// white space before an extension, extensions and trailers skipped unread.
struct Chunks<'a> {
    text: &'a [u8],
    at: usize,
}

const BROKEN: Ending = Ending::Broken(FailureKind::HttpMalformed);

impl Chunks<'_> {
    /// Returns how many bytes the body takes.
    fn read(mut self, body: &mut Vec<u8>) -> Result<usize, Ending> {
        loop {
            let size = self.size()?;
            if size == 0 {
                while !self.trailer_line()?.is_empty() {}
                return Ok(self.at);
            }
            for _ in 0..size {
                body.push(self.byte()?);
            }
            self.expect(b'\r')?;
            self.expect(b'\n')?;
        }
    }

    fn size(&mut self) -> Result<u64, Ending> {
        let digits = self.run(|byte| byte.is_ascii_hexdigit(), 16);
        let digits = std::str::from_utf8(digits).unwrap_or_default();
        if digits.is_empty() {
            return self.byte().and(Err(BROKEN));
        }
        let size = u64::from_str_radix(digits, 16).map_err(|_| BROKEN)?;
        self.run(|byte| b" \t".contains(&byte), usize::MAX);
        match self.byte()? {
            b';' => {
                self.run(|byte| !b"\r\n".contains(&byte), usize::MAX);
                self.expect(b'\r')?;
            }
            b'\r' => {}
            _ => return Err(BROKEN),
        }
        self.expect(b'\n')?;
        Ok(size)
    }

    fn trailer_line(&mut self) -> Result<&[u8], Ending> {
        let begin = self.at;
        self.run(|byte| !b"\r\n".contains(&byte), usize::MAX);
        let end = self.at;
        self.expect(b'\r')?;
        self.expect(b'\n')?;
        Ok(&self.text[begin..end])
    }

    /// The bytes for which `good` holds, `most` of them.
    fn run(&mut self, good: impl Fn(u8) -> bool, most: usize) -> &[u8] {
        let rest = &self.text[self.at..];
        let length = rest.iter().take(most).take_while(|byte| good(**byte));
        let length = length.count();
        self.at += length;
        &rest[..length]
    }

    fn byte(&mut self) -> Result<u8, Ending> {
        let byte = self.text.get(self.at).copied().ok_or(Ending::Cut)?;
        self.at += 1;
        Ok(byte)
    }

    fn expect(&mut self, byte: u8) -> Result<(), Ending> {
        if self.byte()? == byte {
            Ok(())
        } else {
            Err(BROKEN)
        }
    }
}
