//! Flows against a backend that knows who asks: what was captured goes to whom it
//! belongs, and the books of flows and requests balance.

#![expect(clippy::unwrap_used, reason = "a test may panic, helpers included")]

#[path = "../backend/mod.rs"]
mod backend;
mod bench;
mod course;
mod owners;
#[path = "../plans/mod.rs"]
mod plans;

/// The backend of the others, in a process of its own.
#[test]
fn backend() {
    backend::serve_if_asked();
}
