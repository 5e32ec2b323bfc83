//! A server that takes the mails and webhooks of targets, and counts them.
//!
//! What a target does after its answer is seen nowhere but here: was every task
//! delivered, once, and how late? The sink can also be slow, fail or hang, so
//! that a target shows what it does then. How it behaves is in `behaviour.rs`,
//! what it has seen in `ledger.rs`, HTTP in `server.rs`. What is due is known to
//! the caller only.

mod behaviour;
mod ledger;
mod server;

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::{oneshot, watch};
use tokio::time::timeout;

use behaviour::Course;
use ledger::Ledger;

pub use behaviour::{Behaviour, Reply};
pub use ledger::{Counts, Delivery, Kind, Outcome};

/// A running sink. It lives in one thread of its own, so that a caller who is
/// busy does not make deliveries late, and ends when this is dropped.
#[derive(Debug)]
pub struct Sink {
    /// Base URL, without a slash at its end: what a target gets as `SINK_URL`.
    pub url: String,
    /// The same as an address.
    pub address: SocketAddr,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Sink {
    /// Starts a sink on a free port of 127.0.0.1. It takes deliveries from the
    /// moment this returns.
    ///
    /// Fails when the machine gives no port or no thread.
    pub fn start(behaviour: Behaviour) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared::new(behaviour));
        let (stop, stopped) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let thread = std::thread::Builder::new().name("dyno-sink".to_owned());
        let thread = thread.spawn({
            let shared = Arc::clone(&shared);
            move || runtime.block_on(server::serve(listener, shared, stopped))
        })?;
        Ok(Self {
            url: format!("http://{address}"),
            address,
            shared,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// How it behaves from now on. What it is already slow with, or hangs in,
    /// stays so.
    pub fn set(&self, behaviour: Behaviour) {
        self.shared.state().course = Course::new(behaviour);
    }

    /// What has come so far.
    pub fn counts(&self) -> Counts {
        self.shared.state().ledger.counts
    }

    /// Every delivery that has come so far, in order of arrival, also those
    /// that were refused.
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.deliveries_from(0)
    }

    /// Every delivery but the first `seen`.
    pub fn deliveries_from(&self, seen: usize) -> Vec<Delivery> {
        let state = self.shared.state();
        let new = state.ledger.deliveries.get(seen..).unwrap_or_default();
        new.to_vec()
    }

    /// Waits until `delivered` deliveries have been answered with 2xx, but not
    /// longer than `limit`; the counts tell which of the two it was.
    pub async fn wait_for(&self, delivered: u64, limit: Duration) -> Counts {
        let mut changes = self.shared.delivered.subscribe();
        let reached = changes.wait_for(|count| *count >= delivered);
        // Late or not, the counts are the answer.
        let _ = timeout(limit, reached).await;
        self.counts()
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // Whether it ended in a panic is of no use to anybody here.
            let _ = thread.join();
        }
    }
}

/// What the thread of the sink and its owner have in common.
#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    delivered: watch::Sender<u64>,
}

#[derive(Debug)]
struct State {
    course: Course,
    ledger: Ledger,
}

impl Shared {
    fn new(behaviour: Behaviour) -> Self {
        Self {
            state: Mutex::new(State {
                course: Course::new(behaviour),
                ledger: Ledger::default(),
            }),
            delivered: watch::Sender::new(0),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Counting does not panic half-way.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
