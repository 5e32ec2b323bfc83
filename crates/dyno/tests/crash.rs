//! Ends that nobody planned: nothing of a target is left, and what was written
//! can be read.

#![expect(clippy::unwrap_used, reason = "a test may panic, helpers included")]

mod common;

use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use common::{Place, output, toy};
use dyno_result::Status;

const LONG: &str = r#"
[[step]]
name = "first"
requests = 100
connections = 4
[[step]]
name = "long"
duration = "60s"
connections = 4
"#;

/// Waits up to five seconds for `done`.
fn within_5_s(what: &str, mut done: impl FnMut() -> bool) {
    let limit = Instant::now() + Duration::from_secs(5);
    while !done() {
        assert!(Instant::now() < limit, "{what} took more than 5 s");
        std::thread::yield_now();
    }
}

/// Processes of this test, by their command: dyno and its supervisor have the
/// test's cache in their environment, the target and whatever it forks write
/// into the test's folder.
fn processes(place: &Place, only_targets: bool) -> Vec<String> {
    let folder = place.folder.path().canonicalize().unwrap();
    let cache = place.path("cache").display().to_string();
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let text = |file: &str| {
            let bytes = std::fs::read(entry.path().join(file)).unwrap_or_default();
            String::from_utf8_lossy(&bytes).replace('\0', " ")
        };
        let stderr = std::fs::read_link(entry.path().join("fd/2")).unwrap_or_default();
        let ours = !only_targets && text("environ").contains(&cache);
        if ours || stderr.starts_with(&folder) {
            found.push(text("cmdline"));
        }
    }
    found
}

/// Starts a run that would take a minute, and waits until its load runs.
fn started(place: &Place) -> Child {
    let mut command = place.run(&[]);
    let child = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let limit = Instant::now() + Duration::from_secs(60);
    // The target and the two workers that it forks write into the run's log.
    while processes(place, true).len() < 3 || !place.path("out/run.json").is_file() {
        assert!(Instant::now() < limit, "the run does not start");
        std::thread::yield_now();
    }
    child
}

fn signal(child: &Child, name: &str) {
    let done = Command::new("kill")
        .args([name, &child.id().to_string()])
        .status()
        .unwrap();
    assert!(done.success());
}

#[test]
fn kill_9_leaves_no_process_and_a_readable_run() {
    let place = Place::new(&toy(r#""toy-forks""#, LONG));
    let mut child = started(&place);
    signal(&child, "-KILL");
    assert_eq!(child.wait().unwrap().signal(), Some(9));
    within_5_s("the end of the target", || {
        processes(&place, false).is_empty()
    });
    assert_eq!(place.result().status, Status::Unfinished);
    let (code, table, _) = output(&mut place.dyno(&["report", "out"]));
    assert_eq!(code, 0);
    assert!(table.to_lowercase().contains("unfinished"), "{table}");
}

#[test]
fn one_ctrl_c_drains_writes_and_marks() {
    let place = Place::new(&toy(r#""toy-forks""#, LONG));
    let mut child = started(&place);
    signal(&child, "-INT");
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(processes(&place, false), Vec::<String>::new());
    let run = place.result();
    assert_eq!(run.status, Status::Interrupted);
    for step in run.trials.iter().flat_map(|trial| &trial.steps) {
        assert!(step.counts.balanced());
    }
    assert!(place.path("out/report.html").is_file());
}

#[test]
fn a_second_ctrl_c_ends_at_once() {
    let place = Place::new(&toy(r#""toy-forks""#, LONG));
    let mut child = started(&place);
    signal(&child, "-INT");
    signal(&child, "-TERM");
    assert_eq!(child.wait().unwrap().code(), Some(130));
    within_5_s("the end of the target", || {
        processes(&place, false).is_empty()
    });
}
