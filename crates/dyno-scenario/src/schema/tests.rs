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
        ("[[step]]\nsearch = { HERE = 1 }", "/$defs/Search"),
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

/// Every key of every table, with the path to it.
fn keys(schema: &Value, path: &str, found: &mut Vec<(String, Value)>) {
    let Value::Object(entries) = schema else {
        let items = schema.as_array().into_iter().flatten();
        items.for_each(|item| keys(item, path, found));
        return;
    };
    for (name, value) in entries {
        let path = format!("{path}/{name}");
        if let ("properties", Value::Object(properties)) = (name.as_str(), value) {
            for (key, schema) in properties {
                // What a form of a step refuses or only asks for.
                if schema.is_object() && schema.get("const") != Some(&"random".into()) {
                    found.push((format!("{path}/{key}"), schema.clone()));
                }
            }
        }
        if !matches!(name.as_str(), "examples" | "oneOf") {
            keys(value, &path, found);
        }
    }
}

#[test]
fn every_key_has_a_description_and_an_example() {
    let schema = schema();
    let mut found = Vec::new();
    keys(&schema, "", &mut found);
    assert!(found.len() > 80, "{found:#?}");
    for (path, mut key) in found {
        for word in ["description", "examples"] {
            let own = key.get(word).is_some();
            let shared = key.get("$ref").and_then(Value::as_str);
            let shared = shared.and_then(|path| schema.pointer(path.trim_start_matches('#')));
            let shared = shared.is_some_and(|shared| shared.get(word).is_some());
            assert!(own || shared, "{path} has no {word}");
        }
        if let Some(Value::Array(examples)) = key.as_object_mut().unwrap().remove("examples") {
            key["$defs"] = schema["$defs"].clone();
            let validator = jsonschema::validator_for(&key).unwrap();
            for example in examples {
                assert!(validator.is_valid(&example), "{path}: {example}");
            }
        }
    }
}

