//! Hands out starts to the connections of a load thread.
//!
//! In the closed model a start is due the moment a connection is free. In the
//! open model a dispatcher puts every start that is due in a queue, and any idle
//! connection takes it: never a schedule for each connection, where one slow
//! answer would hold back starts that a hundred idle connections could carry.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::io;
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use crate::Stop;
use crate::arrivals::Schedule;
use crate::timer::Timer;

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
    /// A connection was idle when it came due, whoever takes it in the end.
    at_hand: bool,
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
    handed_out: Cell<u64>,
    dropped: Cell<u64>,
    stop: Stop,
    /// Due starts that no connection has taken yet.
    queue: RefCell<VecDeque<Start>>,
    /// The dispatcher is done.
    over: Cell<bool>,
    /// Idle connections wait here, first come, first served.
    idle: Notify,
    /// How many wait there.
    waiting: Cell<usize>,
}

/// Starts put in the queue before connections get a turn.
const BATCH: u32 = 64;

impl Starts {
    pub(crate) fn new(source: Source, stop: Stop) -> Self {
        Self {
            source,
            handed_out: Cell::new(0),
            dropped: Cell::new(0),
            stop,
            queue: RefCell::default(),
            over: Cell::new(false),
            idle: Notify::new(),
            waiting: Cell::new(0),
        }
    }

    /// The next start for a connection that has been free since `free`; `None`
    /// when the phase is over.
    pub(crate) async fn next(&self, free: Instant) -> Option<Start> {
        match &self.source {
            Source::Closed(end) => self.at_once(*end, free),
            Source::Open { .. } => self.when_due(free).await,
        }
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
            at_hand: true,
            clocked: false,
        })
    }

    async fn when_due(&self, free: Instant) -> Option<Start> {
        loop {
            let next = self.queue.borrow_mut().pop_front();
            if let Some(mut start) = next {
                if !start.at_hand {
                    start.found = start.intended.max(free);
                }
                self.handed_out.set(self.handed_out.get() + 1);
                return Some(start);
            }
            if self.over.get() {
                return None;
            }
            self.waiting.set(self.waiting.get() + 1);
            self.idle.notified().await;
            self.waiting.set(self.waiting.get() - 1);
        }
    }

    /// Puts every start that is due in the queue, from `t0` to the end of the
    /// phase; what is due is never held back. Returns at once in the closed
    /// model.
    pub(crate) async fn dispatch(&self, t0: Instant) -> io::Result<()> {
        let Source::Open {
            schedule,
            end,
            queue,
            drain,
        } = &self.source
        else {
            return Ok(());
        };
        let timer = Timer::new()?;
        let mut now = Instant::now();
        let mut batch = 0;
        for (number, offset) in (0..).zip(schedule.clone()) {
            let due = t0 + Duration::from_nanos(offset);
            if due >= *end || self.stop.is_set() {
                break;
            }
            while due > now {
                timer.sleep_until(due).await?;
                now = Instant::now();
                batch = 0;
            }
            self.put(number, due, *queue);
            batch += 1;
            if batch == BATCH {
                tokio::task::yield_now().await;
                now = Instant::now();
                batch = 0;
            }
        }
        self.finish(*end + *drain, &timer).await
    }

    fn put(&self, number: u64, due: Instant, limit: usize) {
        let mut queue = self.queue.borrow_mut();
        if queue.len() >= limit {
            self.dropped.set(self.dropped.get() + 1);
            return;
        }
        // Idle connections that no earlier start has called for.
        let at_hand = self.waiting.get() > queue.len();
        queue.push_back(Start {
            number,
            intended: due,
            found: due,
            at_hand,
            clocked: true,
        });
        self.idle.notify_one();
    }

    /// Lets waiting starts be served until `limit`; the rest is dropped.
    async fn finish(&self, limit: Instant, timer: &Timer) -> io::Result<()> {
        const LOOK: Duration = Duration::from_millis(5);
        while !self.queue.borrow().is_empty() {
            let now = Instant::now();
            if now >= limit {
                let left = self.queue.take().len() as u64;
                self.dropped.set(self.dropped.get() + left);
                break;
            }
            timer.sleep_until(limit.min(now + LOOK)).await?;
        }
        self.over.set(true);
        self.idle.notify_waiters();
        // One permit for a connection that is about to wait.
        self.idle.notify_one();
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
        let starts = Starts::new(Source::Closed(End::Starts(3)), Stop::default());
        let mut numbers = Vec::new();
        while let Some(start) = starts.next(now).await {
            numbers.push(start.number);
        }
        assert_eq!((numbers, starts.due()), (vec![0, 1, 2], 3));
    }

    #[tokio::test]
    async fn a_closed_phase_has_no_start_at_its_end_or_after_a_stop() {
        let now = Instant::now();
        let end = now + Duration::from_secs(1);
        let stop = Stop::default();
        let starts = Starts::new(Source::Closed(End::At(end)), stop.clone());
        assert!(starts.next(now).await.is_some());
        assert_eq!(starts.next(end).await, None);
        stop.set();
        assert_eq!(starts.next(now).await, None);
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
            end: t0 + Duration::from_millis(10),
            queue,
            drain,
        };
        Starts::new(source, Stop::default())
    }

    #[tokio::test]
    async fn an_open_phase_hands_out_every_start_with_its_own_time() {
        let t0 = Instant::now();
        let starts = open(t0, 1000, Duration::from_secs(5));
        let take = async {
            let mut intended = Vec::new();
            while let Some(start) = starts.next(t0).await {
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
    async fn starts_that_nobody_takes_are_dropped_and_counted() {
        let t0 = Instant::now();
        let starts = open(t0, 30, Duration::ZERO);
        starts.dispatch(t0).await.unwrap();
        assert_eq!(starts.next(t0).await, None);
        assert_eq!((starts.due(), starts.dropped()), (100, 100));
    }
}
