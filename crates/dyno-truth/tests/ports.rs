//! T12, local ports: what fails because dyno has no more of them is dyno's own
//! failure. Played in a network of its own, which has only twenty.

#![expect(clippy::unwrap_used, reason = "a test may panic, helpers included")]

mod limits;
#[path = "limits/network.rs"]
mod network;

use std::fs::write;
use std::process::Command;

use dyno_engine::Address;
use dyno_result::FailureKind;
use dyno_truth::Server;
use limits::{failures, play};

const RANGE: &str = "/proc/sys/net/ipv4/ip_local_port_range";
const MANY: &str = "32768 60999";
/// Not those that the server's own port is from.
const FEW: &str = "20000 20019";
const PORTS: u64 = 20;

#[test]
fn t12_connections_beyond_the_ports_are_dynos_failure() {
    if !network::is_own("t12_connections_beyond_the_ports_are_dynos_failure") {
        return;
    }
    let server = Server::start(&mut Command::new(env!("CARGO_BIN_EXE_dyno-truth"))).unwrap();
    let plain = Address::plain(server.address, server.address.to_string());
    let check = |sources: &[[u8; 4]], connections: u32, ports: u64| {
        let address = Address {
            sources: sources.iter().map(|source| (*source).into()).collect(),
            ..plain.clone()
        };
        // Asking the server takes ports, too.
        write(RANGE, MANY).unwrap();
        server.reset().unwrap();
        write(RANGE, FEW).unwrap();
        let step = play(&address, connections);
        write(RANGE, MANY).unwrap();
        let seen = server.counts().unwrap();
        assert_eq!((seen.connections, seen.requests), (ports, ports));
        assert_eq!((step.counts.sent, step.counts.succeeded), (ports, ports));
        let beyond = u64::from(connections) - ports;
        assert_eq!(failures(&step), [(FailureKind::GeneratorPorts, beyond)]);
    };
    check(&[], 30, PORTS);
    // Each source address has ports of its own.
    check(&[[127, 0, 0, 2]], 30, PORTS);
    check(&[[127, 0, 0, 3], [127, 0, 0, 4]], 50, 2 * PORTS);
}
