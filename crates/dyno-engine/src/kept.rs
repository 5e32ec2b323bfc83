//! What is kept of an answer for those who look at all of it, in buffers that are
//! used again.

/// Longest body that is kept, bytes. Of a longer one nothing can be said.
pub(crate) const BODY_LIMIT: usize = 64 * 1024 * 1024;

/// Which parts are kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Keep {
    /// Status line and fields.
    pub(crate) head: bool,
    /// So many bytes of the body, decoded.
    pub(crate) body: usize,
}

impl Keep {
    /// Whether there is enough for somebody to look at.
    pub(crate) fn is_all(&self) -> bool {
        self.head && self.body > 0
    }
}

/// The kept parts of one answer.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    pub(crate) keep: Keep,
    /// With the empty line behind it.
    pub(crate) head: Vec<u8>,
    pub(crate) body: Vec<u8>,
    /// There was more of the body than was to be kept.
    pub(crate) is_cut: bool,
}

impl Kept {
    pub(crate) fn clear(&mut self) {
        self.head.clear();
        self.body.clear();
        self.is_cut = false;
    }

    /// The head of the final answer.
    pub(crate) fn head(&mut self, head: &[u8]) {
        if self.keep.head {
            self.head.clear();
            self.head.extend_from_slice(head);
        }
    }

    /// The next bytes of the body.
    pub(crate) fn body(&mut self, part: &[u8]) {
        let room = self.keep.body - self.body.len().min(self.keep.body);
        self.is_cut |= part.len() > room;
        self.body.extend_from_slice(&part[..part.len().min(room)]);
    }

    /// Names and values of the fields, in order.
    pub(crate) fn fields(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        fields(&self.head)
    }

    /// The values of the fields of this name, which is in lower case.
    pub(crate) fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        let named = |field: &(&[u8], &[u8])| field.0.eq_ignore_ascii_case(name.as_bytes());
        self.fields().filter(named).map(|(_, value)| value)
    }
}

/// Names and values in a head that was parsed before.
pub(crate) fn fields(head: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let lines = head.split(|byte| *byte == b'\n').skip(1);
    lines.filter_map(|line| {
        let colon = line.iter().position(|byte| *byte == b':')?;
        Some((&line[..colon], line[colon + 1..].trim_ascii()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_by_their_names() {
        let mut kept = Kept {
            keep: Keep {
                head: true,
                body: 5,
            },
            ..Kept::default()
        };
        kept.head(b"HTTP/1.1 200 OK\r\nA: 1\r\nx-b:\t 2:3 \r\nX-B: \r\na:4\r\n\r\n");
        let values = |name| kept.values(name).collect::<Vec<_>>();
        assert_eq!(values("a"), [b"1", b"4"]);
        assert_eq!(values("x-b"), [&b"2:3"[..], b""]);
        assert_eq!(values("http/1.1 200 ok"), [b""; 0]);
        assert_eq!(kept.fields().count(), 4);
    }

    #[test]
    fn no_more_of_a_body_is_kept_than_was_asked_for() {
        let mut kept = Kept::default();
        kept.keep.body = 5;
        for _ in 0..2 {
            kept.clear();
            kept.body(b"abc");
            assert!(!kept.is_cut);
            kept.body(b"def");
            kept.body(b"g");
            assert_eq!((kept.body.as_slice(), kept.is_cut), (&b"abcde"[..], true));
        }
    }
}
