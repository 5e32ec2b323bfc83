//! What a connection needs to play flows: the values of the current one, and
//! buffers that are used again.

use fastrand::Rng;

use crate::cookies::Jar;
use crate::data::Row;
use crate::escape::Unfit;
use crate::fill::Values;
use crate::kept::{Keep, Kept};
use crate::request::{Blank, Sheet};
use crate::script::Script;

/// Longest body of a wrong answer that is kept as an example, bytes.
pub(crate) const EXAMPLE: usize = 4096;

/// The flow that a connection plays.
#[derive(Debug, Default)]
pub(crate) struct Player {
    pub(crate) sheet: Sheet,
    pub(crate) slots: Vec<Vec<u8>>,
    pub(crate) rows: Vec<Row>,
    pub(crate) jar: Jar,
    pub(crate) kept: Kept,
    pub(crate) random: Rng,
    pub(crate) seq: u64,
}

impl Player {
    pub(crate) fn new(script: &Script) -> Self {
        let (slots, data) = script.sizes;
        Self {
            slots: vec![Vec::new(); slots],
            rows: vec![Row::default(); data],
            ..Self::default()
        }
    }

    /// A flow begins. What others have captured is not its own.
    pub(crate) fn begin(&mut self, random: Rng, seq: u64) {
        self.random = random;
        self.seq = seq;
        self.jar.clear();
        self.slots.iter_mut().for_each(Vec::clear);
    }

    /// Fills `blank` into the sheet.
    pub(crate) fn fill(
        &mut self,
        blank: &Blank,
        script: &Script,
        has_cookies: bool,
    ) -> Result<(), Unfit> {
        let mut values = Values {
            slots: &self.slots,
            rows: &self.rows,
            random: &mut self.random,
            seq: self.seq,
            wall: script.wall,
        };
        let sheet = &mut self.sheet;
        blank.aim(&mut values, sheet)?;
        if has_cookies && !blank.has_cookie_field() {
            let is_secure = script.is_secure;
            self.jar.write(&sheet.target, is_secure, &mut sheet.cookies);
        }
        blank.fill(&mut values, sheet)
    }

    /// Takes the cookies of the answer that was kept.
    pub(crate) fn take_cookies(&mut self, script: &Script) {
        for field in self.kept.values("set-cookie") {
            self.jar.set(field, &self.sheet.target, &script.wall);
        }
    }

    /// Whether this time comes true, as often as `share` says.
    pub(crate) fn is_sampled(&mut self, share: f64) -> bool {
        share >= 1.0 || self.random.f64() < share
    }
}

/// What is kept of an answer: what its request needs, and more if wrong answers are
/// wanted as examples.
pub(crate) fn keep(needed: Keep, has_cookies: bool, is_curious: bool) -> Keep {
    Keep {
        head: needed.head || has_cookies || is_curious,
        body: match is_curious {
            true => needed.body.max(EXAMPLE),
            false => needed.body,
        },
    }
}
