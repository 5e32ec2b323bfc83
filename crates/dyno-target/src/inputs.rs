//! The files that a build reads or a manifest names, and the hash that is a build's
//! key in the cache.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::Error;
use crate::manifest::Manifest;

/// SHA-256 in lower-case hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// The key of a build: the manifest, the versions of its tools, and the name
/// and content of every input.
pub(crate) fn key(manifest: &Manifest, tools: &BTreeMap<String, String>) -> Result<String, Error> {
    let mut hash = Sha256::new();
    // Each part goes in behind its length, so that no two lists of parts look
    // alike.
    let mut part = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
    };
    part(manifest.text.as_bytes());
    for (tool, version) in tools {
        part(tool.as_bytes());
        part(version.as_bytes());
    }
    if let Some(build) = &manifest.build {
        for path in files(manifest, "build.inputs", &build.inputs)? {
            let whole = manifest.dir.join(&path);
            let bytes = fs::read(&whole).map_err(|source| Error::file(&whole, source))?;
            part(path.as_os_str().as_encoded_bytes());
            part(&bytes);
        }
    }
    Ok(hexadecimal(&hash.finalize()))
}

/// The files that `patterns` match, relative to the target's folder, in order, each
/// once; each pattern must match one. What Python leaves behind when it runs is none
/// of them. `key` names the patterns in messages.
pub(crate) fn files(
    manifest: &Manifest,
    key: &'static str,
    patterns: &[String],
) -> Result<BTreeSet<PathBuf>, Error> {
    let mut files = BTreeSet::new();
    for pattern in patterns {
        let before = files.len();
        let folder = glob::Pattern::escape(&manifest.dir.to_string_lossy());
        // The reader has compiled the pattern already.
        let found = glob::glob(&format!("{folder}/{pattern}"))
            .into_iter()
            .flatten();
        for path in found {
            let path = path.map_err(|error| {
                let path = error.path().to_owned();
                Error::file(path, error.into())
            })?;
            let leavings = path
                .components()
                .any(|part| part.as_os_str() == "__pycache__");
            if path.is_file() && !leavings {
                let path = path.strip_prefix(&manifest.dir).unwrap_or(&path);
                files.insert(path.to_owned());
            }
        }
        if files.len() == before && !already(&files, pattern) {
            return Err(Error::Absent {
                id: manifest.id.clone(),
                key,
                pattern: pattern.clone(),
            });
        }
    }
    Ok(files)
}

/// Whether a pattern added nothing only because others came first.
fn already(files: &BTreeSet<PathBuf>, pattern: &str) -> bool {
    glob::Pattern::new(pattern)
        .is_ok_and(|pattern| files.iter().any(|path| pattern.matches_path(path)))
}

/// Bytes of the regular files below `path`, symbolic links not followed.
pub(crate) fn size(path: &Path) -> Result<u64, Error> {
    let failed = |source| Error::file(path, source);
    let metadata = fs::symlink_metadata(path).map_err(failed)?;
    if !metadata.is_dir() {
        return Ok(if metadata.is_file() {
            metadata.len()
        } else {
            0
        });
    }
    let mut sum = 0;
    for entry in fs::read_dir(path).map_err(failed)? {
        sum += size(&entry.map_err(failed)?.path())?;
    }
    Ok(sum)
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
