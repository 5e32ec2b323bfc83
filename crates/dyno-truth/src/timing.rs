//! Answers with a Server-Timing field that tells known durations.

use std::fmt::Write as _;

use crate::query::Query;
use crate::zoo::{Answer, End};

/// The names of durations, in the order in which they are told.
const NAMES: [&str; 5] = ["pool", "db", "hashq", "hash", "app"];

/// After so many requests the durations are the first again.
const PERIOD: u64 = 100;

/// The durations that answers tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Told {
    /// Of request 0, ns.
    first_ns: [Option<u64>; NAMES.len()],
    /// How much longer each is in the next request, ns.
    step_ns: u64,
    has_more: bool,
}

impl Told {
    /// Reads the query, or says what is wrong with it.
    pub(crate) fn read(query: Query<'_>) -> Result<Self, String> {
        let mut first_ns = [None; NAMES.len()];
        for (name, first_ns) in NAMES.iter().zip(&mut first_ns) {
            if query.text(name).is_some() {
                *first_ns = Some(query.time(name, 0)?);
            }
        }
        Ok(Self {
            first_ns,
            step_ns: query.time("step", 0)?,
            has_more: query.number::<u8>("more", 0)? > 0,
        })
    }

    /// The answer to request number `k`.
    pub(crate) fn answer(self, k: u64) -> Answer {
        let mut head = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n".to_owned();
        if self.has_more {
            head += "server-timing: extra;dur=0.5, cache;desc=\"hit, db;dur=9\"\r\n";
        }
        let told = NAMES.iter().zip(self.first_ns);
        let told = told.filter_map(|(name, first_ns)| {
            let ns = first_ns? + k % PERIOD * self.step_ns;
            let mut metric = String::new();
            let (ms, rest) = (ns / 1_000_000, ns % 1_000_000);
            write!(metric, "{name};dur={ms}.{rest:06}").ok()?;
            Some(metric)
        });
        let told: Vec<String> = told.collect();
        if !told.is_empty() {
            head += &format!("Server-Timing: {}\r\n", told.join(", "));
        }
        Answer::whole((head + "\r\nok").into_bytes(), End::Keep)
    }
}
