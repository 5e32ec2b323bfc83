//! The flags that say how a server is reached: contradictions are told before
//! any load, right ones reach it.

#![expect(clippy::unwrap_used, reason = "a test may panic, helpers included")]

mod common;

use std::io::{Read, Write};
use std::net::{IpAddr, TcpListener};
use std::os::unix::net::UnixListener;
use std::sync::mpsc::{Receiver, channel};

use common::measured::is_measured;
use common::{Place, SHORT, output, toy};
use dyno_result::Run;
use serde_json::Value;

/// Answers every connection's requests until it is closed.
fn serve(mut stream: impl Read + Write) {
    let mut buffer = [0; 4096];
    while let Ok(1..) = stream.read(&mut buffer) {
        let text = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello\n";
        if stream.write_all(text).is_err() {
            return;
        }
    }
}

/// A server on a free port, and the addresses that connect to it.
fn server() -> (u16, Receiver<IpAddr>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (sender, peers) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let _ = sender.send(stream.peer_addr().unwrap().ip());
            std::thread::spawn(move || serve(stream));
        }
    });
    (port, peers)
}

/// `dyno hit --json ARGUMENTS`, which must succeed.
fn hit(place: &Place, arguments: &[&str]) -> Value {
    let mut command = place.dyno(&["hit", "-n", "20", "-c", "4", "--json"]);
    let (code, stdout, stderr) = output(command.args(arguments));
    let run = Run::from_json("stdout", &stdout).unwrap();
    assert!(is_measured(code, &run), "{arguments:?}: {code} {stderr}");
    let result: Value = serde_json::from_str(&stdout).unwrap();
    let counts = &result["trials"][0]["steps"][0]["counts"];
    assert_eq!(counts["succeeded"], 20, "{arguments:?}: {counts}");
    result
}

#[test]
fn contradictions_are_told_before_any_load() {
    let place = Place::new(&toy("", SHORT));
    let (port, peers) = server();
    let url = format!("http://127.0.0.1:{port}/");
    let check = |arguments: &[&str], words: &str| {
        let (code, _, stderr) = output(&mut place.dyno(arguments));
        assert_eq!(code, 2, "{arguments:?}: {stderr}");
        assert!(stderr.contains(words), "{arguments:?}: {stderr}");
    };
    let hit = |arguments: &[&str], words: &str| {
        check(&[&["hit", &url], arguments].concat(), words);
    };
    hit(&["--insecure"], "http:// has none");
    hit(&["--cacert", "scenario.toml"], "http:// has none");
    hit(&["--insecure", "--cacert", "x"], "cannot be used with");
    hit(&["--http2-streams", "2"], "--http2");
    hit(&["--http2", "--disable-keepalive"], "cannot be used with");
    hit(
        &["--unix-socket", "x", "--source-ip", "127.0.0.2"],
        "cannot be used with",
    );
    hit(&["--unix-socket", "missing"], "there is no socket missing");
    hit(&["--connect-to", "a:b"], "HOST:PORT:ADDR:PORT");
    hit(
        &["--source-ip", "127.0.0.9-127.0.0.2"],
        "the range is empty",
    );
    hit(&["--source-ip", "192.0.2.1"], "could not use 192.0.2.1");
    hit(&["--source-ip", "::1"], "--source-ip");
    let encrypted = format!("https://127.0.0.1:{port}/");
    check(
        &["hit", &encrypted, "--cacert", "scenario.toml"],
        "scenario.toml: give a PEM file",
    );
    check(&["run", "scenario.toml", "--http2"], "--url");
    let once = format!("{SHORT}keepalive = false\n");
    std::fs::write(place.path("scenario.toml"), toy("", &once)).unwrap();
    check(
        &["run", "scenario.toml", "--http2", "--url", &url],
        "keepalive = false",
    );
    assert!(peers.try_recv().is_err(), "nothing was sent");
}

#[test]
fn the_url_may_lead_elsewhere() {
    let place = Place::new("");
    let (port, _peers) = server();
    let rule = format!("backend.test:80:127.0.0.1:{port}");
    let result = hit(&place, &["http://backend.test/", "--connect-to", &rule]);
    assert_eq!(result["targets"][0]["name"], "backend.test");

    let listener = UnixListener::bind(place.path("socket")).unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || serve(stream));
        }
    });
    let result = hit(&place, &["http://backend.test/", "--unix-socket", "socket"]);
    let notes = result["targets"][0]["notes"].as_str().unwrap();
    assert!(notes.ends_with("HTTP/1.1, a Unix socket"), "{notes}");
}

#[test]
fn connections_start_from_the_addresses_given() {
    let place = Place::new(&toy("", SHORT));
    let (port, peers) = server();
    let url = format!("http://127.0.0.1:{port}/");
    let seen = || {
        let mut seen: Vec<String> = peers.try_iter().map(|ip| ip.to_string()).collect();
        seen.sort_unstable();
        seen
    };
    hit(
        &place,
        &[&url, "--source-ip", "127.0.0.2-3,127.0.0.5-127.0.0.6"],
    );
    let all = ["127.0.0.2", "127.0.0.3", "127.0.0.5", "127.0.0.6"];
    assert_eq!(seen(), all);
    let run = ["--url", &url, "--source-ip", "127.0.0.7", "--shared-cpus"];
    let (code, _, stderr) = output(&mut place.run(&run));
    assert!(is_measured(code, &place.result()), "{code} {stderr}");
    assert_eq!(seen(), ["127.0.0.7"; 4]);
}

#[test]
fn a_server_without_http2_or_tls_is_a_failure_of_its_own_kind() {
    let place = Place::new("");
    let (port, _peers) = server();
    let check = |arguments: &[&str], kind: &str| {
        let mut command = place.dyno(&["hit", "-n", "20", "-c", "4", "--json"]);
        let (code, stdout, stderr) = output(command.args(arguments));
        // No right answer at all.
        assert_eq!(code, 5, "{arguments:?}: {stderr}");
        let run = Run::from_json("stdout", &stdout).unwrap();
        assert!(!is_measured(code, &run), "{arguments:?}: {stderr}");
        let result: Value = serde_json::from_str(&stdout).unwrap();
        let failures = &result["trials"][0]["steps"][0]["failures"];
        assert_eq!(failures[0]["kind"], kind);
        assert_eq!(failures[0]["count"], 20);
    };
    let plain = format!("http://127.0.0.1:{port}/");
    let encrypted = format!("https://127.0.0.1:{port}/");
    check(&[&plain, "--http2", "-p", "2"], "h2.protocol");
    check(&[&encrypted, "-k"], "tls.handshake");
}
