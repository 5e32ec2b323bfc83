//! Whether the machine let its processes run: how late threads woke up, and
//! what the hypervisor gave to others.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use nix::sched::{CpuSet, sched_setaffinity};
use nix::unistd::Pid;

use crate::clock::now_ns;

/// What became of the machine while it was watched.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Health {
    /// How late a thread woke up at worst that wanted to sleep a millisecond.
    pub worst_hiccup: Duration,
    /// Share of such naps that ended more than a millisecond late.
    pub late_fraction: f64,
    /// Share of the machine's CPU time that the hypervisor gave to others.
    pub steal_fraction: f64,
}

impl Health {
    /// Whether times can be trusted to two milliseconds.
    pub fn is_good(&self) -> bool {
        self.worst_hiccup < Duration::from_millis(2)
            && self.late_fraction < 0.001
            && self.steal_fraction < 0.01
    }
}

/// Watches the machine until asked.
#[derive(Debug)]
pub struct Watch {
    done: Arc<AtomicBool>,
    threads: Vec<JoinHandle<Naps>>,
    before: Option<(u64, u64)>,
}

/// A time in which a CPU did not run a thread that was to wake up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stall {
    /// When the thread was to wake up, CLOCK_MONOTONIC, ns.
    pub begin_ns: u64,
    /// When it did.
    pub end_ns: u64,
}

#[derive(Debug, Clone, Default)]
struct Naps {
    count: u64,
    worst: Duration,
    /// Those that ended late.
    stalls: Vec<Stall>,
}

const NAP: Duration = Duration::from_millis(1);
const LATE: Duration = Duration::from_millis(1);

impl Watch {
    /// Begins, with a thread on each of `cpus`.
    pub fn begin(cpus: &[u32]) -> Self {
        let done = Arc::new(AtomicBool::new(false));
        let nap_on = |cpu: &u32| {
            let (done, cpu) = (Arc::clone(&done), *cpu);
            std::thread::spawn(move || nap(cpu, &done))
        };
        let threads = cpus.iter().map(nap_on).collect();
        Self {
            done,
            threads,
            before: ticks(),
        }
    }

    /// Ends, and tells.
    pub fn end(self) -> Health {
        self.end_with_stalls().0
    }

    /// Ends, and tells, also of each nap that ended more than a millisecond late,
    /// in no order.
    pub fn end_with_stalls(self) -> (Health, Vec<Stall>) {
        self.done.store(true, Ordering::Relaxed);
        let naps = self
            .threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_default());
        let all = naps.fold(Naps::default(), |mut sum, naps| {
            sum.count += naps.count;
            sum.worst = sum.worst.max(naps.worst);
            sum.stalls.extend(naps.stalls);
            sum
        });
        let steal = self
            .before
            .zip(ticks())
            .map_or(0.0, |((steal, total), (then, all))| {
                then.saturating_sub(steal) as f64 / all.saturating_sub(total).max(1) as f64
            });
        let health = Health {
            worst_hiccup: all.worst,
            late_fraction: all.stalls.len() as f64 / all.count.max(1) as f64,
            steal_fraction: steal,
        };
        (health, all.stalls)
    }
}

fn nap(cpu: u32, done: &AtomicBool) -> Naps {
    let mut set = CpuSet::new();
    // On another CPU it still sees what concerns the whole machine.
    let _ = set
        .set(cpu as usize)
        .and_then(|()| sched_setaffinity(Pid::from_raw(0), &set));
    let mut naps = Naps::default();
    while !done.load(Ordering::Relaxed) {
        let wake_ns = now_ns() + NAP.as_nanos() as u64;
        std::thread::sleep(NAP);
        let now_ns = now_ns();
        let late = Duration::from_nanos(now_ns.saturating_sub(wake_ns));
        naps.count += 1;
        naps.worst = naps.worst.max(late);
        if late > LATE {
            naps.stalls.push(Stall {
                begin_ns: wake_ns,
                end_ns: now_ns,
            });
        }
    }
    naps
}

/// Stolen and all ticks of the machine since it started.
fn ticks() -> Option<(u64, u64)> {
    let text = std::fs::read_to_string("/proc/stat").ok()?;
    let numbers = text.lines().next()?.split_whitespace().skip(1);
    let ticks: Vec<u64> = numbers.map_while(|number| number.parse().ok()).collect();
    // user nice system idle iowait irq softirq steal; guests are part of user.
    let all = ticks.iter().take(8).sum();
    Some((*ticks.get(7)?, all))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machine_is_looked_at() {
        let watch = Watch::begin(&[0]);
        std::thread::sleep(Duration::from_millis(20));
        let health = watch.end();
        assert!(health.worst_hiccup > Duration::ZERO, "{health:?}");
        assert!((0.0..=1.0).contains(&health.steal_fraction));
        assert!((0.0..=1.0).contains(&health.late_fraction));
    }
}
