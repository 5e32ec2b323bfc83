//! Bad input: the exact message and the exit code of each, and never a panic.

#![expect(clippy::unwrap_used, reason = "a test may panic, helpers included")]

mod common;

use common::{Place, SHORT, fixtures, output, root, toy};

/// Runs the scenario and compares exit code and stderr; `{targets}` stands for
/// the fixture folder.
fn check(scenario: &str, arguments: &[&str], code: i32, expected: &str) {
    let place = Place::new(scenario);
    let (seen_code, _, talk) = output(&mut place.run(arguments));
    let expected = expected.replace("{targets}", fixtures().to_str().unwrap());
    assert_eq!(talk.trim_end(), expected.trim(), "{scenario}");
    assert_eq!(seen_code, code, "{scenario}\n{talk}");
    assert!(
        !place.path("out").exists(),
        "refused before anything was made"
    );
}

/// Runs the scenario; the result must have the exit code, stderr and the table
/// must contain the text.
fn check_run(target: &str, code: i32, expected: &[&str]) -> (Place, String) {
    let place = Place::new(&toy(&format!("{target:?}"), SHORT));
    let (seen_code, table, talk) = output(&mut place.run(&[]));
    assert_eq!(seen_code, code, "{talk}");
    for text in expected {
        assert!(talk.contains(text), "{text:?} is not in\n{talk}");
    }
    assert!(!talk.contains("panicked"), "{talk}");
    (place, table)
}

