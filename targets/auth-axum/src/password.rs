//! bcrypt, at most so many at once: more would only take the CPUs from the
//! requests that need no hash.

use std::sync::Arc;
use std::time::Instant;

use bcrypt::BcryptResult;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use crate::timing::{self, Part};
use crate::validate;

/// Hashes and compares passwords.
pub(crate) struct Hasher {
    cost: u32,
    slots: Arc<Semaphore>,
    /// What is compared with when there is no such user.
    dummy: String,
}

impl Hasher {
    pub(crate) fn new(cost: u32, parallelism: usize) -> anyhow::Result<Self> {
        Ok(Self {
            cost,
            slots: Arc::new(Semaphore::new(parallelism)),
            dummy: bcrypt::hash("the password of nobody", cost)?,
        })
    }

    /// The hash of a password; the contract's have at most 64 bytes, and bcrypt
    /// drops what comes after 72.
    pub(crate) async fn hash(&self, password: String) -> anyhow::Result<String> {
        let cost = self.cost;
        self.run(move || bcrypt::hash(password, cost)).await
    }

    /// Whether `hash` is that of `password`. No hash matches nothing, and takes
    /// as long to say so.
    pub(crate) async fn matches(
        &self,
        hash: Option<String>,
        password: String,
    ) -> anyhow::Result<bool> {
        // To bcrypt, `pw` and `pw\0pw` are equal: what could never be registered
        // is never right.
        let could_match = hash.is_some() && validate::is_password(&password);
        let hash = hash.unwrap_or_else(|| self.dummy.clone());
        let matches = self.run(move || bcrypt::verify(password, &hash)).await?;
        Ok(could_match && matches)
    }

    /// Waits for a slot and does the work in it, on a thread that may block.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> BcryptResult<T> + Send + 'static,
    ) -> anyhow::Result<T> {
        let asked = Instant::now();
        let slot = Arc::clone(&self.slots).acquire_owned().await?;
        let done = spawn_blocking(move || {
            // Held here: the work goes on when the request is dropped.
            let _slot = slot;
            let started = Instant::now();
            let result = work();
            (started, started.elapsed(), result)
        });
        let (started, hashing, result) = done.await?;
        timing::add(Part::HashQueue, started - asked);
        timing::add(Part::Hash, hashing);
        Ok(result?)
    }
}
