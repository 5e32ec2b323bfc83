//! Probes as a server with one queue would answer them, computed instead of played.

use std::collections::BTreeMap;
use std::time::Duration;

use dyno_engine::Played;
use dyno_result::{
    Bytes, Counts, Distribution, FailureCount, FailureKind, Generator, Interval,
    IntervalHistograms, Packed, StepHistograms, new_histogram,
};
use dyno_scenario::{Load, Step};

const SECOND: f64 = 1e9;

/// Starts at equal distances, or at random, answered one at a time, `capacity` a second;
/// the queue has `waiting` starts at the beginning. Those that fail do so at once.
pub(super) struct Server {
    pub(super) capacity: f64,
    pub(super) waiting: f64,
    /// Every n-th start fails so; none for 0.
    pub(super) fails: (u64, FailureKind),
    /// Starts are independent of each other (Poisson).
    pub(super) random: Option<fastrand::Rng>,
}

impl Server {
    pub(super) fn new(capacity: f64) -> Self {
        Self {
            capacity,
            waiting: 0.0,
            fails: (0, FailureKind::Status5xx),
            random: None,
        }
    }

    /// The probe as the engine would have played it.
    pub(super) fn play(&mut self, step: &Step) -> Played {
        let Load::Open { profile, .. } = &step.load else {
            panic!("only with a clock");
        };
        let (rate, window) = (profile.mean_per_second(), profile.duration().as_secs_f64());
        let starts = self.starts(rate, window);
        let due = starts.len() as u64;
        let mut free = self.waiting / self.capacity;
        let mut all = new_histogram();
        let (mut in_window, mut failed, mut late, mut end) = (0, 0, 0, 0.0_f64);
        let timeout_ns = step.timeout.as_nanos() as u64;
        let mut slices: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
        for (k, start) in (0..).zip(starts) {
            let (every, _) = self.fails;
            if every > 0 && k % every == every - 1 {
                (failed, in_window) = (failed + 1, in_window + 1);
                continue;
            }
            free = free.max(start) + 1.0 / self.capacity;
            let response_ns = ((free - start) * SECOND).round().max(1.0) as u64;
            if response_ns >= timeout_ns {
                late += 1;
                end = end.max(start + step.timeout.as_secs_f64());
                continue;
            }
            all.record(response_ns).unwrap();
            slices.entry(free as u64).or_default().push(response_ns);
            in_window += u64::from(free <= window);
            end = end.max(free);
        }
        let interval = |(second, mut times): (u64, Vec<u64>)| {
            times.sort_unstable();
            Interval {
                step: step.id.clone(),
                start_ns: second * 1_000_000_000,
                length_ns: 1_000_000_000,
                succeeded: times.len() as u64,
                failed: 0,
                response_p50_ns: Some(times[times.len() / 2]),
                response_p99_ns: None,
                response_max_ns: times.last().copied(),
            }
        };
        let (_, kind) = self.fails;
        let status = if kind == FailureKind::Status5xx {
            503
        } else {
            200
        };
        let response = Distribution::of(&all, late, failed, Some(timeout_ns));
        let none = || Distribution::of(&new_histogram(), 0, 0, None);
        Played {
            step: dyno_result::Step {
                id: step.id.clone(),
                window_ns: (window * SECOND) as u64,
                drain_ns: ((end - window).max(0.0) * SECOND) as u64,
                counts: Counts {
                    due,
                    sent: due,
                    succeeded: due - failed - late,
                    failed: failed + late,
                    ..Counts::default()
                },
                failures: [(kind, failed), (FailureKind::ReceiveTimeout, late)]
                    .into_iter()
                    .filter(|(_, count)| *count > 0)
                    .map(|(kind, count)| FailureCount { kind, count })
                    .collect(),
                ran_out: false,
                statuses: BTreeMap::from([(200, due - failed - late), (status, failed)]),
                bytes: Bytes::default(),
                throughput_per_s: in_window as f64 / window,
                goodput_per_s: (in_window - failed) as f64 / window,
                response,
                service: None,
                send_lag: None,
                pool_wait: None,
                first_byte: none(),
                connect: none(),
                resources: None,
                generator: Generator::default(),
                warmup: None,
                verdict: None,
                flows: Vec::new(),
                requests: Vec::new(),
                examples: Vec::new(),
                search: None,
            },
            histograms: StepHistograms {
                intervals: vec![IntervalHistograms {
                    start_s: 0.0,
                    length_s: window,
                    response: Packed::of(&all),
                    first_byte: Packed::default(),
                    connect: Packed::default(),
                }],
            },
            intervals: slices.into_iter().map(interval).collect(),
        }
    }
}

impl Server {
    fn starts(&mut self, rate: f64, window: f64) -> Vec<f64> {
        let Some(random) = &mut self.random else {
            let due = (rate * window).ceil() as u64;
            return (0..due).map(|k| k as f64 / rate).collect();
        };
        let mut next = |at: &mut f64| {
            *at -= (1.0 - random.f64()).ln() / rate;
            Some(*at)
        };
        let starts = std::iter::repeat(()).scan(0.0, |at, ()| next(at));
        starts.take_while(|at| *at < window).collect()
    }
}

/// A step with this search.
pub(super) fn step(search: &str) -> Step {
    let text = format!(
        "name = 'x'\nwarmup = '0s'\n[[request]]\npath = '/'\n\
         [[step]]\nname = 'to failure'\nsearch = {{ {search} }}\n"
    );
    let scenario = dyno_scenario::parse("x.toml", &text).unwrap();
    scenario.steps[0].clone()
}

/// How long a step plays, its drain included.
pub(super) fn length(played: &Played) -> Duration {
    Duration::from_nanos(played.step.window_ns + played.step.drain_ns)
}
