//! Manifests as people write them, right and wrong, and their JSON Schema.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

use std::fs;
use std::path::{Path, PathBuf};

use dyno_target::{Behaviour, Limits, Manifest, Ready, StopSignal, Workers, catalogue, schema};

const WHOLE: &str = r#"
schema = 1
id = "greet-x"
name = "Greet in X"
contract = "greet/1"
class = "published"
language = "X"
stack = { framework = "none" }
source = ["src/**/*.x"]
notes = "as it comes"
docs = ["https://example.org/x"]
[[require]]
tool = "x"
min = "1.24"
[build]
steps = [["x", "build", "-o", "{work}/server"]]
inputs = ["src/**"]
artefacts = ["{work}/server"]
network = true
lockfile = "x.lock"
[run]
command = ["{work}/server", "--bind={host}:{port}", "{workers}", "{cpus}", "{dir}"]
workers = "cpus"
env = { MODE = "{workers} of {cpus}" }
stop = { signal = "INT", grace_s = 3 }
versions = ["{work}/server", "--versions"]
[ready]
path = "/readyz"
status = 204
timeout_s = 5
[behaviour]
keepalive = false
processes = "workers+1"
allowed_failures = ["greet.keepalive-fast"]
[limits]
nofile = 65536
"#;

const SHORT: &str = r#"
schema = 1
id = "greet-x"
name = "Greet in X"
contract = "greet/1"
class = "stock"
language = "X"
source = ["*.x"]
[run]
command = ["./server"]
"#;

/// A folder of targets, each a name and its `target.toml`.
fn targets(list: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (id, text) in list {
        fs::create_dir(folder.path().join(id)).unwrap();
        fs::write(folder.path().join(id).join(catalogue::FILE), text).unwrap();
    }
    folder
}

/// What is wrong with `text` as the manifest of `greet-x`, a line a problem.
fn problems(text: &str) -> Vec<String> {
    let folder = targets(&[("greet-x", text), ("greet-whole", WHOLE)]);
    let Err(error) = catalogue::load(folder.path(), "greet-x") else {
        return Vec::new();
    };
    let folder = format!("{}/", folder.path().display());
    let text = error.to_string().replace(&folder, "");
    text.lines().map(str::to_owned).collect()
}

/// The short manifest with one part of it replaced.
fn check(from: &str, to: &str, expected: &[&str]) {
    assert!(SHORT.contains(from), "{from}");
    assert_eq!(problems(&SHORT.replacen(from, to, 1)), expected, "{to}");
}

#[test]
fn everything_that_can_be_said_is_understood() {
    let folder = targets(&[("greet-x", WHOLE)]);
    let manifest = catalogue::load(folder.path(), "greet-x").unwrap();
    let build = manifest.build.as_ref().unwrap();
    assert_eq!(build.steps[0][3], "{work}/server");
    assert!(build.network);
    assert_eq!(manifest.run.workers, Workers::Cpus);
    assert_eq!(manifest.run.stop.signal, StopSignal::Int);
    assert_eq!(manifest.ready.status, 204);
    assert_eq!(
        manifest.limits,
        Limits {
            nofile: Some(65536)
        }
    );
    assert!(!manifest.behaviour.keepalive);
    assert_eq!(manifest.describe().stack["framework"], "none");
}

#[test]
fn what_is_not_said_has_the_documented_defaults() {
    let folder = targets(&[("greet-x", SHORT)]);
    let manifest = catalogue::load(folder.path(), "greet-x").unwrap();
    assert_eq!(manifest.build, None);
    assert_eq!(manifest.run.workers, Workers::Count(1));
    assert_eq!(manifest.run.stop.grace_s, 10);
    assert_eq!(manifest.ready, Ready::default());
    assert_eq!(manifest.behaviour, Behaviour::default());
}

