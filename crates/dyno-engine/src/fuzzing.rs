//! What must hold for whatever a server sends. The fuzz targets in `fuzz/` call
//! these checks through the feature `fuzzing`; the tests replay the corpus
//! through the same ones. Each check panics when something does not hold.

mod fields;
mod reference;
mod timing;

use dyno_result::FailureKind;
use dyno_scenario::{Check as Asked, StatusRange};

use crate::answer::{Answer, FIELDS, Familiar, HEAD_LIMIT, Progress, framing_of};
use crate::check::Check;
use crate::server_timing;
use fields::Fields;
pub(crate) use fields::Framing;
use reference::{Ending, Reading, read};

/// Bytewise is slow for long heads: each byte parses the head again.
const BYTEWISE: usize = 512;

/// `data` is what a server sends before it closes the connection. The answer
/// parser must come to the verdict of the reference reader, in one piece, byte
/// by byte, and in pieces of mixed sizes; after GET and after HEAD.
///
/// The limits of a head and of chunk extensions have tests beside their code:
/// longer inputs are ignored.
pub fn answer(data: &[u8]) {
    if data.len() >= HEAD_LIMIT {
        return;
    }
    // Used for one answer after the other, as a connection does.
    let (mut answer, mut familiar) = (Answer::new(), Familiar::default());
    for head_request in [false, true] {
        let reading = read(data, head_request);
        let mut play = |pieces: &mut dyn Iterator<Item = usize>| {
            answer.expect(head_request);
            compare(data, &reading, (&mut answer, &mut familiar), pieces);
        };
        play(&mut std::iter::once(data.len()));
        if data.len() <= BYTEWISE {
            play(&mut std::iter::repeat(1));
        }
        let mut random = fastrand::Rng::with_seed(digest(data));
        play(&mut std::iter::repeat_with(|| {
            let most = random.usize(1..=256);
            random.usize(1..=most)
        }));
    }
}

/// `data` is the fields of a head, a line each. Where the body ends and whether
/// the connection can be used again must be what the lists of the fields say.
///
/// So must the durations of Server-Timing, which every field tells for itself.
pub fn header(data: &[u8]) {
    if data.len() >= HEAD_LIMIT / 2 {
        return;
    }
    for (version, status) in [(1, 200), (0, 200), (1, 204), (1, 304)] {
        for head_request in [false, true] {
            let mut head = format!("HTTP/1.{version} {status} OK\r\n").into_bytes();
            head.extend_from_slice(data);
            head.extend_from_slice(b"\r\n\r\n");
            let seen = framing_of(&head, head_request);
            let expected = match reference::head(&head, head_request) {
                reference::Head::Whole(head) => Ok(Some((head.framing, head.reusable))),
                reference::Head::Cut => Ok(None),
                reference::Head::Broken(kind) => Err(kind),
            };
            assert_eq!(seen, expected, "{}", head.escape_ascii());
            durations(&head);
        }
    }
}

/// Compares what is read of Server-Timing in a head, if it is one.
fn durations(head: &[u8]) {
    let mut fields = [httparse::EMPTY_HEADER; FIELDS];
    let mut response = httparse::Response::new(&mut fields);
    let Ok(httparse::Status::Complete(bytes)) = response.parse(head) else {
        return;
    };
    let named = Fields(response.headers);
    let values = named.values(server_timing::FIELD);
    let expected: Vec<timing::Metric> = values.flat_map(timing::metrics).collect();
    let mut lines = Vec::new();
    server_timing::collect(&head[..bytes], &mut lines);
    let seen = server_timing::durations(&lines);
    let seen: Vec<timing::Metric> = seen.map(|(name, ns)| (name.to_vec(), ns)).collect();
    assert_eq!(seen, expected, "{}", head.escape_ascii());
}

/// Feeds `data` in pieces of the given lengths (at least 1) and compares each
/// step with what the reference says of the whole.
fn compare(
    data: &[u8],
    reading: &Reading,
    (answer, familiar): (&mut Answer, &mut Familiar),
    pieces: &mut dyn Iterator<Item = usize>,
) {
    let (low, high) = (reading.status, reading.status);
    let check = Check::new(&[
        Asked::Status(vec![StatusRange { low, high }]),
        Asked::BodyEquals(reading.body.clone()),
    ]);
    let mut verifier = check.verifier();
    let mut rest = data;
    let mut seen = Ok(Progress::More);
    while let (Ok(Progress::More), false) = (seen, rest.is_empty()) {
        let (piece, behind) = rest.split_at(pieces.next().map_or(0, |n| n.min(rest.len())));
        seen = answer.feed(piece, familiar, &mut verifier);
        rest = behind;
    }
    let fed = data.len() - rest.len();
    if seen == Ok(Progress::More) {
        seen = answer.end();
    }
    let expected = match reading.ending {
        // Bytes behind the answer are noticed only when they come with its end.
        Ending::Delimited { end, .. } if fed > end => Err(FailureKind::HttpExtraBytes),
        Ending::Delimited { reusable: true, .. } => Ok(Progress::Reusable),
        Ending::Delimited { .. } | Ending::UntilClose => Ok(Progress::Last),
        Ending::Cut => Err(FailureKind::ReceiveEndEarly),
        Ending::Broken(kind) => Err(kind),
    };
    let text = data.escape_ascii();
    assert_eq!(seen, expected, "{text}");
    assert_eq!(answer.status, reading.status, "{text}");
    assert_eq!(answer.body_bytes, reading.body.len() as u64, "{text}");
    assert_eq!(verifier.verdict(), Ok(()), "other body bytes: {text}");
}

/// A number of the data, so that a case means the same cuts each time (FNV-1a).
fn digest(data: &[u8]) -> u64 {
    data.iter().fold(0xcbf2_9ce4_8422_2325, |digest, byte| {
        (digest ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    /// Runs every file of `fuzz/corpus/NAME` through the check of that target.
    fn replay(name: &str, check: fn(&[u8])) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus");
        let mut files = 0;
        for entry in fs::read_dir(folder.join(name)).unwrap() {
            check(&fs::read(entry.unwrap().path()).unwrap());
            files += 1;
        }
        assert!(files > 10, "the corpus of {name} has {files} files");
    }

    #[test]
    fn the_corpus_of_answers_holds() {
        replay("answer", super::answer);
    }

    #[test]
    fn the_corpus_of_headers_holds() {
        replay("header", super::header);
    }
}
