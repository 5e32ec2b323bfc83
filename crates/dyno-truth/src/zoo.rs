//! Answers that are wrong on purpose, and right ones in every framing that
//! RFC 9112 allows. The path names the animal.

use std::collections::VecDeque;

/// An answer as it goes over the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    /// Written one by one.
    pub(crate) pieces: VecDeque<Vec<u8>>,
    /// Pause between pieces and before the end, ns: keeps segments apart.
    pub(crate) gap_ns: u64,
    /// What becomes of the connection.
    pub(crate) end: End,
}

/// What becomes of a connection after an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Keep,
    Close,
    /// RST.
    Reset,
}

impl Answer {
    /// All at once.
    pub(crate) fn whole(bytes: Vec<u8>, end: End) -> Self {
        Self {
            pieces: VecDeque::from([bytes]),
            gap_ns: 0,
            end,
        }
    }

    /// Tells a client of HTTP/1.0 that its connection is kept.
    pub(crate) fn tell_kept(&mut self) {
        const LINE: &[u8] = b"\r\nConnection: keep-alive";
        let Some(head) = self.pieces.front_mut() else {
            return;
        };
        if let Some(at) = head.windows(2).position(|two| two == b"\r\n") {
            head.splice(at..at, LINE.iter().copied());
        }
    }

    fn text(text: &str, end: End) -> Self {
        Self::whole(text.as_bytes().to_vec(), end)
    }

    fn pieces<'a>(pieces: impl IntoIterator<Item = &'a [u8]>, gap_ns: u64, end: End) -> Self {
        let pieces = pieces.into_iter().map(<[u8]>::to_vec).collect();
        Self {
            pieces,
            gap_ns,
            end,
        }
    }
}

/// Long enough for the other side to read what came before.
const APART_NS: u64 = 2_000_000;
/// Between single bytes.
const BYTE_NS: u64 = 50_000;
/// Body of `/framing/large`.
const LARGE_BYTES: usize = 10_000_000;

/// The answer called `path`; `is_head` if the method was HEAD. `None` for an
/// animal that is not known.
pub(crate) fn answer(path: &str, is_head: bool) -> Option<Answer> {
    const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    const HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n";
    const CHUNKED: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let text = Answer::text;
    let chunked = |rest: &str| text(&format!("{CHUNKED}{rest}"), End::Keep);
    Some(match path {
        // Faults.
        "/fault/reset-before-head" => text("", End::Reset),
        "/fault/reset-in-head" => apart(b"HTTP/1.1 200 OK\r\nContent-Le", End::Reset),
        "/fault/reset-after-head" => apart(HEAD.as_bytes(), End::Reset),
        "/fault/end-before-head" => text("", End::Close),
        "/fault/end-in-head" => text("HTTP/1.1 200 OK\r\nContent-Le", End::Close),
        "/fault/end-in-body" => text(
            "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf",
            End::Close,
        ),
        "/fault/end-in-chunk" => text(&format!("{CHUNKED}9\r\nhalf"), End::Close),
        "/fault/garbage" => text("\u{1}\u{2}\u{3} not http\r\n\r\n", End::Close),
        "/fault/large-head" => {
            let field = format!("X: {}\r\n", "x".repeat(1000));
            text(
                &format!("HTTP/1.1 200 OK\r\n{}\r\n", field.repeat(200)),
                End::Close,
            )
        }
        "/fault/many-fields" => {
            let fields: String = (0..200).map(|n| format!("X-{n}: x\r\n")).collect();
            text(&format!("HTTP/1.1 200 OK\r\n{fields}\r\n"), End::Close)
        }
        "/fault/two-lengths" => text(
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok",
            End::Close,
        ),
        "/fault/length-too-small" => text(&format!("{OK}k"), End::Close),
        "/fault/bad-chunk" => text(&format!("{CHUNKED}zz\r\nok\r\n0\r\n\r\n"), End::Close),
        "/fault/two-answers" => text(&format!("{OK}{OK}"), End::Keep),
        "/fault/idle-close" => text(OK, End::Close),
        "/fault/404" => text(
            "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
            End::Keep,
        ),
        "/fault/500" => text("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n", End::Keep),
        "/fault/upgrade" => text(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n",
            End::Close,
        ),
        // Right answers with the body `ok`, unless the name says otherwise.
        "/framing/head" if is_head => text(HEAD, End::Keep),
        "/framing/head" => text(OK, End::Keep),
        "/framing/bytewise" => Answer::pieces(OK.as_bytes().chunks(1), BYTE_NS, End::Keep),
        "/framing/chunks-bytewise" => {
            let bytes = format!("{CHUNKED}1\r\no\r\n1\r\nk\r\n0\r\nT: x\r\n\r\n");
            Answer::pieces(bytes.as_bytes().chunks(1), BYTE_NS, End::Keep)
        }
        "/framing/split-line-ends" => Answer::pieces(
            OK.as_bytes().split_inclusive(|byte| *byte == b'\r'),
            APART_NS,
            End::Keep,
        ),
        "/framing/chunk-extensions" => chunked("1;a=b\r\no\r\n1 ; c=\"d\"\r\nk\r\n0;e\r\n\r\n"),
        "/framing/trailers" => chunked("2\r\nok\r\n0\r\nExpires: never\r\nX: y\r\n\r\n"),
        "/framing/leading-zeros" => chunked("0002\r\nok\r\n000\r\n\r\n"),
        "/framing/interim" => text(
            &format!("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n{OK}"),
            End::Keep,
        ),
        "/framing/interim-apart" => Answer::pieces(
            [
                b"HTTP/1.1 102 Processing\r\n\r\n".as_slice(),
                b"HTTP/1.1 103 Early Hints\r\n\r\n",
                OK.as_bytes(),
            ],
            APART_NS,
            End::Keep,
        ),
        "/framing/204" => text("HTTP/1.1 204 No Content\r\n\r\n", End::Keep),
        "/framing/304" => text(
            "HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n",
            End::Keep,
        ),
        "/framing/until-close" => text("HTTP/1.1 200 OK\r\n\r\nok", End::Close),
        "/framing/http-1.0" => text("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", End::Close),
        "/framing/large" => {
            let mut bytes =
                format!("HTTP/1.1 200 OK\r\nContent-Length: {LARGE_BYTES}\r\n\r\n").into_bytes();
            bytes.resize(bytes.len() + LARGE_BYTES, b'x');
            Answer::whole(bytes, End::Keep)
        }
        _ => return None,
    })
}

/// One piece, a pause, the end.
fn apart(bytes: &[u8], end: End) -> Answer {
    Answer::pieces([bytes], APART_NS, end)
}
