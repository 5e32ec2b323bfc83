//! The load by flow and by request: counts, and a histogram each for the whole
//! phase, so that memory does not grow with time.

use std::time::Duration;

use dyno_result::{FailureKind, Histogram, merge, new_histogram};

use crate::slice::add;
use crate::time::record;

/// The most flows and requests that are told apart: each takes 200 KB a thread, and
/// nobody reads a longer table.
pub(crate) const MOST: usize = 100;

/// What one thread saw of each flow and each request in one phase.
#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) flows: Vec<Part>,
    pub(crate) requests: Vec<Part>,
    /// Requests that came due because the one before them had its answer.
    pub(crate) followed: u64,
}

/// One flow, or one request.
#[derive(Debug)]
pub(crate) struct Part {
    /// Taken up.
    pub(crate) begun: u64,
    pub(crate) succeeded: u64,
    pub(crate) failed: u64,
    /// Due, never taken up.
    pub(crate) dropped: u64,
    /// By kind.
    pub(crate) failures: [u64; FailureKind::ALL.len()],
    /// Of those that succeeded.
    pub(crate) times: Histogram,
}

impl Parts {
    /// For so many flows of so many requests in all. Their memory is to be made
    /// before the load begins.
    pub(crate) fn new((flows, requests): (usize, usize)) -> Self {
        let parts = |count| (0..count).map(|_| Part::new()).collect();
        Self {
            flows: parts(flows),
            requests: parts(requests),
            followed: 0,
        }
    }

    /// Adds those of another thread.
    pub(crate) fn add(&mut self, other: &Self) {
        let pairs = self.flows.iter_mut().zip(&other.flows);
        for (sum, part) in pairs.chain(self.requests.iter_mut().zip(&other.requests)) {
            sum.begun += part.begun;
            sum.succeeded += part.succeeded;
            sum.failed += part.failed;
            sum.dropped += part.dropped;
            add(&mut sum.failures, &part.failures);
            merge(&mut sum.times, &part.times);
        }
        self.followed += other.followed;
    }
}

impl Part {
    fn new() -> Self {
        Self {
            begun: 0,
            succeeded: 0,
            failed: 0,
            dropped: 0,
            failures: [0; FailureKind::ALL.len()],
            times: new_histogram(),
        }
    }

    pub(crate) fn succeeded(&mut self, time: Duration) {
        self.succeeded += 1;
        record(&mut self.times, time);
    }

    pub(crate) fn failed(&mut self, kind: FailureKind) {
        self.failed += 1;
        self.failures[kind.index()] += 1;
    }

    /// Taken up and never ended.
    pub(crate) fn unfinished(&self) -> u64 {
        self.begun.saturating_sub(self.succeeded + self.failed)
    }
}
