//! Flows from start to stop: what their templates name is read before any load, what
//! is secret is written nowhere, and each flow and request has figures of its own.

#![expect(clippy::unwrap_used, reason = "a test may panic, helpers included")]

mod common;

use std::path::Path;

use common::measured::is_measured;
use common::{Place, output, toy};
use dyno_result::FailureKind;

const KEY: &str = "hush-7b1d/e%+";
const PIN: &str = "4711-of-a-file";

/// Two flows on a server that answers with what it was asked, whatever it was.
const SCENARIO: &str = r#"
name = "flows"
targets = ["toy-echo"]
idle = "10ms"
cooldown = "10ms"
warmup = "0s"
[env]
LEVEL = ["low", "high"]
[data.user]
csv = "users.csv"
[secret.key]
env = "DYNO_TEST_KEY"
[secret.pin]
file = "pin.txt"
[[setup]]
method = "POST"
path = "/around/setup?level={{env.LEVEL}}"
body = "{{secret.key}} {{secret.pin}}"
expect = { matches = '"level": "(low|high)"' }
capture = { admin = "$.token" }
[[teardown]]
path = "/around/teardown/{{admin}}"
[[flow]]
name = "sign in"
weight = 3
  [[flow.request]]
  name = "login"
  path = "/login?email={{user.email}}&key={{secret.key}}"
  headers = { Authorization = "Bearer {{secret.pin}}" }
  capture = { token = "$.token" }
  [[flow.request]]
  name = "me"
  path = "/me/{{token}}"
[[flow]]
name = "wrong"
  [[flow.request]]
  name = "other"
  method = "POST"
  path = "/other"
  headers = { Authorization = "Bearer {{secret.key}}" }
  json = { key = "{{secret.key}}", admin = "{{admin}}" }
  expect = { json = { "$.body" = "nothing of the kind" } }
[[step]]
name = "some"
requests = 200
connections = 2
"#;

fn place(scenario: &str) -> Place {
    let place = Place::new(scenario);
    std::fs::write(place.path("users.csv"), "email\na@x\nb@x\n").unwrap();
    std::fs::write(place.path("pin.txt"), format!("{PIN}\n")).unwrap();
    place
}

/// Every file below a folder that has one of these in it.
fn files_with(folder: &Path, words: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_with(&path, words));
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        let has = |word: &String| {
            bytes
                .windows(word.len())
                .any(|part| part == word.as_bytes())
        };
        found.extend(
            words
                .iter()
                .filter(|word| has(word))
                .map(|word| format!("{}: {word}", path.display())),
        );
    }
    found
}

#[test]
fn flows_are_measured_each_for_itself_and_secrets_are_written_nowhere() {
    let place = place(SCENARIO);
    let (code, table, talk) = output(place.run(&["--repeat", "1"]).env("DYNO_TEST_KEY", KEY));
    assert!(is_measured(code, &place.result()), "{talk}");
    let run = place.result();
    assert_eq!(run.trials.len(), 2);
    for trial in &run.trials {
        assert_eq!(trial.invalid_reasons, Vec::<String>::new());
        let step = &trial.steps[0];
        let flows: Vec<_> = step.flows.iter().map(|flow| flow.name.as_str()).collect();
        assert_eq!(flows, ["sign in", "wrong"]);
        let requests = step.requests.iter();
        let requests: Vec<_> = requests
            .map(|r| (r.flow.as_str(), r.name.as_str()))
            .collect();
        assert_eq!(
            requests,
            [("sign in", "login"), ("sign in", "me"), ("wrong", "other")]
        );
        let due: u64 = step.requests.iter().map(|request| request.counts.due).sum();
        assert_eq!(due, step.counts.due);
        let [signed_in, wrong] = &step.flows[..] else {
            panic!("two flows");
        };
        assert!(signed_in.counts.succeeded > 0 && signed_in.counts.failed == 0);
        assert!(wrong.counts.failed > 0 && wrong.counts.succeeded == 0);
        let example = &step.examples[0];
        assert_eq!(example.kind, FailureKind::CheckBody);
        assert!(example.body.contains("[secret key]"), "{}", example.body);
        // Setup and teardown were asked once, each in the trial's own process.
        let log = place.path(&format!("out/logs/{}.log", trial.file_stem()));
        let log = std::fs::read_to_string(log).unwrap();
        let around: Vec<_> = log.lines().filter(|line| line.contains("around")).collect();
        let [setup, teardown] = around[..] else {
            panic!("{log}");
        };
        let level = trial.variant.strip_prefix("level-").unwrap();
        assert_eq!(setup, format!("toy: /around/setup?level={level}"));
        assert!(
            teardown.starts_with("toy: /around/teardown/t"),
            "{teardown}"
        );
    }
    assert!(
        table.contains("sign in: login") && table.contains("wrong: other"),
        "{table}"
    );
    // However they are written in a path or in JSON.
    let written = ["hush-7b1d", "4711-of-a-file"].map(str::to_owned);
    assert_eq!(
        files_with(&place.path("out"), &written),
        Vec::<String>::new()
    );
    let shown = [table, talk].map(|text| written.iter().any(|word| text.contains(word)));
    assert_eq!(shown, [false, false]);
    // The search finds what is there.
    assert!(!files_with(&place.path("out"), &["sign in".to_owned()]).is_empty());
}