#[test]
fn every_problem_is_told_with_its_place_and_the_way_out() {
    check("greet/1", "greet/1", &[]);
    check(
        "\"greet-x\"",
        "\"greet-y\"",
        &[
            "greet-x/target.toml:3:7: `id` is \"greet-y\", but its folder is \"greet-x\" (make the two equal)",
        ],
    );
    check(
        "\"greet/1\"",
        "\"greet\"",
        &[
            "greet-x/target.toml:5:13: `contract`: \"greet\" is not a name and a version, such as greet/1",
        ],
    );
    check(
        "\"stock\"",
        "\"production\"",
        &[
            "greet-x/target.toml:6:10: class production needs `docs`, the pages that recommend its settings (without them the class is `stock` (defaults only) or `tuned`)",
        ],
    );
    check(
        "\"stock\"",
        "\"sotck\"",
        &["greet-x/target.toml:6:10: `class` cannot be \"sotck\" (did you mean `stock`?)"],
    );
    check(
        "[\"*.x\"]",
        "[\"a***\"]",
        &[
            "greet-x/target.toml:8:12: `source`: Pattern syntax error near position 3: wildcards are either regular `*` or recursive `**`",
        ],
    );
    check(
        "[\"./server\"]",
        "[\"./server\", \"{prot}\"]\nenv = { A = \"{x}\" }\nversions = [\"{port}\"]\nworkers = \"many\"",
        &[
            "greet-x/target.toml:10:11: `run.command` has an unknown placeholder {prot} (known here: {port}, {host}, {cpus}, {workers}, {work}, {dir})",
            "greet-x/target.toml:11:14: `run.env.A` has an unknown placeholder {x} (known here: {port}, {host}, {cpus}, {workers}, {work}, {dir})",
            "greet-x/target.toml:12:12: `run.versions` has an unknown placeholder {port} (known here: {work}, {dir})",
            "greet-x/target.toml:13:12: `run.workers` cannot be \"many\" (\"cpus\" or a number)",
        ],
    );
    check(
        "[\"./server\"]",
        "[]\nworkers = 0\nstop = { signal = \"KILL\", grace = 1 }",
        &[
            "greet-x/target.toml:10:11: `run.command` has an empty command",
            "greet-x/target.toml:11:11: `run.workers` must be at least 1, found 0",
            "greet-x/target.toml:12:20: `run.stop.signal` cannot be \"KILL\" (known here: TERM, INT)",
            "greet-x/target.toml:12:27: unknown key `run.stop.grace` (did you mean `grace_s`?)",
        ],
    );
    check(
        "[run]",
        "[behaviour]\nallowed_failures = [\"greet.body\"]\n[build]\nsteps = [[], \"make\"]\n[run]",
        &[
            "greet-x/target.toml:10:22: class stock may fail no check (only class published may)",
            "greet-x/target.toml:11:1: `build.inputs` is missing",
            "greet-x/target.toml:12:10: `build.steps` has an empty command",
            "greet-x/target.toml:12:15: `build.steps` must be a list of texts in quotes, found the text \"make\"",
        ],
    );
    check(
        "\"stock\"",
        "\"published\"\nbehaviour = { allowed_failures = [\"auth.login\"] }\nready = { path = \"readyz\", status = 42 }\nrequire = [{ tool = \"go\", min = \"new\" }]",
        &[
            "greet-x/target.toml:7:36: \"auth.login\" is no check of the contract (its checks begin with `greet.`)",
            "greet-x/target.toml:8:19: `ready.path`: \"readyz\" does not begin with /",
            "greet-x/target.toml:8:37: `ready.status` must be at least 100, found 42",
            "greet-x/target.toml:9:34: `require.min`: \"new\" is not a version, such as 1.24 or 3.11.2",
        ],
    );
}

#[test]
fn an_empty_file_lacks_every_required_key() {
    let missing = [
        "schema", "id", "name", "contract", "class", "language", "source", "run",
    ];
    let expected = missing.map(|key| format!("greet-x/target.toml:1:1: `{key}` is missing"));
    assert_eq!(problems(""), expected);
}

