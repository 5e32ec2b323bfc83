//! Compares what was seen with what is true, and writes a line about it.

use std::fmt::Write as _;

use dyno_truth::Health;

/// How far a figure may be off.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Tolerance {
    /// In the figure's own unit.
    Within(f64),
    /// As a share of the expected value.
    Percent(f64),
}

/// What a noisy machine may do to a figure, as a multiple of its tolerance. The
/// faults of scripts/mutate do more.
const NOISE: f64 = 16.0;

/// The verdict on one ground truth, as far as it has come.
pub(crate) struct Judge {
    line: String,
    /// Figures outside their tolerance.
    off: Vec<String>,
    /// What no noise of the machine explains: counts, and figures outside
    /// sixteen times their tolerance.
    wrong: Vec<String>,
}

impl Judge {
    /// `name` begins with the number of the truth: `T1 stall`.
    pub(crate) fn new(name: &str) -> Self {
        Self {
            line: format!("{name}:"),
            off: Vec::new(),
            wrong: Vec::new(),
        }
    }

    /// A figure that must be near a known value.
    pub(crate) fn near(&mut self, what: &str, seen: f64, expected: f64, tolerance: Tolerance) {
        let (allowed, words) = match tolerance {
            Tolerance::Within(allowed) => (allowed, format!("±{allowed}")),
            Tolerance::Percent(percent) => {
                (expected.abs() * percent / 100.0, format!("±{percent} %"))
            }
        };
        let text = format!("{what} {seen:.3} ({expected:.3} {words})");
        let error = (seen - expected).abs();
        self.note(error <= allowed, error <= NOISE * allowed, text);
    }

    /// A figure that must stay below a limit.
    pub(crate) fn below(&mut self, what: &str, seen: f64, limit: f64) {
        self.below_in_noise(what, seen, limit, NOISE * limit);
    }

    /// A figure that must stay below a limit, and below another whatever the
    /// machine does.
    pub(crate) fn below_in_noise(&mut self, what: &str, seen: f64, limit: f64, bearable: f64) {
        let text = format!("{what} {seen:.3} (< {limit})");
        self.note(seen < limit, seen < bearable, text);
    }

    /// A figure that must not be less than a limit.
    pub(crate) fn at_least(&mut self, what: &str, seen: f64, limit: f64) {
        // Noise takes nothing away.
        let text = format!("{what} {seen:.3} (>= {limit})");
        self.note(seen >= limit, seen >= limit, text);
    }

    /// Something that must be exactly so.
    pub(crate) fn exact<T: PartialEq + std::fmt::Debug>(
        &mut self,
        what: &str,
        seen: T,
        expected: T,
    ) {
        let right = seen == expected;
        let text = match right {
            true => format!("{what} {seen:?}"),
            false => format!("{what} {seen:?} ({expected:?})"),
        };
        self.note(right, right, text);
    }

    fn note(&mut self, right: bool, bearable: bool, text: String) {
        let mark = if right { "" } else { " WRONG" };
        write!(self.line, " {text}{mark},").unwrap();
        match (right, bearable) {
            (true, _) => {}
            (false, true) => self.off.push(text),
            (false, false) => self.wrong.push(text),
        }
    }

    /// Whether nothing was wrong.
    pub(crate) fn is_right(&self) -> bool {
        self.off.is_empty() && self.wrong.is_empty()
    }

    /// Prints the line; panics if anything was wrong. Figures that are off on a
    /// machine that stood still meanwhile tell nothing of dyno, either way: that
    /// is said, and is a failure only where `DYNO_TRUTH_STRICT` is set, as
    /// scripts/truth does. Counts must be right on any machine, and no figure may
    /// be off by sixteen times its tolerance.
    pub(crate) fn conclude(self, health: Health) {
        let is_strict = std::env::var_os("DYNO_TRUTH_STRICT").is_some();
        let excused = self.wrong.is_empty() && !health.is_good() && !is_strict;
        let verdict = match (self.is_right(), excused) {
            (true, _) => "ok",
            (false, true) => "CANNOT TELL",
            (false, false) => "FAILED",
        };
        let health = match health.is_good() {
            true => String::new(),
            false => format!(" [noisy machine: {health:?}]"),
        };
        println!("{} {verdict}{health}", self.line.trim_end_matches(','));
        let all = [self.wrong, self.off].concat();
        assert!(all.is_empty() || excused, "{all:?}{health}");
    }

    /// Prints the line of a run that does not count.
    pub(crate) fn repeat(self, health: Health) {
        println!(
            "again, for the machine was noisy ({health:?}): {}",
            self.line
        );
    }
}
