//! Too few local ports for a load: `dyno hit` says so before it begins, and the
//! remedy it names helps. Played in a network of its own, which has only twenty.

#![expect(clippy::unwrap_used, reason = "a test may panic, helpers included")]

mod common;
#[path = "../../dyno-truth/tests/limits/network.rs"]
mod network;

use std::fs::write;
use std::process::Command;

use common::measured::is_measured;
use common::{Place, output};
use dyno_result::Run;
use dyno_truth::{HIDDEN_COMMAND, Server};

const RANGE: &str = "/proc/sys/net/ipv4/ip_local_port_range";

#[test]
fn too_few_ports_are_refused_with_the_figures() {
    if !network::is_own("too_few_ports_are_refused_with_the_figures") {
        return;
    }
    let place = Place::new("");
    let hit = |arguments: &[&str]| {
        // The ports of the last load are still held, but not for another server.
        let mut command = Command::new(env!("CARGO_BIN_EXE_dyno"));
        let server = Server::start(command.arg(HIDDEN_COMMAND)).unwrap();
        let url = format!("http://{}/ok", server.address);
        write(RANGE, "20000 20019").unwrap();
        let seen = output(&mut place.dyno(&[&["hit", &url, "--json"], arguments].concat()));
        // Asking the server takes a port, too.
        write(RANGE, "32768 60999").unwrap();
        (seen, server.counts().unwrap().connections)
    };
    let refused = |arguments: &[&str], expected: &str| {
        let ((code, stdout, stderr), connections) = hit(arguments);
        assert_eq!((code, stdout.as_str(), connections), (2, "", 0), "{stderr}");
        assert_eq!(stderr.trim_end(), expected, "{arguments:?}");
    };
    let played = |arguments: &[&str], connections: u64| {
        let ((code, stdout, stderr), opened) = hit(arguments);
        let run = Run::from_json("stdout", &stdout).unwrap();
        assert!(is_measured(code, &run), "{arguments:?}: {code} {stderr}");
        let step = &run.trials[0].steps[0];
        assert_eq!(step.failures, [], "{arguments:?}");
        assert_eq!((opened, step.connect.count), (connections, connections));
    };
    let widen = "`sudo sysctl -w net.ipv4.ip_local_port_range='1024 65535'`";
    refused(
        &["-c", "30", "-n", "30"],
        &format!(
            "error: 30 connections to one address need as many local ports, and there are 20 \
             (20000 to 20019)\n\nhint: {widen}, more source addresses \
             (--source-ip 127.0.0.1-127.0.0.2), or at most 20 connections"
        ),
    );
    played(&["-c", "20", "-n", "20"], 20);
    let sources = ["--source-ip", "127.0.0.1-127.0.0.2"];
    played(&[&["-c", "30", "-n", "30"], &sources[..]].concat(), 30);
    let reconnecting = ["-c", "4", "-z", "10s", "--disable-keepalive", "-q"];
    refused(
        &[&reconnecting[..], &["100"]].concat(),
        &format!(
            "error: 100 new connections per second, each holding its port for 1 s, need 104 \
             local ports, and there are 20 (20000 to 20019)\n\nhint: keep connections alive, \
             {widen}, more source addresses (--source-ip 127.0.0.1-127.0.0.6), or a rate of at \
             most 16/s"
        ),
    );
}