const VARIANT: &str = r#"
schema = 1
id = "greet-x"
name = "Greet in X, two workers"
extends = "../greet-whole"
[run]
workers = 2
env = { EXTRA = "1" }
"#;

#[test]
fn a_variant_says_only_what_differs() {
    let whole = WHOLE.replace("greet-x", "greet-whole");
    let folder = targets(&[("greet-x", VARIANT), ("greet-whole", &whole)]);
    let parent = catalogue::load(folder.path(), "greet-whole").unwrap();
    let variant = catalogue::load(folder.path(), "greet-x").unwrap();
    assert_eq!(variant.id, "greet-x");
    assert_eq!(variant.run.workers, Workers::Count(2));
    assert_eq!(variant.run.command, parent.run.command);
    assert_eq!(variant.run.env.len(), 2);
    assert_eq!(variant.build, parent.build);
    assert_eq!(variant.dir, parent.dir, "the sources are the parent's");
    assert_ne!(variant.text, parent.text);
}

#[test]
fn problems_with_a_parent_point_to_the_line_that_names_it() {
    assert_eq!(
        problems(&VARIANT.replace("../greet-whole", "../nobody"))
            .first()
            .map(String::as_str),
        Some("greet-x/target.toml:1:1: `contract` is missing")
    );
    let variant = VARIANT.replace("[run]", "class = \"stock\"\n[run]");
    assert_eq!(
        problems(&variant),
        ["greet-x/target.toml:5:12: class stock may fail no check (only class published may)"]
    );
}

fn repository_targets() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../targets")
}

#[test]
fn every_target_of_the_repository_can_be_read() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    for path in catalogue::find(&repository_targets()).unwrap() {
        if let Err(error) = Manifest::read(&path) {
            panic!("{error}");
        }
        let text = fs::read_to_string(&path).unwrap();
        assert!(
            text.starts_with("#:schema ../schema.json\n"),
            "{}",
            path.display()
        );
        let value = to_json(&text);
        let faults: Vec<String> = validator
            .iter_errors(&value)
            .map(|fault| fault.to_string())
            .collect();
        assert!(faults.is_empty(), "{}: {faults:?}", path.display());
    }
}

#[test]
fn the_schema_takes_what_the_reader_takes() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    for (text, expected) in [
        (WHOLE, true),
        (SHORT, true),
        (VARIANT, true),
        ("schema = 1\nid = 'x'\nname = 'x'", false),
        (&SHORT.replace("language", "langauge"), false),
        (&SHORT.replace("stock", "sotck"), false),
        (&SHORT.replace("greet/1", "greet"), false),
    ] {
        assert_eq!(validator.is_valid(&to_json(text)), expected, "{text}");
    }
}

/// `DYNO_UPDATE=1 cargo test` writes the file anew.
#[test]
fn the_stored_schema_is_the_current_one() {
    let path = repository_targets().join("schema.json");
    let current = format!("{:#}\n", schema());
    if std::env::var_os("DYNO_UPDATE").is_some() {
        fs::write(&path, &current).unwrap();
    }
    let stored = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        stored == current,
        "targets/schema.json is old: DYNO_UPDATE=1 cargo test -p dyno-target"
    );
}

fn to_json(text: &str) -> serde_json::Value {
    fn convert(value: &toml_span::Value<'_>) -> serde_json::Value {
        if let Some(table) = value.as_table() {
            let pairs = table.iter();
            pairs
                .map(|(key, value)| (key.name.to_string(), convert(value)))
                .collect()
        } else if let Some(list) = value.as_array() {
            list.iter().map(convert).collect()
        } else if let Some(text) = value.as_str() {
            text.into()
        } else if let Some(number) = value.as_integer() {
            number.into()
        } else {
            value.as_bool().into()
        }
    }
    convert(&toml_span::parse(text).unwrap())
}
