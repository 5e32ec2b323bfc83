//! The levels that a search may ask: each a little above the one before, so that
//! levels which lie side by side are as near as the precision wants.

use dyno_scenario::{By, Search};

/// How far below the first level a search goes: six times half.
const HALVINGS: i32 = 6;

/// Levels, ascending.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Ladder {
    levels: Vec<f64>,
    /// The rung of the first level.
    pub(crate) start: usize,
    /// Rungs from a level to its double, at most.
    octave: usize,
}

impl Ladder {
    /// From a sixty-fourth of the first level (at least one connection, or a start an
    /// hour) to the highest that may be asked.
    pub(crate) fn of(search: &Search) -> Self {
        let octave = (2.0_f64.ln() / search.precision.ln_1p()).ceil().max(1.0);
        let ratio = 2.0_f64.powf(octave.recip());
        let (lowest, round): (f64, fn(f64) -> f64) = match search.by {
            By::Rate => (1.0 / 3600.0, four_digits),
            By::Connections => (1.0, f64::round),
        };
        let (from, highest) = (search.from, search.highest());
        let rungs = octave as i32;
        let below = (1..=HALVINGS * rungs)
            .rev()
            .map(|rung| round(from * ratio.powi(-rung)));
        let above = (1..).map(|rung| from * ratio.powi(rung));
        let above = above.take_while(|level| *level < highest).map(round);
        let mut levels: Vec<f64> = below.filter(|level| *level >= lowest).collect();
        levels.extend([from].into_iter().chain(above).chain([highest]));
        // Rounded, small numbers of connections are alike, and the last may be more
        // than the highest.
        levels.retain(|level| *level <= highest);
        levels.dedup();
        let start = levels.iter().position(|level| *level == from);
        Self {
            levels,
            start: start.unwrap_or(0),
            octave: octave as usize,
        }
    }

    /// The level of a rung.
    pub(crate) fn level(&self, rung: usize) -> f64 {
        self.levels[rung.min(self.last())]
    }

    /// The highest rung.
    pub(crate) fn last(&self) -> usize {
        self.levels.len() - 1
    }

    /// The rung of twice the level, or the highest. Rounding makes it a little less.
    pub(crate) fn doubled(&self, rung: usize) -> usize {
        let wanted = 1.998 * self.level(rung);
        let found = self.levels.iter().position(|level| *level >= wanted);
        found.unwrap_or(self.last())
    }

    /// The rung of half the level, or the lowest.
    pub(crate) fn halved(&self, rung: usize) -> usize {
        let wanted = 0.501 * self.level(rung);
        let found = self.levels.iter().rposition(|level| *level <= wanted);
        found.unwrap_or(0)
    }

    /// Probes until a limit has broken, at most, and then until it is known between
    /// which rungs.
    pub(crate) fn most_probes(&self) -> usize {
        let mut doublings = 1;
        let mut rung = self.start;
        while rung < self.last() {
            rung = self.doubled(rung);
            doublings += 1;
        }
        let bisections = usize::BITS - (self.octave.max(2) - 1).leading_zeros();
        doublings.max(HALVINGS as usize + 1) + bisections as usize
    }
}

/// A number that people can read.
fn four_digits(value: f64) -> f64 {
    // Through text: scaling by powers of ten would leave a tail.
    format!("{value:.3e}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(by: By, from: f64, to: Option<f64>, precision: f64) -> Search {
        Search {
            by,
            from,
            to,
            limit: Vec::new(),
            precision,
            confirm: 3,
        }
    }

    #[test]
    fn neighbours_are_as_near_as_the_precision_wants() {
        for (from, to, precision) in [
            (50.0, Some(5000.0), 0.05),
            (1.0 / 3600.0, None, 0.01),
            (7.3, Some(7.4), 0.5),
            (1234.5, None, 0.02),
        ] {
            let ladder = Ladder::of(&search(By::Rate, from, to, precision));
            assert_eq!(ladder.level(ladder.start), from);
            assert_eq!(ladder.level(ladder.last()), to.unwrap_or(1e7));
            for pair in ladder.levels.windows(2) {
                let ratio = pair[1] / pair[0];
                // Rounding to four digits is off by a twentieth of a percent.
                assert!(ratio > 1.0 && ratio < (1.0 + precision) * 1.001, "{pair:?}");
            }
        }
    }

    #[test]
    fn connections_are_whole_and_start_at_one() {
        let ladder = Ladder::of(&search(By::Connections, 3.0, Some(9.0), 0.05));
        assert_eq!(ladder.levels, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0]);
        assert_eq!(ladder.start, 2);
        let ladder = Ladder::of(&search(By::Connections, 1.0, None, 0.05));
        assert_eq!((ladder.start, ladder.level(ladder.last())), (0, 4096.0));
        let up: Vec<f64> = (0..4)
            .scan(0, |rung, _| {
                *rung = ladder.doubled(*rung);
                Some(ladder.level(*rung))
            })
            .collect();
        assert_eq!(up, [2.0, 4.0, 8.0, 16.0]);
    }

    #[test]
    fn doubles_and_halves_are_found() {
        let ladder = Ladder::of(&search(By::Rate, 50.0, Some(450.0), 0.05));
        let level = |rung| ladder.level(rung);
        let double = ladder.doubled(ladder.start);
        assert_eq!(level(double), 100.0);
        assert_eq!(level(ladder.halved(double)), 50.0);
        assert_eq!(level(ladder.doubled(ladder.doubled(double))), 400.0);
        assert_eq!(level(ladder.doubled(ladder.last())), 450.0);
        assert_eq!(ladder.halved(0), 0);
        // 50, 100, 200, 400 and 450, then four between two of fifteen rungs; down it
        // would be seven.
        assert_eq!(ladder.most_probes(), 7 + 4);
    }
}
