//! What one load thread saw in one phase: slices and running totals. Nothing is
//! shared, and nothing is allocated while recording.

use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use dyno_result::{Bytes, Counts, FailureKind, Histogram, merge, resident_histogram};
use tokio::sync::mpsc::UnboundedSender;

use crate::attribution::Timings;
use crate::examples::Examples;
use crate::parts::Parts;
use crate::slice::{SLICE, Slice, add};
use crate::start::Start;
use crate::thread_clock::worked;
use crate::time::record;

/// Totals of one thread and phase.
#[derive(Debug)]
pub(crate) struct Totals {
    pub(crate) counts: Counts,
    pub(crate) failures: [u64; FailureKind::ALL.len()],
    /// Answers by status.
    pub(crate) statuses: Box<[u64; 1000]>,
    pub(crate) bytes: Bytes,
    /// Answers that ended within the window, right or wrong.
    pub(crate) answered_in_window: u64,
    /// Right answers that ended within the window.
    pub(crate) succeeded_in_window: u64,
    /// The last end of a request.
    pub(crate) last_end: Option<Instant>,
    /// How long answers waited for this thread to look at them, at most.
    pub(crate) loop_delay: Histogram,
    /// Between actual starts of one thread; empty in the closed model.
    pub(crate) gaps: Histogram,
    /// Starts sent after the window though a connection was idle within it.
    pub(crate) late: u64,
    /// By flow and request, where there is more than one.
    pub(crate) parts: Option<Box<Parts>>,
    /// Wrong answers, a few of each kind.
    pub(crate) examples: Examples,
    /// What answers tell of their times.
    pub(crate) timings: Timings,
    /// Rows of data were used up, and that was the end.
    pub(crate) ran_out: bool,
}

impl Totals {
    /// Adds the totals of another thread.
    pub(crate) fn add(&mut self, other: &Self) {
        let (counts, more) = (&mut self.counts, &other.counts);
        counts.due += more.due;
        counts.sent += more.sent;
        counts.succeeded += more.succeeded;
        counts.failed += more.failed;
        counts.dropped += more.dropped;
        counts.unfinished += more.unfinished;
        add(&mut self.failures, &other.failures);
        add(&mut self.statuses[..], &other.statuses[..]);
        self.bytes.sent += other.bytes.sent;
        self.bytes.received += other.bytes.received;
        self.bytes.bodies += other.bytes.bodies;
        self.answered_in_window += other.answered_in_window;
        self.succeeded_in_window += other.succeeded_in_window;
        self.last_end = self.last_end.max(other.last_end);
        merge(&mut self.loop_delay, &other.loop_delay);
        merge(&mut self.gaps, &other.gaps);
        self.late += other.late;
        if let (Some(sum), Some(parts)) = (&mut self.parts, &other.parts) {
            sum.add(parts);
        }
        self.examples.add(&other.examples);
        self.timings.add(&other.timings);
        self.ran_out |= other.ran_out;
    }
}

/// The times of one right answer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Times {
    pub(crate) intended: Instant,
    pub(crate) sent: Instant,
    pub(crate) first_byte: Instant,
    /// How long the first byte may have been there unseen.
    pub(crate) loop_delay: Duration,
    pub(crate) end: Instant,
}

/// Records the observations of one thread in one phase.
#[derive(Debug)]
pub(crate) struct Recorder {
    current: Slice,
    slice_end: Instant,
    /// End of the window, when it is fixed beforehand.
    window_end: Option<Instant>,
    /// Starts taken up, to be compared with those handed out.
    begun: u64,
    /// The last start from the clock.
    last_start: Option<Instant>,
    /// How long the thread had been at work when the slice began.
    slice_cpu: Duration,
    totals: Totals,
    full: UnboundedSender<Slice>,
    spares: Receiver<Slice>,
}