#[test]
fn a_setup_that_fails_makes_the_trial_useless_and_says_why() {
    let place = place(&SCENARIO.replace("(low|high)", "low"));
    let (code, table, talk) = output(place.run(&["--repeat", "1"]).env("DYNO_TEST_KEY", KEY));
    assert_eq!(code, 6, "{talk}");
    let reason = "the setup request \"POST /around/setup?level={{env.LEVEL}}\" failed: check.body";
    assert!(talk.contains(reason) && table.contains("INVALID"), "{talk}");
    assert!(!talk.contains(KEY) && !talk.contains(PIN), "{talk}");
    let run = place.result();
    let useless: Vec<_> = run
        .trials
        .iter()
        .filter(|trial| trial.steps.is_empty())
        .collect();
    assert_eq!(useless.len(), 1);
    assert_eq!(useless[0].variant, "level-high");
}

#[test]
fn what_templates_name_must_be_there_before_the_load() {
    let check = |from: &str, to: &str, expected: &str| {
        let scenario = SCENARIO.replacen(from, to, 1);
        assert_ne!(scenario, SCENARIO);
        let place = place(&scenario);
        for mut command in [place.dyno(&["check", "scenario.toml"]), place.run(&[])] {
            let (code, _, talk) = output(command.env("DYNO_TEST_KEY", KEY));
            assert_eq!(talk.trim_end(), expected);
            assert_eq!(code, 2);
            assert!(
                !place.path("out").exists(),
                "refused before anything was made"
            );
        }
    };
    check(
        "{{user.email}}",
        "{{user.mail}}",
        "scenario.toml:28:24: could not use the data \"user\": users.csv has no column \
         \"mail\": did you mean \"email\"?",
    );
    check(
        "users.csv",
        "user.csv",
        "scenario.toml:10:8: could not use the data \"user\": could not read user.csv: \
         No such file or directory (os error 2)",
    );
    check(
        "DYNO_TEST_KEY",
        "DYNO_TEST_KYE",
        "scenario.toml:12:8: the environment has no variable DYNO_TEST_KYE for the secret \
         \"key\": set it (did you mean `DYNO_TEST_KEY`?)",
    );
    check(
        "pin.txt",
        "pn.txt",
        "scenario.toml:14:9: could not read the secret \"pin\" from pn.txt: No such file or \
         directory (os error 2)",
    );
    check(
        "/me/",
        "/me/{{env.DYNO_HAS_NO_SUCH_THING}}/",
        "scenario.toml:33:15: the environment has no variable DYNO_HAS_NO_SUCH_THING: set it, \
         or give it under [env]",
    );
    check(
        "LEVEL =",
        "PORT = \"1\"\nLEVEL =",
        "scenario.toml:8:9: `env.PORT` is for dyno to give: it says where a target listens \
         (leave it out)",
    );
    check(
        "requests = 200\nconnections = 2",
        "replay = { log = \"acces.log\" }",
        "scenario.toml:45:19: acces.log: could not read it: No such file or directory (os error 2)",
    );
}

