//! The scenario as meant: every default filled in, every level spelled out.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::{Plan, Profile, Search};

/// A scenario file, checked and complete.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// Names the run directory.
    pub name: String,
    /// The first comment of the file: the question it asks.
    pub question: String,
    /// The contract that its targets promise, `greet/1`.
    pub contract: Option<String>,
    /// Target ids, in the order of the file; the first is the reference.
    pub targets: Vec<String>,
    /// Trials of each target, at least 1.
    pub repeat: u32,
    /// How long the started target is left alone before the first step.
    pub idle: Duration,
    /// Pause between steps, and between trials.
    pub cooldown: Duration,
    /// What is asked.
    pub plan: Plan,
    /// The levels of `[vars]` and `[env]`, each for trials of its own; at least one,
    /// and only one when nothing is swept.
    pub variants: Vec<Variant>,
    /// Steps, one for each level, in the order they are played; at least one.
    pub steps: Vec<Step>,
}

/// One level of everything that is swept between trials.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Variant {
    /// Unique within the scenario, fit for a file name: `size-39-workers-1`. Empty
    /// when nothing is swept.
    pub id: String,
    /// Values of `{{vars.size}}`: all that the file has, swept or not.
    pub vars: BTreeMap<String, String>,
    /// Variables for the target's environment, likewise.
    pub env: BTreeMap<String, String>,
}

/// How lists of levels go together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Every value of one with every value of the others.
    #[default]
    Matrix,
    /// The n-th values of all.
    Zip,
}

/// One step at one level.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Unique within the scenario, fit for a file name: `closed-loop-c100`,
    /// `open-loop-r500`.
    pub id: String,
    /// The name in the file.
    pub name: String,
    /// The load; of a search, that of its first probe.
    pub load: Load,
    /// The level of the load is looked for.
    pub search: Option<Search>,
    /// Play the load this long before counting starts; zero for not at all.
    pub warmup: Duration,
    /// A request without a complete answer for this long has failed.
    pub timeout: Duration,
    /// Whether connections are used again.
    pub keepalive: bool,
}

/// How starts come about.
#[derive(Debug, Clone, PartialEq)]
pub enum Load {
    /// A start waits for an answer on one of the connections.
    Closed {
        /// Connections, at least 1.
        connections: u32,
        /// When to stop.
        until: Until,
    },
    /// Starts come from a clock, whatever the answers do.
    Open {
        /// How many starts, and how long.
        profile: Profile,
        /// How they lie in time; bursts know no random ones.
        arrivals: Arrivals,
        /// Connections that may carry them, at least 1. A start that finds none
        /// idle waits, and that counts.
        connections: u32,
    },
}

impl Load {
    /// Connections that carry it, at least 1.
    #[must_use]
    pub fn connections(&self) -> u32 {
        match self {
            Self::Closed { connections, .. } | Self::Open { connections, .. } => *connections,
        }
    }

    /// How long starts come; `None` when a number of requests ends it.
    #[must_use]
    pub fn duration(&self) -> Option<Duration> {
        match self {
            Self::Closed { until, .. } => match until {
                Until::Elapsed(duration) => Some(*duration),
                Until::Requests(_) => None,
            },
            Self::Open { profile, .. } => Some(profile.duration()),
        }
    }
}

/// Starts per time, exactly: `starts` in `per_ns` nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Starts; 0 only in [`Rate::ZERO`].
    pub starts: u64,
    /// In so many nanoseconds, at least 1.
    pub per_ns: u64,
}

/// How the starts of an open load lie in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrivals {
    /// At equal distances.
    Constant,
    /// At random, independent of each other: exponential distances.
    Poisson,
}

impl Arrivals {
    /// The word for it in a scenario file.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Constant => "constant",
            Self::Poisson => "poisson",
        }
    }
}

/// When a step ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// After exactly so many requests.
    Requests(u64),
    /// No start after this time.
    Elapsed(Duration),
}
