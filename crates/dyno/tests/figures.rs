//! The figures of a target beside its speed: how it starts, how large it is, how it is
//! built, what it costs.

#![expect(clippy::unwrap_used, reason = "a test may panic, helpers included")]

mod common;

use common::{Place, SHORT, output, toy};

/// A price table of one instance.
const PRICES: &str = r#"
date    = "2031-04-01"
source  = "a friend"
load    = 0.5
reserve = 0
[[instance]]
name   = "shed"
vcpus  = 64
memory = 64
price  = 0.01
"#;

#[test]
fn a_run_says_how_its_targets_start_what_they_are_and_what_they_cost() {
    let place = Place::new(&toy("\"toy\"", SHORT));
    let (_, table, talk) = output(&mut place.run(&[]));
    let run = place.result();
    let size = run.targets[0].size.as_ref().expect(&talk);
    assert_eq!(size.files.len(), 1);
    assert!(size.code_lines.unwrap() > 20, "{size:?}");
    assert_eq!(size.dependencies, None, "nothing tells of them");
    let asked = &run.scenario.requests;
    let asked: Vec<_> = asked.iter().map(|of| (&*of.method, &*of.path)).collect();
    assert_eq!(asked, [("GET", "/")]);
    let trial = &run.trials[0];
    let start = trial.start.as_ref().unwrap();
    assert!(start.listen_ns <= start.ready_ns);
    assert_eq!(start.first_ns, None, "http/1 promises no answer");
    assert_eq!(trial.hash_time, None, "and needs no hash");
    for words in ["Start, size, memory", "stops in", "idle PSS", "code lines"] {
        assert!(table.contains(words), "{words}: {table}");
    }
}

#[test]
fn a_target_of_a_known_contract_gives_a_first_answer() {
    let scenario = toy("\"greet-go-counted\"", SHORT)
        .replace("path = \"/\"", "path = \"/abc\"")
        .replace("hello\\n", "Hello, visitor! You've requested: /abc\\n");
    let place = Place::new(&scenario);
    let (_, table, talk) = output(&mut place.run(&[]));
    let run = place.result();
    let start = run.trials[0].start.as_ref().expect(&talk);
    assert!(start.first_ns.unwrap() >= start.ready_ns);
    let size = run.targets[0].size.as_ref().unwrap();
    let modules = size.dependencies.as_ref().unwrap();
    assert_eq!((modules.direct, modules.total), (Some(0), 0));
    assert!(table.contains("first answer"), "{table}");
}

#[test]
fn prices_can_be_the_readers_own() {
    let place = Place::new(&toy("\"toy\"", SHORT));
    output(&mut place.run(&[]));
    let mut run = place.result();
    // On a machine of one CPU, and on a busy one, there is no capacity.
    run.layout.shared = false;
    run.layout.target_cpus = vec![0];
    run.trials[0].steps[0].verdict = Some(dyno_result::Verdict::default());
    std::fs::write(place.path("out/run.json"), run.to_json()).unwrap();
    std::fs::write(place.path("mine.toml"), PRICES).unwrap();
    let report = |prices: &[&str]| output(&mut place.dyno(&[&["report", "out"], prices].concat()));
    let (code, own, _) = report(&[]);
    assert!(code == 0 && own.contains("t3.medium"), "{own}");
    let (code, mine, _) = report(&["--prices", "mine.toml"]);
    assert_eq!(code, 0);
    assert!(
        mine.contains("shed") && mine.contains("2031-04-01 (a friend)"),
        "{mine}"
    );
    assert!(!mine.contains("t3.medium"), "{mine}");

    std::fs::write(place.path("bad.toml"), PRICES.replace("0.01", "\"free\"")).unwrap();
    let (code, _, talk) = report(&["--prices", "bad.toml"]);
    assert_eq!(code, 2);
    assert!(talk.contains("bad.toml:10:"), "{talk}");
    let (code, _, talk) = report(&["--prices", "none.toml"]);
    assert_eq!(code, 2);
    assert!(talk.contains("could not read none.toml"), "{talk}");
}

#[test]
fn a_cold_build_is_measured_when_it_is_asked_for() {
    let place = Place::new("");
    std::fs::create_dir_all(place.path("targets/made")).unwrap();
    let manifest = r#"
schema = 1
id = "made"
name = "Made"
contract = "http/1"
class = "stock"
language = "sh"
source = ["target.toml"]
[build]
steps = [["sh", "-c", "echo ran >> count"]]
inputs = ["target.toml"]
[run]
command = ["true"]
"#;
    std::fs::write(place.path("targets/made/target.toml"), manifest).unwrap();
    let runs = || {
        let count = std::fs::read_to_string(place.path("targets/made/count"));
        count.unwrap_or_default().lines().count()
    };
    let build = |flags: &[&str]| {
        let (code, said, talk) =
            output(&mut place.dyno(&[&["targets", "build", "made"], flags].concat()));
        assert_eq!(code, 0, "{talk}");
        said
    };
    assert!(build(&[]).starts_with("made: built in "));
    assert!(build(&[]).starts_with("made: built before, "));
    assert_eq!(runs(), 1);
    let said = build(&["--cold"]);
    assert!(
        said.starts_with("made: built in ") && said.contains(", and again in "),
        "{said}"
    );
    assert_eq!(runs(), 3);
    assert!(build(&[]).starts_with("made: built before, "));
}
