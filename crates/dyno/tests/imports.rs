//! `dyno import` as a command: what it writes passes `dyno check`, and asks a server
//! for just what it was made from.

#![expect(clippy::unwrap_used, reason = "a test may panic, helpers included")]

mod common;
#[path = "imports/curl.rs"]
mod curl;
#[path = "imports/har.rs"]
mod har;
#[path = "imports/log.rs"]
mod log;
#[path = "imports/openapi.rs"]
mod openapi;

use std::io::Write as _;
use std::process::{Command, Stdio};

use common::measured::is_measured;
use common::shop::{Asked, Shop};
use common::{Place, output, root};
use dyno_result::Step;

/// `dyno import ARGUMENTS -o made.toml`, which must pass `dyno check`; its warnings.
fn import(place: &Place, arguments: &[&str]) -> Vec<String> {
    let mut command = place.dyno(&["import"]);
    let (code, data, talk) = output(command.args(arguments).args(["-o", "made.toml"]));
    assert_eq!((code, data.as_str()), (0, ""), "{talk}");
    let mut lines: Vec<_> = talk.lines().map(str::to_owned).collect();
    let next = "made.toml: written; next: dyno check made.toml, dyno run made.toml --url http://…";
    assert_eq!(lines.pop().as_deref(), Some(next));
    assert!(
        lines.iter().all(|line| line.starts_with("warning: ")),
        "{lines:?}"
    );
    let (code, data, talk) = output(place.dyno(&["check", "made.toml"]).env("TOKEN", "t"));
    assert_eq!((code, data.as_str()), (0, "made.toml: ok\n"), "{talk}");
    lines
}

/// Plays `made.toml` for a moment in a shop: its step, and what was asked.
fn play(place: &Place, shop: &Shop, settings: &[&str]) -> (Step, Vec<Asked>) {
    let mut command = place.dyno(&["run", "made.toml", "-o", "out", "--seed", "1"]);
    command.args(["--url", &shop.url()]).env("TOKEN", "t0k3n");
    for setting in settings {
        command.args(["--set", setting]);
    }
    let (code, table, talk) = output(&mut command);
    assert!(matches!(code, 0 | 5), "{code} {table} {talk}");
    let mut run = place.result();
    assert!(is_measured(code, &run), "{code} {table} {talk}");
    (run.trials.remove(0).steps.remove(0), shop.asked())
}

/// A short step in the place of the imported one, which takes ten seconds.
const SHORT: [&str; 2] = [
    "warmup=0s",
    "step[0]={ name = \"short\", requests = 600, connections = 3 }",
];
const STARTS: u64 = 600;

/// Puts the step of the last comment, which plays what was recorded at its own times,
/// in the place of the first one.
fn as_recorded(place: &Place) {
    let text = std::fs::read_to_string(place.path("made.toml")).unwrap();
    let (head, step) = text.rsplit_once("# [[step]]").unwrap();
    let (head, _) = head.split_once("\n[[step]]").unwrap();
    let text = format!("{head}\n[[step]]{}", step.replace("\n# ", "\n"));
    std::fs::write(place.path("made.toml"), text).unwrap();
    std::fs::remove_dir_all(place.path("out")).unwrap();
}

#[track_caller]
fn succeeded(step: &Step) {
    let counts = &step.counts;
    assert!(counts.due > 0 && counts.succeeded == counts.due, "{step:?}");
}

/// Runs a command with this text as its standard input.
fn with_stdin(command: &mut Command, text: &str) -> (i32, String, String) {
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = piped.stderr(Stdio::piped()).spawn().unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(text.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code().unwrap(),
        text(output.stdout),
        text(output.stderr),
    )
}

#[test]
fn without_a_file_the_scenario_alone_goes_to_standard_output() {
    let place = Place::new("");
    let har = root().join("crates/dyno-import/tests/fixtures/shop.har");
    let har = std::fs::read_to_string(har).unwrap();
    let script =
        "# all of it\ncurl -L http://h/a -H \"Authorization: Bearer $TOKEN\"\ncurl http://h/b\n";
    for (kind, text, name, requests) in [
        ("har", har.as_str(), "standard input", 6),
        ("curl", script, "curl", 2),
    ] {
        let (code, data, talk) = with_stdin(&mut place.dyno(&["import", kind, "-"]), text);
        assert_eq!(code, 0, "{talk}");
        let warning = format!("warning: {name}: ");
        assert!(
            !talk.is_empty() && talk.lines().all(|line| line.starts_with(&warning)),
            "{talk}"
        );
        assert!(data.starts_with("# Made by `dyno import "), "{data}");
        assert_eq!(data.matches("request]]\n").count(), requests, "{data}");
        std::fs::write(place.path("made.toml"), data).unwrap();
        let (code, _, talk) = output(place.dyno(&["check", "made.toml"]).env("TOKEN", "t"));
        assert_eq!(code, 0, "{talk}");
    }
}

