//! The inverse of the integrated rate: when so many starts have been asked for.

use std::sync::Arc;

use dyno_scenario::{Entry, Profile, Rate};

use crate::time::ns;

/// Starts asked for since the beginning, as a function of time, turned round.
#[derive(Debug, Clone)]
pub(crate) enum Curve {
    /// For ever.
    Steady(Rate),
    /// In the order of time, without gaps.
    Pieces(Vec<Piece>),
    /// Many at once.
    Bursts {
        starts: u64,
        every_ns: u64,
        /// No start at or after this time.
        end_ns: u64,
    },
    /// At recorded times.
    Recorded(Arc<Vec<Entry>>),
}

/// A stage and what came before it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Piece {
    begin_ns: u64,
    length_ns: u64,
    /// Starts before its beginning and before its end.
    before: f64,
    until: f64,
    from: Rate,
    to: Rate,
}

impl Curve {
    pub(crate) fn new(profile: &Profile) -> Self {
        match profile {
            Profile::Steady { rate, .. } => Self::Steady(*rate),
            Profile::Stages(stages) => {
                let (mut begin_ns, mut before) = (0_u64, 0.0);
                let piece = |stage: &dyno_scenario::Stage| {
                    let piece = Piece {
                        begin_ns,
                        length_ns: ns(stage.duration),
                        before,
                        until: before + stage.starts(),
                        from: stage.from,
                        to: stage.to,
                    };
                    begin_ns = begin_ns.saturating_add(piece.length_ns);
                    before = piece.until;
                    piece
                };
                Self::Pieces(stages.iter().map(piece).collect())
            }
            Profile::Bursts {
                starts,
                every,
                duration,
            } => Self::Bursts {
                starts: *starts,
                every_ns: ns(*every),
                end_ns: ns(*duration),
            },
            Profile::Recorded(recording) => Self::Recorded(Arc::clone(&recording.entries)),
        }
    }

    /// When start `number`, counted from 0, is due: as soon as that many starts
    /// have been asked for and another one is being asked for. A held rate is
    /// exact to the ns.
    pub(crate) fn due(&self, number: u64) -> Option<u64> {
        match self {
            Self::Steady(rate) => {
                let at = u128::from(number) * u128::from(rate.per_ns) / u128::from(rate.starts);
                u64::try_from(at).ok()
            }
            Self::Pieces(_) => self.reached(number as f64),
            Self::Bursts {
                starts,
                every_ns,
                end_ns,
            } => {
                let at = (number / starts).checked_mul(*every_ns)?;
                (at < *end_ns).then_some(at)
            }
            Self::Recorded(entries) => {
                let entry = entries.get(usize::try_from(number).ok()?)?;
                Some(ns(entry.at))
            }
        }
    }

    /// When this many starts, which need not be a whole number, have been asked
    /// for and the rate is above zero; `None` after the last.
    pub(crate) fn reached(&self, count: f64) -> Option<u64> {
        match self {
            Self::Steady(rate) => Some(held(*rate, count) as u64),
            Self::Pieces(pieces) => {
                // Of pieces that start nothing the count never passes the end.
                let index = pieces.partition_point(|piece| piece.until <= count);
                let piece = pieces.get(index)?;
                Some(piece.begin_ns + piece.reached(count - piece.before))
            }
            Self::Bursts { .. } | Self::Recorded(_) => self.due(count as u64),
        }
    }
}

impl Piece {
    /// Time since its beginning until `count` of its own starts, ns.
    ///
    /// The root of `count = a·t + c·t²/2`, written so that it neither divides by
    /// a slope near zero nor subtracts numbers that are nearly the same.
    fn reached(&self, count: f64) -> u64 {
        if count <= 0.0 {
            return 0;
        }
        let at = if self.from == self.to {
            held(self.from, count)
        } else {
            let (from, to) = (per_ns(self.from), per_ns(self.to));
            let slope = (to - from) / self.length_ns as f64;
            let root = (from * from + 2.0 * slope * count).max(0.0).sqrt();
            2.0 * count / (from + root)
        };
        // Rounding may lead past the end, or to no number at all.
        at.min(self.length_ns as f64) as u64
    }
}

/// Time that a rate takes for so many starts, ns.
fn held(rate: Rate, count: f64) -> f64 {
    count * rate.per_ns as f64 / rate.starts as f64
}

fn per_ns(rate: Rate) -> f64 {
    rate.starts as f64 / rate.per_ns as f64
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use dyno_scenario::Stage;

    use super::*;

    const MS: u64 = 1_000_000;

    fn stage(from: u64, to: u64, seconds: u64) -> Stage {
        let rate = |starts| match starts {
            0 => Rate::ZERO,
            starts => Rate {
                starts,
                per_ns: 1000 * MS,
            },
        };
        Stage {
            from: rate(from),
            to: rate(to),
            duration: Duration::from_secs(seconds),
        }
    }

    /// Values worked out by hand: the area of a triangle or a trapezium.
    #[test]
    fn starts_are_due_when_the_area_under_the_rate_has_grown_to_their_number() {
        let check = |stages: &[Stage], cases: &[(u64, Option<u64>)]| {
            let curve = Curve::new(&Profile::Stages(stages.to_vec()));
            for (number, ms) in cases {
                let due = curve.due(*number);
                assert_eq!(due, ms.map(|ms| ms * MS), "start {number} of {stages:?}");
            }
        };
        let up = [(0, Some(0)), (8, Some(400)), (50, Some(1000)), (200, None)];
        check(&[stage(0, 200, 2)], &up);
        let down = [(0, Some(0)), (150, Some(1000)), (200, None)];
        check(&[stage(200, 0, 2)], &down);
        let hold_pause_hold = [
            stage(0, 0, 1),
            stage(100, 100, 1),
            stage(0, 0, 3),
            stage(10, 10, 1),
        ];
        check(
            &hold_pause_hold,
            &[
                (0, Some(1000)),
                (1, Some(1010)),
                (99, Some(1990)),
                // Not before the pause, when 100 had been asked for.
                (100, Some(5000)),
                (109, Some(5900)),
                (110, None),
            ],
        );
    }

    #[test]
    fn bursts_are_due_all_at_once() {
        let curve = Curve::new(&Profile::Bursts {
            starts: 3,
            every: Duration::from_millis(10),
            duration: Duration::from_millis(25),
        });
        let due: Vec<u64> = (0..).map_while(|number| curve.due(number)).collect();
        let ms = |ms| [ms * MS; 3];
        assert_eq!(due, [ms(0), ms(10), ms(20)].concat());
    }
}
