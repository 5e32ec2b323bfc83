//! Chunked transfer coding (RFC 9112, section 7.1), one buffer at a time.

/// Where in the coding the next byte stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// In the size, before (`false`) or after its first digit.
    Size {
        digits: u8,
    },
    /// In the white space that some servers pad a size with.
    Padding,
    /// In a chunk extension, skipped to the end of the line.
    Extension,
    /// After the CR of a size line.
    SizeLf,
    /// In the data of a chunk.
    Data,
    /// After the data: CR expected.
    DataCr,
    /// After the CR behind the data.
    DataLf,
    /// At the start of a trailer line (or of the final empty line).
    TrailerStart,
    /// In a trailer line, skipped.
    Trailer,
    /// After the CR of a trailer line.
    TrailerLf,
    /// After the CR of the final empty line.
    EndLf,
    Done,
}

/// A decoder of one chunked body.
#[derive(Debug, Clone)]
pub(crate) struct Chunked {
    state: State,
    /// Bytes of the chunk still to come.
    left: u64,
    /// Bytes of extensions and trailers seen; they are bounded.
    overhead: u32,
}

/// The coding is broken.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct BrokenChunk;

/// More extension and trailer bytes than any real server sends.
const OVERHEAD_LIMIT: u32 = 64 * 1024;

impl Chunked {
    pub(crate) fn new() -> Self {
        Self {
            state: State::Size { digits: 0 },
            left: 0,
            overhead: 0,
        }
    }

    pub(crate) fn is_done(&self) -> bool {
        self.state == State::Done
    }

    /// Decodes `bytes`, hands data to `sink`, and returns how many bytes belong
    /// to this body. Fewer than given means that the body ended there.
    pub(crate) fn decode(
        &mut self,
        bytes: &[u8],
        mut sink: impl FnMut(&[u8]),
    ) -> Result<usize, BrokenChunk> {
        let mut at = 0;
        while at < bytes.len() && self.state != State::Done {
            if self.state == State::Data {
                let rest = &bytes[at..];
                let take =
                    usize::try_from(self.left).map_or(rest.len(), |left| left.min(rest.len()));
                sink(&rest[..take]);
                self.left -= take as u64;
                at += take;
                if self.left == 0 {
                    self.state = State::DataCr;
                }
                continue;
            }
            self.state = self.next(bytes[at])?;
            at += 1;
        }
        Ok(at)
    }

    fn next(&mut self, byte: u8) -> Result<State, BrokenChunk> {
        let skipped = |state: &mut Self, next| {
            state.overhead += 1;
            (state.overhead < OVERHEAD_LIMIT)
                .then_some(next)
                .ok_or(BrokenChunk)
        };
        match (self.state, byte) {
            (State::Size { digits }, _) if byte.is_ascii_hexdigit() && digits < 16 => {
                let digit = char::from(byte).to_digit(16).unwrap_or_default();
                self.left = self.left << 4 | u64::from(digit);
                Ok(State::Size { digits: digits + 1 })
            }
            (State::Size { digits: 1.. }, b'\r') => Ok(State::SizeLf),
            (State::Size { digits: 1.. } | State::Padding, b';') => Ok(State::Extension),
            (State::Size { digits: 1.. } | State::Padding, b' ' | b'\t') => {
                skipped(self, State::Padding)
            }
            (State::Padding, b'\r') => Ok(State::SizeLf),
            (State::Extension, b'\r') => Ok(State::SizeLf),
            (State::Extension, b'\n') => Err(BrokenChunk),
            (State::Extension, _) => skipped(self, State::Extension),
            (State::SizeLf, b'\n') if self.left == 0 => Ok(State::TrailerStart),
            (State::SizeLf, b'\n') => Ok(State::Data),
            (State::DataCr, b'\r') => Ok(State::DataLf),
            (State::DataLf, b'\n') => Ok(State::Size { digits: 0 }),
            (State::TrailerStart, b'\r') => Ok(State::EndLf),
            (State::TrailerStart | State::Trailer, b'\n') => Err(BrokenChunk),
            (State::Trailer, b'\r') => Ok(State::TrailerLf),
            (State::TrailerStart | State::Trailer, _) => skipped(self, State::Trailer),
            (State::TrailerLf, b'\n') => Ok(State::TrailerStart),
            (State::EndLf, b'\n') => Ok(State::Done),
            _ => Err(BrokenChunk),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Decodes in pieces of every size; returns the data and the bytes used.
    fn check(text: &str, expected: Result<(&str, usize), BrokenChunk>) {
        for piece in 1..=text.len() {
            let mut decoder = Chunked::new();
            let mut data = Vec::new();
            let mut used = 0;
            let mut seen = Ok(());
            for bytes in text.as_bytes().chunks(piece) {
                match decoder.decode(bytes, |part| data.extend_from_slice(part)) {
                    Ok(count) => used += count,
                    Err(error) => seen = Err(error),
                }
                if decoder.is_done() || seen.is_err() {
                    break;
                }
            }
            let data = String::from_utf8(data).unwrap();
            let seen = seen.map(|()| (data.as_str(), used));
            match &expected {
                Ok(wanted) => {
                    assert_eq!(seen.as_ref(), Ok(wanted), "{text:?} in pieces of {piece}");
                    assert!(decoder.is_done());
                }
                Err(_) => assert!(seen.is_err() || !decoder.is_done(), "{text:?}"),
            }
        }
    }

    /// Known to be broken without the bytes that would follow.
    fn broken(text: &str) {
        let seen = Chunked::new().decode(text.as_bytes(), |_| ());
        assert_eq!(seen, Err(BrokenChunk), "{text:?}");
    }

    #[test]
    fn bodies_in_pieces_of_every_size() {
        check("0\r\n\r\n", Ok(("", 5)));
        check("5\r\nhello\r\n0\r\n\r\n", Ok(("hello", 15)));
        check("5;a=b\r\nhello\r\n1 \r\n!\r\n0\r\n\r\n", Ok(("hello!", 26)));
        check(
            "A\r\n0123456789\r\n0\r\nX: y\r\nZ: w\r\n\r\n",
            Ok(("0123456789", 32)),
        );
        check("1\r\na\r\n0\r\n\r\nHTTP", Ok(("a", 11)));
        check("\r\n", Err(BrokenChunk));
        check("x\r\n", Err(BrokenChunk));
        check("1\na\n", Err(BrokenChunk));
        check("1\r\nab\r\n", Err(BrokenChunk));
        check("11111111111111111\r\n", Err(BrokenChunk));
        check("5\r\nhel", Err(BrokenChunk));
        check("1 \t;a\r\n!\r\n0\r\n\r\n", Ok(("!", 15)));
        broken("1 1\r\n");
        broken("0\r\nX: y\n");
    }
}
