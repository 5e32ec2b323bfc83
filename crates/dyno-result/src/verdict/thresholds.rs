//! Every limit of the verdict, in one place.

/// Where a signal begins to matter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Beyond this it is part of the figures.
    pub warn: f64,
    /// Beyond this the figures are not the target's.
    pub invalid: f64,
}

impl Limits {
    const fn new(warn: f64, invalid: f64) -> Self {
        Self { warn, invalid }
    }
}

/// The limits of the verdict. The default is dyno's proposal, not a law: a first
/// setting by reasoning, to be checked against runs of known outcome.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Thresholds {
    /// Steps shorter than this say nothing of shares of time, ns: the start of
    /// the load alone fills them.
    pub least_window_ns: u64,
    /// Steps shorter than this are at most doubtful by shares of time, ns: one
    /// turn of the scheduler weighs too much.
    pub full_window_ns: u64,
    /// Fewest times of which a quantile is judged.
    pub least_sample: u64,
    /// Fewest starts, late or never sent, that are more than the edge of a step.
    pub least_starts: u64,
    /// Send lag, ns: 0.1 ms is what waking up costs on a busy machine.
    pub send_lag_ns: Limits,
    /// Send lag as a share of the median service time (to warn; either limit is
    /// enough) and of the response time at the same level (invalid; both limits).
    /// On a server that answers at once, in 60 us with the path, good runs with
    /// hybrid pacing reach 25 us at p99 (results/examples/verdict): a limit of 5 %
    /// doubted every one of them.
    pub send_lag_share: Limits,
    /// Share of the due starts that dyno sent too late or that were never sent.
    pub not_sent: Limits,
    /// Share of the due starts that were dropped.
    pub dropped: Limits,
    /// Share of the requests that failed by dyno's own limits.
    pub generator_failures: Limits,
    /// Share of the time on a CPU: beyond 80 % queues grow quickly in any
    /// server, and a load thread is one for its answers.
    pub busy: Limits,
    /// Share of the time ready without a CPU.
    pub run_delay: Limits,
    /// The same where target and dyno may be on the same CPUs: less than half of
    /// what it wanted is not sharing any more.
    pub run_delay_shared: Limits,
    /// Share of the machine's CPU time that went to others.
    pub steal: Limits,
    /// Longest hiccup, ns. Invalid only if it is also longer than the response
    /// time at p99, and than `hiccup_share` of the window.
    pub hiccup_ns: Limits,
    /// A hiccup shorter than this share of the window cannot reach p99.
    pub hiccup_share: f64,
    /// How far Little's law may be off: beyond 1 % time was lost or counted
    /// twice; histograms err by less than 0.1 %.
    pub littles_law: Limits,
    /// Smallest p-value at which starts still pass as Poisson.
    pub poisson_p: f64,
    /// Largest p-value of the rank test at which the halves of a step differ.
    pub trend_p: f64,
    /// Smallest change between the halves of a step that is worth a word.
    pub trend_change: f64,
    /// Share of its CPUs from which the target's CPU is said to be the limit.
    pub target_cpu: f64,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            least_window_ns: 100_000_000,
            full_window_ns: 1_000_000_000,
            least_sample: 20,
            least_starts: 10,
            send_lag_ns: Limits::new(100_000.0, 1_000_000.0),
            send_lag_share: Limits::new(0.5, 0.1),
            not_sent: Limits::new(0.001, 0.01),
            dropped: Limits::new(0.0, 0.001),
            generator_failures: Limits::new(0.0, 0.001),
            busy: Limits::new(0.8, 0.95),
            run_delay: Limits::new(0.01, 0.05),
            run_delay_shared: Limits::new(0.05, 0.5),
            steal: Limits::new(0.01, 0.05),
            hiccup_ns: Limits::new(5e6, 50e6),
            hiccup_share: 0.01,
            littles_law: Limits::new(0.01, 0.03),
            poisson_p: 0.01,
            trend_p: 0.01,
            trend_change: 0.05,
            target_cpu: 0.9,
        }
    }
}
