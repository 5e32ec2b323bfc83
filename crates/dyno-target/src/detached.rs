//! dyno's own executable, started again to go on when the command that started it
//! has ended: no terminal, no Ctrl-C, no parent.
//!
//! The two meet through pipes, one JSON value a line: an order, then an answer.
//! Until the answer the new process knows when its starter is gone.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread;

use nix::unistd::{dup2_stdout, setsid};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::oneshot;

use crate::protocol::{receive, send};

/// A process that was started to go on alone, before it has answered.
#[derive(Debug)]
pub struct Detached {
    process: Child,
    /// Open as long as the starter waits.
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Detached {
    /// Starts `dyno COMMAND` in `dir`, with an order; its stderr goes to the end of
    /// the file `log`.
    ///
    /// # Errors
    /// The log could not be opened, or the process not started.
    pub fn start(
        dyno: &Path,
        command: &str,
        order: &impl Serialize,
        dir: &Path,
        log: &Path,
    ) -> io::Result<Self> {
        let log = OpenOptions::new().append(true).create(true).open(log)?;
        let mut process = Command::new(dyno)
            .arg(command)
            .current_dir(dir)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()?;
        let mut orders = process.stdin.take().expect("stdin was piped");
        send(&mut orders, order)?;
        let answers = process.stdout.take().expect("stdout was piped");
        Ok(Self {
            process,
            orders,
            answers: BufReader::new(answers),
        })
    }

    /// Waits for its answer; none when it ended without one.
    pub fn answer<T: DeserializeOwned>(&mut self) -> Option<T> {
        receive(&mut self.answers)
    }

    /// Waits for the end of one that did not succeed.
    pub fn wait(mut self) {
        drop(self.orders);
        // Whatever it ends with, it has told why.
        let _ = self.process.wait();
    }
}

/// The command that has started this process and waits for an answer.
#[derive(Debug)]
pub struct Starter {
    gone: oneshot::Receiver<()>,
}

impl Starter {
    /// Leaves the starter's terminal and takes its order; none when there is none.
    pub fn meet<T: DeserializeOwned>() -> Option<(T, Self)> {
        // Fails for the leader of a group, who has left the terminal already.
        let _ = setsid();
        let mut orders = BufReader::new(io::stdin());
        let order = receive(&mut orders)?;
        let (over, gone) = oneshot::channel();
        thread::spawn(move || {
            let _nothing_more = orders.read_line(&mut String::new());
            let _ = over.send(());
        });
        Some((order, Self { gone }))
    }

    /// Waits until nobody waits for an answer any more.
    pub async fn gone(&mut self) {
        let _ = (&mut self.gone).await;
    }

    /// Gives the answer, and lets go of the starter.
    pub fn answer(self, answer: &impl Serialize) {
        // A starter that is gone hears nothing.
        let _ = send(io::stdout().lock(), answer);
        if let Ok(nowhere) = File::options().write(true).open("/dev/null") {
            let _ = dup2_stdout(nowhere);
        }
    }
}