impl Recorder {
    /// A recorder of a phase that starts at `t0`. Full slices go to `full`.
    pub(crate) fn new(
        t0: Instant,
        window_end: Option<Instant>,
        is_open: bool,
        full: UnboundedSender<Slice>,
        parts: Option<Box<Parts>>,
    ) -> Self {
        let (home, spares) = channel();
        let requests = parts.as_ref().map_or(0, |parts| parts.requests.len());
        // One slice is in use while the other is being merged.
        let _ = home.send(Slice::new(home.clone(), is_open));
        Self {
            current: Slice::new(home, is_open),
            slice_end: t0 + SLICE,
            window_end,
            begun: 0,
            last_start: None,
            slice_cpu: worked(),
            totals: Totals {
                counts: Counts::default(),
                failures: [0; FailureKind::ALL.len()],
                statuses: Box::new([0; 1000]),
                bytes: Bytes::default(),
                answered_in_window: 0,
                succeeded_in_window: 0,
                last_end: None,
                loop_delay: resident_histogram(),
                gaps: resident_histogram(),
                late: 0,
                parts,
                examples: Examples::default(),
                timings: Timings::new(requests),
                ran_out: false,
            },
            full,
            spares,
        }
    }

    /// Request number `place` is being carried out.
    pub(crate) fn began(&mut self, place: usize) {
        self.begun += 1;
        if let Some(parts) = &mut self.totals.parts {
            parts.requests[place].begun += 1;
        }
    }

    /// A start from the clock is sent at `actual`.
    pub(crate) fn punctual(&mut self, start: &Start, actual: Instant) {
        if let Some(open) = &mut self.current.open {
            record(&mut open.pool_wait, start.found - start.intended);
            record(
                &mut open.send_lag,
                actual.saturating_duration_since(start.found),
            );
            if start.follows {
                return;
            }
            let totals = &mut self.totals;
            if let Some(last) = self.last_start.replace(actual) {
                record(&mut totals.gaps, actual.saturating_duration_since(last));
            }
            let end = self.window_end;
            totals.late += u64::from(end.is_some_and(|end| start.found < end && actual > end));
        }
    }

    /// A right answer to request number `place`.
    pub(crate) fn succeeded(&mut self, place: usize, times: &Times) {
        self.advance(times.end);
        if let Some(parts) = &mut self.totals.parts {
            parts.requests[place].succeeded(times.end - times.intended);
        }
        record(&mut self.current.response, times.end - times.intended);
        record(&mut self.current.first_byte, times.first_byte - times.sent);
        record(&mut self.totals.loop_delay, times.loop_delay);
        if let Some(open) = &mut self.current.open {
            record(&mut open.service, times.end - times.sent);
        }
        self.current.succeeded += 1;
        self.totals.counts.succeeded += 1;
        if self.in_window(times.end) {
            self.totals.answered_in_window += 1;
            self.totals.succeeded_in_window += 1;
        }
    }

    /// That right answer was `service` on its way, and has `lines` of Server-Timing.
    pub(crate) fn told(&mut self, place: usize, lines: &[u8], service: Duration) {
        self.totals.timings.note(place, lines, service);
    }

    /// A failure of request number `place` at `end`; `answered` tells a wrong
    /// answer from none.
    pub(crate) fn failed(&mut self, place: usize, kind: FailureKind, end: Instant, answered: bool) {
        self.advance(end);
        if let Some(parts) = &mut self.totals.parts {
            parts.requests[place].failed(kind);
        }
        self.current.failed += 1;
        self.current.failures[kind.index()] += 1;
        self.totals.counts.failed += 1;
        self.totals.failures[kind.index()] += 1;
        if answered && self.in_window(end) {
            self.totals.answered_in_window += 1;
        }
    }

    /// What went over the wire for one request.
    pub(crate) fn traffic(&mut self, sent: u64, received: u64, body: u64, status: u16) {
        let totals = &mut self.totals;
        totals.counts.sent += u64::from(sent > 0);
        totals.bytes.sent += sent;
        totals.bytes.received += received;
        totals.bytes.bodies += body;
        if let (1.., Some(count)) = (status, totals.statuses.get_mut(usize::from(status))) {
            *count += 1;
        }
    }

    /// What is known by flow and by request.
    pub(crate) fn parts(&mut self) -> Option<&mut Parts> {
        self.totals.parts.as_deref_mut()
    }

    /// Wrong answers that are kept.
    pub(crate) fn examples(&mut self) -> &mut Examples {
        &mut self.totals.examples
    }

