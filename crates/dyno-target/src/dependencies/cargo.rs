//! The packages that end up in a Rust program. `Cargo.lock` alone does not tell: it
//! also has those for other systems, for tests and for building.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use dyno_result::Dependencies;
use tokio::time::timeout;

use super::count;

const LIMIT: Duration = Duration::from_secs(30);

/// Asks `cargo tree` with the features that the build asks for. It needs no network:
/// what was built was there.
pub(super) async fn of(steps: &[Vec<String>], lockfile: &Path) -> Option<Dependencies> {
    let output = tokio::process::Command::new("cargo")
        .args(["tree", "--edges", "normal", "--prefix", "depth"])
        .args(["--locked", "--offline", "--color", "never"])
        .args(features(steps))
        .current_dir(lockfile.parent()?)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = timeout(LIMIT, output).await.ok()?.ok()?;
    if !output.status.success() {
        return None;
    }
    let (direct, total) = packages(&String::from_utf8_lossy(&output.stdout))?;
    Some(Dependencies {
        direct: Some(direct),
        total,
        counted: "cargo tree -e normal".to_owned(),
    })
}

/// The arguments of `cargo build` that decide which packages are taken.
fn features(steps: &[Vec<String>]) -> Vec<String> {
    let is_build = |step: &&Vec<String>| {
        step.first().is_some_and(|tool| tool == "cargo")
            && step.iter().any(|word| word == "build" || word == "b")
    };
    let mut taken = Vec::new();
    let mut words = steps.iter().find(is_build).into_iter().flatten();
    while let Some(word) = words.next() {
        let (flag, has_value) = match word.split_once('=') {
            Some((flag, _)) => (flag, true),
            None => (word.as_str(), false),
        };
        match flag {
            "--all-features" | "--no-default-features" => taken.push(word.clone()),
            "--features" | "-F" | "--package" | "-p" | "--manifest-path" => {
                taken.push(word.clone());
                if !has_value {
                    taken.extend(words.next().cloned());
                }
            }
            _ => {}
        }
    }
    taken
}

/// Direct and all packages of a tree whose lines begin with their depth:
/// `2hyper v1.12.0`. Each version of a package counts for itself.
fn packages(tree: &str) -> Option<(u32, u32)> {
    let (mut direct, mut all) = (BTreeSet::new(), BTreeSet::new());
    let lines = tree.lines().filter(|line| !line.trim().is_empty());
    let mut is_empty = true;
    for line in lines {
        let name = line.trim_start_matches(|c: char| c.is_ascii_digit());
        let depth: u32 = line[..line.len() - name.len()].parse().ok()?;
        let mut words = name.split_whitespace();
        let package = (words.next()?, words.next()?);
        is_empty = false;
        if depth > 0 {
            all.insert(package);
        }
        if depth == 1 {
            direct.insert(package);
        }
    }
    (!is_empty).then(|| (count(direct.len()), count(all.len())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_is_counted_once_a_package() {
        let tree = "\
0server v0.1.0 (/src/server)
1axum v0.8.9
2axum-core v0.5.6
3bytes v1.12.1
2bytes v1.12.1
2serde v1.0.229
3serde_derive v1.0.229 (proc-macro)
1bytes v1.12.1
1own v0.1.0 (/src/own)
2bytes v0.9.0
2axum-core v0.5.6 (*)
";
        assert_eq!(packages(tree), Some((3, 7)));
        assert_eq!(packages("0alone v0.1.0 (/src)\n"), Some((0, 0)));
        assert_eq!(packages(""), None);
        assert_eq!(packages("error: no\n"), None);
    }

    #[test]
    fn the_tree_is_that_of_the_build() {
        let check = |step: &str, expected: &[&str]| {
            let other = vec!["cargo".to_owned(), "fetch".to_owned()];
            let step = step.split(' ').map(str::to_owned).collect();
            assert_eq!(features(&[other, step]), expected);
        };
        check("cargo build --release --locked --target-dir {work}", &[]);
        check(
            "cargo build --no-default-features --features sqlx,x --bin server",
            &["--no-default-features", "--features", "sqlx,x"],
        );
        check(
            "cargo build --features=sqlx -p api",
            &["--features=sqlx", "-p", "api"],
        );
        check("make build --features x", &[]);
    }
}
