//! The versions that a target reports of itself.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::time::timeout;

use crate::Error;
use crate::command::{exit_words, line};
use crate::launch::base_environment;
use crate::manifest::Manifest;

const LIMIT: Duration = Duration::from_secs(30);

/// Runs `run.versions`, which prints a JSON object of names and versions.
/// Empty when the manifest has no such command.
pub async fn versions(manifest: &Manifest, work: &Path) -> Result<BTreeMap<String, String>, Error> {
    let argv = manifest.values(work).fill_all(&manifest.run.versions);
    if argv.is_empty() {
        return Ok(BTreeMap::new());
    }
    ask(manifest, &argv)
        .await
        .map_err(|problem| Error::Versions {
            id: manifest.id.clone(),
            command: line(&argv),
            problem,
        })
}

async fn ask(manifest: &Manifest, argv: &[String]) -> Result<BTreeMap<String, String>, String> {
    let output = tokio::process::Command::new(&argv[0])
        .args(&argv[1..])
        .env_clear()
        .envs(base_environment())
        .current_dir(&manifest.dir)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = timeout(LIMIT, output)
        .await
        .map_err(|_late| format!("took more than {} s", LIMIT.as_secs()))?
        .map_err(|error| format!("could not be run: {error}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let last = said.lines().last().unwrap_or_default().to_owned();
        return Err(format!("ended with {}: {last}", exit_words(output.status)));
    }
    serde_json::from_slice(&output.stdout)
        .map_err(|error| format!("printed no JSON object of texts: {error}"))
}