    /// There are no more rows of data, and the step is to end.
    pub(crate) fn ran_out(&mut self) {
        self.totals.ran_out = true;
    }

    /// A connection that took `time` to open.
    pub(crate) fn connected(&mut self, time: Duration) {
        record(&mut self.current.connect, time);
    }

    /// Hands over the last slice and the totals; `due` starts came due, of which
    /// `dropped` were never handed out, each of which was to play a flow.
    pub(crate) fn finish(mut self, due: u64, dropped: u64, dropped_flows: &[u64]) -> Totals {
        let mut followed = 0;
        if let Some(parts) = &mut self.totals.parts {
            for (flow, dropped) in parts.flows.iter_mut().zip(dropped_flows) {
                flow.dropped = *dropped;
            }
            // Starts come due by the schedule, what follows them by the flows.
            followed = parts.followed;
        }
        self.totals.counts.due = due + followed;
        self.totals.counts.dropped = dropped;
        let ended = self.totals.counts.succeeded + self.totals.counts.failed;
        self.totals.counts.unfinished = self.begun.saturating_sub(ended);
        let _ = self.full.send(self.current);
        self.totals
    }

    fn in_window(&self, end: Instant) -> bool {
        self.window_end.is_none_or(|window_end| end <= window_end)
    }

    /// Notes the time of an observation and begins the slice that it lies in.
    fn advance(&mut self, now: Instant) {
        if self.totals.last_end.is_none_or(|last| last < now) {
            self.totals.last_end = Some(now);
        }
        while now >= self.slice_end {
            let (home, is_open) = (&self.current.home, self.current.open.is_some());
            let spare = self.spares.try_recv();
            let mut next = spare.unwrap_or_else(|_| Slice::new(home.clone(), is_open));
            let cpu = worked();
            self.current.busy = cpu.saturating_sub(self.slice_cpu);
            self.slice_cpu = cpu;
            next.index = self.current.index + 1;
            self.slice_end += SLICE;
            let full = std::mem::replace(&mut self.current, next);
            // The receiver outlives the phase; if it is gone, so is the run.
            let _ = self.full.send(full);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::mpsc::unbounded_channel;

    #[test]
    fn slices_add_up_to_the_whole() {
        let t0 = Instant::now();
        let (full, mut slices) = unbounded_channel();
        let window_end = t0 + Duration::from_millis(3_500);
        let mut recorder = Recorder::new(t0, Some(window_end), false, full, None);
        let at = |ms: u64| t0 + Duration::from_millis(ms);
        for ms in (10..=4_000).step_by(10) {
            recorder.began(0);
            recorder.succeeded(
                0,
                &Times {
                    intended: at(ms - 10),
                    sent: at(ms - 8),
                    first_byte: at(ms - 2),
                    loop_delay: Duration::ZERO,
                    end: at(ms),
                },
            );
            recorder.traffic(7, 9, 3, 200);
        }
        (0..2).for_each(|_| recorder.began(0));
        recorder.failed(0, FailureKind::ReceiveReset, at(4_000), false);
        let totals = recorder.finish(402, 0, &[]);
        let mut lengths = Vec::new();
        while let Ok(slice) = slices.try_recv() {
            assert_eq!(slice.response.len(), slice.succeeded);
            lengths.push((slice.index, slice.succeeded, slice.failed));
            slice.give_back();
        }
        assert_eq!(
            lengths,
            [(0, 99, 0), (1, 100, 0), (2, 100, 0), (3, 100, 0), (4, 1, 1)]
        );
        let counts = totals.counts;
        assert_eq!(
            (counts.due, counts.sent, counts.succeeded, counts.failed),
            (402, 400, 400, 1)
        );
        assert_eq!(counts.unfinished, 1);
        assert!(counts.balanced());
        assert_eq!(totals.succeeded_in_window, 350);
        assert_eq!(
            totals.bytes,
            Bytes {
                sent: 2800,
                received: 3600,
                bodies: 1200
            }
        );
        assert_eq!(totals.statuses[200], 400);
        assert_eq!(totals.last_end, Some(at(4_000)));
    }
}
