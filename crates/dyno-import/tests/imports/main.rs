//! Texts of all four kinds, and the scenarios that come of them.

#![expect(clippy::unwrap_used, reason = "a test may panic, helpers included")]

mod common;
mod curl;
mod har;
mod log;
mod openapi;
