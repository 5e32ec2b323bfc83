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
use crate::idle::{Idle, Seat};
use crate::pacer::Pacer;

/// A request that is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Start {
    /// Number within the thread and phase, from 0.
    pub(crate) number: u64,
    /// When it should go out: response time counts from here.
    pub(crate) intended: Instant,
    /// When a connection was there for it. Later than `intended` only if it had
    /// to wait for one.
    pub(crate) found: Instant,
    /// The start comes from a clock: the actual start is to be stamped.
    pub(crate) clocked: bool,
}

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
    /// Due starts for which no connection was idle.
    queue: RefCell<VecDeque<Start>>,
    idle: Idle,
}

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
            queue: RefCell::default(),
            idle: Idle::default(),
        }
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
        if !more || self.stop.is_set() {
            return None;
        }
        self.handed_out.set(number + 1);
        Some(Start {
            number,
            intended: free,
            found: free,
            clocked: false,
        })
    }

    async fn when_due(&self, seat: &Rc<Seat>, free: Instant, is_open: bool) -> Option<Start> {
        let queued = self.queue.borrow_mut().pop_front();
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
            if due >= *end {
                break;
            }
            while due > pacer.now() {
                if self.stop.is_set() {
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
        while *end > pacer.now() && !self.stop.is_set() {
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
        };
        if let Err(start) = self.idle.give(start) {
            let mut queue = self.queue.borrow_mut();
            if queue.len() < limit {
                queue.push_back(start);
            } else {
                self.dropped.set(self.dropped.get() + 1);
            }
        }
    }

    /// Lets waiting starts be served until `limit`; the rest is dropped.
    async fn drain(&self, limit: Instant, pacer: &mut Pacer) -> io::Result<()> {
        const LOOK: Duration = Duration::from_millis(5);
        while !self.queue.borrow().is_empty() {
            if pacer.now() >= limit {
                let left = self.queue.take().len() as u64;
                self.dropped.set(self.dropped.get() + left);
                break;
            }
            pacer.sleep(limit.min(pacer.now() + LOOK)).await?;
        }
        self.idle.finish();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dyno_scenario::{Arrivals, Profile, Rate};

    #[tokio::test]
    async fn a_closed_phase_hands_out_exactly_as_many_as_asked() {
        let now = Instant::now();
        let seat = Rc::default();
        let starts = Starts::new(Source::Closed(End::Starts(3)), Stop::default());
        let mut numbers = Vec::new();
        while let Some(start) = starts.next(&seat, now, true).await {
            numbers.push(start.number);
        }
        assert_eq!((numbers, starts.due()), (vec![0, 1, 2], 3));
    }

    #[tokio::test]
    async fn a_closed_phase_has_no_start_at_its_end_or_after_a_stop() {
        let now = Instant::now();
        let seat = Rc::default();
        let end = now + Duration::from_secs(1);
        let stop = Stop::default();
        let starts = Starts::new(Source::Closed(End::At(end)), stop.clone());
        assert!(starts.next(&seat, now, true).await.is_some());
        assert_eq!(starts.next(&seat, end, true).await, None);
        stop.set();
        assert_eq!(starts.next(&seat, now, true).await, None);
    }

    fn open(t0: Instant, queue: usize, drain: Duration) -> Starts {
        let profile = Profile::Steady {
            rate: Rate {
                starts: 10_000,
                per_ns: 1_000_000_000,
            },
            duration: Duration::from_millis(10),
        };
        let source = Source::Open {
            schedule: Schedule::new(&profile, Arrivals::Constant, 0, (0, 1)),
            pacing: Pacing::Sleep,
            end: t0 + Duration::from_millis(10),
            queue,
            drain,
        };
        Starts::new(source, Stop::default())
    }

    #[tokio::test]
    async fn an_open_phase_hands_out_every_start_with_its_own_time() {
        let t0 = Instant::now();
        let seat = Rc::default();
        let starts = open(t0, 1000, Duration::from_secs(5));
        let take = async {
            let mut intended = Vec::new();
            while let Some(start) = starts.next(&seat, t0, true).await {
                assert!(start.found >= start.intended);
                intended.push(start.intended - t0);
            }
            intended
        };
        let (dispatched, intended) = tokio::join!(starts.dispatch(t0), take);
        dispatched.unwrap();
        let expected: Vec<_> = (0..100).map(|k| Duration::from_micros(100 * k)).collect();
        assert_eq!(intended, expected);
        assert_eq!((starts.due(), starts.dropped()), (100, 0));
    }

    #[tokio::test]
    async fn a_closed_connection_gets_no_start_while_an_open_one_is_idle() {
        let starts = open(Instant::now(), 30, Duration::ZERO);
        let t0 = Instant::now();
        let (closed, open) = (Rc::default(), Rc::default());
        let closed = starts.next(&closed, t0, false);
        let open = starts.next(&open, t0, true);
        let give = async {
            starts.put(0, t0, 30);
            starts.put(1, t0, 30);
            starts.put(2, t0, 30);
        };
        let (closed, open, ()) = tokio::join!(closed, open, give);
        assert_eq!((open.unwrap().number, closed.unwrap().number), (0, 1));
        assert_eq!(starts.queue.borrow().len(), 1);
    }

    #[tokio::test]
    async fn starts_that_nobody_takes_are_dropped_and_counted() {
        let t0 = Instant::now();
        let seat = Rc::default();
        let starts = open(t0, 30, Duration::ZERO);
        starts.dispatch(t0).await.unwrap();
        assert_eq!(starts.next(&seat, t0, true).await, None);
        assert_eq!((starts.due(), starts.dropped()), (100, 100));
    }
}
