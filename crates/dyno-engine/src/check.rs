//! Was the answer right? Decided while it streams by, without keeping it.

use dyno_result::FailureKind;
use dyno_scenario::StatusRange;

use crate::kept::Kept;

/// What a right answer to one request looks like.
#[derive(Debug, Clone)]
pub(crate) struct Check {
    statuses: Box<[StatusRange]>,
    body: Option<Box<[u8]>>,
}

/// What is right when nothing was said.
const USUAL: StatusRange = StatusRange {
    low: 200,
    high: 399,
};

impl Check {
    pub(crate) fn new(checks: &[dyno_scenario::Check]) -> Self {
        use dyno_scenario::Check;
        let statuses = checks.iter().find_map(|check| match check {
            Check::Status(ranges) => Some(ranges.as_slice()),
            _ => None,
        });
        let body = checks.iter().find_map(|check| match check {
            Check::BodyEquals(body) => Some(body.as_slice().into()),
            _ => None,
        });
        Self {
            statuses: statuses.unwrap_or(&[USUAL]).into(),
            body,
        }
    }

    /// Of all `checks` the status alone.
    pub(crate) fn of_status(checks: &[dyno_scenario::Check]) -> Self {
        Self {
            body: None,
            ..Self::new(checks)
        }
    }

    /// A verifier for one answer.
    #[cfg(any(test, feature = "fuzzing"))]
    pub(crate) fn verifier(&self) -> Verifier<'_> {
        self.keeping(None)
    }

    /// A verifier for one answer, of which `kept` keeps what it was told to.
    pub(crate) fn keeping<'a>(&'a self, kept: Option<&'a mut Kept>) -> Verifier<'a> {
        Verifier {
            check: self,
            status: 0,
            at: 0,
            equal: true,
            kept,
        }
    }
}

/// The state of checking one answer.
#[derive(Debug)]
pub(crate) struct Verifier<'a> {
    check: &'a Check,
    status: u16,
    at: usize,
    equal: bool,
    pub(crate) kept: Option<&'a mut Kept>,
}

impl Verifier<'_> {
    /// Forgets what it saw: another answer begins.
    pub(crate) fn begin(&mut self) {
        (self.status, self.at, self.equal) = (0, 0, true);
        if let Some(kept) = &mut self.kept {
            kept.clear();
        }
    }

    /// The head of the final answer.
    pub(crate) fn head(&mut self, head: &[u8]) {
        if let Some(kept) = &mut self.kept {
            kept.head(head);
        }
    }

    /// Whether anybody wants the head.
    pub(crate) fn wants_head(&self) -> bool {
        self.kept.as_ref().is_some_and(|kept| kept.keep.head)
    }

    /// The status of the final answer.
    pub(crate) fn status(&mut self, status: u16) {
        self.status = status;
    }

    /// The next bytes of the body.
    pub(crate) fn body(&mut self, part: &[u8]) {
        if let Some(body) = &self.check.body {
            let rest = body.get(self.at..).unwrap_or_default();
            self.equal &= rest.starts_with(part);
            self.at += part.len();
        }
        if let Some(kept) = &mut self.kept {
            kept.body(part);
        }
    }

    /// The verdict on a complete answer; the status counts first.
    pub(crate) fn verdict(&self) -> Result<(), FailureKind> {
        let mut right = self.check.statuses.iter();
        if !right.any(|range| (range.low..=range.high).contains(&self.status)) {
            return Err(match self.status {
                400..=499 => FailureKind::Status4xx,
                500..=599 => FailureKind::Status5xx,
                _ => FailureKind::StatusOther,
            });
        }
        match &self.check.body {
            Some(body) if !self.equal || self.at != body.len() => Err(FailureKind::CheckBody),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_then_body() {
        let check = |status: Option<u16>, body: Option<&str>, seen: (u16, &[&str]), expected| {
            use dyno_scenario::Check as Asked;
            let one = |status| StatusRange {
                low: status,
                high: status,
            };
            let status = status.map(|status| Asked::Status(vec![one(status)]));
            let body = body.map(|text| Asked::BodyEquals(text.as_bytes().to_vec()));
            let asked: Vec<Asked> = status.into_iter().chain(body).collect();
            let check = Check::new(&asked);
            let mut verifier = check.verifier();
            verifier.status(seen.0);
            seen.1
                .iter()
                .for_each(|part| verifier.body(part.as_bytes()));
            assert_eq!(verifier.verdict(), expected, "{asked:?} {seen:?}");
        };
        check(None, None, (200, &["x"]), Ok(()));
        check(None, None, (304, &[]), Ok(()));
        check(None, None, (404, &[]), Err(FailureKind::Status4xx));
        check(Some(404), None, (404, &[]), Ok(()));
        check(Some(200), None, (503, &[]), Err(FailureKind::Status5xx));
        check(Some(200), None, (199, &[]), Err(FailureKind::StatusOther));
        check(Some(200), Some("abc"), (200, &["a", "bc"]), Ok(()));
        check(
            Some(200),
            Some("abc"),
            (200, &["ab"]),
            Err(FailureKind::CheckBody),
        );
        check(
            Some(200),
            Some("abc"),
            (200, &["abcd"]),
            Err(FailureKind::CheckBody),
        );
        check(
            Some(200),
            Some("abc"),
            (200, &["abc", "d"]),
            Err(FailureKind::CheckBody),
        );
        check(
            Some(200),
            Some("abc"),
            (200, &["xbc"]),
            Err(FailureKind::CheckBody),
        );
        check(
            Some(200),
            Some(""),
            (500, &["x"]),
            Err(FailureKind::Status5xx),
        );
    }
}
