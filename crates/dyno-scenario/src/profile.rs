//! How many starts an open load asks for, and when: its rate over time.

use std::time::Duration;

use crate::{Rate, Recording, print_duration, print_rate};

/// The starts of an open load over its time.
#[derive(Debug, Clone, PartialEq)]
pub enum Profile {
    /// One rate throughout.
    Steady {
        /// More than [`Rate::ZERO`].
        rate: Rate,
        /// How long starts come.
        duration: Duration,
    },
    /// One stage after the other, at least one, of which one starts something.
    Stages(Vec<Stage>),
    /// Every so often, many at the same instant; the first at the beginning.
    Bursts {
        /// Starts of one burst, at least 1.
        starts: u64,
        /// From one burst to the next, longer than zero.
        every: Duration,
        /// No burst at or after this time.
        duration: Duration,
    },
    /// When a log says.
    Recorded(Recording),
}

/// A time in which the rate is held or moves evenly from one to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stage {
    /// The rate at its beginning.
    pub from: Rate,
    /// The rate at its end.
    pub to: Rate,
    /// How long it lasts.
    pub duration: Duration,
}

impl Rate {
    /// No start ever; only a stage begins, ends or stays there.
    pub const ZERO: Self = Self {
        starts: 0,
        per_ns: 1_000_000_000,
    };

    /// Starts in so much time, as near as a float comes.
    #[must_use]
    pub fn starts_in(self, time: Duration) -> f64 {
        // Both factors and the quotient are exact for whole numbers of starts.
        self.starts as f64 * time.as_nanos() as f64 / self.per_ns as f64
    }
}

impl Stage {
    /// Starts that it asks for: the area under its rate.
    #[must_use]
    pub fn starts(&self) -> f64 {
        (self.from.starts_in(self.duration) + self.to.starts_in(self.duration)) / 2.0
    }
}

impl Profile {
    /// How long starts come.
    #[must_use]
    pub fn duration(&self) -> Duration {
        match self {
            Self::Steady { duration, .. } | Self::Bursts { duration, .. } => *duration,
            Self::Stages(stages) => stages.iter().map(|stage| stage.duration).sum(),
            Self::Recorded(recording) => recording.duration(),
        }
    }

    /// Starts that it asks for. Constant arrivals are the next whole number,
    /// bursts exactly this many; Poisson arrivals come to it on average.
    #[must_use]
    pub fn starts(&self) -> f64 {
        match self {
            Self::Steady { rate, duration } => rate.starts_in(*duration),
            Self::Stages(stages) => stages.iter().map(Stage::starts).sum(),
            Self::Bursts {
                starts,
                every,
                duration,
            } => *starts as f64 * bursts_in(*every, *duration),
            Self::Recorded(recording) => recording.entries.len() as f64,
        }
    }

    /// Starts per second over its whole time.
    #[must_use]
    pub fn mean_per_second(&self) -> f64 {
        match self {
            // Without the rounding of a product and a quotient.
            Self::Steady { rate, .. } => rate.per_second(),
            Self::Stages(_) | Self::Bursts { .. } | Self::Recorded(_) => {
                self.starts() / self.duration().as_secs_f64()
            }
        }
    }

    /// The highest rate, per second. Bursts count as if each were spread over
    /// the time to the next.
    #[must_use]
    pub fn peak_per_second(&self) -> f64 {
        match self {
            Self::Steady { rate, .. } => rate.per_second(),
            Self::Stages(stages) => peak(stages).per_second(),
            Self::Bursts { starts, every, .. } => *starts as f64 / every.as_secs_f64(),
            Self::Recorded(recording) => recording.most_starts_in(Duration::from_secs(1)) as f64,
        }
    }

    /// An upper bound of the starts that any time of this length can have;
    /// Poisson arrivals stay below it on average only.
    #[must_use]
    pub fn most_starts_in(&self, time: Duration) -> f64 {
        match self {
            Self::Steady { .. } | Self::Stages(_) => self.peak_per_second() * time.as_secs_f64(),
            Self::Bursts { starts, every, .. } => *starts as f64 * bursts_in(*every, time).max(1.0),
            Self::Recorded(recording) => recording.most_starts_in(time) as f64,
        }
    }

    /// What is played for `duration` as warm-up: the rate it begins with, or the
    /// same bursts. `None` when it begins at 0/s: a load that comes up from
    /// nothing is its own warm-up, and no other rate of it is sure to be harmless;
    /// a log is played once.
    #[must_use]
    pub fn warmup(&self, duration: Duration) -> Option<Self> {
        match self {
            Self::Steady { rate, .. } => Some(*rate),
            Self::Stages(stages) => stages.first().map(|stage| stage.from),
            Self::Recorded(_) => None,
            &Self::Bursts { starts, every, .. } => {
                return Some(Self::Bursts {
                    starts,
                    every,
                    duration,
                });
            }
        }
        .filter(|rate| rate.starts > 0)
        .map(|rate| Self::Steady { rate, duration })
    }

