//! Where the time of right answers went: what the target tells in its `Server-Timing`
//! field, and what follows from it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The parts of a service time, in the order of [`Attribution::parts`]. They do not
/// overlap and leave nothing out.
///
/// `outside` is the service time without `app`: network, accept queue, waiting for
/// the event loop, writing the answer. `own` is `app` without the four that follow:
/// wait for a database connection, database, wait for a hashing slot, hashing.
pub const PARTS: [&str; 6] = ["outside", "own", "pool", "db", "hashq", "hash"];

/// Where the time of right answers went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Attribution {
    /// Right answers that tell a duration called `pool`, `db`, `hashq`, `hash` or
    /// `app`: `parts` are of these. A duration that is not told is zero.
    pub answers: u64,
    /// Sum of their service times, ns: end minus actual start, also in the closed
    /// model. The parts add up to it unless `service_exceeded` counts some.
    pub service_ns: u64,
    /// One for each of [`PARTS`], in that order.
    pub parts: Vec<AttributedPart>,
    /// What the parts already contain: `app`, then durations of other names, at most
    /// eight, largest first, without quantiles.
    pub others: Vec<AttributedPart>,
    /// Where the durations do not go together.
    pub doubts: AttributionDoubts,
}

/// One part of the time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AttributedPart {
    /// As in [`PARTS`], or as the target calls it.
    pub name: String,
    /// Sum over answers, ns.
    pub total_ns: u64,
    /// This sum by that of all [`PARTS`]; null when that is zero.
    pub share: Option<f64>,
    /// Median over answers, ns, within 1 %; null where it is not known.
    pub p50_ns: Option<u64>,
    /// 99th percentile over answers, ns, within 1 %; null with fewer than ten answers
    /// beyond it.
    pub p99_ns: Option<u64>,
}

/// Answers whose durations do not go together, and durations that are not counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AttributionDoubts {
    /// Answers without `app`. It is taken for the sum of the others: what the
    /// application did itself then counts as `outside`.
    pub without_app: u64,
    /// Answers in which `pool`, `db`, `hashq` and `hash` add up to more than `app`:
    /// work at the same time. Their `own` is zero.
    pub app_exceeded: u64,
    /// Answers with an `app` longer than the service time. Their `outside` is zero.
    pub service_exceeded: u64,
    /// Durations that are no number of milliseconds from zero to a day.
    pub unreadable: u64,
    /// Durations of more names than are kept, or of names longer than 64 bytes.
    pub left_out: u64,
}

impl Attribution {
    /// The sum of all parts, ns.
    pub fn whole_ns(&self) -> u64 {
        let totals = self.parts.iter().map(|part| part.total_ns);
        totals.fold(0, u64::saturating_add)
    }

    /// The part of this name.
    pub fn part(&self, name: &str) -> Option<&AttributedPart> {
        self.parts.iter().find(|part| part.name == name)
    }
}
