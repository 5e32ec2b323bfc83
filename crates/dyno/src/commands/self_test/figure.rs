//! A figure whose true value is known, beside what dyno measured.

use dyno_report::{count, percent, time};
use serde_json::json;

/// What a figure is a number of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    /// Nanoseconds.
    Ns,
    /// A share of one.
    Share,
    /// Requests.
    Requests,
}

/// One figure.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Figure {
    pub(super) what: String,
    pub(super) unit: Unit,
    pub(super) truth: f64,
    pub(super) measured: f64,
    /// How far off it may be, in the same unit.
    pub(super) tolerance: f64,
}

impl Figure {
    /// A time.
    pub(super) fn time(what: &str, truth: f64, measured: f64, tolerance: f64) -> Self {
        let what = what.to_owned();
        Self {
            what,
            unit: Unit::Ns,
            truth,
            measured,
            tolerance,
        }
    }

    /// A number of requests, which must be exact.
    pub(super) fn requests(what: &str, truth: u64, measured: u64) -> Self {
        Self {
            what: what.to_owned(),
            unit: Unit::Requests,
            truth: truth as f64,
            measured: measured as f64,
            tolerance: 0.0,
        }
    }

    pub(super) fn is_right(&self) -> bool {
        (self.measured - self.truth).abs() <= self.tolerance
    }

    fn show(&self, value: f64) -> String {
        match self.unit {
            Unit::Ns => time(value),
            Unit::Share => percent(value),
            Unit::Requests => count(value.abs().round() as u64),
        }
    }

    fn cells(&self) -> [String; 6] {
        let error = self.measured - self.truth;
        let sign = if error < 0.0 { "-" } else { "+" };
        let verdict = if self.is_right() { "ok" } else { "OFF" };
        let off_by = match self.show(error.abs()) {
            exact if error == 0.0 => exact,
            some => format!("{sign}{some}"),
        };
        [
            self.what.clone(),
            self.show(self.truth),
            self.show(self.measured),
            off_by,
            self.show(self.tolerance),
            verdict.to_owned(),
        ]
    }

    pub(super) fn json(&self) -> serde_json::Value {
        let unit = match self.unit {
            Unit::Ns => "ns",
            Unit::Share => "share",
            Unit::Requests => "requests",
        };
        json!({
            "what": self.what,
            "unit": unit,
            "true": self.truth,
            "measured": self.measured,
            "error": self.measured - self.truth,
            "tolerance": self.tolerance,
            "within_tolerance": self.is_right(),
        })
    }
}

/// The figures below each other, numbers to the right.
pub(super) fn table(figures: &[Figure]) -> String {
    let head = ["", "true", "measured", "off by", "may be", ""].map(str::to_owned);
    let rows: Vec<[String; 6]> = std::iter::once(head)
        .chain(figures.iter().map(Figure::cells))
        .collect();
    let width = |column: usize| {
        rows.iter()
            .map(|row| row[column].chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..6).map(width).collect();
    let line = |row: &[String; 6]| {
        let mut line = format!("   {:<w$}", row[0], w = widths[0]);
        for (cell, w) in row[1..5].iter().zip(&widths[1..5]) {
            line += &format!("   {cell:>w$}", w = *w);
        }
        format!("{line}   {}", row[5]).trim_end().to_owned() + "\n"
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_can_be_read_aloud() {
        let share = Figure {
            what: "slow answers".to_owned(),
            unit: Unit::Share,
            truth: 0.01,
            measured: 0.013,
            tolerance: 0.002,
        };
        let figures = [
            Figure::time("p99", 90e6, 91.5e6, 2e6),
            share,
            Figure::requests("timeouts", 60, 60),
        ];
        let expected = "                     true   measured     off by    may be
   p99            90.0 ms    91.5 ms   +1.50 ms   2.00 ms   ok
   slow answers     1.0 %      1.3 %    +0.30 %    0.20 %   OFF
   timeouts            60         60          0         0   ok
";
        assert_eq!(table(&figures), expected);
    }
}
