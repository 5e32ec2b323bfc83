//! One scenario on one freshly started target, and its steps.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Attribution, DatabaseUse, Distribution, Example, FailureCount, FlowFigures, RequestFigures,
    Start, Stop, Verdict,
};

/// One scenario on one fresh process. Gives one sample of every metric.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Trial {
    /// Number in time order, from 1; names its files.
    pub number: u32,
    /// Round, from 1.
    pub round: u32,
    /// Position within the round, from 1.
    pub position: u32,
    /// Target id.
    pub target: String,
    /// Id of the [`crate::Variant`]; empty when nothing is swept (since schema 1.3).
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub variant: String,
    /// RFC 3339, UTC.
    pub started_at: String,
    /// Why its figures may not be used; empty when they may.
    pub invalid_reasons: Vec<String>,
    /// Whether it was stopped before its end: `--resume` plays it again (since
    /// schema 1.3).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub interrupted: bool,
    /// How it came up; null for a server that somebody else runs.
    pub start: Option<Start>,
    /// The quiet process before the first step.
    pub idle: Option<Mark>,
    /// The steps that were played.
    pub steps: Vec<Step>,
    /// How it went down; null for a server that somebody else runs.
    pub stop: Option<Stop>,
    /// Bytes that the target wrote to stdout and stderr.
    pub log_bytes: u64,
}

impl Trial {
    /// The name of its files, without folder and ending: `007-greet-go`, and
    /// `007-greet-go-size-39` where something is swept.
    pub fn file_stem(&self) -> String {
        let stem = format!("{:03}-{}", self.number, self.target);
        match self.variant.as_str() {
            "" => stem,
            variant => format!("{stem}-{variant}"),
        }
    }
}

/// One step at one level.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Step {
    /// Id of the [`crate::StepPlan`].
    pub id: String,
    /// From the first intended start to the end of counting, ns.
    pub window_ns: u64,
    /// From the end of the window to the last answer, ns.
    pub drain_ns: u64,
    /// The books: due = succeeded + failed + dropped + unfinished.
    pub counts: Counts,
    /// Failed requests by kind, most frequent first.
    pub failures: Vec<FailureCount>,
    /// Whether rows of data were used up, which ended the step, perhaps before its
    /// first start (since schema 1.3).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ran_out: bool,
    /// Answers by status.
    pub statuses: BTreeMap<u16, u64>,
    /// Bytes on the wire.
    pub bytes: Bytes,
    /// Answers within the window, right or wrong, per second of the window.
    pub throughput_per_s: f64,
    /// Right answers within the window, per second of the window.
    pub goodput_per_s: f64,
    /// End minus intended start. In the closed model the intended start is the
    /// moment the connection was free, so this equals the service time.
    pub response: Distribution,
    /// End minus actual start; null in the closed model, where it equals the
    /// response time.
    #[serde(default)]
    pub service: Option<Distribution>,
    /// Actual start minus intended start while a connection was idle: dyno's own
    /// lateness. Null in the closed model.
    #[serde(default)]
    pub send_lag: Option<Distribution>,
    /// How long due starts waited for a connection to become idle, those that
    /// did not wait at 1 ns. Null in the closed model.
    #[serde(default)]
    pub pool_wait: Option<Distribution>,
    /// First byte of the answer minus actual start.
    pub first_byte: Distribution,
    /// Connections opened, from connect() to ready for a request: TLS included.
    pub connect: Distribution,
    /// What the target used; null for a server that somebody else runs.
    pub resources: Option<Resources>,
    /// What dyno itself used.
    pub generator: Generator,
    /// What was played before counting; null without a warm-up.
    pub warmup: Option<Warmup>,
    /// Whether these figures are the target's; null in results of schema 1.1
    /// and older.
    #[serde(default)]
    pub verdict: Option<Verdict>,
    /// By flow, if one has several requests; none of more than 100 flows and requests
    /// together (since schema 1.3).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flows: Vec<FlowFigures>,
    /// By request, if there are several; none of more than 100 flows and requests
    /// together (since schema 1.3).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requests: Vec<RequestFigures>,
    /// Wrong answers, a few of each kind and request (since schema 1.3).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub examples: Vec<Example>,
    /// Where the time of right answers went; null when none had a `Server-Timing`
    /// field with durations (since schema 1.4).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attribution: Option<Attribution>,
    /// What the database saw; null when nobody looked (since schema 1.4).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database: Option<DatabaseUse>,
}

/// The books of a step. `due == succeeded + failed + dropped + unfinished` and
/// `sent == due - dropped - never_sent`, checked in every step.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Counts {
    /// Starts that came due.
    pub due: u64,
    /// Requests of which at least one byte was written.
    pub sent: u64,
    /// Right answers.
    pub succeeded: u64,
    /// Wrong, late or absent answers.
    pub failed: u64,
    /// Due, never sent (open model only).
    pub dropped: u64,
    /// In flight when the drain ended.
    pub unfinished: u64,
}

impl Counts {
    /// Whether nothing due was forgotten.
    pub fn balanced(&self) -> bool {
        self.due == self.succeeded + self.failed + self.dropped + self.unfinished
            && self.sent <= self.due - self.dropped
    }
}

/// Bytes on the wire, without TCP and IP.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Bytes {
    /// Requests.
    pub sent: u64,
    /// Answers, heads included.
    pub received: u64,
    /// Bodies of answers, chunk framing removed.
    pub bodies: u64,
}

