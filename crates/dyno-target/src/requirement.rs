//! Tools that a target needs: are they here, and new enough?

use std::collections::BTreeMap;
use std::fmt;
use std::process::{Command, Stdio};

use crate::Error;
use crate::manifest::{Manifest, Requirement};

/// A version of up to three numbers, compared number by number.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version(Vec<u32>);

impl Version {
    /// The first `x.y` or `x.y.z` in a text, or the text itself if it is one
    /// number.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if let Ok(number) = text.parse() {
            return Some(Self(vec![number]));
        }
        text.split(|c: char| !c.is_ascii_digit() && c != '.')
            .map(|word| word.trim_matches('.'))
            .find_map(|word| {
                let numbers: Option<Vec<u32>> = word
                    .split('.')
                    .take(3)
                    .map(|part| part.parse().ok())
                    .collect();
                numbers.filter(|numbers| numbers.len() >= 2).map(Self)
            })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<String> = self.0.iter().map(u32::to_string).collect();
        f.write_str(&parts.join("."))
    }
}

/// A required tool as it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its command.
    pub tool: String,
    /// Its version; null when it does not say.
    pub version: Option<String>,
    /// What is wrong: missing or too old.
    pub problem: Option<String>,
}

/// Looks for every tool that `manifest` requires, without judging.
pub fn find_tools(manifest: &Manifest) -> Vec<Found> {
    manifest.require.iter().map(find).collect()
}

/// Versions of the required tools, or an error that names all that are missing
/// or too old.
pub fn check_tools(manifest: &Manifest) -> Result<BTreeMap<String, String>, Error> {
    let found = find_tools(manifest);
    let problems: Vec<String> = found
        .iter()
        .filter_map(|tool| tool.problem.clone())
        .collect();
    if problems.is_empty() {
        let known = found
            .into_iter()
            .map(|found| (found.tool, found.version.unwrap_or_default()));
        return Ok(known.collect());
    }
    let wanting = found.iter().filter(|tool| tool.problem.is_some());
    let ways: Vec<String> = wanting.map(|tool| how_to_get(&tool.tool)).collect();
    Err(Error::Tools {
        id: manifest.id.clone(),
        problems,
        hint: ways.join("; "),
    })
}

fn find(requirement: &Requirement) -> Found {
    let tool = &requirement.tool;
    let wanted = requirement.min.as_deref().and_then(Version::parse);
    let said = says(tool);
    let version = said.as_deref().and_then(Version::parse);
    let problem = match (&said, &version, &wanted) {
        (None, _, _) => Some(format!("{tool} is not installed")),
        (Some(_), None, Some(wanted)) => Some(format!(
            "{tool} does not tell its version ({wanted} is needed)"
        )),
        (Some(_), Some(version), Some(wanted)) if version < wanted => {
            Some(format!("{tool} is {version}, {wanted} or newer is needed"))
        }
        _ => None,
    };
    Found {
        tool: tool.clone(),
        version: version.map(|version| version.to_string()),
        problem,
    }
}

/// What a tool prints when asked for its version; `None` when it is not there.
fn says(tool: &str) -> Option<String> {
    let question = if tool == "go" { "version" } else { "--version" };
    let output = Command::new(tool)
        .arg(question)
        .stdin(Stdio::null())
        .output()
        .ok()?;
    let text = [output.stdout, output.stderr].concat();
    Some(String::from_utf8_lossy(&text).into_owned())
}

fn how_to_get(tool: &str) -> String {
    match tool {
        "go" => "Go: https://go.dev/dl".to_owned(),
        "cargo" | "rustc" => "Rust: https://rustup.rs".to_owned(),
        "python3" => "Python: `apt install python3 python3-venv`, or https://python.org".to_owned(),
        "node" | "npm" => "Node: https://nodejs.org/en/download".to_owned(),
        _ => format!("install {tool} and put it into PATH"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_version_in_what_tools_print() {
        for (text, expected) in [
            ("go version go1.24.5 linux/amd64", Some("1.24.5")),
            ("Python 3.11.2", Some("3.11.2")),
            ("cargo 1.95.0 (f2d3ce0bd 2026-03-21)", Some("1.95.0")),
            ("v22.12.0\n", Some("22.12.0")),
            ("openjdk 21.0.1 2023-10-17", Some("21.0.1")),
            ("gcc (Debian 12.2.0-14) 12.2.0", Some("12.2.0")),
            ("tool 4.1", Some("4.1")),
            ("go1.26rc1", Some("1.26")),
            ("1.2.3.4", Some("1.2.3")),
            ("22", Some("22")),
            ("x 2024-01-02", None),
            ("no numbers", None),
            ("", None),
        ] {
            let version = Version::parse(text).map(|version| version.to_string());
            assert_eq!(version.as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn compares_numbers_and_not_letters() {
        for (older, newer) in [
            ("1.9", "1.10"),
            ("3.11", "3.11.2"),
            ("2", "2.0"),
            ("9.9.9", "10"),
        ] {
            assert!(
                Version::parse(older) < Version::parse(newer),
                "{older} < {newer}"
            );
        }
    }

    #[test]
    fn says_what_is_missing_or_too_old() {
        let tool = |tool: &str, min: Option<&str>| {
            find(&Requirement {
                tool: tool.to_owned(),
                min: min.map(str::to_owned),
            })
            .problem
        };
        assert_eq!(tool("cargo", Some("1.0")), None);
        assert_eq!(
            tool("no-such-tool", None).as_deref(),
            Some("no-such-tool is not installed")
        );
        let old = tool("cargo", Some("999.0")).unwrap();
        assert!(old.ends_with("999.0 or newer is needed"), "{old}");
    }
}
