//! What a search asks next: a pure function of what came of its probes so far.
//!
//! Levels are doubled until the limit breaks, then the gap is halved until its ends
//! are neighbours on the ladder. Then the ends are asked again: a level holds if all
//! its probes do, and breaks if all do. One that does both is no end: the next one
//! outwards takes its place, so that the answer is as wide as the target is fickle. Of
//! a level at which every other probe breaks, three of three agree on the wrong end in
//! one of eight cases. A majority of the same three (RFC 9971, with an exceed ratio of
//! one half) would be as wrong in one of two, and hide how fickle it is. Simulated:
//! of a target whose limit scatters by a fiftieth (standard deviation, logarithmic)
//! 95 % of the answers hold its median, by a tenth 84 %.
//!
//! Probes that say nothing of the target are played again, but not for ever.

use std::collections::BTreeMap;

use dyno_result::{ProbeOutcome, ProbeStage, SearchEnd, SearchEnding};
use dyno_scenario::Search;

use super::ladder::Ladder;

/// Void probes of one level that are played again.
const RETRIES: u32 = 2;

/// A search before its first probe.
#[derive(Debug, Clone)]
pub(crate) struct Course {
    pub(crate) ladder: Ladder,
    confirm: u32,
}

/// A probe that was played.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Tried {
    /// Its level on the ladder.
    pub(crate) rung: usize,
    pub(crate) outcome: ProbeOutcome,
}

/// What to do now.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Next {
    Probe { rung: usize, stage: ProbeStage },
    End(SearchEnding),
}

/// What is known of a level.
#[derive(Debug, Clone, Copy, Default)]
struct Record {
    held: u32,
    broke: u32,
    void: u32,
}

impl Record {
    fn holds(self) -> bool {
        self.held > 0 && self.broke == 0
    }

    fn breaks(self) -> bool {
        self.broke > 0 && self.held == 0
    }

    fn is_mixed(self) -> bool {
        self.held > 0 && self.broke > 0
    }
}

/// What is known of all levels.
struct Known(BTreeMap<usize, Record>);

impl Known {
    fn of(tried: &[Tried]) -> Self {
        let mut known: BTreeMap<usize, Record> = BTreeMap::new();
        for Tried { rung, outcome } in tried {
            let record = known.entry(*rung).or_default();
            match outcome {
                ProbeOutcome::Held => record.held += 1,
                ProbeOutcome::Broke => record.broke += 1,
                ProbeOutcome::Void => record.void += 1,
            }
        }
        Self(known)
    }

    fn lowest(&self, is_such: impl Fn(usize, Record) -> bool) -> Option<usize> {
        let mut all = self.0.iter();
        all.find(|(rung, of)| is_such(**rung, **of))
            .map(|(rung, _)| *rung)
    }

    fn highest(&self, is_such: impl Fn(usize, Record) -> bool) -> Option<usize> {
        let mut all = self.0.iter().rev();
        all.find(|(rung, of)| is_such(**rung, **of))
            .map(|(rung, _)| *rung)
    }

    fn record(&self, rung: usize) -> Record {
        self.0.get(&rung).copied().unwrap_or_default()
    }

    /// The highest level that holds, below the lowest that breaks; and that.
    fn ends(&self) -> (Option<usize>, Option<usize>) {
        let broken = self.lowest(|_, of| of.breaks());
        let is_below = |rung| broken.is_none_or(|broken| rung < broken);
        let held = self.highest(|rung, of| of.holds() && is_below(rung));
        (held, broken)
    }
}

impl Course {
    pub(crate) fn of(search: &Search) -> Self {
        Self {
            ladder: Ladder::of(search),
            confirm: search.confirm,
        }
    }

    /// Probes that it may take: twice the confirmation of both ends beyond what a
    /// target takes that is always of one mind.
    pub(crate) fn most_probes(&self) -> usize {
        self.ladder.most_probes() + 4 * self.confirm as usize
    }

