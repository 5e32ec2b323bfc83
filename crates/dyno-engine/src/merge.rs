//! Slices of all threads become the slices of the step. Histograms are merged,
//! percentiles never averaged.

use std::collections::BTreeMap;
use std::time::Duration;

use dyno_result::{FailureKind, Histogram, merge, resident_histogram};

use crate::slice::{OpenTimes, SLICE, Slice, add};
use crate::time::ns;
use crate::timeline::Timeline;
use crate::{Event, Second, Seen};

/// Collects the slices of one phase.
#[derive(Debug)]
pub(crate) struct Merger {
    threads: usize,
    /// The time limit of a request, ns.
    limit_ns: u64,
    /// Slices that not every thread has delivered yet.
    partial: BTreeMap<u64, (Slice, usize)>,
    pub(crate) response: Histogram,
    pub(crate) first_byte: Histogram,
    pub(crate) connect: Histogram,
    /// What there is only in the open model.
    pub(crate) open: Option<OpenTimes>,
    failures: [u64; FailureKind::ALL.len()],
    pub(crate) timeline: Timeline,
}

impl Merger {
    pub(crate) fn new(step: &str, threads: usize, timeout: Duration) -> Self {
        Self {
            threads,
            limit_ns: ns(timeout),
            partial: BTreeMap::new(),
            response: resident_histogram(),
            first_byte: resident_histogram(),
            connect: resident_histogram(),
            open: None,
            failures: [0; FailureKind::ALL.len()],
            timeline: Timeline::new(step),
        }
    }

    /// Takes the slice of one thread; `on` hears of the step's slice once every
    /// thread has delivered.
    pub(crate) fn add(&mut self, slice: Slice, on: &mut dyn FnMut(Event<'_>)) {
        let index = slice.index;
        let delivered = match self.partial.remove(&index) {
            None => (slice, 1),
            Some((mut sum, threads)) => {
                sum.add(&slice);
                slice.give_back();
                (sum, threads + 1)
            }
        };
        if delivered.1 < self.threads {
            self.partial.insert(index, delivered);
        } else {
            self.complete(delivered.0, on);
        }
    }

    /// Takes what is left when all threads are done: a thread that ended early
    /// has no slices for the time after its end.
    pub(crate) fn finish(&mut self) {
        for (slice, _) in std::mem::take(&mut self.partial).into_values() {
            self.complete(slice, &mut |_| {});
        }
    }

    fn complete(&mut self, slice: Slice, on: &mut dyn FnMut(Event<'_>)) {
        merge(&mut self.response, &slice.response);
        merge(&mut self.first_byte, &slice.first_byte);
        merge(&mut self.connect, &slice.connect);
        if let Some(part) = &slice.open {
            self.open
                .get_or_insert_with(|| OpenTimes::of(resident_histogram))
                .add(part);
        }
        add(&mut self.failures, &slice.failures);
        let interval = self.timeline.add(&slice);
        on(Event::Interval(Second {
            interval: &interval,
            last: Seen {
                response: &slice.response,
                open: slice.open.as_deref(),
                failures: &slice.failures,
                limit_ns: self.limit_ns,
            },
            so_far: Seen {
                response: &self.response,
                open: self.open.as_ref(),
                failures: &self.failures,
                limit_ns: self.limit_ns,
            },
            busy_fraction: (slice.busy.as_secs_f64() / SLICE.as_secs_f64()).min(1.0),
        }));
        slice.give_back();
    }
}