/// All seeds of the fuzzer: texts that are right, and texts that are not.
#[test]
fn the_schema_accepts_what_the_reader_accepts() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    let corpus = Path::new(SCENARIOS).join("../fuzz/corpus/scenario");
    let mut seen = 0;
    for entry in std::fs::read_dir(corpus).unwrap() {
        let path = entry.unwrap().path();
        let text = String::from_utf8(std::fs::read(&path).unwrap()).unwrap_or_default();
        if crate::parse("t.toml", &text).is_err() {
            continue;
        }
        let errors: Vec<String> = validator
            .iter_errors(&json(&text))
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{}: {errors:#?}", path.display());
        seen += 1;
    }
    assert!(seen > 25, "{seen} of the seeds are right");
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
        "[vars]\na = 1\nb = ['x', 2.5, true]\n[env]\nC = '1'",
        "[sweep]\nmode = 'zip'",
        "[data.user]\ncsv = 'a'\norder = 'shuffle'\nend = 'stop'",
        "[data.user]\nrows = [{ a = 1, b = 'x' }]\norder = 'random'",
        "[secret.a]\nenv = 'A'\n[secret.b]\nfile = 'b'",
        "[[setup]]\npath = '/'\n[[teardown]]\npath = '/'",
    ] {
        check(top, path, step, true);
    }
    for keys in [
        "form = { a = 'x', b = 1, c = true }",
        "think = '5ms'\nrepeat = 3",
        "think = { min = '1ms', max = '2ms' }",
        "think = { mean = '1ms' }",
        "expect = { status = [200, '3xx'], headers = { A = 'b', C = { exists = true } } }",
        "expect = { contains = ['a'], matches = 'b', bytes = { min = 1 }, within = '1s' }",
        "expect = { json = { '$.a' = [1], '$.b' = { count = { max = 3 } } }, sample = 0.5 }",
        "capture = { a = '$.a', b = { cookie = 'c' } }",
    ] {
        check("", &format!("{path}\n{keys}"), step, true);
    }
    for step in [
        "rate = '1/s'\nduration = ['1s', '2s']\nconnections = [1, 2]\nkeepalive = [true, false]",
        "requests = [1, 2]\nconnections = 1\ntimeout = ['1s', '2s']\nwarmup = ['0s', '1s']",
        "replay = { log = 'a.log', speed = [1, 2.5], format = 'har' }",
        "search = { from = '50/s', limit = 'p99 < 200ms and failed < 0.1%' }\nconnections = 9",
        "search = { from = '50/s', to = '90/s', limit = 'goodput >= 99.5%', by = 'rate' }",
        "search = { from = '1/s', limit = 'max<1s', duration = '30s' }\narrivals = 'poisson'",
        "search = { by = 'connections', from = 1, to = 9, limit = 'p99.9 <= 1.5s', confirm = 1 }",
        "search = { from = '50/s', limit = ' p50 < 1ms  and mean < 2ms ', precision = '2.5%' }",
    ] {
        check("", path, &format!("name = 's'\n{step}"), true);
    }
    for top in [
        "vars = 1",
        "[vars]\na = []",
        "[env]\nA = [1, 1]",
        "[sweep]\nmode = 'all'",
        "[data]\nuser = 'a'",
        "[data.user]\norder = 'shuffle'",
        "[data.user]\ncsv = 'a'\njsonl = 'b'",
        "[data.user]\ncsv = 'a'\norder = 'random'\nend = 'stop'",
        "[data.user]\nrows = [{ a = [1] }]",
        "[secret.a]",
        "[secret.a]\nvalue = 'b'",
        "[[setup]]",
        "[[flow]]\nname = 'f'\n[[flow.request]]\npath = '/'",
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
        "path = '/'\njson = 1\nform = { a = 1 }",
        "path = '/'\nform = { a = [1] }",
        "path = '/'\nthink = 5",
        "path = '/'\nthink = { min = '1s' }",
        "path = '/'\nrepeat = 0",
        "path = '/'\nexpect = { status = [] }",
        "path = '/'\nexpect = { status = '6xx' }",
        "path = '/'\nexpect = { headers = { A = {} } }",
        "path = '/'\nexpect = { contains = 5 }",
        "path = '/'\nexpect = { json = { '$.a' = {} } }",
        "path = '/'\nexpect = { json = { '$.a' = { type = 'text' } } }",
        "path = '/'\nexpect = { bytes = {} }",
        "path = '/'\nexpect = { sample = 0 }",
        "path = '/'\ncapture = { a = 'token' }",
        "path = '/'\ncapture = { a = {} }",
        "path = '/'\ncapture = { a = { json = '$.a', cookie = 'b' } }",
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
        "name = 's'\nreplay = {}",
        "name = 's'\nreplay = { log = 'a', speed = 0 }",
        "name = 's'\nreplay = { log = 'a', format = 'apache' }",
        "name = 's'\nreplay = { log = 'a' }\nduration = '1s'",
        "name = 's'\nsearch = {}",
        "name = 's'\nsearch = { from = '50/s' }",
        "name = 's'\nsearch = { limit = 'p99 < 1s' }",
        "name = 's'\nsearch = { from = 50, limit = 'p99 < 1s' }",
        "name = 's'\nsearch = { from = '50/s', to = 90, limit = 'p99 < 1s' }",
        "name = 's'\nsearch = { by = 'connections', from = '50/s', limit = 'p99 < 1s' }",
        "name = 's'\nsearch = { by = 'users', from = '50/s', limit = 'p99 < 1s' }",
        "name = 's'\nsearch = { from = '50/s', limit = 'p99 > 1s' }",
        "name = 's'\nsearch = { from = '50/s', limit = 'p99 < 1s or max < 1s' }",
        "name = 's'\nsearch = { from = '50/s', limit = 'p100 < 1s' }",
        "name = 's'\nsearch = { from = '50/s', limit = 'p99 < 1s', precision = 5 }",
        "name = 's'\nsearch = { from = '50/s', limit = 'p99 < 1s', confirm = 0 }",
        "name = 's'\nsearch = { from = '50/s', limit = 'p99 < 1s' }\nduration = '1s'",
        "name = 's'\nsearch = { from = '50/s', limit = 'p99 < 1s' }\nrate = '1/s'",
        "name = 's'\nsearch = { by = 'connections', from = 1, limit = 'max < 1s' }\nconnections = 1",
        "name = 's'\nrequests = 1\nconnections = 1\ntimeout = []",
        "name = 's'\nrequests = 1\nconnections = 1\nkeepalive = [true, true]",
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
