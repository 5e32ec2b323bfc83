//! Wrong answers that are kept for people to look at: a few of each kind, and short.

use dyno_result::FailureKind;

use crate::check::Verifier;
use crate::exam::Wrong;

/// Examples of one kind and request.
const EACH: usize = 3;
/// Examples of one thread and phase.
const ALL: usize = 60;
/// Longest text of an answer that is kept, bytes.
const LENGTH: usize = 4096;

/// The wrong answers of one thread and phase.
#[derive(Debug, Default)]
pub(crate) struct Examples {
    pub(crate) kept: Vec<Kept>,
    /// There was a wrong answer that nobody had kept: the next ones are to be.
    pub(crate) is_curious: bool,
}

/// One wrong answer, as it came.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    /// The number of its request among all.
    pub(crate) place: usize,
    pub(crate) kind: FailureKind,
    pub(crate) check: &'static str,
    pub(crate) head: Vec<u8>,
    pub(crate) body: Vec<u8>,
    pub(crate) is_cut: bool,
}

impl Examples {
    /// Takes a wrong answer, if there are not enough of its kind.
    pub(crate) fn note(&mut self, place: usize, wrong: &Wrong, verifier: &Verifier<'_>) {
        let same = |kept: &&Kept| kept.place == place && kept.kind == wrong.kind;
        let is_enough = self.kept.iter().filter(same).count() >= EACH || self.kept.len() >= ALL;
        let Some(seen) = verifier.kept.as_ref().filter(|kept| kept.keep.is_all()) else {
            self.is_curious |= !is_enough;
            return;
        };
        if is_enough {
            self.is_curious = false;
            return;
        }
        let short = |text: &[u8]| text[..text.len().min(LENGTH)].to_vec();
        self.kept.push(Kept {
            place,
            kind: wrong.kind,
            check: wrong.check,
            head: short(&seen.head),
            body: short(&seen.body),
            is_cut: seen.is_cut || seen.body.len() > LENGTH || seen.head.len() > LENGTH,
        });
    }

    /// Adds those of another thread, as long as there are not enough.
    pub(crate) fn add(&mut self, other: &Self) {
        for one in &other.kept {
            let same = |kept: &&Kept| kept.place == one.place && kept.kind == one.kind;
            if self.kept.iter().filter(same).count() < EACH && self.kept.len() < ALL {
                self.kept.push(one.clone());
            }
        }
    }
}