    /// The same in another time. Stages keep their rates and their shares of the
    /// time; bursts keep their size and their distance, so that there are fewer; of
    /// a log the beginning is played.
    #[must_use]
    pub fn lasting(&self, time: Duration) -> Self {
        let mut other = self.clone();
        match &mut other {
            Self::Steady { duration, .. } | Self::Bursts { duration, .. } => *duration = time,
            Self::Stages(stages) => {
                let whole = self.duration().as_secs_f64();
                for stage in stages {
                    let share = stage.duration.as_secs_f64() / whole;
                    stage.duration = time.mul_f64(share);
                }
            }
            Self::Recorded(recording) => recording.cut(time),
        }
        other
    }

    /// What of it goes into the id of a step: levels of a rate differ in it.
    pub(crate) fn id(&self) -> String {
        match self {
            Self::Steady { rate, .. } => format!("r{}", rate_id(*rate)),
            Self::Stages(stages) => match stages.as_slice() {
                [ramp] => format!("r{}-to-{}", rate_id(ramp.from), rate_id(ramp.to)),
                stages => format!("stages-to-{}", rate_id(peak(stages))),
            },
            Self::Bursts { starts, every, .. } => {
                format!("b{starts}-every-{}", print_duration(*every))
            }
            Self::Recorded(recording) => format!("x{}", recording.speed),
        }
    }
}

/// Starts per second; a rate that is no round number of those keeps its unit.
fn rate_id(rate: Rate) -> String {
    let rate = print_rate(rate);
    let rate = rate.strip_suffix("/s").unwrap_or(&rate);
    rate.replace('/', "")
}

fn peak(stages: &[Stage]) -> Rate {
    let rates = stages.iter().flat_map(|stage| [stage.from, stage.to]);
    let faster = |a: &Rate, b: &Rate| a.per_second().total_cmp(&b.per_second());
    rates.max_by(faster).unwrap_or(Rate::ZERO)
}

/// Bursts from the beginning until before the end.
fn bursts_in(every: Duration, duration: Duration) -> f64 {
    let every = every.as_nanos().max(1);
    duration.as_nanos().div_ceil(every) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse_rate;

    fn rate(text: &str) -> Rate {
        parse_rate(text).unwrap_or(Rate::ZERO)
    }

    fn stages(list: &[(&str, &str, u64)]) -> Profile {
        let stage = |(from, to, ms): &(&str, &str, u64)| Stage {
            from: rate(from),
            to: rate(to),
            duration: Duration::from_millis(*ms),
        };
        Profile::Stages(list.iter().map(stage).collect())
    }

    fn bursts(starts: u64, every_ms: u64, ms: u64) -> Profile {
        Profile::Bursts {
            starts,
            every: Duration::from_millis(every_ms),
            duration: Duration::from_millis(ms),
        }
    }

    #[test]
    fn starts_are_the_area_under_the_rate() {
        let steady = Profile::Steady {
            rate: rate("1.5/s"),
            duration: Duration::from_secs(4),
        };
        let up_and_off = stages(&[
            ("100/s", "100/s", 10_000),
            ("100/s", "500/s", 30_000),
            ("0/s", "0/s", 5000),
        ]);
        for (profile, starts, seconds, peak, most) in [
            (steady, 6.0, 4.0, 1.5, 15.0),
            (
                stages(&[("10/s", "500/s", 2000)]),
                510.0,
                2.0,
                500.0,
                5000.0,
            ),
            (stages(&[("0/s", "60/m", 1000)]), 0.5, 1.0, 1.0, 10.0),
            (up_and_off, 10_000.0, 45.0, 500.0, 5000.0),
            (bursts(100, 1000, 10_000), 1000.0, 10.0, 100.0, 1000.0),
            (bursts(100, 3000, 10_000), 400.0, 10.0, 100.0 / 3.0, 400.0),
            (bursts(7, 60_000, 10_000), 7.0, 10.0, 7.0 / 60.0, 7.0),
        ] {
            assert_eq!(profile.starts(), starts, "{profile:?}");
            assert_eq!(profile.duration().as_secs_f64(), seconds, "{profile:?}");
            assert_eq!(profile.peak_per_second(), peak, "{profile:?}");
            assert_eq!(profile.mean_per_second(), starts / seconds, "{profile:?}");
            let ten = Duration::from_secs(10);
            assert_eq!(profile.most_starts_in(ten), most, "{profile:?}");
        }
    }

    #[test]
    fn a_warm_up_holds_the_first_rate_unless_it_is_nothing() {
        let duration = Duration::from_secs(3);
        let steady = |text| {
            let rate = rate(text);
            Some(Profile::Steady { rate, duration })
        };
        for (profile, expected) in [
            (stages(&[("10/s", "500/s", 2000)]), steady("10/s")),
            (stages(&[("500/s", "0/s", 2000)]), steady("500/s")),
            (stages(&[("0/s", "500/s", 2000)]), None),
            (bursts(5, 100, 10_000), Some(bursts(5, 100, 3000))),
        ] {
            assert_eq!(profile.warmup(duration), expected, "{profile:?}");
        }
    }

    #[test]
    fn in_another_time_rates_stay_and_stages_keep_their_share() {
        let before = stages(&[("0/s", "500/s", 2000), ("500/s", "500/s", 8000)]);
        let after = stages(&[("0/s", "500/s", 400), ("500/s", "500/s", 1600)]);
        assert_eq!(before.lasting(Duration::from_secs(2)), after);
        let after = bursts(5, 100, 2000);
        assert_eq!(
            bursts(5, 100, 10_000).lasting(Duration::from_secs(2)),
            after
        );
    }
}
