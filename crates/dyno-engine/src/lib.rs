//! Plays the load of one step at one address and records what happened.
//!
//! The only crate that makes load. Knows nothing of targets, files or screens.

mod answer;
mod arrivals;
mod batch;
mod check;
mod chunked;
mod connection;
mod crew;
mod curve;
mod error;
mod event;
#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub mod fuzzing;
mod hiccup;
mod idle;
mod limit;
mod merge;
mod outcome;
mod pacer;
mod play;
mod poisson;
mod recorder;
mod request;
mod share;
mod starts;
mod stop;
mod thread;
mod timer;
mod worker;

pub use error::Error;
pub use event::Event;
pub use play::{Address, Play, Played, play};
pub use stop::Stop;
