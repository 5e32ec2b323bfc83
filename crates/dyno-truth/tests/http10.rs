//! Clients of HTTP/1.0, such as ApacheBench: their connections are kept if they ask
//! for it, and they are told; the answers to others are what they were.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Command;

use dyno_truth::Server;

const KEPT: &str = "HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok";
const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

#[test]
fn a_connection_of_http_1_0_is_kept_if_the_client_asks_for_it() {
    let server = Server::start(&mut Command::new(env!("CARGO_BIN_EXE_dyno-truth"))).unwrap();
    let connect = || TcpStream::connect(server.address).unwrap();
    let ask = |stream: &mut TcpStream, path: &str, version: &str, field: &str| {
        let request = format!("GET {path} HTTP/{version}\r\nConnection: {field}\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
    };
    let kept = |stream: &mut TcpStream, expected: &str| {
        let mut seen = vec![0; expected.len()];
        stream.read_exact(&mut seen).unwrap();
        assert_eq!(String::from_utf8_lossy(&seen), expected);
    };
    let closed = |stream: &mut TcpStream, expected: &str| {
        let mut seen = String::new();
        stream.read_to_string(&mut seen).unwrap();
        assert_eq!(seen, expected);
    };
    let mut stream = connect();
    for _ in 0..3 {
        ask(&mut stream, "/ok", "1.0", "Keep-Alive");
        kept(&mut stream, KEPT);
    }
    ask(&mut stream, "/delay?time=1ms", "1.0", "Keep-Alive");
    kept(
        &mut stream,
        "HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\nTruth-",
    );
    let mut stream = connect();
    ask(&mut stream, "/ok", "1.1", "Keep-Alive");
    kept(&mut stream, OK);
    ask(&mut stream, "/ok", "1.0", "close");
    closed(&mut stream, OK);
    // The bytes of the zoo are given.
    let mut stream = connect();
    ask(&mut stream, "/ok", "1.0", "Keep-Alive");
    kept(&mut stream, KEPT);
    ask(&mut stream, "/framing/204", "1.0", "Keep-Alive");
    closed(&mut stream, "HTTP/1.1 204 No Content\r\n\r\n");
}
