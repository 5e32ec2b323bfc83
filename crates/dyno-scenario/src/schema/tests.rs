//! The schema says what the reader does.

use std::collections::BTreeSet;
use std::path::Path;

use super::*;

const SCENARIOS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scenarios");

#[test]
fn the_committed_schema_is_the_one_of_this_code() {
    let path = Path::new(SCENARIOS).join("schema.json");
    let current = schema();
    if std::env::var_os("DYNO_UPDATE").is_some() {
        std::fs::write(&path, format!("{current:#}\n")).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap();
    let committed: Value = serde_json::from_str(&committed).unwrap_or_default();
    assert!(
        committed == current,
        "scenarios/schema.json is not what this code says; run \
         `DYNO_UPDATE=1 cargo test -p dyno-scenario` or `dyno schema scenario > scenarios/schema.json`"
    );
}

/// The keys that the reader knows in one table, from its answer to a key
/// that it does not know and that is like no other.
fn keys_read(template: &str) -> BTreeSet<String> {
    let text = template.replace("HERE", "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzz");
    let problems = crate::parse("t.toml", &text).unwrap_err();
    let hints = problems.iter().filter_map(|problem| problem.hint.clone());
    let known = hints
        .filter_map(|hint| Some(hint.strip_prefix("known here: ")?.to_owned()))
        .collect::<Vec<_>>();
    let [known] = known.as_slice() else {
        panic!("{template}: {problems}")
    };
    known.split(", ").map(str::to_owned).collect()
}

fn keys_in_schema(table: &Value) -> BTreeSet<String> {
    assert_eq!(table["additionalProperties"], false);
    table["properties"]
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect()
}

#[test]
fn reader_and_schema_know_the_same_keys() {
    let schema = schema();
    for (template, table) in [
        ("HERE = 1", ""),
        ("[sweep]\nHERE = 1", "/$defs/Sweep"),
        ("[data.d]\nHERE = 1", "/$defs/Data"),
        ("[secret.s]\nHERE = 1", "/$defs/Secret"),
        ("[[request]]\nHERE = 1", "/$defs/Request"),
        ("[[setup]]\nHERE = 1", "/$defs/Request"),
        ("[[flow]]\nHERE = 1", "/$defs/Flow"),
        ("[[flow]]\n[[flow.request]]\nHERE = 1", "/$defs/Request"),
        ("[[request]]\nexpect = { HERE = 1 }", "/$defs/Expect"),
        ("[[step]]\nHERE = 1", "/$defs/Step"),
        ("[[step]]\nramp = { HERE = 1 }", "/$defs/Ramp"),
        ("[[step]]\nstages = [{ HERE = 1 }]", "/$defs/Stage"),
        ("[[step]]\nburst = { HERE = 1 }", "/$defs/Burst"),
        ("[[step]]\nreplay = { HERE = 1 }", "/$defs/Replay"),
    ] {
        let expected = keys_in_schema(schema.pointer(table).unwrap());
        assert_eq!(keys_read(template), expected, "{template}");
    }
}

fn json(text: &str) -> Value {
    let value = toml_span::parse(text).unwrap();
    crate::json::json_value(&value, "", &|problem| panic!("{problem:?}"))
}

#[test]
fn every_scenario_of_the_project_fits() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    let mut seen = 0;
    for entry in std::fs::read_dir(SCENARIOS).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let errors: Vec<String> = validator
            .iter_errors(&json(&text))
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{}: {errors:#?}", path.display());
        if let Err(problems) = crate::parse(&path.display().to_string(), &text) {
            panic!("{problems}");
        }
        seen += 1;
    }
    assert!(seen > 0, "no scenario in {SCENARIOS}");
}

