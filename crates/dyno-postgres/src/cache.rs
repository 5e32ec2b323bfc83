//! The folder of what is kept between commands: hashes, an unpacked PostgreSQL, the
//! state of a database in the background.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use crate::Error;

/// dyno's folder in the user's cache: `$XDG_CACHE_HOME/dyno` or `~/.cache/dyno`. It
/// need not be there yet.
///
/// # Errors
/// Neither variable is set.
pub fn folder() -> Result<PathBuf, Error> {
    choose(env::var_os("XDG_CACHE_HOME"), env::var_os("HOME")).ok_or(Error::NoCache)
}

/// A folder that is there when this returns.
pub(crate) fn make(folder: &Path) -> Result<(), Error> {
    fs::create_dir_all(folder).map_err(|source| Error::file(folder, source))
}

/// Writes a file whole or not at all: a reader never meets half of it.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let part = path.with_extension(format!("part-{}", std::process::id()));
    let written = fs::write(&part, bytes).and_then(|()| fs::rename(&part, path));
    written.map_err(|source| {
        let _ = fs::remove_file(&part);
        Error::file(path, source)
    })
}

fn choose(xdg: Option<OsString>, home: Option<OsString>) -> Option<PathBuf> {
    // The XDG specification has relative paths ignored.
    let absolute = |path: OsString| Some(PathBuf::from(path)).filter(|path| path.is_absolute());
    let cache = xdg.and_then(absolute);
    let cache = cache.or_else(|| Some(home.and_then(absolute)?.join(".cache")))?;
    Some(cache.join("dyno"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cache_is_where_the_user_has_it() {
        for (xdg, home, expected) in [
            (Some("/x"), Some("/h"), Some("/x/dyno")),
            (None, Some("/h"), Some("/h/.cache/dyno")),
            (Some(""), Some("/h"), Some("/h/.cache/dyno")),
            (Some("relative"), Some("/h"), Some("/h/.cache/dyno")),
            (None, None, None),
            (None, Some(""), None),
        ] {
            let seen = choose(xdg.map(OsString::from), home.map(OsString::from));
            assert_eq!(seen.as_deref(), expected.map(Path::new), "{xdg:?} {home:?}");
        }
    }
}
