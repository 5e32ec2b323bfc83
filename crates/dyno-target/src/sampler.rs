//! Looks at the processes of a target or a database four times a second, and what a
//! step made of that.

use std::io;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use dyno_result::{Mark, Resources, Sample};

use crate::Supervised;
use crate::account::Account;
use crate::protocol::now_ns;

/// Between two samples.
const PERIOD: Duration = Duration::from_millis(250);

/// Takes samples of one process tree in a thread of its own until it is stopped.
/// Dropping it ends the thread too.
#[derive(Debug)]
pub struct Sampler {
    book: Arc<Mutex<Book>>,
    // Its end is the thread's.
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Book {
    step: Option<String>,
    samples: Vec<Sample>,
}

impl Sampler {
    /// Begins with a sample at once.
    pub fn start(process: &Supervised) -> io::Result<Self> {
        let book = Arc::new(Mutex::new(Book::default()));
        let (stop, stopped) = channel::<()>();
        let thread = thread::Builder::new().name("sampler".to_owned()).spawn({
            let book = Arc::clone(&book);
            let (account, exec_ns) = (Arc::clone(&process.account), process.exec_ns);
            move || {
                let mut due = Instant::now();
                loop {
                    // A target that is gone has nothing to show; how it ended
                    // is told by others.
                    take(&book, &account, exec_ns);
                    // A sample that came late is not made up for.
                    due = (due + PERIOD).max(Instant::now());
                    let left = due.saturating_duration_since(Instant::now());
                    if stopped.recv_timeout(left) != Err(RecvTimeoutError::Timeout) {
                        return;
                    }
                }
            }
        })?;
        Ok(Self {
            book,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Says which step is being played from now on; `None` between steps.
    pub fn set_step(&self, step: Option<&str>) {
        lock(&self.book).step = step.map(str::to_owned);
    }

    /// The samples of a step so far.
    pub fn of_step(&self, step: &str) -> Vec<Sample> {
        let book = lock(&self.book);
        let samples = book.samples.iter();
        samples
            .filter(|sample| sample.step.as_deref() == Some(step))
            .cloned()
            .collect()
    }

    /// Ends, with everything seen, oldest first.
    pub fn stop(mut self) -> Vec<Sample> {
        self.finish();
        std::mem::take(&mut lock(&self.book).samples)
    }

    fn finish(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Sampler {
    fn drop(&mut self) {
        self.finish();
    }
}

fn take(book: &Mutex<Book>, account: &Account, exec_ns: u64) {
    let Ok(usage) = account.usage() else {
        return;
    };
    let mut book = lock(book);
    let sample = Sample {
        at_ns: now_ns().saturating_sub(exec_ns),
        step: book.step.clone(),
        rss_bytes: usage.rss_bytes,
        cpu_user_ns: usage.cpu_user_ns,
        cpu_system_ns: usage.cpu_system_ns,
        threads: usage.threads,
        fds: usage.fds,
        processes: usage.processes,
    };
    book.samples.push(sample);
}

fn lock(book: &Mutex<Book>) -> std::sync::MutexGuard<'_, Book> {
    // Nobody panics while holding it, and a list of samples has no invariant.
    book.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a step used, with CPU time from [`Supervised::source`]: CPU between the marks, peaks over marks and samples, the
/// mean over samples alone (over the marks, when the step was too short for a
/// sample).
pub fn resources(
    source: &str,
    before: &Mark,
    after: &Mark,
    samples: &[Sample],
    answers: u64,
) -> Resources {
    let cpu_user_ns = after.cpu_user_ns.saturating_sub(before.cpu_user_ns);
    let cpu_system_ns = after.cpu_system_ns.saturating_sub(before.cpu_system_ns);
    let marks = [before, after];
    let rss = samples.iter().map(|sample| sample.rss_bytes);
    let rss_of_marks = marks.map(|mark| mark.rss_bytes);
    let threads = samples.iter().map(|sample| sample.threads);
    let fds = samples.iter().map(|sample| sample.fds);
    let rss_mean_bytes = match samples.len() as u64 {
        0 => rss_of_marks.iter().sum::<u64>() / 2,
        count => rss.clone().sum::<u64>() / count,
    };
    Resources {
        source: source.to_owned(),
        cpu_user_ns,
        cpu_system_ns,
        cpu_per_request_ns: (answers > 0)
            .then(|| (cpu_user_ns + cpu_system_ns) as f64 / answers as f64),
        rss_peak_bytes: rss.chain(rss_of_marks).max().unwrap_or(0),
        rss_mean_bytes,
        threads_peak: threads
            .chain(marks.map(|mark| mark.threads))
            .max()
            .unwrap_or(0),
        fds_peak: fds.chain(marks.map(|mark| mark.fds)).max().unwrap_or(0),
        before: Some(before.clone()),
        after: Some(after.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(cpu_ms: u64, rss_bytes: u64) -> Mark {
        Mark {
            processes: 1,
            threads: 4,
            fds: 9,
            rss_bytes,
            pss_bytes: None,
            cpu_user_ns: cpu_ms * 1_000_000,
            cpu_system_ns: 0,
            voluntary_switches: None,
            involuntary_switches: None,
        }
    }

    fn sample(rss_bytes: u64, threads: u32) -> Sample {
        Sample {
            at_ns: 0,
            step: None,
            rss_bytes,
            cpu_user_ns: 0,
            cpu_system_ns: 0,
            threads,
            fds: 3,
            processes: 1,
        }
    }

    #[test]
    fn a_step_costs_what_lies_between_its_marks() {
        let (before, after) = (mark(100, 50), mark(300, 70));
        let samples = [sample(60, 2), sample(90, 7)];
        let used = resources("/proc", &before, &after, &samples, 1000);
        assert_eq!(used.cpu_user_ns, 200_000_000);
        assert_eq!(used.cpu_per_request_ns, Some(200_000.0));
        assert_eq!((used.rss_peak_bytes, used.rss_mean_bytes), (90, 75));
        assert_eq!((used.threads_peak, used.fds_peak), (7, 9));
    }

    #[test]
    fn a_step_without_samples_or_answers_says_what_it_can() {
        let used = resources("/proc", &mark(300, 50), &mark(290, 70), &[], 0);
        assert_eq!(used.cpu_user_ns, 0, "CPU time stepped back");
        assert_eq!(used.cpu_per_request_ns, None);
        assert_eq!((used.rss_peak_bytes, used.rss_mean_bytes), (70, 60));
    }
}
