//! What a target depends on, as its language tells: the file that its manifest calls
//! `build.lockfile`, or the artefact itself.

mod cargo;
mod go;
mod python;

use std::fs;
use std::path::{Path, PathBuf};

use dyno_result::Dependencies;

use crate::manifest::Manifest;

/// The dependencies of a built target; `None` where nothing tells of them, or it
/// cannot be understood. `work` is where it was built.
pub(crate) async fn of(manifest: &Manifest, work: &Path) -> Option<Dependencies> {
    let build = manifest.build.as_ref()?;
    let lockfile = build.lockfile.as_ref();
    let lockfile = lockfile.map(|lockfile| manifest.dir.join(lockfile));
    let name = lockfile
        .as_ref()
        .and_then(|path| path.file_name()?.to_str());
    match (name, &lockfile) {
        (Some("Cargo.lock"), Some(lockfile)) => cargo::of(&build.steps, lockfile).await,
        // Without dependencies there is no go.sum.
        (Some("go.sum") | None, _) => {
            let mut artefacts = artefacts(manifest, work).into_iter();
            artefacts.find_map(|artefact| go::of(&artefact, &manifest.dir.join("go.mod")))
        }
        (Some(_), Some(lockfile)) => python::of(lockfile, &artefacts(manifest, work)),
        (Some(_), None) => None,
    }
}

/// What the build has made.
fn artefacts(manifest: &Manifest, work: &Path) -> Vec<PathBuf> {
    let values = manifest.values(work);
    let artefacts = manifest.build.iter().flat_map(|build| &build.artefacts);
    artefacts
        .map(|artefact| manifest.dir.join(values.fill(artefact)))
        .collect()
}

/// A file that may be missing.
fn text(path: &Path) -> Option<String> {
    fs::read_to_string(path).ok()
}

/// A number of dependencies.
fn count(of: usize) -> u32 {
    u32::try_from(of).unwrap_or(u32::MAX)
}
