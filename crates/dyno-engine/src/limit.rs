//! A time limit that costs nothing while answers come in time.
//!
//! A timer for each request would be moved at every request. Here a connection
//! keeps one timer and only moves the limit; when the timer fires too early it
//! is set again to the limit of that moment.

use std::future::{Future as _, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use tokio::time::{Sleep, sleep_until};

/// The time limit of one connection's current request.
#[derive(Debug)]
pub(crate) struct Limit {
    timer: Pin<Box<Sleep>>,
    /// Whom the timer will wake at its deadline, which is not later than the
    /// limit.
    armed: Option<Waker>,
    at: Instant,
    /// The task has already waited in vain since the limit was moved: a further
    /// wake-up without success may be the timer's.
    waited: bool,
}

/// The limit has passed.
#[derive(Debug)]
pub(crate) struct TooLate;

impl Limit {
    pub(crate) fn new() -> Self {
        let now = Instant::now();
        Self {
            timer: Box::pin(sleep_until(now.into())),
            armed: None,
            at: now,
            waited: false,
        }
    }

    /// Moves the limit. It must not move back.
    pub(crate) fn set(&mut self, at: Instant) {
        self.at = at;
        self.waited = false;
    }

    /// Waits for `work` until the limit.
    pub(crate) async fn within<T>(
        &mut self,
        mut work: impl FnMut(&mut Context<'_>) -> Poll<T>,
    ) -> Result<T, TooLate> {
        poll_fn(|context| match work(context) {
            Poll::Ready(done) => Poll::Ready(Ok(done)),
            Poll::Pending => self.poll_expired(context).map(Err),
        })
        .await
    }

    /// Ready when the limit has passed; wakes the task when it does.
    pub(crate) fn poll_expired(&mut self, context: &mut Context<'_>) -> Poll<TooLate> {
        if !self.waited && self.will_wake(context) {
            self.waited = true;
            return Poll::Pending;
        }
        self.waited = true;
        loop {
            if self.armed.is_none() {
                self.timer.as_mut().reset(self.at.into());
            }
            self.armed = Some(context.waker().clone());
            if self.timer.as_mut().poll(context).is_pending() {
                return Poll::Pending;
            }
            self.armed = None;
            if self.timer.deadline().into_std() >= self.at {
                return Poll::Ready(TooLate);
            }
        }
    }

    /// Whether the timer is still to fire, and for this task. It may have fired
    /// while the connection was idle and nobody asked it, or have been set by
    /// the task of an earlier phase.
    fn will_wake(&self, context: &Context<'_>) -> bool {
        let ours = |waker: &Waker| waker.will_wake(context.waker());
        self.armed.as_ref().is_some_and(ours) && !self.timer.is_elapsed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    /// Waits under a limit of `limit` for something that takes `takes`.
    async fn passes(limit_timer: &mut Limit, limit: u64, takes: u64) -> bool {
        let start = tokio::time::Instant::now();
        limit_timer.set(start.into_std() + Duration::from_millis(limit));
        let mut work = Box::pin(tokio::time::sleep(Duration::from_millis(takes)));
        let result = limit_timer
            .within(|context| work.as_mut().poll(context))
            .await;
        let passed = result.is_ok();
        let elapsed = start.elapsed().as_millis();
        let expected = u128::from(if passed { takes } else { limit });
        assert!(
            elapsed.abs_diff(expected) <= 1,
            "{elapsed} ms instead of {expected}"
        );
        passed
    }

    #[tokio::test(start_paused = true)]
    async fn the_latest_limit_counts() {
        let mut limit = Limit::new();
        assert!(passes(&mut limit, 100, 50).await);
        // The timer set for the first limit fires in here, too early.
        assert!(passes(&mut limit, 100, 90).await);
        assert!(!passes(&mut limit, 100, 500).await);
        assert!(passes(&mut limit, 100, 10).await);
        assert!(!passes(&mut limit, 100, 101).await);
    }
    /// Found by T11: a request that hung was waited for until it was answered.
    #[tokio::test(start_paused = true)]
    async fn a_timer_that_fired_while_nobody_waited_is_set_again() {
        let mut limit = Limit::new();
        assert!(passes(&mut limit, 100, 50).await);
        // An idle connection: its task is woken, and waits on for something else.
        tokio::time::sleep(Duration::from_millis(500)).await;
        assert!(!passes(&mut limit, 100, 1_000).await);
    }

    #[tokio::test(start_paused = true)]
    async fn a_timer_that_another_task_has_set_wakes_this_one() {
        let mut limit = Limit::new();
        let first = tokio::spawn(async move {
            assert!(passes(&mut limit, 100, 50).await);
            limit
        });
        let mut limit = first.await.expect("the task does not panic");
        let second = tokio::spawn(async move { passes(&mut limit, 100, 1_000).await });
        assert!(!second.await.expect("the task does not panic"));
    }
}
