//! A server whose answers take a known time, what a load generator must see of
//! it, and whether the machine was fit to tell.
//!
//! [`Server`] is that server, in a thread or as a process; paths say how it
//! behaves (`mode.rs`, `zoo.rs`). [`expected`] has the answers in closed form.
//! [`Watch`] looks at the machine meanwhile. Serves `dyno self-test` and the tests
//! of the other crates; makes no load itself.

mod books;
mod clock;
mod connection;
pub mod expected;
mod health;
mod mode;
mod process;
mod query;
mod random;
mod request;
mod server;
mod timing;
mod zoo;

pub use books::{Counts, Logged};
pub use clock::now_ns;
pub use health::{Health, Stall, Watch};
pub use process::{HIDDEN_COMMAND, Server, hidden_command, run};
pub use random::{exponential_ns, is_chosen, unit};
pub use server::serve;
