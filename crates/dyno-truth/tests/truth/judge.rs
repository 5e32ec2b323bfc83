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

/// The verdict on one ground truth, as far as it has come.
pub(crate) struct Judge {
    line: String,
    wrong: Vec<String>,
}

impl Judge {
    /// `name` begins with the number of the truth: `T1 stall`.
    pub(crate) fn new(name: &str) -> Self {
        Self {
            line: format!("{name}:"),
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
        let right = (seen - expected).abs() <= allowed;
        self.note(right, &format!("{what} {seen:.3} ({expected:.3} {words})"));
    }

    /// A figure that must stay below a limit.
    pub(crate) fn below(&mut self, what: &str, seen: f64, limit: f64) {
        self.note(seen < limit, &format!("{what} {seen:.3} (< {limit})"));
    }

    /// A figure that must not be less than a limit.
    pub(crate) fn at_least(&mut self, what: &str, seen: f64, limit: f64) {
        self.note(seen >= limit, &format!("{what} {seen:.3} (>= {limit})"));
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
        self.note(right, &text);
    }

    fn note(&mut self, right: bool, text: &str) {
        let mark = if right { "" } else { " WRONG" };
        write!(self.line, " {text}{mark},").unwrap();
        if !right {
            self.wrong.push(text.to_owned());
        }
    }

    /// Whether nothing was wrong.
    pub(crate) fn is_right(&self) -> bool {
        self.wrong.is_empty()
    }

    /// Prints the line; panics if anything was wrong.
    pub(crate) fn conclude(self, health: Health) {
        let verdict = if self.wrong.is_empty() {
            "ok"
        } else {
            "FAILED"
        };
        let health = match health.is_good() {
            true => String::new(),
            false => format!(" [noisy machine: {health:?}]"),
        };
        println!("{} {verdict}{health}", self.line.trim_end_matches(','));
        assert!(self.wrong.is_empty(), "{:?}{health}", self.wrong);
    }

    /// Prints the line of a run that does not count.
    pub(crate) fn repeat(self, health: Health) {
        println!(
            "again, for the machine was noisy ({health:?}): {}",
            self.line
        );
    }
}
