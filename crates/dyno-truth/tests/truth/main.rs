//! Load generators against servers whose answers are known (T1 to T20 of the
//! engine's design). Each test is there twice: short in every `cargo test`, and
//! at its full length for `scripts/truth`.

#![expect(clippy::unwrap_used, reason = "a test may panic, helpers included")]
#![expect(clippy::print_stdout, reason = "scripts/truth reads the figures")]

mod arrivals;
mod bench;
mod books;
mod client;
mod differential;
mod hyper;
mod judge;
mod lines;
mod merge;
mod queues;
mod stalls;
mod timeouts;
mod zoo;
