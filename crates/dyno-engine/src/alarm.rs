//! Wakes the flows of a load thread that think, each at its time: one timer of the
//! kernel's for all of them. And ends their thinking when the phase is over.

use std::cell::{Cell, RefCell};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::future::poll_fn;
use std::io;
use std::task::{Poll, Waker};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use crate::Stop;
use crate::timer::Timer;

/// How long a stop may go unnoticed by those who think.
const ATTENTION: Duration = Duration::from_millis(50);

/// The flows of one thread and phase that think.
#[derive(Debug, Default)]
pub(crate) struct Alarm {
    /// When, and whom to wake, by the place in `sleepers`.
    due: RefCell<BinaryHeap<Reverse<(Instant, usize)>>>,
    sleepers: RefCell<Vec<Option<Waker>>>,
    /// Places that nobody uses.
    free: RefCell<Vec<usize>>,
    /// Somebody is to be woken before all others.
    changed: Notify,
    is_over: Cell<bool>,
}

impl Alarm {
    /// Whether no further request of any flow is to begin.
    pub(crate) fn is_over(&self) -> bool {
        self.is_over.get()
    }

    /// Waits until `at`. Returns `false` if the phase is over before.
    pub(crate) async fn until(&self, at: Instant) -> bool {
        let mut place = None;
        let came = poll_fn(|context| {
            if self.is_over.get() {
                return Poll::Ready(false);
            }
            if Instant::now() >= at {
                return Poll::Ready(true);
            }
            let place = *place.get_or_insert_with(|| self.sit(at));
            let mut sleepers = self.sleepers.borrow_mut();
            // A task keeps its waker: this copies it once a connection, or nearly.
            let known = sleepers[place].as_ref();
            if !known.is_some_and(|waker| waker.will_wake(context.waker())) {
                sleepers[place] = Some(context.waker().clone());
            }
            Poll::Pending
        })
        .await;
        if let Some(place) = place {
            self.free.borrow_mut().push(place);
        }
        came
    }

    fn sit(&self, at: Instant) -> usize {
        let place = self.free.borrow_mut().pop().unwrap_or_else(|| {
            let mut sleepers = self.sleepers.borrow_mut();
            sleepers.push(None);
            sleepers.len() - 1
        });
        let mut due = self.due.borrow_mut();
        if due.peek().is_none_or(|Reverse((first, _))| at < *first) {
            self.changed.notify_one();
        }
        due.push(Reverse((at, place)));
        place
    }

    /// Wakes each at its time, until `limit` or a stop; then all.
    pub(crate) async fn keep(&self, limit: Option<Instant>, stop: &Stop) -> io::Result<()> {
        let timer = Timer::new()?;
        loop {
            let now = Instant::now();
            if stop.is_set() || limit.is_some_and(|limit| now >= limit) {
                break;
            }
            self.wake(now);
            let look = now + ATTENTION;
            let first = self.due.borrow().peek().map(|Reverse((first, _))| *first);
            let next = first.map_or(look, |first| first.min(look));
            tokio::select! {
                slept = timer.sleep_until(limit.map_or(next, |limit| limit.min(next))) => slept?,
                () = self.changed.notified() => {}
            }
        }
        self.is_over.set(true);
        let mut sleepers = self.sleepers.borrow_mut();
        sleepers
            .iter_mut()
            .filter_map(Option::take)
            .for_each(Waker::wake);
        Ok(())
    }

    fn wake(&self, now: Instant) {
        let mut due = self.due.borrow_mut();
        while let Some(Reverse((at, place))) = due.peek().copied()
            && at <= now
        {
            due.pop();
            if let Some(waker) = &self.sleepers.borrow()[place] {
                waker.wake_by_ref();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;

    #[tokio::test(flavor = "current_thread")]
    async fn each_is_woken_at_its_time_and_never_before() {
        let local = tokio::task::LocalSet::new();
        local
            .run_until(async {
                let alarm = Rc::new(Alarm::default());
                let stop = Stop::default();
                let keeper = tokio::task::spawn_local({
                    let (alarm, stop) = (Rc::clone(&alarm), stop.clone());
                    async move { alarm.keep(None, &stop).await }
                });
                let t0 = Instant::now();
                let order = Rc::new(RefCell::new(Vec::new()));
                let tasks: Vec<_> = [30_u64, 5, 20, 1, 5]
                    .into_iter()
                    .map(|ms| {
                        let (alarm, order) = (Rc::clone(&alarm), Rc::clone(&order));
                        tokio::task::spawn_local(async move {
                            let at = t0 + Duration::from_millis(ms);
                            for again in [at, at] {
                                assert!(alarm.until(again).await);
                                assert!(Instant::now() >= at);
                            }
                            order.borrow_mut().push(ms);
                        })
                    })
                    .collect();
                for task in tasks {
                    task.await.unwrap();
                }
                assert_eq!(*order.borrow(), [1, 5, 5, 20, 30]);
                assert_eq!(alarm.sleepers.borrow().len(), 5);
                // A stop ends what would have taken long.
                let long = alarm.until(t0 + Duration::from_secs(3600));
                stop.set();
                assert!(!long.await);
                assert!(alarm.is_over());
                keeper.await.unwrap().unwrap();
            })
            .await;
    }

    #[tokio::test(flavor = "current_thread")]
    async fn the_end_of_a_phase_ends_all_thinking() {
        let alarm = Alarm::default();
        let limit = Instant::now() + Duration::from_millis(5);
        let long = alarm.until(limit + Duration::from_secs(3600));
        let stop = Stop::default();
        let (came, kept) = tokio::join!(long, alarm.keep(Some(limit), &stop));
        kept.unwrap();
        assert!(!came && Instant::now() >= limit);
    }
}
