//! Plays the load of one step at one address and records what happened.
//!
//! The only crate that makes load. Knows nothing of targets, files or screens.

mod address;
mod alarm;
mod answer;
mod arrivals;
mod ask;
mod cast;
mod cause;
mod check;
mod chunked;
mod connection;
mod cookies;
mod crew;
mod curve;
mod data;
mod error;
mod escape;
mod event;
mod exam;
mod examples;
mod exchange;
mod figures;
mod fill;
#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub mod fuzzing;
mod hiccup;
mod http1;
mod http2;
mod idle;
mod json_path;
mod kept;
mod limit;
mod merge;
mod outcome;
mod pacer;
mod parts;
mod pattern;
mod play;
mod player;
mod poisson;
mod random;
mod recorder;
mod redact;
mod request;
mod route;
mod script;
mod share;
mod slice;
mod socket;
mod start;
mod starts;
mod step;
mod stock;
mod stop;
mod thread;
mod thread_clock;
mod time;
mod timeline;
mod timer;
mod tls;
mod wall;
mod worker;

pub use address::{Address, Endpoint, Protocol, Tls, Trust};
pub use ask::{Ask, Unanswered, ask};
pub use data::DataError;
pub use error::{Error, TlsError};
pub use event::{Event, Second, Seen};
pub use exam::BadCheck;
pub use play::{Play, Played};
pub use step::play;
pub use stock::{Stock, StockError};
pub use stop::Stop;
pub use wall::Wall;
