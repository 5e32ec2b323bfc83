//! The kernel's view of dyno's own load threads, between two moments while
//! they live. What the files say is read in `procfs` and `cgroup`.

use std::collections::BTreeMap;
use std::fs;
use std::time::{Duration, Instant};

use dyno_result::KernelView;

use crate::host::{self, CpuTimes};
use crate::{cgroup, procfs};

/// How the names of load threads begin.
const NAME: &str = "load-";

/// What the kernel had counted at one moment.
#[derive(Debug, Clone)]
pub struct Reading {
    at: Instant,
    threads: BTreeMap<i32, Counted>,
    cpu: Option<CpuTimes>,
    throttled: Option<u64>,
}

/// Of one thread since its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Counted {
    /// Ready without a CPU, ns; none when the kernel does not tell.
    run_delay_ns: Option<u64>,
    involuntary_switches: Option<u64>,
}

impl Reading {
    /// Now, about 50 µs a load thread.
    pub fn now() -> Self {
        Self {
            at: Instant::now(),
            threads: threads(),
            cpu: host::cpu_times(),
            throttled: cgroup::throttled_periods(),
        }
    }

    /// What happened from this reading to a later one. A load thread that is
    /// not in both is left out.
    pub fn until(&self, later: &Self) -> KernelView {
        let elapsed = later.at.saturating_duration_since(self.at);
        KernelView {
            steal_fraction: self
                .cpu
                .zip(later.cpu)
                .and_then(|(before, after)| host::steal_fraction(before, after)),
            throttled_periods: self
                .throttled
                .zip(later.throttled)
                .map(|(before, after)| after.saturating_sub(before)),
            ..of_threads(&self.threads, &later.threads, elapsed)
        }
    }
}

/// The largest resident set of this process since it became dyno, bytes. What
/// `getrusage` tells is at least that of the process that has started dyno.
pub fn peak_bytes() -> Option<u64> {
    procfs::parse_peak(&fs::read_to_string("/proc/self/status").ok()?)
}

/// The largest delay of a thread, and the switches of all.
fn of_threads(
    before: &BTreeMap<i32, Counted>,
    after: &BTreeMap<i32, Counted>,
    elapsed: Duration,
) -> KernelView {
    let both = || {
        let pairs = after.iter();
        pairs.filter_map(|(id, after)| Some((before.get(id)?, after)))
    };
    let delays = both().filter_map(|(before, after)| {
        let delay = after.run_delay_ns?.saturating_sub(before.run_delay_ns?);
        (!elapsed.is_zero()).then(|| delay as f64 / elapsed.as_nanos() as f64)
    });
    let switches: Option<Vec<u64>> = both()
        .map(|(before, after)| {
            let (before, after) = (before.involuntary_switches?, after.involuntary_switches?);
            Some(after.saturating_sub(before))
        })
        .collect();
    KernelView {
        run_delay_fraction: delays.max_by(f64::total_cmp),
        involuntary_switches: switches
            .filter(|all| !all.is_empty())
            .map(|all| all.iter().sum()),
        ..KernelView::default()
    }
}

fn threads() -> BTreeMap<i32, Counted> {
    let Ok(entries) = fs::read_dir("/proc/self/task") else {
        return BTreeMap::new();
    };
    let ids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<i32>().ok());
    let counted = ids.filter_map(|id| {
        let file = |name: &str| fs::read_to_string(format!("/proc/self/task/{id}/{name}")).ok();
        file("comm")?.starts_with(NAME).then_some(())?;
        let switches = file("status").and_then(|text| procfs::parse_switches(&text));
        let counted = Counted {
            run_delay_ns: file("schedstat").and_then(|text| procfs::parse_run_delay(&text)),
            involuntary_switches: switches.map(|(_, involuntary)| involuntary),
        };
        Some((id, counted))
    });
    counted.collect()
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn the_worst_thread_and_the_switches_of_all() {
        let counted = |delay_ms: u64, switches| Counted {
            run_delay_ns: Some(delay_ms * 1_000_000),
            involuntary_switches: Some(switches),
        };
        let before = BTreeMap::from([(1, counted(10, 5)), (2, counted(0, 0)), (3, counted(9, 9))]);
        let after = BTreeMap::from([
            (1, counted(60, 7)),
            (2, counted(20, 30)),
            (4, counted(900, 1)),
        ]);
        let seen = of_threads(&before, &after, SECOND);
        assert_eq!(seen.run_delay_fraction, Some(0.05));
        assert_eq!(seen.involuntary_switches, Some(32));
        let nothing = of_threads(&BTreeMap::new(), &after, SECOND);
        assert_eq!(nothing, KernelView::default());
        let at_once = of_threads(&before, &after, Duration::ZERO);
        assert_eq!(at_once.run_delay_fraction, None);
        let blind = Counted {
            run_delay_ns: None,
            involuntary_switches: None,
        };
        let blind = BTreeMap::from([(1, blind)]);
        assert_eq!(of_threads(&blind, &after, SECOND), KernelView::default());
    }

    #[test]
    fn a_living_load_thread_is_seen_and_another_is_not() {
        let (say, heard) = channel();
        let (end, ends) = channel::<()>();
        let ends = std::sync::Mutex::new(ends);
        let spin = move || {
            say.send(()).unwrap();
            // Ends when its sender is gone.
            let _ = ends.lock().unwrap().recv();
        };
        let thread = std::thread::Builder::new().name("load-test".to_owned());
        let thread = thread.spawn(spin).unwrap();
        heard.recv().unwrap();
        let (first, second) = (Reading::now(), Reading::now());
        assert_eq!(second.threads.len(), 1, "{second:?}");
        let view = first.until(&second);
        let schedstat = std::path::Path::new("/proc/self/schedstat").exists();
        assert_eq!(view.run_delay_fraction.is_some(), schedstat);
        assert!(view.involuntary_switches.is_some());
        drop(end);
        thread.join().unwrap();
        let gone = Reading::now();
        assert_eq!(second.until(&gone).run_delay_fraction, None);
    }
}
