//! Programs that the server's user can run, wherever they lie.

use std::fs;
use std::path::{Path, PathBuf};

use dyno_target::Scratch;

use crate::owner::ServerUser;
use crate::{Error, Profile, ground, install};

/// That somebody cannot go there.
pub(crate) fn unreachable(user: &ServerUser, path: &Path) -> Error {
    Error::Unreachable {
        user: user.name.clone(),
        path: path.to_owned(),
    }
}

/// A copy of programs that only root can enter, such as those in its own cache.
#[derive(Debug)]
pub(crate) struct OpenCopy {
    /// The folder with `initdb` and `postgres`.
    pub(crate) bin: PathBuf,
    _scratch: Scratch,
}

impl OpenCopy {
    /// Makes one: some 40 MB and a twentieth of a second.
    pub(crate) fn of(bin: &Path, user: &ServerUser) -> Result<Self, Error> {
        // How much of another installation than the wheel belongs to its programs
        // cannot be known.
        let root = install::root(bin).ok_or_else(|| unreachable(user, bin))?;
        // Memory may be closed to programs.
        let base = ground::base(Profile::Durable);
        let failed = |source| Error::file(&base, source);
        let scratch = Scratch::create(&base, ground::PREFIX).map_err(failed)?;
        user.own(scratch.folder()).map_err(failed)?;
        let copy = scratch.folder().join("programs");
        copy_tree(root, &copy, user).map_err(failed)?;
        Ok(Self {
            bin: copy.join(install::BIN),
            _scratch: scratch,
        })
    }
}

fn copy_tree(from: &Path, to: &Path, user: &ServerUser) -> std::io::Result<()> {
    fs::create_dir(to)?;
    user.own(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let copy = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_tree(&entry.path(), &copy, user)?;
        } else {
            fs::copy(entry.path(), &copy)?;
            user.own(&copy)?;
        }
    }
    Ok(())
}
