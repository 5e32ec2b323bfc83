//! Answers in pieces of every size: framing as RFC 9112 has it.

use dyno_result::FailureKind::{
    self, HttpExtraBytes, HttpHeadTooLarge, HttpMalformed, HttpUpgrade, ReceiveEndEarly,
};
use proptest::prelude::*;

use super::*;
use crate::check::Check;

type Seen = Result<(u16, u64, Progress), FailureKind>;

/// Feeds `text` in pieces, then the end of the connection if it is needed.
fn play(text: &[u8], piece: usize, head_request: bool) -> Seen {
    let check = Check::new(&[]);
    let mut verifier = check.verifier();
    let mut answer = Answer::new();
    answer.expect(head_request);
    for bytes in text.chunks(piece.max(1)) {
        match answer.feed(bytes, &mut Familiar::default(), &mut verifier)? {
            Progress::More => {}
            done => return Ok((answer.status, answer.body_bytes, done)),
        }
    }
    let done = answer.end()?;
    Ok((answer.status, answer.body_bytes, done))
}

fn check(text: &str, expected: Seen) {
    for piece in 1..=text.len() {
        let seen = play(text.as_bytes(), piece, false);
        // Bytes behind the answer are seen only when they come with it.
        if expected == Err(HttpExtraBytes) && piece < text.len() {
            continue;
        }
        assert_eq!(seen, expected, "{text:?} in pieces of {piece}");
    }
}

#[test]
fn bodies_by_length() {
    check(
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        Ok((200, 5, Progress::Reusable)),
    );
    check(
        "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
        Ok((200, 0, Progress::Reusable)),
    );
    check(
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na",
        Ok((200, 1, Progress::Reusable)),
    );
    check(
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel",
        Err(ReceiveEndEarly),
    );
    check(
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        Err(HttpMalformed),
    );
    check(
        "HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\na",
        Err(HttpMalformed),
    );
    check(
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nab",
        Err(HttpExtraBytes),
    );
}

#[test]
fn bodies_by_chunks_and_until_close() {
    check(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        Ok((200, 3, Progress::Reusable)),
    );
    check(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n1;x=y\r\na\r\n0\r\nT: 1\r\n\r\n",
        Ok((200, 1, Progress::Reusable)),
    );
    // A transfer coding overrides a length.
    check(
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
        Ok((200, 1, Progress::Reusable)),
    );
    // Empty elements of a list do not count.
    for coding in ["chunked, ", ",chunked,,", "chunked\r\nTransfer-Encoding: "] {
        let text =
            format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: {coding}\r\n\r\n1\r\na\r\n0\r\n\r\n");
        check(&text, Ok((200, 1, Progress::Reusable)));
    }
    check(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcX",
        Err(HttpMalformed),
    );
    check(
        "HTTP/1.1 200 OK\r\n\r\nto the end",
        Ok((200, 10, Progress::Last)),
    );
    check(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nabc",
        Ok((200, 3, Progress::Last)),
    );
}

#[test]
fn answers_without_a_body() {
    check(
        "HTTP/1.1 204 No Content\r\n\r\n",
        Ok((204, 0, Progress::Reusable)),
    );
    check(
        "HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n",
        Ok((304, 0, Progress::Reusable)),
    );
    let head = b"HTTP/1.1 200 OK\r\nContent-Length: 700\r\n\r\n";
    assert_eq!(play(head, 7, true), Ok((200, 0, Progress::Reusable)));
}

#[test]
fn interim_answers_are_skipped() {
    check(
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
        Ok((200, 2, Progress::Reusable)),
    );
    check("HTTP/1.1 101 Switching Protocols\r\n\r\n", Err(HttpUpgrade));
}

#[test]
fn when_a_connection_may_be_used_again() {
    let cases = [
        ("HTTP/1.1", "", Progress::Reusable),
        ("HTTP/1.1", "Connection: close\r\n", Progress::Last),
        ("HTTP/1.1", "Connection: x, Close\r\n", Progress::Last),
        ("HTTP/1.0", "", Progress::Last),
        ("HTTP/1.0", "Connection: keep-alive\r\n", Progress::Reusable),
        (
            "HTTP/1.0",
            "Connection: keep-alive\r\nTransfer-Encoding: gzip\r\n",
            Progress::Last,
        ),
    ];
    for (version, field, expected) in cases {
        let text = format!("{version} 200 OK\r\n{field}Content-Length: 1\r\n\r\na");
        check(&text, Ok((200, 1, expected)));
    }
    // HTTP/1.0 knows no transfer codings: the body is read, the connection left.
    check(
        "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
        Ok((200, 1, Progress::Last)),
    );
}

#[test]
fn what_is_not_http() {
    check("SSH-2.0-OpenSSH\r\n", Err(HttpMalformed));
    check("HTTP/1.1 2x0 OK\r\n\r\n", Err(HttpMalformed));
    check("HTTP/1.1 099 OK\r\n\r\n", Err(HttpMalformed));
    check("", Err(ReceiveEndEarly));
    let fields = "X: y\r\n".repeat(FIELDS + 1);
    let text = format!("HTTP/1.1 200 OK\r\n{fields}\r\n");
    assert_eq!(
        play(text.as_bytes(), text.len(), false),
        Err(HttpHeadTooLarge)
    );
    let endless = format!("HTTP/1.1 200 OK\r\nX: {}", "y".repeat(HEAD_LIMIT));
    assert_eq!(play(endless.as_bytes(), 4096, false), Err(HttpHeadTooLarge));
    // Too long is too long, in however many pieces it comes.
    let long = format!("{endless}\r\nContent-Length: 0\r\n\r\n");
    for piece in [1024, HEAD_LIMIT - 1, HEAD_LIMIT, HEAD_LIMIT + 9, long.len()] {
        let seen = play(long.as_bytes(), piece, false);
        assert_eq!(seen, Err(HttpHeadTooLarge), "in pieces of {piece}");
    }
}

proptest! {
    /// Whatever comes, in whatever pieces: no panic, and the same verdict.
    #[test]
    fn pieces_do_not_change_the_verdict(
        tail in "[\\x20-\\x7e\r\n]{0,80}",
        framing in prop::sample::select(vec!["Content-Length: 9\r\n", "Transfer-Encoding: chunked\r\n", "", "Connection: close\r\n"]),
        piece in 1usize..40,
    ) {
        let text = format!("HTTP/1.1 200 OK\r\n{framing}\r\n{tail}");
        let whole = play(text.as_bytes(), text.len(), false);
        let pieces = play(text.as_bytes(), piece, false);
        if whole != Err(HttpExtraBytes) {
            prop_assert_eq!(whole, pieces);
        }
    }
}

/// A reader that has read other answers before says the same as a new one.
#[test]
fn a_familiar_head_means_what_it_meant() {
    let texts: [&[u8]; 7] = [
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno",
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nyes",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nb\r\n0\r\n\r\n",
        b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 204 No Content\r\n\r\n",
    ];
    let mut used = (Answer::new(), Familiar::default());
    let check = Check::new(&[]);
    for text in texts.iter().chain(&texts).chain(texts.iter().rev()) {
        for bodiless in [false, true, false] {
            let read = |(answer, familiar): &mut (Answer, Familiar)| {
                answer.expect(bodiless);
                let progress = answer.feed(text, familiar, &mut check.verifier());
                (progress, answer.status, answer.body_bytes)
            };
            let fresh = read(&mut (Answer::new(), Familiar::default()));
            assert_eq!(read(&mut used), fresh);
        }
    }
}
