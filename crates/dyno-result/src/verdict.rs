//! Whether the figures of a step are the target's: what dyno and its machine
//! did to them, weighed against limits. Pure; `dyno-report` finds the words.
//!
//! The limits stand in `thresholds`, one function a signal in `signals`.

mod signals;
#[cfg(test)]
mod tests;
mod thresholds;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Interval, Layout, Load, Step};

pub use thresholds::{Limits, Thresholds};

/// What to think of a step's figures, and why.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Verdict {
    /// The worst level of the reasons.
    pub level: Level,
    /// Worst first. Those of level `valid` are no fault: they name what set the
    /// figures.
    pub reasons: Vec<Reason>,
}

/// How far figures can be trusted.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// They are the target's.
    #[default]
    Valid,
    /// Something else is part of them; read the reason.
    Warn,
    /// They are not the target's: not to be used.
    Invalid,
}

/// One signal beyond its limit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Reason {
    /// What was looked at.
    pub signal: Signal,
    /// How bad it is.
    pub level: Level,
    /// What was seen.
    pub value: f64,
    /// What it should not go beyond at this level.
    pub limit: f64,
    /// Of value and limit.
    pub unit: Unit,
    /// Level of the quantile that `value` is; null for anything else.
    #[serde(default)]
    pub quantile: Option<f64>,
}

/// The unit of a [`Reason`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// Nanoseconds.
    Ns,
    /// Of a whole; of a change, with its sign.
    Fraction,
    /// How many.
    Count,
    /// A p-value.
    Probability,
}

macro_rules! signals {
    ($($(#[$doc:meta])* $name:ident = $id:literal;)*) => {
        /// What the verdict looks at. The strings are stable: they stand in result
        /// files.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        pub enum Signal { $($(#[$doc])* #[serde(rename = $id)] $name,)* }

        impl Signal {
            /// Every signal, the gravest first.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The stable name.
            pub fn id(self) -> &'static str { match self { $(Self::$name => $id,)* } }
        }
    };
}

signals! {
    /// Right answers: there were none.
    NoAnswer = "no_answer";
    /// How late dyno sent though a connection was idle.
    SendLag = "send_lag";
    /// Share of the due starts that dyno sent only after the window, though a
    /// connection was idle.
    LateStarts = "late_starts";
    /// Share of the due starts that were dropped because too many waited.
    Dropped = "dropped";
    /// Share of the due starts that never got a connection.
    NeverSent = "never_sent";
    /// Share of the requests that failed by dyno's own limits.
    GeneratorFailures = "generator_failures";
    /// Share of the time that the busiest load thread was on a CPU.
    Busy = "busy";
    /// Share of the time that a load thread was ready and had no CPU.
    RunDelay = "run_delay";
    /// Share of the machine's CPU time that the hypervisor gave to others.
    Steal = "steal";
    /// Periods in which dyno's control group was held back by its quota.
    Throttled = "throttled";
    /// Longest time that the machine stood still for dyno.
    Hiccup = "hiccup";
    /// Connections kept occupied, as a multiple of those there are, less one:
    /// Little's law in the closed model.
    LittlesLaw = "littles_law";
    /// How likely gaps as odd as those of the starts are if they were Poisson.
    Poisson = "poisson";
    /// Change of the median response time from the first half of the step to
    /// the second.
    ResponseTrend = "response_trend";
    /// Change of the throughput from the first half of the step to the second.
    ThroughputTrend = "throughput_trend";
    /// Share of its CPUs that the target used: no fault, but what set the
    /// figures.
    TargetCpu = "target_cpu";
    /// The level at which a search ended without its answer.
    Search = "search";
}

impl Signal {
    /// Whether it tells of dyno and its machine and not of the target: what it spoils
    /// says nothing of the target.
    pub fn is_of_generator(self) -> bool {
        match self {
            Self::SendLag
            | Self::LateStarts
            | Self::GeneratorFailures
            | Self::Busy
            | Self::RunDelay
            | Self::Steal
            | Self::Throttled
            | Self::Hiccup
            | Self::LittlesLaw
            | Self::Poisson => true,
            Self::NoAnswer
            | Self::Dropped
            | Self::NeverSent
            | Self::ResponseTrend
            | Self::ThroughputTrend
            | Self::TargetCpu
            | Self::Search => false,
        }
    }
}

/// What must be known of the place where a step was played.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// CPUs that the target had to itself; 0 when that is not known.
    pub target_cpus: u32,
    /// Whether target and dyno may have been on the same CPUs.
    pub shared: bool,
}

impl Surroundings {
    /// Of a target that dyno started.
    pub fn of_target(layout: &Layout) -> Self {
        Self {
            target_cpus: u32::try_from(layout.target_cpus.len()).unwrap_or(u32::MAX),
            shared: layout.shared,
        }
    }

    /// Of a server that somebody else runs: on this machine it may be anywhere.
    pub fn of_server(layout: &Layout, is_local: bool) -> Self {
        Self {
            target_cpus: 0,
            shared: layout.shared || is_local,
        }
    }
}

/// Everything that a signal may look at.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    /// The step as it was played.
    pub step: &'a Step,
    /// The load that was asked for.
    pub load: &'a Load,
    /// Its slices, in time order; empty when they are not known.
    pub intervals: &'a [Interval],
    /// Where it was played.
    pub surroundings: Surroundings,
}

/// Weighs every signal of a step.
pub fn verdict(evidence: &Evidence<'_>, thresholds: &Thresholds) -> Verdict {
    Verdict::of(signals::reasons(evidence, thresholds))
}

impl Verdict {
    /// The verdict for these reasons.
    pub fn of(mut reasons: Vec<Reason>) -> Self {
        reasons.sort_by_key(|reason| (std::cmp::Reverse(reason.level), reason.signal));
        let level = reasons.iter().map(|reason| reason.level).max();
        Self {
            level: level.unwrap_or_default(),
            reasons,
        }
    }
}
