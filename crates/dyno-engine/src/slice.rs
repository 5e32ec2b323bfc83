//! What one load thread saw in one second. Its histograms are used again: a full
//! slice goes to the control side by moving it, and comes back empty.

use std::sync::mpsc::Sender;
use std::time::Duration;

use dyno_result::{FailureKind, Histogram, merge, new_histogram};

/// Length of a slice.
pub(crate) const SLICE: Duration = Duration::from_secs(1);

/// The histograms of one thread and slice.
#[derive(Debug)]
pub(crate) struct Slice {
    /// Number of the slice, from 0.
    pub(crate) index: u64,
    pub(crate) response: Histogram,
    pub(crate) first_byte: Histogram,
    pub(crate) connect: Histogram,
    pub(crate) succeeded: u64,
    pub(crate) failed: u64,
    pub(crate) failures: [u64; FailureKind::ALL.len()],
    /// What there is only in the open model.
    pub(crate) open: Option<Box<OpenTimes>>,
    /// Time that the thread was on a CPU; not told of the last slice.
    pub(crate) busy: Duration,
    /// Where the emptied slice goes back to.
    pub(crate) home: Sender<Slice>,
}

impl Slice {
    pub(crate) fn new(home: Sender<Self>, is_open: bool) -> Self {
        Self {
            index: 0,
            response: new_histogram(),
            first_byte: new_histogram(),
            connect: new_histogram(),
            succeeded: 0,
            failed: 0,
            failures: [0; FailureKind::ALL.len()],
            open: is_open.then(|| Box::new(OpenTimes::of(new_histogram))),
            busy: Duration::ZERO,
            home,
        }
    }

    /// Slice number `index`, that belongs to no thread.
    #[cfg(test)]
    pub(crate) fn empty(index: u64) -> Self {
        let (home, _) = std::sync::mpsc::channel();
        Self {
            index,
            ..Self::new(home, false)
        }
    }

    /// Adds the slice of another thread. A slice is as busy as its busiest thread.
    pub(crate) fn add(&mut self, other: &Self) {
        merge(&mut self.response, &other.response);
        merge(&mut self.first_byte, &other.first_byte);
        merge(&mut self.connect, &other.connect);
        if let (Some(sum), Some(part)) = (&mut self.open, &other.open) {
            sum.add(part);
        }
        add(&mut self.failures, &other.failures);
        self.succeeded += other.succeeded;
        self.failed += other.failed;
        self.busy = self.busy.max(other.busy);
    }

    /// Empties the slice and sends it back to its thread.
    pub(crate) fn give_back(mut self) {
        for histogram in [&mut self.response, &mut self.first_byte, &mut self.connect] {
            histogram.reset();
        }
        if let Some(open) = &mut self.open {
            open.reset();
        }
        (self.succeeded, self.failed) = (0, 0);
        self.busy = Duration::ZERO;
        self.failures = [0; FailureKind::ALL.len()];
        let home = self.home.clone();
        // The thread may be done and gone; then the slice is not needed either.
        let _ = home.send(self);
    }
}

/// Times that are told apart in the open model.
#[derive(Debug)]
pub(crate) struct OpenTimes {
    /// From the actual start to the end of right answers.
    pub(crate) service: Histogram,
    /// From a connection at hand to the actual start: dyno's own lateness.
    pub(crate) send_lag: Histogram,
    /// From the intended start to a connection at hand.
    pub(crate) pool_wait: Histogram,
}

impl OpenTimes {
    /// Empty ones, made by `histogram`.
    pub(crate) fn of(histogram: fn() -> Histogram) -> Self {
        Self {
            service: histogram(),
            send_lag: histogram(),
            pool_wait: histogram(),
        }
    }

    /// Adds the times of another thread or slice.
    pub(crate) fn add(&mut self, part: &Self) {
        merge(&mut self.service, &part.service);
        merge(&mut self.send_lag, &part.send_lag);
        merge(&mut self.pool_wait, &part.pool_wait);
    }

    fn reset(&mut self) {
        for histogram in [&mut self.service, &mut self.send_lag, &mut self.pool_wait] {
            histogram.reset();
        }
    }
}

/// Adds counters one by one.
pub(crate) fn add(sum: &mut [u64], part: &[u64]) {
    for (sum, part) in sum.iter_mut().zip(part) {
        *sum += part;
    }
}
