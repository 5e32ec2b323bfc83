//! Ctrl-C and SIGTERM: the first asks the run to end, the second ends dyno at
//! once (targets die with it: their supervisors notice).

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::exit::Exit;
use crate::screen;

/// Whether somebody asked for the end.
#[derive(Debug, Clone)]
pub(crate) struct Interrupt(watch::Receiver<bool>);

impl Interrupt {
    /// Listens for signals until the runtime ends.
    pub(crate) fn listen() -> std::io::Result<Self> {
        let (sender, receiver) = watch::channel(false);
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                }
                if sender.send_replace(true) {
                    leave();
                }
                screen::talk("interrupted: finishing what is in flight (again to quit at once)");
            }
        });
        Ok(Self(receiver))
    }

    /// Whether the end was asked for.
    pub(crate) fn is_asked(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until the end is asked for.
    pub(crate) async fn asked(&self) {
        let mut receiver = self.0.clone();
        // The sender lives as long as the runtime.
        if receiver.wait_for(|asked| *asked).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Waits for `time`, or less if the end is asked for.
    pub(crate) async fn pause(&self, time: std::time::Duration) {
        tokio::select! {
            () = tokio::time::sleep(time) => {}
            () = self.asked() => {}
        }
    }
}

#[expect(clippy::exit, reason = "asked twice: nothing may delay the end")]
fn leave() -> ! {
    screen::erase();
    std::process::exit(Exit::Interrupted as i32)
}