#[test]
fn a_log_is_played_again_as_it_came() {
    let line = |second: u32, path: &str, status: u16| {
        format!("- - - [22/Nov/2026:10:00:0{second} +0000] \"GET {path} HTTP/1.1\" {status} 0\n")
    };
    let log = [line(0, "/a", 200), line(1, "/b", 200), line(0, "/a", 200)].concat();
    let steps = "[[step]]\nname = \"again\"\nreplay = { log = \"access.log\", speed = 10 }\n";
    let scenario = toy(r#""toy""#, steps).replace("[[request]]\npath = \"/\"\n", "");
    let scenario = scenario.replace("expect = { status = 200, body = \"hello\\n\" }\n", "");
    let place = Place::new(&scenario);
    std::fs::write(place.path("access.log"), log).unwrap();
    let (code, table, talk) = output(&mut place.run(&[]));
    assert!(is_measured(code, &place.result()), "{talk}");
    let run = place.result();
    let step = &run.trials[0].steps[0];
    assert_eq!((step.counts.due, step.counts.succeeded), (3, 3));
    assert!(
        table.contains("the starts of access.log at speed 10"),
        "{table}"
    );
    let csv = output(&mut place.dyno(&["report", "out", "-f", "csv"])).1;
    assert!(csv.contains(",again-x10,GET /a,GET /a,due,2,"), "{csv}");
}

/// Three rows and ten requests, one a flow.
fn few_rows(end: &str, warmup: &str) -> Place {
    let steps = format!(
        r#"
[data.id]
rows = [{{ n = 1 }}, {{ n = 2 }}, {{ n = 3 }}]
end = "{end}"
[[step]]
name = "few"
requests = 10
connections = 1
warmup = "{warmup}"
"#
    );
    let scenario = toy(r#""toy-echo""#, &steps).replace("path = \"/\"", "path = \"/{{id.n}}\"");
    Place::new(&scenario.replace("expect = { status = 200, body = \"hello\\n\" }\n", ""))
}

#[test]
fn rows_that_the_warm_up_uses_up_leave_a_step_that_says_so() {
    let place = few_rows("stop", "1s");
    let (code, table, talk) = output(&mut place.run(&[]));
    assert_eq!(code, 5, "{talk}");
    let why = "nothing was asked: the rows of data were used up before the step, by its warm-up \
               or a step before it; give more rows, `end = \"repeat\"` or `warmup = \"0s\"`";
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        words(&table).contains(&format!("INVALID: Toy that echoes: {why}")),
        "{table}"
    );
    for format in ["terminal", "markdown", "csv", "json", "html"] {
        let (code, report, talk) = output(&mut place.dyno(&["report", "out", "-f", format]));
        assert_eq!(code, 0, "{format}: {talk}");
        let is_number = |word: &&str| ["NaN", "inf", "-inf"].contains(word);
        let odd = report.split([' ', ',', '"', '\n']).find(is_number);
        assert_eq!(odd, None, "{format}");
    }
    let step = &place.result().trials[0].steps[0];
    assert_eq!(
        (step.counts.due, step.ran_out, step.window_ns),
        (0, true, 0)
    );
    assert_eq!(step.generator.busy_fraction, 0.0);
    // Without the warm-up they are asked for.
    let place = few_rows("stop", "0s");
    let (code, _, talk) = output(&mut place.run(&[]));
    assert!(is_measured(code, &place.result()), "{talk}");
    assert_eq!(place.result().trials[0].steps[0].counts.succeeded, 3);
}

#[test]
fn rows_that_fail_when_they_are_used_up_are_the_scenario_s_to_mend() {
    let way_out = "the rows of data were used up or could not be read; give more rows or \
                   `end = \"repeat\"`, or mend the file";
    let check = |warmup: &str, failed: u64, expected: &str| {
        let place = few_rows("fail", warmup);
        let (code, table, talk) = output(&mut place.run(&[]));
        assert_eq!(code, 5, "{talk}");
        let table = table.split_whitespace().collect::<Vec<_>>().join(" ");
        let failures = format!("failed by the scenario's own values (generator.data {failed})");
        let sentence = format!("INVALID: Toy that echoes: {expected} {failures}: {way_out}");
        assert!(table.contains(&sentence), "{table}");
        let misleading = ["dyno doctor", "dyno's own limits", "target serves"];
        assert!(
            !misleading.iter().any(|words| table.contains(words)),
            "{table}"
        );
    };
    check("0s", 7, "70 % of the requests");
    check("1s", 10, "nothing was asked: requests");
}