/// What the process tree of the target used during a step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Resources {
    /// `cgroup v2`, `cgroup v1` or `/proc`.
    pub source: String,
    /// CPU time in user mode, ns.
    pub cpu_user_ns: u64,
    /// CPU time in the kernel, ns.
    pub cpu_system_ns: u64,
    /// CPU time divided by answers, ns; null without answers.
    pub cpu_per_request_ns: Option<f64>,
    /// Largest sum of resident sets seen, bytes.
    pub rss_peak_bytes: u64,
    /// Mean sum of resident sets, bytes.
    pub rss_mean_bytes: u64,
    /// Most threads seen.
    pub threads_peak: u32,
    /// Most open files seen.
    pub fds_peak: u32,
    /// Just before the step.
    pub before: Option<Mark>,
    /// Just after the drain.
    pub after: Option<Mark>,
}

/// A careful look at the quiet process tree, too dear for the middle of a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Mark {
    /// Processes.
    pub processes: u32,
    /// Threads.
    pub threads: u32,
    /// Open files.
    pub fds: u32,
    /// Sum of resident sets, bytes. Counts shared pages once a process.
    pub rss_bytes: u64,
    /// Proportional set size, bytes: shared pages divided by their users.
    pub pss_bytes: Option<u64>,
    /// CPU time in user mode since the start of the tree, ns.
    pub cpu_user_ns: u64,
    /// CPU time in the kernel since the start of the tree, ns.
    pub cpu_system_ns: u64,
    /// Context switches because a thread waited, since its start.
    pub voluntary_switches: Option<u64>,
    /// Context switches because a thread's time was up, since its start.
    pub involuntary_switches: Option<u64>,
}

/// What dyno used itself during a step: its own limits are part of the result.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Generator {
    /// Load threads.
    pub threads: u32,
    /// CPU time in user mode, whole process, ns.
    pub cpu_user_ns: u64,
    /// CPU time in the kernel, whole process, ns.
    pub cpu_system_ns: u64,
    /// CPU time divided by answers, ns; null without answers.
    pub cpu_per_request_ns: Option<f64>,
    /// Largest share of the window that a load thread was on a CPU.
    pub busy_fraction: f64,
    /// Peak resident set of dyno so far, bytes.
    pub rss_peak_bytes: u64,
    /// How the load threads waited for due times; null in the closed model.
    #[serde(default)]
    pub pacing: Option<Pacing>,
    /// How late a thread of dyno woke up that wanted to sleep for two milliseconds,
    /// over and over: when the machine stood still for dyno.
    #[serde(default)]
    pub hiccup: Option<Distribution>,
    /// From the moment a load thread woke up with answers at hand to the moment
    /// it looked at each: the most that dyno can have added to a response time.
    #[serde(default)]
    pub loop_delay: Option<Distribution>,
    /// Starts sent after the window though a connection was idle within it; null
    /// in the closed model.
    #[serde(default)]
    pub late_starts: Option<u64>,
    /// How likely gaps as odd as those of the actual starts are if the arrivals
    /// were Poisson (Kolmogorov-Smirnov); null for other arrivals.
    #[serde(default)]
    pub poisson_p: Option<f64>,
    /// What the kernel tells of the load threads; null where it does not.
    #[serde(default)]
    pub kernel: Option<KernelView>,
}

/// How a load thread waits for the next due time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Pacing {
    /// Sleeps until it is due: least CPU, tens of microseconds late.
    Sleep,
    /// Sleeps until shortly before, then polls.
    Hybrid,
    /// Never sleeps: least late, a whole CPU.
    Spin,
}

/// The kernel's view of the load threads during a step.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct KernelView {
    /// Largest share of the time that a load thread was ready and had no CPU.
    pub run_delay_fraction: Option<f64>,
    /// Share of the machine's CPU time that the hypervisor gave to others.
    pub steal_fraction: Option<f64>,
    /// Periods in which dyno's control group was held back by its quota.
    pub throttled_periods: Option<u64>,
    /// Context switches because a load thread's time was up.
    pub involuntary_switches: Option<u64>,
}

/// A warm-up: played, not counted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Warmup {
    /// Its length, ns.
    pub window_ns: u64,
    /// Its books.
    pub counts: Counts,
}

/// `series/<trial>.json`: what changed over time.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Series {
    /// The target's resources every 250 ms.
    pub samples: Vec<Sample>,
    /// The load's outcome every second.
    pub intervals: Vec<Interval>,
}

/// The target's process tree at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Sample {
    /// Since the exec of the target, ns.
    pub at_ns: u64,
    /// Id of the step being played; null between steps.
    pub step: Option<String>,
    /// Sum of resident sets, bytes.
    pub rss_bytes: u64,
    /// CPU time in user mode since the start of the tree, ns.
    pub cpu_user_ns: u64,
    /// CPU time in the kernel since the start of the tree, ns.
    pub cpu_system_ns: u64,
    /// Threads.
    pub threads: u32,
    /// Open files.
    pub fds: u32,
    /// Processes.
    pub processes: u32,
}

/// One slice of a step. The slices of a step add up to the step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Interval {
    /// Id of the step.
    pub step: String,
    /// Start, since the first intended start of the step, ns.
    pub start_ns: u64,
    /// Length, ns.
    pub length_ns: u64,
    /// Right answers that ended in it.
    pub succeeded: u64,
    /// Failures that ended in it.
    pub failed: u64,
    /// Median response time of right answers, ns.
    pub response_p50_ns: Option<u64>,
    /// 99th percentile of the response time of right answers, ns.
    pub response_p99_ns: Option<u64>,
    /// Largest response time of right answers, ns.
    pub response_max_ns: Option<u64>,
}
