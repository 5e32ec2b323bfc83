//! Hands out starts to the connections of a load thread.
//!
//! In the closed model a start is due the moment a connection is free. In the
//! open model a dispatcher gives every start that is due to any idle connection,
//! or puts it in a queue if there is none: never a schedule for each connection,
//! where one slow answer would hold back starts that a hundred idle connections
//! could carry.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::io;
use std::rc::Rc;
use std::time::{Duration, Instant};

use dyno_result::Pacing;

use crate::Stop;
use crate::arrivals::Schedule;
use crate::cast::Cast;
use crate::idle::{Idle, Seat};
use crate::pacer::Pacer;
use crate::start::Start;

/// When a closed phase ends, for one load thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// After so many starts of this thread.
    Starts(u64),
    /// No start at or after this time.
    At(Instant),
}

/// Where the starts of one thread and phase come from.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    Closed(End),
    Open {
        schedule: Schedule,
        pacing: Pacing,
        /// No start is due at or after this time.
        end: Instant,
        /// Starts that may wait for a connection; more are dropped.
        queue: usize,
        /// How long waiting starts are served after the end.
        drain: Duration,
    },
}

/// The starts of one thread in one phase.
#[derive(Debug)]
pub(crate) struct Starts {
    source: Source,
    stop: Stop,
    handed_out: Cell<u64>,
    /// Of those, carried out.
    returned: Cell<u64>,
    dropped: Cell<u64>,
    /// There is nothing left to start with.
    is_over: Cell<bool>,
    /// The flows of starts, and how many of each were dropped.
    cast: Option<Cast>,
    dropped_flows: RefCell<Vec<u64>>,
    /// The most starts that any number stands for: one more than the largest.
    numbers: Cell<u64>,
    /// Due starts for which no connection was idle.
    queue: RefCell<VecDeque<Start>>,
    idle: Idle,
}

/// Waiting starts whose memory is kept when none waits any more: what a long stall has
/// taken is given back.
const KEPT: usize = 1024;
/// Starts handed out before connections get a turn.
const BATCH: u32 = 64;
/// How long a stop may go unnoticed between two starts.
const ATTENTION: Duration = Duration::from_millis(50);

impl Starts {
    pub(crate) fn new(source: Source, stop: Stop) -> Self {
        Self {
            source,
            stop,
            handed_out: Cell::new(0),
            returned: Cell::new(0),
            dropped: Cell::new(0),
            is_over: Cell::new(false),
            cast: None,
            dropped_flows: RefCell::default(),
            numbers: Cell::new(0),
            queue: RefCell::default(),
            idle: Idle::default(),
        }
    }

    /// Tells dropped starts apart by the flows that they would have played.
    pub(crate) fn by_flow(mut self, cast: Cast, flows: usize) -> Self {
        self.cast = Some(cast);
        self.dropped_flows = RefCell::new(vec![0; flows]);
        self
    }

    /// The next start for the connection at `seat`, free since `free`; `None`
    /// when the phase is over. One that is not open gets a start only if no open
    /// one is idle.
    pub(crate) async fn next(
        &self,
        seat: &Rc<Seat>,
        free: Instant,
        is_open: bool,
    ) -> Option<Start> {
        match &self.source {
            Source::Closed(end) => self.at_once(*end, free),
            Source::Open { .. } => self.when_due(seat, free, is_open).await,
        }
    }

    /// A start has been carried out.
    pub(crate) fn done(&self) {
        self.returned.set(self.returned.get() + 1);
    }

    /// A start was not carried out, since there is nothing left to start with: it
    /// was never due, and no other is.
    pub(crate) fn close(&self) {
        self.handed_out.set(self.handed_out.get() - 1);
        self.is_over.set(true);
    }

    /// One more than the largest number of a start.
    pub(crate) fn numbers(&self) -> u64 {
        self.numbers.get()
    }

    /// Dropped starts by flow.
    pub(crate) fn dropped_flows(&self) -> Vec<u64> {
        self.dropped_flows.borrow().clone()
    }

    /// Whether starts come from a clock.
    pub(crate) fn is_open(&self) -> bool {
        matches!(self.source, Source::Open { .. })
    }

    /// Starts that came due.
    pub(crate) fn due(&self) -> u64 {
        self.handed_out.get() + self.dropped.get()
    }

