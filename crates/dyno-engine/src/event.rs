//! What somebody who watches a step may know.

use dyno_result::{Distribution, FailureCount, FailureKind, Histogram, Interval};

use crate::slice::OpenTimes;

/// Something happened. Handlers run on the control thread, off the hot path.
#[derive(Debug, Clone, Copy)]
pub enum Event<'a> {
    /// The warm-up begins.
    Warmup,
    /// Counting begins as soon as the handler returns.
    Measure,
    /// A second is over, for every load thread.
    Interval(Second<'a>),
    /// The last answer is in.
    Drained,
}

/// A second of a step, and the step up to its end. Figures are worked out only
/// for those who ask.
#[derive(Debug, Clone, Copy)]
pub struct Second<'a> {
    /// As it is stored.
    pub interval: &'a Interval,
    /// The second alone.
    pub last: Seen<'a>,
    /// Everything up to its end.
    pub so_far: Seen<'a>,
    /// Share of the second that the busiest load thread was on a CPU.
    pub busy_fraction: f64,
}

/// What was seen in some time.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    pub(crate) response: &'a Histogram,
    pub(crate) open: Option<&'a OpenTimes>,
    pub(crate) failures: &'a [u64; FailureKind::ALL.len()],
    /// The time limit of a request, ns.
    pub(crate) limit_ns: u64,
}

impl Seen<'_> {
    /// Right answers.
    pub fn succeeded(&self) -> u64 {
        self.response.len()
    }

    /// Failed requests by kind, most frequent first.
    pub fn failures(&self) -> Vec<FailureCount> {
        FailureCount::of(self.failures)
    }

    /// Response times, failures behind every answer. Starts that were dropped
    /// or are still under way are not known here.
    pub fn response(&self) -> Distribution {
        let count = |is_timeout| {
            let kinds = FailureKind::ALL.iter().zip(self.failures);
            let of = kinds.filter(move |(kind, _)| kind.is_timeout() == is_timeout);
            of.map(|(_, count)| count).sum()
        };
        Distribution::of(
            self.response,
            count(true),
            count(false),
            Some(self.limit_ns),
        )
    }

    /// Service times of right answers; none in the closed model.
    pub fn service(&self) -> Option<Distribution> {
        let open = self.open?;
        Some(Distribution::of(&open.service, 0, 0, None))
    }

    /// How late dyno itself sent; none in the closed model.
    pub fn send_lag(&self) -> Option<Distribution> {
        let open = self.open?;
        Some(Distribution::of(&open.send_lag, 0, 0, None))
    }
}
