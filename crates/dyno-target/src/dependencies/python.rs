//! The distributions that a Python program is installed with: those of its lock file,
//! which may be for other systems, too, that are really there.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use dyno_result::Dependencies;

use super::{count, text};

/// How far below an artefact `site-packages` may lie.
const DEPTH: usize = 6;

/// Reads the lock file, the file that it was made from (`requirements.in` beside
/// `requirements.lock`), and what was installed.
pub(super) fn of(lockfile: &Path, artefacts: &[PathBuf]) -> Option<Dependencies> {
    let locked = names(&text(lockfile)?);
    if locked.is_empty() {
        return None;
    }
    let mut installed = BTreeSet::new();
    for artefact in artefacts {
        find_installed(artefact, DEPTH, &mut installed);
    }
    let there: BTreeSet<String> = match installed.is_empty() {
        true => locked,
        false => locked.intersection(&installed).cloned().collect(),
    };
    let named = text(&lockfile.with_extension("in")).map(|text| names(&text));
    let direct = named.map(|named| there.intersection(&named).count());
    Some(Dependencies {
        direct: direct.map(count),
        total: count(there.len()),
        counted: lockfile.file_name()?.to_string_lossy().into_owned(),
    })
}

/// The distributions that a requirements file names, options and hashes left away.
fn names(requirements: &str) -> BTreeSet<String> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let lines = requirements.lines();
    let names = lines.filter(|line| line.starts_with(|c: char| c.is_ascii_alphanumeric()));
    let names = names.filter_map(|line| line.split(|c| !is_name(c)).next());
    names.map(normal).collect()
}

/// One spelling of a name: `Typing_Extensions` is `typing-extensions`.
fn normal(name: &str) -> String {
    let parts = name.split(['-', '_', '.']).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("-").to_lowercase()
}

/// Adds the names of all `NAME-VERSION.dist-info` below a folder.
fn find_installed(folder: &Path, depth: usize, installed: &mut BTreeSet<String>) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir())) {
        let name = entry.file_name().to_string_lossy().into_owned();
        if let Some(of) = name.strip_suffix(".dist-info") {
            installed.insert(normal(of.split('-').next().unwrap_or_default()));
        } else if depth > 1
            && folder
                .file_name()
                .is_none_or(|name| name != "site-packages")
        {
            find_installed(&entry.path(), depth - 1, installed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = "\
# made by pip-compile
--index-url https://example.org/simple
annotated-doc==0.0.7 \\
    --hash=sha256:0a30
colorama==0.4.6 ; sys_platform == \"win32\" \\
    --hash=sha256:0b
fastapi==0.165.0 --hash=sha256:89
    # via -r requirements.in
Typing_Extensions==4.15.0
uvicorn[standard]==0.54.0
zope.interface @ file:///x
";

    #[test]
    fn a_lock_file_names_distributions() {
        let expected = [
            "annotated-doc",
            "colorama",
            "fastapi",
            "typing-extensions",
            "uvicorn",
            "zope-interface",
        ];
        assert!(names(LOCK).iter().eq(expected));
        assert!(
            names("fastapi\n-r more.in\n\nuvicorn>=0.5\n")
                .iter()
                .eq(["fastapi", "uvicorn"])
        );
    }

    #[test]
    fn only_what_is_there_counts() {
        let folder = tempfile::tempdir().unwrap();
        let lock = folder.path().join("requirements.lock");
        fs::write(&lock, LOCK).unwrap();
        let counted = |artefacts: &[PathBuf]| {
            let of = of(&lock, artefacts).unwrap();
            (of.direct, of.total)
        };
        assert_eq!(counted(&[]), (None, 6), "as locked");
        fs::write(
            folder.path().join("requirements.in"),
            "FastAPI\nnot-there\n",
        )
        .unwrap();
        assert_eq!(counted(&[]), (Some(1), 6));
        let lib = folder.path().join("venv/lib");
        let packages = lib.join("python3.13/site-packages");
        for name in [
            "annotated_doc-0.0.7.dist-info",
            "fastapi-0.165.0.dist-info",
            "typing_extensions-4.15.0.dist-info",
            "pip-26.0.dist-info",
            "fastapi/vendored/uvicorn-1.0.dist-info",
        ] {
            fs::create_dir_all(packages.join(name)).unwrap();
        }
        assert_eq!(counted(&[lib]), (Some(1), 3), "as installed");
    }
}
