//! The environment of contract auth/1, read and checked.

use std::fmt::Display;
use std::net::{IpAddr, SocketAddr};
use std::num::NonZero;
use std::ops::RangeInclusive;
use std::str::FromStr;

use axum::http::Uri;
use tracing::level_filters::LevelFilter;

/// What the program was told.
pub(crate) struct Config {
    pub(crate) address: SocketAddr,
    pub(crate) database_url: String,
    pub(crate) pool_size: usize,
    pub(crate) workers: usize,
    pub(crate) bcrypt_cost: u32,
    pub(crate) hash_parallelism: usize,
    pub(crate) jwt_secret: String,
    pub(crate) jwt_ttl_s: u64,
    /// Requests a second and client.
    pub(crate) rate_rps: f64,
    pub(crate) rate_burst: NonZero<u32>,
    pub(crate) trust_proxy: bool,
    pub(crate) sink: Uri,
    pub(crate) queue_size: usize,
    pub(crate) queue_workers: usize,
    pub(crate) server_timing: bool,
    pub(crate) log_level: LevelFilter,
}

impl Config {
    /// Asks `variable` for everything; the error names all that is wrong.
    pub(crate) fn read(variable: impl Fn(&str) -> Option<String>) -> anyhow::Result<Self> {
        let mut from = Environment {
            variable: &variable,
            problems: Vec::new(),
        };
        let cpus = std::thread::available_parallelism().map_or(1, NonZero::get);
        let host = from.parsed::<IpAddr>("HOST", None);
        let port = from.parsed("PORT", None);
        let database_url = from.parsed("DATABASE_URL", None);
        let pool_size = from.number("DB_POOL_SIZE", 20, 1..=10_000);
        let workers = from.number("WORKERS", cpus, 1..=1024);
        let bcrypt_cost = from.number("BCRYPT_COST", 10, 4..=14);
        let hash_parallelism = from.number("HASH_PARALLELISM", cpus, 1..=1024);
        let jwt_secret = from.parsed::<String>("JWT_SECRET", None);
        if jwt_secret.as_ref().is_some_and(|secret| secret.len() < 32) {
            from.problems
                .push("JWT_SECRET has less than 32 bytes".to_owned());
        }
        let jwt_ttl_s = from.number("JWT_TTL_S", 900, 1..=1_000_000_000);
        let rate_rps = from.number("RATE_RPS", 1e6, 1e-3..=1e9);
        let rate_burst = from.number("RATE_BURST", 1_000_000, 1..=u32::MAX);
        let trust_proxy = from.flag("TRUST_PROXY", true);
        let sink = from.parsed("SINK_URL", None);
        let queue_size = from.number("QUEUE_SIZE", 10_000, 1..=10_000_000);
        let queue_workers = from.number("QUEUE_WORKERS", 4, 1..=1024);
        let server_timing = from.flag("SERVER_TIMING", false);
        let log_level = from.parsed("LOG_LEVEL", Some(LevelFilter::WARN));
        let problems = from.problems.join("\n");

        let config = || {
            Some(Self {
                address: SocketAddr::new(host?, port?),
                database_url: database_url?,
                pool_size: pool_size?,
                workers: workers?,
                bcrypt_cost: bcrypt_cost?,
                hash_parallelism: hash_parallelism?,
                jwt_secret: jwt_secret?,
                jwt_ttl_s: jwt_ttl_s?,
                rate_rps: rate_rps?,
                rate_burst: NonZero::new(rate_burst?)?,
                trust_proxy: trust_proxy?,
                sink: sink?,
                queue_size: queue_size?,
                queue_workers: queue_workers?,
                server_timing: server_timing?,
                log_level: log_level?,
            })
        };
        config()
            .filter(|_| problems.is_empty())
            .ok_or_else(|| anyhow::Error::msg(problems))
    }
}

/// Reads variables, and collects what is wrong with them.
struct Environment<'a> {
    variable: &'a dyn Fn(&str) -> Option<String>,
    problems: Vec<String>,
}

impl Environment<'_> {
    /// A variable that must be set unless it has a default.
    fn parsed<T: FromStr>(&mut self, name: &str, default: Option<T>) -> Option<T> {
        let Some(text) = (self.variable)(name).filter(|text| !text.is_empty()) else {
            if default.is_none() {
                self.problems.push(format!("{name} is not set"));
            }
            return default;
        };
        let value = text.parse().ok();
        if value.is_none() {
            self.problems.push(format!("{name} cannot be {text:?}"));
        }
        value
    }

    fn number<T>(&mut self, name: &str, default: T, range: RangeInclusive<T>) -> Option<T>
    where
        T: FromStr + Display + PartialOrd,
    {
        let number = self.parsed(name, Some(default))?;
        if range.contains(&number) {
            return Some(number);
        }
        let (least, most) = range.into_inner();
        let problem = format!("{name} is {number}, not from {least} to {most}");
        self.problems.push(problem);
        None
    }

    fn flag(&mut self, name: &str, default: bool) -> Option<bool> {
        let number = self.number(name, u8::from(default), 0..=1)?;
        Some(number == 1)
    }
}