#[test]
fn scenarios_that_say_what_they_must_not() {
    let step = |line: &str| toy(r#""toy""#, &format!("[[step]]\nname = \"s\"\n{line}\n"));
    check(
        &step("requests = 10\nconections = 4"),
        &[],
        2,
        "scenario.toml:10:1: `step.connections` is missing (how many are open at once, such as 100 or [1, 10, 100])\n\
         scenario.toml:13:1: unknown key `step.conections` (did you mean `connections`?)",
    );
    check(
        &step("requests = \"many\"\nconnections = 0"),
        &[],
        2,
        "scenario.toml:12:13: `step.requests` must be a whole number, found the text \"many\"\n\
         scenario.toml:13:15: `step.connections` must be at least 1, found 0",
    );
    check(
        &step("requests = 10\nduration = \"5s\"\nconnections = 4"),
        &[],
        2,
        "scenario.toml:13:1: `step.requests` and `step.duration` exclude each other (a step ends after a number of requests or after a time)",
    );
}

#[test]
fn files_and_targets_that_are_not_there() {
    check(
        &toy(r#""tyo""#, SHORT),
        &[],
        2,
        "error: there is no target \"tyo\"\n\nhint: did you mean `toy`?",
    );
    let place = Place::new("");
    let (code, _, talk) = output(&mut place.dyno(&["run", "nowhere.toml"]));
    assert_eq!(code, 2);
    assert_eq!(
        talk.trim_end(),
        "error: could not read nowhere.toml: No such file or directory (os error 2)\n\n\
         hint: give the path of a scenario file, e.g. scenarios/greet.toml"
    );
    let (code, _, talk) = output(&mut place.dyno(&["report", "nowhere"]));
    assert_eq!(code, 2);
    assert_eq!(
        talk.trim_end(),
        "error: nowhere: could not read run.json: No such file or directory (os error 2)\n\n\
         hint: give the folder of a run, e.g. one of results/"
    );
    let (code, _, talk) = output(&mut place.dyno(&["hit", "ftp://127.0.0.1/"]));
    assert_eq!(code, 2);
    assert_eq!(
        talk.trim_end(),
        "error: dyno does not speak ftp\n\n\
         hint: give something like http://127.0.0.1:8080/path"
    );
}

#[test]
fn a_contract_that_does_not_fit() {
    let scenario =
        toy(r#""toy""#, SHORT).replace("name = \"toy\"", "name = \"toy\"\ncontract = \"greet/1\"");
    check(
        &scenario,
        &[],
        2,
        "error: scenario.toml asks for greet/1, but the target toy promises http/1\n\n\
         hint: choose targets of that contract: `dyno targets` lists them",
    );
}

#[test]
fn a_target_that_dies_at_start() {
    let (place, table) = check_run(
        "toy-dies-at-start",
        6,
        &["error: the target ended at start with exit 3\n  | toy: cannot find my configuration"],
    );
    let reason = "the target ended at start with exit 3 (its log ends with: toy: cannot find my configuration)";
    assert_eq!(place.result().targets[0].excluded.as_deref(), Some(reason));
    assert!(table.contains("not measured"), "{table}");
}

#[test]
fn a_target_that_never_becomes_ready() {
    check_run(
        "toy-never-ready",
        6,
        &[
            "error: the target was not ready after 5 s: GET / is answered 500, not 200",
            "hint: correct `ready.path` and `ready.status`, or raise `ready.timeout_s`",
        ],
    );
}

#[test]
fn a_port_in_use() {
    check_run(
        "toy-port-in-use",
        6,
        &[
            "is in use",
            "hint: stop the other program, or let dyno pick a port",
        ],
    );
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let place = Place::new("");
    let folder = fixtures();
    let arguments = [
        "targets",
        "serve",
        "toy",
        "--port",
        &port.to_string(),
        "--targets-dir",
        folder.to_str().unwrap(),
    ];
    let (code, _, talk) = output(&mut place.dyno(&arguments));
    assert_eq!(code, 6);
    let expected = format!(
        "toy: build\nerror: port {port} is in use\n\nhint: stop the other program, or let dyno pick a port"
    );
    assert_eq!(talk.trim_end(), expected);
}

#[test]
fn a_target_that_dies_in_mid_run() {
    let (place, _) = check_run(
        "toy-dies-in-mid-run",
        5,
        &["the target ended in mid-run with exit 7: toy: enough of it"],
    );
    let run = place.result();
    assert_eq!(run.trials[0].invalid_reasons.len(), 1);
    assert!(run.trials[0].steps[0].counts.balanced());
}

#[test]
fn a_body_that_is_not_the_expected_one() {
    let scenario = toy(r#""toy""#, SHORT).replace("hello", "good bye");
    let place = Place::new(&scenario);
    let (code, table, talk) = output(&mut place.run(&[]));
    assert_eq!(code, 5, "no right answer is no measurement: {talk}");
    assert!(table.contains("check.body 100"), "{table}");
}

#[test]
fn a_stubborn_target_is_killed_after_its_grace() {
    let (place, _) = check_run("toy-stubborn", 0, &[]);
    assert!(place.result().trials[0].stop.as_ref().unwrap().killed);
}

#[test]
fn a_full_disk() {
    let place = Place::new(&toy(r#""toy""#, SHORT));
    let out = place.path("disk");
    std::fs::create_dir(&out).unwrap();
    // A namespace of our own may mount, as root or not.
    let script = format!(
        "mount -t tmpfs -o size=1m tmpfs disk && head -c 1015808 /dev/zero > disk/filler && \
         exec {} run scenario.toml -o disk/out --targets-dir {}",
        env!("CARGO_BIN_EXE_dyno"),
        fixtures().display()
    );
    let mut command = std::process::Command::new("unshare");
    command
        .args(["--user", "--map-root-user", "--mount", "sh", "-c", &script])
        .current_dir(place.folder.path())
        .env("DYNO_CACHE", place.path("cache"))
        .env("NO_COLOR", "1");
    let (code, _, talk) = output(&mut command);
    assert_eq!(code, 1, "{talk}");
    assert!(
        talk.contains("No space left on device (os error 28)"),
        "{talk}"
    );
    assert!(talk.contains("error: could not write disk/out"), "{talk}");
    assert!(
        talk.contains("hint: make room, or choose another folder with -o"),
        "{talk}"
    );
    assert!(!talk.contains("panicked"), "{talk}");
}

/// Whatever the fuzzer begins with is right, or refused with a reason at a place.
#[test]
fn every_seed_of_the_fuzzer_is_answered() {
    let place = Place::new("");
    let seeds = std::fs::read_dir(root().join("fuzz/corpus/scenario")).unwrap();
    let seeds: Vec<_> = seeds.map(|seed| seed.unwrap().path()).collect();
    let (mut right, mut refused) = (0, 0);
    for seed in &seeds {
        let (code, data, talk) = output(&mut place.dyno(&["check", seed.to_str().unwrap()]));
        match code {
            0 => right += 1,
            2 => refused += 1,
            _ => panic!("{}: {code}\n{talk}", seed.display()),
        }
        let name = seed.display();
        let expected = match code {
            0 => data == format!("{name}: ok\n"),
            // What a seed names may be missing here: then the message says which.
            _ => talk.starts_with(&format!("{name}:")) && talk.trim_end().len() > 20,
        };
        assert!(expected, "{name}: {code}\n{data}{talk}");
    }
    assert!(
        right >= 10 && refused >= 60,
        "{right} right, {refused} refused"
    );
}