    /// Both ends of the answer, as far as they are known: rung and agreeing probes.
    pub(crate) fn ends(&self, tried: &[Tried]) -> (Option<SearchEnd>, Option<SearchEnd>) {
        let known = Known::of(tried);
        let end = |rung: usize, probes| SearchEnd {
            level: self.ladder.level(rung),
            probes,
        };
        let (held, broken) = known.ends();
        (
            held.map(|rung| end(rung, known.record(rung).held)),
            broken.map(|rung| end(rung, known.record(rung).broke)),
        )
    }

    /// What to ask after what was tried.
    pub(crate) fn next(&self, tried: &[Tried]) -> Next {
        let known = Known::of(tried);
        let (held, broken) = known.ends();
        if tried.len() >= self.most_probes() {
            return Next::End(SearchEnding::Exhausted);
        }
        if let Some(wall) = known.lowest(|_, of| of.void > RETRIES) {
            let level = self.ladder.level(wall);
            // What was found below is worth its confirmation.
            let below = held.filter(|held| *held < wall);
            return below
                .and_then(|held| self.confirm(held, known.record(held).held))
                .unwrap_or(Next::End(SearchEnding::Generator { level }));
        }
        let is_below = |rung| broken.is_none_or(|broken| rung < broken);
        let top = known.highest(|rung, of| of.held > 0 && is_below(rung));
        match (top, broken) {
            (None, None) => probe(self.ladder.start, ProbeStage::Doubling),
            (None, Some(0)) => self
                .confirm(0, known.record(0).broke)
                .unwrap_or(Next::End(SearchEnding::Below)),
            (None, Some(broken)) => probe(self.ladder.halved(broken), ProbeStage::Halving),
            (Some(top), None) if top < self.ladder.last() => self.higher(&known, held, top),
            (Some(top), Some(broken)) if broken - top > 1 => {
                probe(top.midpoint(broken), ProbeStage::Bisection)
            }
            (Some(_), _) => self.ends_of_answer(&known, held, broken),
        }
    }

    /// The limit has not broken yet, or not for good: then it is near.
    fn higher(&self, known: &Known, held: Option<usize>, top: usize) -> Next {
        let near = known
            .0
            .iter()
            .filter(|(rung, of)| of.is_mixed() && Some(**rung) > held);
        match near.count() {
            0 => probe(self.ladder.doubled(top), ProbeStage::Doubling),
            steps => probe((top + steps).min(self.ladder.last()), ProbeStage::Bisection),
        }
    }

    /// Everything between the ends was asked: are they sure?
    fn ends_of_answer(&self, known: &Known, held: Option<usize>, broken: Option<usize>) -> Next {
        let is_between = |rung| Some(rung) > held && broken.is_none_or(|broken| rung < broken);
        // The level below one of two minds may hold.
        let mixed = known.lowest(|rung, of| of.is_mixed() && is_between(rung));
        let below = mixed.and_then(|mixed| mixed.checked_sub(1));
        if let Some(below) = below.filter(|below| Some(*below) > held) {
            return probe(below, ProbeStage::Bisection);
        }
        let lower = held.and_then(|held| self.confirm(held, known.record(held).held));
        let upper = broken.and_then(|broken| self.confirm(broken, known.record(broken).broke));
        lower.or(upper).unwrap_or(Next::End(match (held, broken) {
            (_, None) => SearchEnding::NotReached,
            (None, Some(_)) => SearchEnding::Below,
            (Some(_), Some(_)) => SearchEnding::Found,
        }))
    }

    /// Once more, if too few probes agree.
    fn confirm(&self, rung: usize, agree: u32) -> Option<Next> {
        (agree < self.confirm).then(|| probe(rung, ProbeStage::Confirmation))
    }
}

fn probe(rung: usize, stage: ProbeStage) -> Next {
    Next::Probe { rung, stage }
}

#[cfg(test)]
mod tests;
