//! The arrows between the crates are those of ARCHITECTURE.md, and no other;
//! every dependency has a licence that ours may be combined with.

#![expect(clippy::unwrap_used, reason = "a test may panic, helpers included")]

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

const ARROWS: &[(&str, &[&str])] = &[
    ("dyno-toml", &[]),
    ("dyno-result", &[]),
    ("dyno-scenario", &["dyno-toml"]),
    ("dyno-import", &["dyno-scenario"]),
    ("dyno-engine", &["dyno-result", "dyno-scenario"]),
    ("dyno-target", &["dyno-result", "dyno-toml"]),
    ("dyno-postgres", &["dyno-result", "dyno-target"]),
    ("dyno-report", &["dyno-result"]),
    ("dyno-truth", &[]),
    (
        "dyno-bench",
        &[
            "dyno-engine",
            "dyno-import",
            "dyno-postgres",
            "dyno-report",
            "dyno-result",
            "dyno-scenario",
            "dyno-target",
            "dyno-toml",
            "dyno-truth",
        ],
    ),
];

/// Outside dependencies that define a crate's job: no other may have them.
const OWNERS: &[(&str, &[&str])] = &[
    ("plotters", &["dyno-report"]),
    ("askama", &["dyno-report"]),
    ("clap", &["dyno-bench"]),
    ("anyhow", &["dyno-bench"]),
    ("hyper", &["dyno-engine"]),
    ("tokio-rustls", &["dyno-engine"]),
    ("httparse", &["dyno-engine", "dyno-target"]),
    ("reqwest", &["dyno-target"]),
    ("shell-words", &["dyno-import"]),
    ("lexopt", &["dyno-import"]),
    ("yaml_serde", &["dyno-import"]),
    ("toml_writer", &["dyno-import"]),
    (
        "tokio",
        &["dyno-engine", "dyno-postgres", "dyno-target", "dyno-bench"],
    ),
    ("tokio-postgres", &["dyno-postgres"]),
    ("bcrypt", &["dyno-postgres"]),
];

const LICENCES: &[&str] = &[
    "MIT",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "Unicode-3.0",
    "Unicode-DFS-2016",
    "Zlib",
    "Unlicense",
    "CC0-1.0",
    "BSL-1.0",
    "0BSD",
    "MIT-0",
    "Bitstream-Vera",
    "OFL-1.1",
];

fn metadata() -> Value {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let platform = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--locked", "--offline"])
        // What other systems need was not downloaded for the build.
        .args(["--filter-platform", &platform])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Workspace crates and their normal dependencies.
fn crates(metadata: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let members: BTreeSet<&str> = list(&metadata["workspace_members"])
        .filter_map(Value::as_str)
        .collect();
    list(&metadata["packages"])
        .filter(|package| members.contains(package["id"].as_str().unwrap()))
        .map(|package| {
            let normal = list(&package["dependencies"]).filter(|d| d["kind"].is_null());
            let names = normal.map(|d| d["name"].as_str().unwrap().to_owned());
            (
                package["name"].as_str().unwrap().to_owned(),
                names.collect(),
            )
        })
        .collect()
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().unwrap().iter()
}

#[test]
fn the_arrows_are_complete_and_point_downward() {
    let crates = crates(&metadata());
    let expected: BTreeMap<String, BTreeSet<String>> = ARROWS
        .iter()
        .map(|(name, to)| {
            (
                (*name).to_owned(),
                to.iter().map(|to| (*to).to_owned()).collect(),
            )
        })
        .collect();
    let seen: BTreeMap<String, BTreeSet<String>> = crates
        .iter()
        .map(|(name, dependencies)| {
            let inner = dependencies.iter().filter(|d| expected.contains_key(*d));
            (name.clone(), inner.cloned().collect())
        })
        .collect();
    assert_eq!(seen, expected);
    for (dependency, owners) in OWNERS {
        let users: BTreeSet<&str> = crates
            .iter()
            .filter(|(_, dependencies)| dependencies.contains(*dependency))
            .map(|(name, _)| name.as_str())
            .collect();
        assert_eq!(
            users,
            owners.iter().copied().collect(),
            "users of {dependency}"
        );
    }
}

#[test]
fn every_dependency_has_a_licence_we_may_use() {
    let metadata = metadata();
    let mut refused = Vec::new();
    for package in list(&metadata["packages"]) {
        let licence = package["license"]
            .as_str()
            .unwrap_or("none")
            .replace('/', " OR ");
        let fits = licence.split(" AND ").all(|part| {
            let part = part.trim_matches(['(', ')']);
            part.split(" OR ")
                .any(|one| LICENCES.contains(&one.trim().trim_matches(['(', ')'])))
        });
        if !fits {
            refused.push(format!("{}: {licence}", package["name"]));
        }
    }
    assert_eq!(refused, Vec::<String>::new());
}

/// T16: a step of the wall clock cannot change a measurement, since the engine
/// reads none.
#[test]
fn the_engine_reads_no_wall_clock() {
    let sources = concat!(env!("CARGO_MANIFEST_DIR"), "/../dyno-engine/src");
    let files: Vec<_> = std::fs::read_dir(sources).unwrap().collect();
    assert!(files.len() > 20);
    for file in files {
        let path = file.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        for clock in ["SystemTime", "CLOCK_REALTIME", "jiff"] {
            assert!(!text.contains(clock), "{clock} in {}", path.display());
        }
    }
}
