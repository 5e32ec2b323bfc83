//! A target in this process that keeps contract auth/1, but for one fault.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::net::TcpSocket;
use tokio::sync::{Mutex as Turn, Semaphore};
use tokio::time::sleep;

use crate::fault::Fault::{self, *};
use crate::limiter::Limiter;
use crate::queue::Queue;
use crate::rows::Rows;
use crate::wire;

/// What a target reads from its environment.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) jwt_secret: String,
    pub(crate) jwt_ttl_s: u64,
    pub(crate) bcrypt_cost: u32,
    pub(crate) cpus: usize,
    pub(crate) rate: u32,
    pub(crate) burst: u32,
    pub(crate) sink: SocketAddr,
    pub(crate) queue_size: usize,
    pub(crate) is_timed: bool,
    /// Five seconds of the contract, but shorter.
    pub(crate) task_timeout: Duration,
    /// How long it keeps a connection that is idle.
    pub(crate) idle: Duration,
}

/// A running double.
#[derive(Debug)]
pub(crate) struct Double {
    pub(crate) fault: Fault,
    pub(crate) settings: Settings,
    pub(crate) rows: Arc<Rows>,
    pub(crate) limiter: Limiter,
    pub(crate) queue: Queue,
    /// Answers that a fault keeps.
    pub(crate) cache: Mutex<HashMap<String, String>>,
    /// As many hashes at once as there are CPUs.
    hashing: Semaphore,
    waiting_for_hash: AtomicUsize,
    /// Held by whoever blocks the event loop.
    pub(crate) event_loop: Turn<()>,
    number: AtomicU64,
}

/// What a hash takes.
const HASH: Duration = Duration::from_millis(5);
const LONG_HASH: Duration = Duration::from_millis(130);

impl Double {
    /// Serves for as long as the test's runtime lives.
    pub(crate) async fn serve(fault: Fault, settings: Settings, rows: Arc<Rows>) -> SocketAddr {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let backlog = if fault == SmallBacklog { 5 } else { 4096 };
        let listener = socket.listen(backlog).unwrap();
        let address = listener.local_addr().unwrap();
        let double = Arc::new(Self {
            fault,
            limiter: Limiter::new(fault, &settings),
            queue: Queue::start(fault, &settings),
            cache: Mutex::default(),
            hashing: Semaphore::new(settings.cpus),
            waiting_for_hash: AtomicUsize::new(0),
            event_loop: Turn::new(()),
            number: AtomicU64::new(0),
            settings,
            rows,
        });
        tokio::spawn(wire::accept(listener, double));
        address
    }

    pub(crate) fn has(&self, fault: Fault) -> bool {
        self.fault == fault
    }

    /// A number that was not there before.
    pub(crate) fn next(&self) -> u64 {
        self.number.fetch_add(1, Ordering::Relaxed)
    }

    /// The stored form of a password: it looks like bcrypt's, and takes a while.
    pub(crate) async fn hash(&self, password: &str) -> String {
        self.work().await;
        let cost = match self.fault {
            CheapHash => self.settings.bcrypt_cost - 1,
            _ => self.settings.bcrypt_cost,
        };
        let salt = match self.fault {
            NoSalt => 0,
            _ => self.next(),
        };
        let password = match self.fault {
            TruncatesPasswords => password.get(..60).unwrap_or(password),
            _ => password,
        };
        stored_hash(cost, salt, password)
    }

    /// Whether a password is that of the hash; takes a while, too.
    pub(crate) async fn verify(&self, password: &str, hash: &str) -> bool {
        self.work().await;
        let same = |password: &str| {
            let salt = hash.get(7..29).and_then(|salt| salt.parse().ok());
            let cost = hash.get(4..6).and_then(|cost| cost.parse().ok());
            let (Some(salt), Some(cost)) = (salt, cost) else {
                return false;
            };
            stored_hash(cost, salt, password) == hash
        };
        match self.fault {
            TruncatesPasswords => same(password.get(..60).unwrap_or(password)),
            IgnoresPasswordCase => same(password) || same(&password.replacen('p', "P", 1)),
            _ => same(password),
        }
    }

    async fn work(&self) {
        let waiting = self.waiting_for_hash.fetch_add(1, Ordering::Relaxed);
        if self.has(HashesOnLoop) && waiting > 1 {
            let _turn = self.event_loop.lock().await;
            sleep(LONG_HASH).await;
        } else {
            let _permit = self.hashing.acquire().await.unwrap();
            sleep(HASH).await;
        }
        self.waiting_for_hash.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Sixty characters in the form of bcrypt; the password is in it, somehow.
pub(crate) fn stored_hash(cost: u32, salt: u64, password: &str) -> String {
    use sha2::{Digest, Sha256};
    let digest = Sha256::digest(format!("{salt} {password}"));
    let text: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("$2b${cost:02}${salt:022}{}", &text[..31])
}

/// Milliseconds since 1970, never a multiple of ten: the zeros of times are what
/// one check is about.
pub(crate) fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let ms = u64::try_from(since.as_millis()).unwrap();
    ms + u64::from(ms % 10 == 0)
}

/// The guarded value; a test that has panicked has failed anyway.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap()
}
