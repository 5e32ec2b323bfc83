//! How large targets are, by the tools of their languages: nothing is downloaded.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

use std::fs;
use std::path::Path;
use std::process::Command;

use dyno_result::{Dependencies, Size};
use dyno_target::{Error, Manifest, build, size};

const HEAD: &str = r#"
schema = 1
id = "t"
name = "T"
contract = "greet/1"
class = "stock"
language = "any"
"#;

/// A folder of a target with these files, built.
fn measured(manifest: &str, files: &[(&str, &str)]) -> Result<Size, Error> {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("t");
    let manifest = format!("{HEAD}{manifest}");
    for (name, text) in files.iter().chain(&[("target.toml", manifest.as_str())]) {
        let path = dir.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    if dir.join("Cargo.toml").exists() {
        run(&dir, "cargo", &["generate-lockfile", "--offline"]);
    }
    let manifest = Manifest::read(&dir.join("target.toml"))?;
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().build().unwrap();
    runtime.block_on(async {
        let built = build(&manifest, &folder.path().join("cache")).await?;
        size(&manifest, &built.work).await
    })
}

fn run(dir: &Path, tool: &str, arguments: &[&str]) {
    let status = Command::new(tool).args(arguments).current_dir(dir).output();
    assert!(status.unwrap().status.success(), "{tool} {arguments:?}");
}

#[test]
fn the_source_is_counted_file_by_file() {
    let manifest = "source = [\"*.py\", \"sql/**\", \"*.strange\"]\n[run]\ncommand = [\"true\"]\n";
    let python = "\"\"\"Doc.\"\"\"\n# why\nimport os\n\nprint(os.name)\n";
    let files = [
        ("b.py", python),
        ("a.py", "x = 1\n"),
        ("sql/deep/s.sql", "-- why\nSELECT 1;\n"),
        ("test/not_of_it.py", "y = 2\n"),
    ];
    let strange = ("z.strange", "?");
    let with_strange = [&files[..], &[strange]].concat();
    let size = measured(manifest, &with_strange).unwrap();
    let seen = size.files.iter().map(|file| {
        (
            file.path.as_str(),
            file.language.as_deref(),
            file.code_lines,
        )
    });
    let expected = [
        ("a.py", Some("Python"), Some(1)),
        ("b.py", Some("Python"), Some(2)),
        ("sql/deep/s.sql", Some("SQL"), Some(1)),
        ("z.strange", None, None),
    ];
    assert!(seen.eq(expected), "{:?}", size.files);
    assert_eq!(size.code_lines, None, "one of them is not known");
    assert_eq!(size.dependencies, None);
    let size = measured(&manifest.replace(", \"*.strange\"", ""), &files).unwrap();
    assert_eq!(size.code_lines, Some(4));
    assert!((30..120).contains(&size.gzip_bytes), "{}", size.gzip_bytes);

    let error = measured(manifest, &files).unwrap_err().to_string();
    assert_eq!(error, "t: `source` names \"*.strange\", which is not there");
}

#[test]
fn of_cargo_packages_that_end_up_in_the_program_count() {
    let package = |name: &str, rest: &str| {
        format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n{rest}")
    };
    let root = package(
        "server",
        "[dependencies]\na = { path = \"a\" }\nextra = { path = \"extra\", optional = true }\n\
         [dev-dependencies]\ntested = { path = \"tested\" }\n[build-dependencies]\nmade = { path = \
         \"made\" }\n[workspace]\n",
    );
    let a = package("a", "[dependencies]\nb = { path = \"../b\" }\n");
    let [b, extra, tested, made] =
        ["b", "extra", "tested", "made"].map(|name| (name, package(name, "")));
    let mut files = vec![
        ("Cargo.toml".to_owned(), root),
        ("src/main.rs".to_owned(), "fn main() {}\n".to_owned()),
        ("a/Cargo.toml".to_owned(), a),
        ("a/src/lib.rs".to_owned(), String::new()),
    ];
    for (name, text) in [b, extra, tested, made] {
        files.push((format!("{name}/Cargo.toml"), text));
        files.push((format!("{name}/src/lib.rs"), String::new()));
    }
    let files: Vec<_> = files
        .iter()
        .map(|(n, t)| (n.as_str(), t.as_str()))
        .collect();
    let counted = |step: &str| {
        let manifest = format!(
            "source = [\"src/*.rs\"]\n[build]\nsteps = [[{step}]]\ninputs = [\"Cargo.lock\"]\n\
             lockfile = \"Cargo.lock\"\n[run]\ncommand = [\"true\"]\n"
        );
        let size = measured(&manifest, &files).unwrap();
        size.dependencies.map(|all| (all.direct, all.total))
    };
    assert_eq!(counted("\"true\""), Some((Some(1), 2)));
    let build = "\"cargo\", \"build\", \"--offline\", \"--target-dir\", \"{work}\"";
    let with_feature = format!("{build}, \"--features\", \"extra\"");
    assert_eq!(counted(&with_feature), Some((Some(2), 3)));
}

#[test]
fn of_go_modules_that_the_program_tells_count() {
    if Command::new("go").arg("version").output().is_err() {
        return;
    }
    let manifest = "source = [\"*.go\"]\n[build]\nsteps = [[\"go\", \"build\", \"-o\", \
        \"{work}/server\", \".\"]]\ninputs = [\"go.mod\"]\nartefacts = [\"{work}/server\"]\n\
        [run]\ncommand = [\"true\"]\n";
    let go_mod = "module example.org/server\n\ngo 1.22\n\nrequire example.org/a v0.0.0\n\n\
        require (\n\texample.org/b v0.0.0 // indirect\n\texample.org/unused v0.0.0\n)\n\n\
        replace example.org/a => ./a\nreplace example.org/b => ./b\n\
        replace example.org/unused => ./unused\n";
    let size = measured(
        manifest,
        &[
            ("go.mod", go_mod),
            (
                "main.go",
                "package main\n\nimport \"example.org/a\"\n\nfunc main() { a.F() }\n",
            ),
            (
                "a/go.mod",
                "module example.org/a\n\ngo 1.22\n\nrequire example.org/b v0.0.0\n",
            ),
            (
                "a/a.go",
                "package a\n\nimport \"example.org/b\"\n\nfunc F() { b.F() }\n",
            ),
            ("b/go.mod", "module example.org/b\n\ngo 1.22\n"),
            ("b/b.go", "package b\n\nfunc F() {}\n"),
            ("unused/go.mod", "module example.org/unused\n\ngo 1.22\n"),
            ("unused/u.go", "package unused\n"),
        ],
    );
    let expected = Dependencies {
        direct: Some(1),
        total: 2,
        counted: "modules in server".to_owned(),
    };
    assert_eq!(size.unwrap().dependencies, Some(expected));
}
