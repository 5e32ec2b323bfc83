//! Does the machine stand still for dyno? A thread that sleeps for a moment,
//! over and over, and records how much later it woke up (after Tene's jHiccup).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use dyno_result::{Histogram, resident_histogram};
use nix::sys::prctl::set_timerslack;

/// Length of a sleep: short against what would spoil a measurement, and less
/// than half a percent of a CPU.
const NAP: Duration = Duration::from_millis(2);

/// The watching thread; it ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Hiccups {
    done: Arc<AtomicBool>,
    thread: Option<JoinHandle<Histogram>>,
}

impl Hiccups {
    /// Begins to watch.
    pub(crate) fn watch() -> std::io::Result<Self> {
        let done = Arc::new(AtomicBool::new(false));
        let thread = std::thread::Builder::new().name("hiccup".to_owned());
        let thread = thread.spawn({
            let done = Arc::clone(&done);
            move || nap(&done)
        })?;
        Ok(Self {
            done,
            thread: Some(thread),
        })
    }

    /// How late the thread woke up.
    pub(crate) fn finish(mut self) -> Histogram {
        self.done.store(true, Ordering::Relaxed);
        let thread = self.thread.take().expect("it is taken only here");
        thread.join().expect("the thread does not panic")
    }
}

impl Drop for Hiccups {
    fn drop(&mut self) {
        self.done.store(true, Ordering::Relaxed);
    }
}

fn nap(done: &AtomicBool) -> Histogram {
    let _ = set_timerslack(1);
    let mut late = resident_histogram();
    while !done.load(Ordering::Relaxed) {
        let begin = Instant::now();
        std::thread::sleep(NAP);
        let over = begin.elapsed().saturating_sub(NAP);
        late.record(u64::try_from(over.as_nanos()).unwrap_or(u64::MAX).max(1))
            .expect("a histogram that may grow takes every value");
    }
    late
}
