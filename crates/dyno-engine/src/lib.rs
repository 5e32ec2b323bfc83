//! Plays the load of one step at one address and records what happened.
//!
//! The only crate that makes load. Knows nothing of targets, files or screens.

mod address;
mod answer;
mod arrivals;
mod cause;
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
mod http1;
mod http2;
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
mod slice;
mod socket;
mod starts;
mod stop;
mod thread;
mod thread_clock;
mod timeline;
mod timer;
mod tls;
mod worker;

pub use address::{Address, Endpoint, Protocol, Tls, Trust};
pub use error::{Error, TlsError};
pub use event::{Event, Second, Seen};
pub use play::{Play, Played, play};
pub use stop::Stop;