#[test]
fn what_cannot_be_imported_is_said_and_nothing_is_written() {
    let place = Place::new("mine");
    std::fs::write(place.path("bad.har"), "\n{\"log\": 5}").unwrap();
    std::fs::write(place.path("bad.yaml"), "swagger: '2.0'\n").unwrap();
    std::fs::write(place.path("empty.log"), "").unwrap();
    let check = |arguments: &[&str], expected: &str| {
        let mut command = place.dyno(&["import"]);
        let (code, data, talk) = output(command.args(arguments).args(["-o", "made.toml"]));
        assert_eq!((code, data.as_str()), (2, ""), "{talk}");
        assert_eq!(talk.trim_end(), expected);
        assert!(!place.path("made.toml").exists());
    };
    let missing = "error: could not read no.har: No such file or directory (os error 2)\n\n\
                   hint: give the name of a file, or - for standard input";
    check(&["har", "no.har"], missing);
    check(&["log", "no.har"], missing);
    check(&["openapi", "no.har"], missing);
    check(
        &["har", "bad.har"],
        "error: bad.har: line 2: this is no HAR file: invalid type: integer `5`, expected an \
         object (column 9)\n\n\
         hint: save it from the network panel of a browser: \"Export HAR\"",
    );
    check(
        &["openapi", "bad.yaml"],
        "error: bad.yaml: line 1: this is Swagger 2, not OpenAPI 3\n\n\
         hint: convert it first, for example with swagger2openapi",
    );
    check(
        &["log", "empty.log"],
        "error: empty.log: the log is empty\n\n\
         hint: common or combined log format, or a JSON object a line with `method`, `path` \
         and `status`",
    );
    check(
        &["curl", "curl -T file http://h/"],
        "error: curl: line 1: `-T` is nothing that dyno can do\n\n\
         hint: put the text of the file into the command: -X PUT --data-raw '…'",
    );
    let mut command = place.dyno(&["import", "curl", "curl http://h/", "-o", "scenario.toml"]);
    let (code, data, talk) = output(&mut command);
    let there = "error: scenario.toml is there already\n\n\
                 hint: give another name with -o, or remove it\n";
    assert_eq!((code, data.as_str(), talk.as_str()), (2, "", there));
    let below = "scenario.toml/new/x.toml";
    let mut command = place.dyno(&["import", "curl", "curl http://h/", "-o", below]);
    let (code, data, talk) = output(&mut command);
    let no_folder = "error: scenario.toml is a file, not a folder\n\n\
                     hint: give another name with -o\n";
    assert_eq!((code, data.as_str(), talk.as_str()), (2, "", no_folder));
    let kept = std::fs::read_to_string(place.path("scenario.toml")).unwrap();
    assert_eq!(kept, "mine");
}

#[test]
fn a_recording_is_named_from_the_folder_of_its_scenario() {
    let place = Place::new("");
    let line = "::1 - - [22/Nov/2026:10:00:00 +0000] \"GET / HTTP/1.1\" 200 12\n";
    std::fs::create_dir(place.path("logs")).unwrap();
    std::fs::write(place.path("logs/access.log"), line).unwrap();
    let import = ["import", "log", "logs/access.log"];
    let mut command = place.dyno(&import);
    let (code, _, talk) = output(command.args(["-o", "scenarios/mix.toml"]));
    assert_eq!(code, 0, "{talk}");
    let made = place.path("scenarios/mix.toml");
    let text = std::fs::read_to_string(&made).unwrap();
    assert!(
        text.contains("# replay = { log = \"../logs/access.log\","),
        "{text}"
    );
    // Its step can be played as it stands there.
    let (head, step) = text.rsplit_once("# [[step]]").unwrap();
    let (head, _) = head.split_once("\n[[flow]]").unwrap();
    let step = step.replace("\n# ", "\n");
    std::fs::write(&made, format!("{head}\n[[step]]{step}")).unwrap();
    let (code, _, talk) = output(&mut place.dyno(&["check", "scenarios/mix.toml"]));
    assert_eq!(code, 0, "{talk}");
    // Printed, it names the log as it was given; standard input has no name.
    let (_, data, _) = output(&mut place.dyno(&import));
    assert!(data.contains("{ log = \"logs/access.log\","), "{data}");
    let (_, data, _) = with_stdin(&mut place.dyno(&["import", "log", "-"]), line);
    assert!(!data.contains("as recorded"), "{data}");
}
