//! A search: one load at one level after another, until a limit breaks.

use std::time::Duration;

use crate::model::{Load, Rate, Step, Until};
use crate::profile::Profile;
use crate::rate::gcd;
use crate::{Clause, raw};

/// How a step looks for the highest level at which a limit holds. The load of the
/// step is that of its first probe.
#[derive(Debug, Clone, PartialEq)]
pub struct Search {
    /// What the levels are.
    pub by: By,
    /// The first level.
    pub from: f64,
    /// The highest level that may be asked, above `from`; none for whatever dyno
    /// can ask.
    pub to: Option<f64>,
    /// At least one clause; all of them must hold.
    pub limit: Vec<Clause>,
    /// How far the ends of the answer may lie apart, as a share: from 0.01 to 0.5.
    pub precision: f64,
    /// How many probes must agree at either end, at least 1.
    pub confirm: u32,
}

/// What a search varies.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum By {
    /// Starts per second, from a clock.
    #[default]
    Rate,
    /// Connections, each starting its next flow when its last one is over.
    Connections,
}

/// The most connections of a search that does not say how many it may open.
pub(crate) const CONNECTIONS: f64 = 4096.0;

/// The fastest rate, starts per second.
const FASTEST: f64 = 10_000_000.0;

impl Search {
    /// The highest level that may be asked.
    #[must_use]
    pub fn highest(&self) -> f64 {
        self.to.unwrap_or(match self.by {
            By::Rate => FASTEST,
            By::Connections => CONNECTIONS.max(self.from),
        })
    }
}

impl Step {
    /// The step as one probe of its search: its load at `level`, no search.
    #[must_use]
    pub fn probe(&self, level: f64) -> Self {
        let mut probe = self.clone();
        probe.search = None;
        match &mut probe.load {
            Load::Closed { connections, .. } => {
                *connections = level.clamp(1.0, raw::MOST_CONNECTIONS as f64) as u32;
            }
            Load::Open { profile, .. } => {
                *profile = Profile::Steady {
                    rate: Rate::per_second_of(level),
                    duration: profile.duration(),
                };
            }
        }
        probe
    }

    /// The same for another time, without a warm-up.
    #[must_use]
    pub fn lasting(&self, duration: Duration) -> Self {
        let mut other = self.clone();
        other.warmup = Duration::ZERO;
        match &mut other.load {
            Load::Closed { until, .. } => *until = Until::Elapsed(duration),
            Load::Open { profile, .. } => *profile = profile.lasting(duration),
        }
        other
    }

    /// The most connections that the step may open.
    #[must_use]
    pub fn most_connections(&self) -> u32 {
        let by_connections = self.search.as_ref().filter(|of| of.by == By::Connections);
        match by_connections {
            Some(search) => self.probe(search.highest()).load.connections(),
            None => self.load.connections(),
        }
    }
}

impl Rate {
    /// The rate of so many starts per second, to nine digits after the point and
    /// within what a scenario can ask.
    #[must_use]
    pub fn per_second_of(starts: f64) -> Self {
        const FINE: f64 = 1e9;
        let fine = (starts.clamp(1.0 / FINE, FASTEST) * FINE).round() as u64;
        let per_ns = 1_000_000_000_000_000_000;
        let common = gcd(fine.into(), per_ns.into());
        let reduced = |number: u64| u64::try_from(u128::from(number) / common).unwrap_or(number);
        Self {
            starts: reduced(fine),
            per_ns: reduced(per_ns),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{parse_rate, print_rate};

    #[test]
    fn a_rate_made_of_a_number_is_the_one_that_people_write() {
        for (number, text) in [
            (50.0, "50/s"),
            (1.5, "1.5/s"),
            (118.9, "118.9/s"),
            (1047.0, "1047/s"),
            (10_000_000.0, "10000000/s"),
            (1e12, "10000000/s"),
        ] {
            assert_eq!(
                Rate::per_second_of(number),
                parse_rate(text).unwrap(),
                "{text}"
            );
            assert_eq!(print_rate(Rate::per_second_of(number)), text);
        }
        assert!(Rate::per_second_of(0.0).starts > 0);
        assert!(Rate::per_second_of(f64::NAN).per_ns > 0);
    }
}
