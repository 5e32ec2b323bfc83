//! T12, open files: what fails because dyno may have no more descriptors is
//! dyno's own failure. A process of its own, since all of it gets the limit.

#![expect(clippy::unwrap_used, reason = "a test may panic, helpers included")]

mod limits;

use std::process::Command;

use dyno_engine::Address;
use dyno_result::FailureKind;
use dyno_truth::Server;
use limits::{failures, play};
use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// Open files of this process from now on.
const LIMIT: u64 = 80;
/// More than those leave room for.
const CONNECTIONS: u32 = 100;

#[test]
fn t12_connections_beyond_the_open_files_are_dynos_failure() {
    // A process of its own: it keeps its descriptors.
    let server = Server::start(&mut Command::new(env!("CARGO_BIN_EXE_dyno-truth"))).unwrap();
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    setrlimit(Resource::RLIMIT_NOFILE, LIMIT, hard).unwrap();
    let address = Address::plain(server.address, server.address.to_string());
    let step = play(&address, CONNECTIONS);
    let seen = server.counts().unwrap();
    // What the test, the runtime and the load thread have open is the rest.
    assert!((LIMIT - 40..LIMIT).contains(&seen.connections), "{seen:?}");
    assert_eq!(seen.requests, seen.connections);
    assert_eq!(step.counts.sent, seen.requests);
    assert_eq!(step.counts.succeeded, seen.requests);
    let beyond = u64::from(CONNECTIONS) - seen.connections;
    assert_eq!(failures(&step), [(FailureKind::GeneratorOpenFiles, beyond)]);
}
