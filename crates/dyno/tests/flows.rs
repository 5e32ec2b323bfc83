//! A scenario of flows from its file to its result: setup, data, secrets, captures,
//! teardown; and what is missing, told before any load.

#![expect(clippy::unwrap_used, reason = "a test may panic, helpers included")]

mod common;

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};

use common::{Place, is_measured, output};

/// A server that answers every request with the word `next`, and what it was asked:
/// the first line, and the field that a secret is in.
fn server() -> (u16, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (sender, asked) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let sender = sender.clone();
            std::thread::spawn(move || {
                let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
                let mut stream = stream;
                loop {
                    let head: Vec<String> = lines
                        .by_ref()
                        .map_while(Result::ok)
                        .take_while(|line| !line.is_empty())
                        .collect();
                    let Some(first) = head.first() else {
                        return;
                    };
                    let key = head.iter().find(|line| line.starts_with("X-Key"));
                    let key = key.map_or("", String::as_str);
                    let _ = sender.send(format!("{first} {key}"));
                    let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnext";
                    if stream.write_all(answer).is_err() {
                        return;
                    }
                }
            });
        }
    });
    (port, asked)
}

const SCENARIO: &str = r#"
name = "flows"
repeat = 1
idle = "1ms"
[data.user]
rows = [{ name = "a b" }, { name = "c" }]
[secret.key]
file = "key.txt"
[[setup]]
path = "/setup"
headers = { X-Key = "{{secret.key}}" }
capture = { word = { regex = "n.*" } }
[[teardown]]
path = "/teardown/{{word}}"
[[flow]]
name = "both"
  [[flow.request]]
  name = "first"
  path = "/first/{{user.name}}?{{word}}"
  headers = { X-Key = "{{secret.key}}" }
  capture = { mine = { regex = "ext" } }
  [[flow.request]]
  name = "second"
  path = "/second/{{mine}}"
  expect = { body = "wrong" }
[[step]]
name = "short"
requests = 10
connections = 1
warmup = "0s"
"#;

#[test]
fn a_scenario_of_flows_is_played_from_its_file() {
    let place = Place::new(SCENARIO);
    std::fs::write(place.path("key.txt"), "s3cret\n").unwrap();
    let (port, asked) = server();
    let url = format!("http://127.0.0.1:{port}");
    let (code, _, stderr) = output(&mut place.run(&["--url", &url]));
    assert!(is_measured(code), "{stderr}");
    let asked: Vec<String> = asked.try_iter().collect();
    assert_eq!(asked.len(), 22, "{asked:?}");
    assert_eq!(asked[0], "GET /setup HTTP/1.1 X-Key: s3cret");
    assert_eq!(asked[1], "GET /first/a%20b?next HTTP/1.1 X-Key: s3cret");
    assert_eq!(asked[2], "GET /second/ext HTTP/1.1 ");
    assert_eq!(asked[3], "GET /first/c?next HTTP/1.1 X-Key: s3cret");
    assert_eq!(asked[21], "GET /teardown/next HTTP/1.1 ");
    let run = place.result();
    let step = &run.trials[0].steps[0];
    assert_eq!(run.trials[0].invalid_reasons, Vec::<String>::new());
    assert_eq!((step.counts.due, step.counts.failed), (20, 10));
    assert_eq!(
        (step.flows[0].counts.due, step.flows[0].counts.failed),
        (10, 10)
    );
    let names: Vec<&str> = step.requests.iter().map(|r| r.name.as_str()).collect();
    assert_eq!(names, ["first", "second"]);
    let bodies: Vec<&str> = step.examples.iter().map(|e| e.body.as_str()).collect();
    assert_eq!(bodies, ["next"; 3]);
    let secret = |file: &std::path::Path| {
        std::fs::read(file).is_ok_and(|bytes| bytes.windows(6).any(|part| part == b"s3cret"))
    };
    let mut folders = vec![place.path("out")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            assert!(!secret(&path), "{}", path.display());
            if path.is_dir() {
                folders.push(path);
            }
        }
    }
}

#[test]
fn what_is_missing_is_told_before_any_load() {
    let (port, asked) = server();
    let url = format!("http://127.0.0.1:{port}");
    let check = |scenario: &str, words: &str| {
        let place = Place::new(scenario);
        let (code, _, stderr) = output(&mut place.run(&["--url", &url]));
        assert_eq!(code, 2, "{stderr}");
        assert!(stderr.contains(words), "{stderr}");
    };
    check(SCENARIO, "could not read the secret \"key\" from key.txt");
    let other = SCENARIO.replace("file = \"key.txt\"", "env = \"DYNO_HAS_NO_SUCH\"");
    check(
        &other,
        "no variable DYNO_HAS_NO_SUCH for the secret \"key\"",
    );
    let other = other.replace("[secret.key]\nenv = \"DYNO_HAS_NO_SUCH\"\n", "");
    let other = other.replace("{{secret.key}}", "{{env.DYNO_HAS_NO_SUCH}}");
    check(&other, "no variable DYNO_HAS_NO_SUCH: set it");
    assert_eq!(asked.try_iter().count(), 0);
}

#[test]
fn a_setup_that_fails_makes_its_trial_invalid() {
    let place = Place::new(&SCENARIO.replace("regex = \"n.*\"", "regex = \"z\""));
    std::fs::write(place.path("key.txt"), "s3cret\n").unwrap();
    let (port, _asked) = server();
    let url = format!("http://127.0.0.1:{port}");
    let (code, _, stderr) = output(&mut place.run(&["--url", &url]));
    assert_eq!(code, 5, "{stderr}");
    let trial = &place.result().trials[0];
    assert_eq!(trial.steps.len(), 0);
    let expected = "the setup failed: \"GET /setup\": check.capture: HTTP/1.1 200 OK next";
    assert_eq!(trial.invalid_reasons[0], expected);
}
