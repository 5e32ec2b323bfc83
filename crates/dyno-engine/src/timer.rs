//! Waits until an instant, to a few dozen microseconds. The runtime's own timer
//! works in milliseconds, which is good for limits and bad for a pace.

use std::io;
use std::os::fd::{AsFd as _, AsRawFd, RawFd};
use std::time::Instant;

use nix::errno::Errno;
use nix::sys::time::TimeSpec;
use nix::sys::timerfd::{ClockId, Expiration, TimerFd, TimerFlags, TimerSetTimeFlags};
use tokio::io::unix::AsyncFd;

/// A timer of the kernel's.
#[derive(Debug)]
pub(crate) struct Timer(AsyncFd<Descriptor>);

#[derive(Debug)]
struct Descriptor(TimerFd);

impl AsRawFd for Descriptor {
    fn as_raw_fd(&self) -> RawFd {
        self.0.as_fd().as_raw_fd()
    }
}

impl Timer {
    /// A timer on this thread's runtime.
    #[expect(
        deprecated,
        reason = "its successor is unsafe; the descriptor is ours and stays the same"
    )]
    pub(crate) fn new() -> io::Result<Self> {
        let flags = TimerFlags::TFD_NONBLOCK | TimerFlags::TFD_CLOEXEC;
        let timer = TimerFd::new(ClockId::CLOCK_MONOTONIC, flags)?;
        Ok(Self(AsyncFd::new(Descriptor(timer))?))
    }

    /// Waits until `at`; returns at once when it has passed.
    pub(crate) async fn sleep_until(&self, at: Instant) -> io::Result<()> {
        let left = at.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(());
        }
        let timer = &self.0.get_ref().0;
        let expiration = Expiration::OneShot(TimeSpec::from_duration(left));
        timer.set(expiration, TimerSetTimeFlags::empty())?;
        loop {
            let mut fired = self.0.readable().await?;
            let read = timer.wait();
            // The one expiration is consumed, or was an old one's.
            fired.clear_ready();
            match read {
                Ok(()) => return Ok(()),
                Err(Errno::EAGAIN) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[tokio::test]
    async fn never_early_whatever_was_set_before() {
        let timer = Timer::new().unwrap();
        for us in [1, 500, 3_000, 20] {
            let at = Instant::now() + Duration::from_micros(us);
            while Instant::now() < at {
                timer.sleep_until(at).await.unwrap();
            }
        }
        timer.sleep_until(Instant::now()).await.unwrap();
    }
}
