//! The targets of a folder: `targets/*/target.toml`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::{Error, Manifest};

/// The file that makes a folder a target.
pub const FILE: &str = "target.toml";

/// Paths of all manifests under `targets`, by the name of their folder.
pub fn find(targets: &Path) -> Result<Vec<PathBuf>, Error> {
    let failed = |source| Error::file(targets, source);
    let mut found = Vec::new();
    for entry in fs::read_dir(targets).map_err(failed)? {
        let path = entry.map_err(failed)?.path().join(FILE);
        if path.is_file() {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// The ids of all targets under `targets`, valid or not.
pub fn ids(targets: &Path) -> Result<Vec<String>, Error> {
    let found = find(targets)?;
    Ok(found
        .iter()
        .filter_map(|path| Some(path.parent()?.file_name()?.to_str()?.to_owned()))
        .collect())
}

/// Reads the manifest of one target. The error for an unknown one names the
/// nearest that there is.
pub fn load(targets: &Path, id: &str) -> Result<Manifest, Error> {
    let path = targets.join(id).join(FILE);
    let plain = !id.is_empty() && !id.contains('/') && !id.starts_with('.');
    if plain && path.is_file() {
        return Manifest::read(&path);
    }
    let known = match ids(targets) {
        Err(Error::File { source, .. }) if source.kind() == io::ErrorKind::NotFound => Vec::new(),
        other => other?,
    };
    Err(Error::UnknownTarget {
        id: id.to_owned(),
        hint: hint(id, &known, targets),
    })
}

fn hint(id: &str, known: &[String], targets: &Path) -> String {
    if known.is_empty() {
        return format!("{} has no folder with a {FILE}", targets.display());
    }
    let nearest = known
        .iter()
        .map(|name| (strsim::damerau_levenshtein(id, name), name))
        .min();
    match nearest {
        Some((distance, name)) if distance <= id.len().max(name.len()) / 3 => {
            format!("did you mean `{name}`?")
        }
        _ => format!("known here: {}", known.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_target_names_the_nearest_one() {
        let folder = tempfile::tempdir().unwrap();
        for id in ["greet-go", "greet-python"] {
            fs::create_dir(folder.path().join(id)).unwrap();
            fs::write(folder.path().join(id).join(FILE), "").unwrap();
        }
        fs::create_dir(folder.path().join("contracts")).unwrap();
        assert_eq!(ids(folder.path()).unwrap(), ["greet-go", "greet-python"]);
        for (id, expected) in [
            ("greet-og", "did you mean `greet-go`?"),
            ("django", "known here: greet-go, greet-python"),
            ("../greet-go", "did you mean `greet-go`?"),
        ] {
            let error = load(folder.path(), id).unwrap_err();
            assert_eq!(error.hint().as_deref(), Some(expected), "{id}");
        }
    }
}
