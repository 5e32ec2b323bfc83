//! A search: what was looked for, every probe of it, and what came out.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Counts, Distribution, FailureCount, QuantileValue, Verdict};

/// What a step looks for: the highest level at which a limit holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SearchPlan {
    /// What every level of the search counts.
    pub by: SearchBy,
    /// The first level.
    pub from: f64,
    /// The highest level that may be asked; null where the scenario has none.
    pub to: Option<f64>,
    /// All of them must hold of a probe.
    pub limit: Vec<LimitClause>,
    /// How long a probe is, s.
    pub probe_s: f64,
    /// How far the ends of the answer may lie apart.
    pub precision_fraction: f64,
    /// How many probes must agree at either end.
    pub confirm: u32,
}

/// What the levels of a search count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SearchBy {
    /// Starts per second, from a clock.
    Rate,
    /// Connections, each waiting for its answer.
    Connections,
}

/// One thing that must hold of a probe.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LimitClause {
    /// As the scenario has it: `p99 < 200ms`.
    pub text: String,
    /// What is looked at.
    pub metric: LimitMetric,
    /// Level of the quantile; null for anything else.
    pub quantile: Option<f64>,
    /// What it must stay below, throughput and goodput above: ns, a share of one, or
    /// per second.
    pub bound: f64,
    /// Whether the bound itself still holds.
    pub or_equal: bool,
    /// Of `bound`.
    pub unit: LimitUnit,
}

/// What a clause of a limit looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LimitMetric {
    /// A quantile of the response time.
    Quantile,
    /// The slowest right answer.
    Max,
    /// The mean response time of right answers.
    Mean,
    /// Starts without a right answer, of those due.
    Failed,
    /// Answers, right or wrong.
    Throughput,
    /// Right answers.
    Goodput,
}

/// The unit of a [`LimitClause`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LimitUnit {
    /// Nanoseconds.
    Ns,
    /// Of a whole; for throughput and goodput, of the starts due.
    Fraction,
    /// Per second.
    PerS,
}

/// What came of a search. Its answer is an interval: between `held` and `broken` it
/// cannot tell.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Search {
    /// The highest level at which every probe held, below `broken`; null if there is
    /// none.
    pub held: Option<SearchEnd>,
    /// The lowest level at which every probe broke the limit; null if there is none.
    pub broken: Option<SearchEnd>,
    /// Why it ended.
    pub ending: SearchEnding,
    /// In the order in which they were played.
    pub probes: Vec<Probe>,
    /// What the target does beyond its limit; null if that was not looked at.
    pub overload: Option<Overload>,
}

/// An end of the answer of a search.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SearchEnd {
    /// Starts per second, or connections.
    pub level: f64,
    /// Probes that agree on it; it is confirmed if they are as many as the plan wants.
    pub probes: u32,
}

/// Why a search ended.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum SearchEnding {
    /// Both ends are confirmed.
    Found,
    /// The limit holds at the highest level that may be asked.
    NotReached,
    /// The limit breaks at the lowest level that was asked.
    Below,
    /// dyno or its machine was the limit, more than once.
    Generator {
        /// Where.
        level: f64,
    },
    /// The limit did not hold again after a probe had broken it.
    NotRecovered {
        /// Of that probe.
        level: f64,
    },
    /// The target ended.
    Died {
        /// Of the probe in which it did.
        level: f64,
    },
    /// The probes or the time that it may take were used up.
    Exhausted,
    /// The rows of data were used up.
    RanOut,
    /// It was stopped.
    Interrupted,
}

/// One level, played once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Probe {
    /// What it was for.
    pub stage: ProbeStage,
    /// Starts per second, or connections.
    pub level: f64,
    /// From the first intended start to the end of counting, ns.
    pub window_ns: u64,
    /// The books.
    pub counts: Counts,
    /// Failed requests by kind, most frequent first.
    pub failures: Vec<FailureCount>,
    /// Answers by status.
    pub statuses: BTreeMap<u16, u64>,
    /// Answers within the window, right or wrong, per second.
    pub throughput_per_s: f64,
    /// Right answers within the window, per second.
    pub goodput_per_s: f64,
    /// End minus intended start.
    pub response: Distribution,
    /// CPU time of the target for each answer, ns; null where it is not known.
    pub cpu_per_request_ns: Option<f64>,
    /// Whether these figures are the target's.
    pub verdict: Verdict,
    /// What it says of its level.
    pub outcome: ProbeOutcome,
    /// What was seen of each clause of the limit, in its order.
    pub clauses: Vec<ClauseSeen>,
    /// A queue that grew to the end, so that the level cannot be kept up whatever the
    /// limit says; null if there was none.
    pub backlog: Option<Backlog>,
    /// How long after it the limit held again; null where that was not looked at.
    pub recovery: Option<Recovery>,
}