#[test]
fn schema_and_reader_agree_on_what_is_wrong() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    let check = |top: &str, request: &str, step: &str, fits: bool| {
        let text = format!("name = 'x'\n{top}\n[[request]]\n{request}\n[[step]]\n{step}\n");
        let result = crate::parse("t.toml", &text);
        assert_eq!(result.is_ok(), fits, "{text}\n{result:?}");
        assert_eq!(validator.is_valid(&json(&text)), fits, "schema: {text}");
    };
    let (path, step) = ("path = '/'", "name = 's'\nrequests = 1\nconnections = 1");
    check("", path, step, true);
    check(
        "idle = '1.5s'\ntimeout = '2m'\nrepeat = 1000",
        path,
        step,
        true,
    );
    check(
        "",
        "path = '/'\nheaders = { A = 'b' }\njson = [1, { a = true }]",
        step,
        true,
    );
    check(
        "",
        path,
        "name = 's'\nduration = '5s'\nconnections = [1, 2]",
        true,
    );
    for step in [
        "rate = '500/s'",
        "rate = ['30/m', '1.5/s']\narrivals = 'poisson'",
        "rate = ['1000/h']\narrivals = 'constant'\nconnections = 10",
    ] {
        check(
            "",
            path,
            &format!("name = 's'\nduration = '5s'\n{step}"),
            true,
        );
    }
    for step in [
        "duration = '5s'\nramp = { from = '0/s', to = '500/s' }\narrivals = 'poisson'",
        "duration = '5s'\nburst = { starts = 100, every = '1s' }\nconnections = 3",
        "stages = [{ duration = '1s', rate = '0/s' }, { duration = '1s', to = '30/m' }]",
    ] {
        check("", path, &format!("name = 's'\n{step}"), true);
    }
    for top in [
        "repeat = 0",
        "repeat = 1001",
        "idle = 5",
        "idle = '5'",
        "contract = 'greet'",
        "targets = ['a', 'a']",
        "keepalive = 'yes'",
        "rate = '5/s'",
    ] {
        check(top, path, step, false);
    }
    for request in [
        "",
        "path = 'abc'",
        "path = '/a b'",
        "path = '/a#b'",
        "path = '/'\nbody = ''\njson = 1",
        "path = '/'\nexpect = { status = 99 }",
        "path = '/'\nheaders = { A = 1 }",
    ] {
        check("", request, step, false);
    }
    for step in [
        "name = 's'\nconnections = 1",
        "name = 's'\nconnections = 1\nrequests = 1\nduration = '1s'",
        "name = 's'\nconnections = 0\nrequests = 1",
        "name = 's'\nconnections = []\nrequests = 1",
        "name = 's'\nconnections = [1, 1]\nrequests = 1",
        "name = 's'\nconnections = 100001\nrequests = 1",
        "name = 's'\nrequests = 0\nconnections = 1",
        "name = 's'\nrequests = 1",
        "requests = 1\nconnections = 1",
        "name = 's'\nrate = '5/s'",
        "name = 's'\nrate = '5/s'\nconnections = 1",
        "name = 's'\nrate = '5/s'\nrequests = 1",
        "name = 's'\nrate = '5/s'\nrequests = 1\nduration = '1s'",
        "name = 's'\nrate = '5/s'\nconnections = 0\nduration = '1s'",
        "name = 's'\nrate = '5/s'\narrivals = 'uniform'\nduration = '1s'",
        "name = 's'\nrate = 5\nduration = '1s'",
        "name = 's'\nrate = '5'\nduration = '1s'",
        "name = 's'\nrate = []\nduration = '1s'",
        "name = 's'\nrate = ['5/s', '5/s']\nduration = '1s'",
        "name = 's'\narrivals = 'poisson'\nduration = '1s'\nconnections = 1",
        "name = 's'\nduration = '1s'\nramp = { from = '1/s' }",
        "name = 's'\nduration = '1s'\nramp = { from = '1/s', to = ['2/s'] }",
        "name = 's'\nduration = '1s'\nramp = '1/s'",
        "name = 's'\nramp = { from = '1/s', to = '2/s' }",
        "name = 's'\nduration = '1s'\nrate = '1/s'\nramp = { from = '1/s', to = '2/s' }",
        "name = 's'\nstages = []",
        "name = 's'\nstages = [{ rate = '1/s' }]",
        "name = 's'\nstages = [{ duration = '1s' }]",
        "name = 's'\nstages = [{ duration = '1s', rate = '1/s', to = '1/s' }]",
        "name = 's'\nduration = '1s'\nstages = [{ duration = '1s', rate = '1/s' }]",
        "name = 's'\nduration = '1s'\nburst = { starts = 0, every = '1s' }",
        "name = 's'\nduration = '1s'\nburst = { starts = 1_000_001, every = '1s' }",
        "name = 's'\nduration = '1s'\nburst = { starts = 1 }",
        "name = 's'\nduration = '1s'\nrequests = 1\nburst = { starts = 1, every = '1s' }",
        "name = 's'\nduration = '1s'\narrivals = 'poisson'\nburst = { starts = 1, every = '1s' }",
    ] {
        check("", path, step, false);
    }
}
