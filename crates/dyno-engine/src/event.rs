//! What somebody who watches a step may know.

use dyno_result::Interval;

/// Something happened. Handlers run on the control thread, off the hot path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The warm-up begins.
    Warmup,
    /// Counting begins as soon as the handler returns.
    Measure,
    /// A second is over.
    Interval(Interval),
    /// The last answer is in.
    Drained,
}