/// What a probe is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProbeStage {
    /// Twice the level before, until the limit breaks.
    Doubling,
    /// Half the level before, until the limit holds.
    Halving,
    /// Between a level that holds and one that does not.
    Bisection,
    /// Once more at an end of the answer.
    Confirmation,
    /// Beyond the limit.
    Overload,
}

/// What a probe says of its level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProbeOutcome {
    /// The limit held.
    Held,
    /// The limit broke, or the target did not keep up.
    Broke,
    /// Nothing: dyno or its machine was the limit.
    Void,
}

/// What was seen of a clause.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ClauseSeen {
    /// Whether it holds.
    pub holds: bool,
    /// The metric.
    pub seen: Seen,
}

/// A metric of a limit as it was seen.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Seen {
    /// A response time, at the quantile's rank however few requests there are.
    Time(QuantileValue),
    /// Of a whole.
    Fraction(f64),
    /// Per second.
    PerS(f64),
}

/// A queue that grew from the beginning of a probe to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Backlog {
    /// Starts that had no answer at the end of the window.
    pub waiting: u64,
    /// Median response time of the first quarter of the window, ns.
    pub first_p50_ns: u64,
    /// That of the last quarter, ns.
    pub last_p50_ns: u64,
}

/// A probe beyond the limit, and what the target did then.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Overload {
    /// Its level as a multiple of the one that holds.
    pub factor: f64,
    /// The probe; its recovery is that of the target.
    pub probe: Probe,
    /// How it failed, what concerned most starts first.
    pub modes: Vec<OverloadShare>,
}

/// How much of an overload met one fate.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OverloadShare {
    /// Which.
    pub mode: OverloadMode,
    /// Of the starts due.
    pub fraction: f64,
}

/// What a target does when more is asked than it can bear.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OverloadMode {
    /// Its process ended.
    Crashes,
    /// It says so: 429 or 503.
    Sheds,
    /// It closes or resets connections, or takes none.
    Refuses,
    /// Other answers are wrong.
    Errs,
    /// Answers come later than the time limit of a request, or never.
    TimesOut,
    /// Right answers come later than the limit of the search, or starts wait for a
    /// connection until they are dropped.
    Queues,
    /// The limit holds all the same.
    Holds,
}

/// Whether a target got over a load.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Recovery {
    /// The limit held again, at half the level that holds.
    Recovered {
        /// From the last intended start to the first start of a second in which it
        /// held, ns.
        after_ns: u64,
    },
    /// It did not.
    NotWithin {
        /// For so long, ns.
        watched_ns: u64,
    },
    /// The target ended.
    Died,
}

impl Search {
    /// The probes of a level, in their order.
    pub fn at(&self, end: Option<SearchEnd>) -> impl Iterator<Item = &Probe> {
        let level = end.map(|end| end.level);
        self.probes
            .iter()
            .filter(move |probe| Some(probe.level) == level)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_of_a_search_is_read_back() {
        let recovery = Recovery::Recovered { after_ns: 5 };
        let check = |text: &str| {
            let ending: SearchEnding = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&ending).unwrap(), text);
        };
        check(r#"{"kind":"found"}"#);
        check(r#"{"kind":"generator","level":400.0}"#);
        let text = serde_json::to_string(&recovery).unwrap();
        assert_eq!(text, r#"{"kind":"recovered","after_ns":5}"#);
        let seen = ClauseSeen {
            holds: false,
            seen: Seen::Time(QuantileValue::Failed),
        };
        let text = serde_json::to_string(&seen).unwrap();
        assert_eq!(text, r#"{"holds":false,"seen":{"time":"failed"}}"#);
        assert_eq!(serde_json::from_str::<ClauseSeen>(&text).unwrap(), seen);
    }
}