    /// Starts that came due and were never handed out.
    pub(crate) fn dropped(&self) -> u64 {
        self.dropped.get()
    }

    fn at_once(&self, end: End, free: Instant) -> Option<Start> {
        let number = self.handed_out.get();
        let more = match end {
            End::Starts(count) => number < count,
            End::At(end) => free < end,
        };
        if !more || self.stop.is_set() || self.is_over.get() {
            return None;
        }
        self.handed_out.set(number + 1);
        Some(Start {
            number,
            intended: free,
            found: free,
            clocked: false,
            follows: false,
        })
    }

    async fn when_due(&self, seat: &Rc<Seat>, free: Instant, is_open: bool) -> Option<Start> {
        if self.is_over.get() {
            return None;
        }
        let queued = {
            let mut queue = self.queue.borrow_mut();
            let queued = queue.pop_front();
            if queued.is_some() && queue.is_empty() && queue.capacity() > KEPT {
                queue.shrink_to(KEPT);
            }
            queued
        };
        let start = match queued {
            Some(start) => Start {
                found: start.intended.max(free),
                ..start
            },
            None => self.idle.wait(seat, is_open).await?,
        };
        self.handed_out.set(self.handed_out.get() + 1);
        Some(start)
    }

    /// Hands out every start that is due, from `t0` to the end of the phase;
    /// what is due is never held back.
    pub(crate) async fn dispatch(&self, t0: Instant) -> io::Result<()> {
        let Source::Open {
            schedule,
            pacing,
            end,
            queue,
            drain,
        } = &self.source
        else {
            return Ok(());
        };
        let mut pacer = Pacer::new(*pacing)?;
        let turns = || self.handed_out.get() + self.returned.get();
        let in_flight = || self.handed_out.get() > self.returned.get();
        let mut batch = 0;
        'starts: for (number, offset) in (0..).zip(schedule.clone()) {
            let due = t0 + Duration::from_nanos(offset);
            if due >= *end || self.is_over.get() {
                break;
            }
            while due > pacer.now() {
                if self.stop.is_set() || self.is_over.get() {
                    break 'starts;
                }
                let next = due.min(pacer.now() + ATTENTION);
                pacer.wait(next, turns, in_flight).await?;
                batch = 0;
            }
            self.put(number, due, *queue);
            batch += 1;
            if batch == BATCH {
                pacer.pause().await;
                batch = 0;
            }
        }
        // No start may be left long before the end: stages that end at 0/s, bursts.
        while *end > pacer.now() && !self.stop.is_set() && !self.is_over.get() {
            let next = (*end).min(pacer.now() + ATTENTION);
            pacer.sleep(next).await?;
        }
        let last = if self.stop.is_set() {
            pacer.now()
        } else {
            *end
        };
        self.drain(last + *drain, &mut pacer).await
    }

    fn put(&self, number: u64, due: Instant, limit: usize) {
        let start = Start {
            number,
            intended: due,
            found: due,
            clocked: true,
            follows: false,
        };
        self.numbers.set(number + 1);
        if let Err(start) = self.idle.give(start) {
            let mut queue = self.queue.borrow_mut();
            if queue.len() < limit {
                queue.push_back(start);
            } else {
                self.drop(&start);
            }
        }
    }

    fn drop(&self, start: &Start) {
        self.dropped.set(self.dropped.get() + 1);
        if let Some(cast) = &self.cast {
            let (flow, _) = cast.draw(start.number);
            self.dropped_flows.borrow_mut()[flow] += 1;
        }
    }

    /// Lets waiting starts be served until `limit`; the rest is dropped.
    async fn drain(&self, limit: Instant, pacer: &mut Pacer) -> io::Result<()> {
        const LOOK: Duration = Duration::from_millis(5);
        while !self.queue.borrow().is_empty() {
            if self.is_over.get() {
                self.queue.take();
                break;
            }
            if pacer.now() >= limit {
                self.queue.take().iter().for_each(|start| self.drop(start));
                break;
            }
            pacer.sleep(limit.min(pacer.now() + LOOK)).await?;
        }
        self.idle.finish();
        Ok(())
    }
}

#[cfg(test)]
#[path = "starts_tests.rs"]
mod tests;
