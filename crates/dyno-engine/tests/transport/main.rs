//! Every way of reaching a server: right answers over each, exact counts of each
//! thing that goes wrong.

#![expect(clippy::unwrap_used, reason = "a test may panic, helpers included")]

mod case;
mod flows;
mod http2;
mod speaker;
mod ways;
