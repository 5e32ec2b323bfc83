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
/// What a machine that stood still may do to a time, as a multiple of how long it
/// did: two stalls may follow each other.
const STALLS: f64 = 2.0;

/// The verdict on one ground truth, as far as it has come.
pub(crate) struct Judge {
    line: String,
    off: Vec<Off>,
    /// Milliseconds in the unit of times.
    unit_ms: f64,
}

/// A figure outside its tolerance.
struct Off {
    text: String,
    error: f64,
    /// What noise may explain of it, as far as that is known without having seen
    /// the machine; nothing of a count.
    bearable: f64,
    /// Whether a stall of the machine may have made it what it is.
    is_time: bool,
}

impl Judge {
    /// `name` begins with the number of the truth: `T1 stall`.
    pub(crate) fn new(name: &str) -> Self {
        Self {
            line: format!("{name}:"),
            off: Vec::new(),
            unit_ms: 1.0,
        }
    }

    /// With times in seconds.
    pub(crate) fn in_seconds(name: &str) -> Self {
        Self {
            unit_ms: 1000.0,
            ..Self::new(name)
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
        self.note(error <= allowed, text, (error, NOISE * allowed, true));
    }

    /// A figure that must stay below a limit.
    pub(crate) fn below(&mut self, what: &str, seen: f64, limit: f64) {
        let text = format!("{what} {seen:.3} (< {limit})");
        self.note(seen < limit, text, (seen, NOISE * limit, true));
    }

    /// A figure that must stay below a limit, and below another whatever the
    /// machine does.
    pub(crate) fn below_in_noise(&mut self, what: &str, seen: f64, limit: f64, bearable: f64) {
        let text = format!("{what} {seen:.3} (< {limit})");
        self.note(seen < limit, text, (seen, bearable, false));
    }

    /// A figure that must not be less than a limit.
    pub(crate) fn at_least(&mut self, what: &str, seen: f64, limit: f64) {
        // Noise takes nothing away.
        let text = format!("{what} {seen:.3} (>= {limit})");
        self.note(seen >= limit, text, (f64::INFINITY, 0.0, false));
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
        self.note(right, text, (f64::INFINITY, 0.0, false));
    }

    fn note(&mut self, right: bool, text: String, (error, bearable, is_time): (f64, f64, bool)) {
        let mark = if right { "" } else { " WRONG" };
        write!(self.line, " {text}{mark},").unwrap();
        if !right {
            self.off.push(Off {
                text,
                error,
                bearable,
                is_time,
            });
        }
    }

    /// Whether nothing was wrong.
    pub(crate) fn is_right(&self) -> bool {
        self.off.is_empty()
    }

    /// Whether the machine may have made every figure what it is.
    fn is_excused(&self, health: Health) -> bool {
        let stalls_ms = STALLS * health.worst_hiccup.as_secs_f64() * 1e3;
        let by_stalls = |off: &Off| off.is_time && off.error * self.unit_ms <= stalls_ms;
        (self.off.iter()).all(|off| off.error <= off.bearable || by_stalls(off))
    }

    /// Prints the line; panics if anything was wrong. Figures that are off on a
    /// machine that stood still meanwhile tell nothing of dyno, either way: that
    /// is said, and is a failure only where `DYNO_TRUTH_STRICT` is set, as
    /// scripts/truth does. Counts must be right on any machine, and no figure may be
    /// off by more than noise can explain.
    pub(crate) fn conclude(self, health: Health) {
        let is_strict = std::env::var_os("DYNO_TRUTH_STRICT").is_some();
        let excused = !health.is_good() && !is_strict && self.is_excused(health);
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
        let all: Vec<String> = self.off.into_iter().map(|off| off.text).collect();
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
