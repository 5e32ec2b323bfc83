//! Every format and every chart on one fixed run.

#![expect(clippy::unwrap_used, reason = "tests")]

mod fixture;
mod golden;
mod page;
mod timed;
