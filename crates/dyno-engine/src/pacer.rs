//! How a load thread waits for the next due time: asleep, awake, or asleep for
//! the larger part.

use std::io;
use std::time::{Duration, Instant};

use dyno_result::Pacing;

use crate::thread_clock;
use crate::timer::Timer;

/// Nothing nearer than this is worth a sleep in [`Pacing::Hybrid`].
const NEAR: Duration = Duration::from_micros(150);
/// How long before the due time a hybrid sleep ends: longer than a wake-up is
/// late (p99 59 us on a quiet machine with a timer slack of 1 ns).
const MARGIN: Duration = Duration::from_micros(80);
/// After something has happened a hybrid thread stays awake so long for the
/// answers: going to sleep and being woken would count against the target.
const ATTENTIVE: Duration = Duration::from_micros(150);

/// A look that finds nothing takes less than this.
const LOOK: Duration = Duration::from_micros(10);

/// Waits for due times.
#[derive(Debug)]
pub(crate) struct Pacer {
    mode: Pacing,
    timer: Timer,
    now: Instant,
    /// Something has last happened then.
    active: Instant,
    turns: u64,
}

impl Pacer {
    /// A pacer on this thread's runtime.
    pub(crate) fn new(mode: Pacing) -> io::Result<Self> {
        let now = Instant::now();
        Ok(Self {
            mode,
            timer: Timer::new()?,
            now,
            active: now,
            turns: 0,
        })
    }

    /// The last reading of the clock.
    pub(crate) fn now(&self) -> Instant {
        self.now
    }

    /// Waits for `at` and lets the connections work meanwhile. `turns` grows
    /// whenever one of them does something; `in_flight` tells whether answers
    /// are awaited.
    pub(crate) async fn wait(
        &mut self,
        at: Instant,
        turns: impl Fn() -> u64,
        in_flight: impl Fn() -> bool,
    ) -> io::Result<()> {
        while self.now < at {
            let attentive = || self.now < self.active + ATTENTIVE && in_flight();
            match self.mode {
                Pacing::Sleep => self.sleep(at).await?,
                Pacing::Hybrid if at > self.now + NEAR && !attentive() => {
                    self.sleep(at - MARGIN).await?;
                }
                Pacing::Hybrid | Pacing::Spin => self.look(&turns).await,
            }
        }
        Ok(())
    }

    /// Lets the connections work on what is there.
    pub(crate) async fn pause(&mut self) {
        tokio::task::yield_now().await;
        self.now = Instant::now();
    }

    /// Sleeps until `at`, whatever the mode.
    pub(crate) async fn sleep(&mut self, at: Instant) -> io::Result<()> {
        self.timer.sleep_until(at).await?;
        self.now = Instant::now();
        self.active = self.now;
        Ok(())
    }

    /// One look at the sockets without waiting.
    async fn look(&mut self, turns: impl Fn() -> u64) {
        thread_clock::woken(self.now);
        tokio::task::yield_now().await;
        let (now, turns) = (Instant::now(), turns());
        if turns == self.turns {
            // Longer than that it was not polling: somebody else had the CPU.
            thread_clock::spun((now - self.now).min(LOOK));
        } else {
            self.turns = turns;
            self.active = now;
        }
        self.now = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_mode_is_early() {
        for mode in [Pacing::Sleep, Pacing::Hybrid, Pacing::Spin] {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let mut pacer = Pacer::new(mode).unwrap();
                for us in [1, 50, 500, 3_000] {
                    let at = Instant::now() + Duration::from_micros(us);
                    pacer.wait(at, || 0, || false).await.unwrap();
                    assert!(pacer.now() >= at && Instant::now() >= at);
                }
            });
        }
    }
}
