//! What is checked, and what stands around it: the caller's side of a check.

use std::fmt::Debug;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use dyno_result::RateLimitScope;

use crate::database::Database;

/// A running target.
#[derive(Debug, Clone)]
pub struct Subject {
    /// Where it listens.
    pub address: SocketAddr,
    /// What contract auth/1 needs beside; other contracts do not look at it.
    pub auth: Option<AuthBench>,
}

/// What a target of auth/1 was started with, and what is around it.
#[derive(Debug, Clone)]
pub struct AuthBench {
    /// Its database, seeded, and used by nobody else.
    pub database: Database,
    /// `JWT_SECRET`.
    pub jwt_secret: String,
    /// `JWT_TTL_S`.
    pub jwt_ttl: Duration,
    /// `BCRYPT_COST`.
    pub bcrypt_cost: u32,
    /// `DB_POOL_SIZE`.
    pub db_pool_size: u32,
    /// CPUs of the target, which is also `HASH_PARALLELISM`.
    pub cpus: usize,
    /// `WORKERS`.
    pub workers: u32,
    /// Whose rate limit it keeps, as its manifest declares.
    pub rate_limit_scope: RateLimitScope,
    /// `SERVER_TIMING`: without it the header is not looked at.
    pub server_timing: bool,
    /// The server behind `SINK_URL`, used by nobody else.
    pub sink: SinkHandle,
    /// How long waiting takes; [`Pace::default`] for every real target.
    pub pace: Pace,
}

/// The server behind `SINK_URL`, as checks use it.
pub type SinkHandle = Arc<dyn Sink>;

/// A server that takes tasks, and remembers them with their bodies.
pub trait Sink: Debug + Send + Sync {
    /// Every delivery that came, in order of arrival, but the first `seen`.
    fn attempts(&self, seen: usize) -> Vec<Attempt>;
    /// How many connections were opened to it so far.
    fn connections(&self) -> u64;
    /// How it answers from now on. What hangs already goes on hanging.
    fn set(&self, mood: Mood);
}

/// One delivery of a task, as the sink saw it.
#[derive(Debug, Clone, PartialEq)]
pub struct Attempt {
    /// By which path it came.
    pub task: Task,
    /// When its last byte had come.
    pub at: Instant,
    /// Whether it was answered with 2xx.
    pub delivered: bool,
    /// Its body, as it came.
    pub body: Arc<[u8]>,
}

/// A kind of task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// `POST /mail`.
    Mail,
    /// `POST /webhook`.
    Webhook,
}

/// How the sink answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// 2xx at once.
    Accept,
    /// 2xx after this time.
    Delay(Duration),
    /// 503 to so many, then [`Mood::Accept`].
    RefuseNext(u64),
    /// No answer to so many, then [`Mood::Accept`].
    HangNext(u64),
    /// No answer.
    Hang,
}

/// How long checks wait that can do nothing but wait. A stand-in of this crate's
/// tests is quicker than any contract allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// How long a connection is left idle that must not be closed.
    pub idle: Duration,
    /// How long a delivery may stay without an answer before it is given up.
    pub task_timeout: Duration,
}

impl Default for Pace {
    /// As auth/1 has it.
    fn default() -> Self {
        Self {
            // A second more than the shortest default that is known (uvicorn's).
            idle: Duration::from_secs(6),
            task_timeout: Duration::from_secs(5),
        }
    }
}
