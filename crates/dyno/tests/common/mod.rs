//! Runs the real `dyno` on the fixture targets, each test in a folder of its
//! own.

#![allow(dead_code, reason = "not every test file needs everything")]

pub(crate) mod measured;
pub(crate) mod shop;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use dyno_result::{Recording, Run};
use tempfile::TempDir;

/// A folder with a scenario, and where the results go.
pub(crate) struct Place {
    pub(crate) folder: TempDir,
}

impl Place {
    pub(crate) fn new(scenario: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("scenario.toml"), scenario).unwrap();
        Self { folder }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// `dyno ARGUMENTS` in this folder.
    pub(crate) fn dyno(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dyno"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env("DYNO_CACHE", self.path("cache"))
            .env("NO_COLOR", "1");
        command
    }

    /// `dyno run` of the scenario on the fixture targets, into `out`.
    pub(crate) fn run(&self, arguments: &[&str]) -> Command {
        let mut command = self.dyno(&["run", "scenario.toml", "-o", "out", "--seed", "1"]);
        command.args(["--targets-dir", fixtures().to_str().unwrap()]);
        command.args(arguments);
        command
    }

    pub(crate) fn result(&self) -> Run {
        let text = std::fs::read_to_string(self.path("out/run.json")).unwrap();
        Run::from_json("run.json", &text).unwrap()
    }

    pub(crate) fn recording(&self) -> Recording {
        let out = self.path("out");
        Recording::from_files(|file| std::fs::read_to_string(out.join(file))).unwrap()
    }
}

pub(crate) fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/targets")
}

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

pub(crate) fn output(command: &mut Command) -> (i32, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().unwrap_or(-1), text(stdout), text(stderr))
}

/// A scenario on the toy targets, with steps of 100 requests.
pub(crate) fn toy(targets: &str, steps: &str) -> String {
    format!(
        r#"
name = "toy"
targets = [{targets}]
idle = "10ms"
cooldown = "10ms"
warmup = "0s"
[[request]]
path = "/"
expect = {{ status = 200, body = "hello\n" }}
{steps}
"#
    )
}

/// One short step.
pub(crate) const SHORT: &str = r#"
[[step]]
name = "short"
requests = 100
connections = 4
"#;
