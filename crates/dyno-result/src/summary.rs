//! Centre and spread of a sample: one number for each trial.

/// Median and range over trials. Never best-of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Summary {
    /// Median; the mean of the middle two when their number is even.
    pub median: f64,
    /// Smallest.
    pub low: f64,
    /// Largest.
    pub high: f64,
    /// Trials.
    pub n: usize,
}

impl Summary {
    /// None for an empty sample. NaN must not be in it.
    pub fn of(sample: &[f64]) -> Option<Self> {
        let mut sorted = sample.to_vec();
        sorted.sort_by(f64::total_cmp);
        let n = sorted.len();
        let (low, high) = (*sorted.first()?, *sorted.last()?);
        let median = (sorted[(n - 1) / 2] + sorted[n / 2]) / 2.0;
        Some(Self {
            median,
            low,
            high,
            n,
        })
    }

    /// (high − low) / median: how far the trials lie apart.
    pub fn spread_fraction(&self) -> Option<f64> {
        (self.median != 0.0).then(|| (self.high - self.low) / self.median)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn median_and_range() {
        let check = |sample: &[f64], expected: Option<(f64, f64, f64)>| {
            let seen = Summary::of(sample).map(|s| (s.median, s.low, s.high));
            assert_eq!(seen, expected, "{sample:?}");
        };
        check(&[], None);
        check(&[3.0], Some((3.0, 3.0, 3.0)));
        check(&[4.0, 1.0], Some((2.5, 1.0, 4.0)));
        check(&[9.0, 1.0, 2.0], Some((2.0, 1.0, 9.0)));
    }
}
