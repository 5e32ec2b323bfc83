//! A folder that lives no longer than the processes that work in it.
//!
//! Beside the folder lies a lock file of the same name. dyno, the supervisor and
//! every process below it hold a shared lock on that file, which the kernel takes
//! back when the last of them ends, whatever ended them. So a folder whose lock is
//! free is a leftover, and no living one can be taken for it.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use nix::fcntl::{FcntlArg, FdFlag, OFlag, fcntl};
use nix::unistd::geteuid;

/// Names that are tried; a second one is needed only if somebody else has the first.
const TRIES: u32 = 100;

/// The ending of lock files.
const LOCK: &str = "lock";

/// A fresh folder. Dropping it removes the folder and all that is in it: end the
/// processes that work there first.
#[derive(Debug)]
pub struct Scratch {
    folder: PathBuf,
    _lock: File,
}

impl Scratch {
    /// Makes an empty folder `base/prefix-RANDOM` that only this user may enter.
    ///
    /// # Errors
    /// `base` is not there, not writable or full.
    pub fn create(base: &Path, prefix: &str) -> io::Result<Self> {
        for _ in 0..TRIES {
            let folder = base.join(format!("{prefix}-{:016x}", fastrand::u64(..)));
            let Some(lock) = new_lock(&lock_of(&folder))? else {
                continue;
            };
            return match DirBuilder::new().mode(0o700).create(&folder) {
                Ok(()) => Ok(Self {
                    folder,
                    _lock: lock,
                }),
                Err(error) => {
                    let _ = fs::remove_file(lock_of(&folder));
                    Err(error)
                }
            };
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed now is swept up before the next start.
        let _ = remove(&self.folder);
    }
}

/// Removes the folders that this user's dead dynos have left in `base` under
/// `prefix`, and returns how many. Those of living processes and of other users
/// are not touched.
pub fn sweep(base: &Path, prefix: &str) -> usize {
    let Ok(entries) = fs::read_dir(base) else {
        return 0;
    };
    let start = format!("{prefix}-");
    let locks = entries.flatten().map(|entry| entry.path()).filter(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with(&start) && path.extension().is_some_and(|ending| ending == LOCK)
    });
    locks.filter(|lock| take_over(lock).is_some()).count()
}

/// Shares the lock on a folder for the rest of this process, and of those that it
/// starts while it has the file.
pub(crate) fn hold(folder: &Path) -> io::Result<File> {
    let lock = open(&lock_of(folder))?;
    lock.lock_shared()?;
    fcntl(&lock, FcntlArg::F_SETFD(FdFlag::empty()))?;
    Ok(lock)
}

/// Removes a folder and its lock file; the lock stays while the folder does.
pub(crate) fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    fs::remove_file(lock_of(folder))
}

fn lock_of(folder: &Path) -> PathBuf {
    folder.with_extension(LOCK)
}

/// A new lock file with the lock shared; none when a sweeper has met it in between.
fn new_lock(path: &Path) -> io::Result<Option<File>> {
    let new = OpenOptions::new()
        .read(true)
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    let lock = match new {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(None),
        new => new?,
    };
    let locked = lock.try_lock_shared().is_ok() && is_still(&lock, path);
    Ok(locked.then_some(lock))
}

/// Removes what belongs to a free lock file of this user.
fn take_over(path: &Path) -> Option<()> {
    let lock = open(path).ok()?;
    let seen = lock.metadata().ok()?;
    let ours = seen.is_file() && seen.uid() == geteuid().as_raw();
    if !ours || lock.try_lock().is_err() || !is_still(&lock, path) {
        return None;
    }
    remove(&path.with_extension("")).ok()
}

fn open(path: &Path) -> io::Result<File> {
    // A link in a folder that all may write to could lead anywhere.
    let flags = OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK;
    OpenOptions::new()
        .read(true)
        .custom_flags(flags.bits())
        .open(path)
}

/// Whether the file still is the one at this path: another process may have removed
/// it between the opening and the lock.
fn is_still(file: &File, path: &Path) -> bool {
    let (Ok(open), Ok(there)) = (file.metadata(), fs::symlink_metadata(path)) else {
        return false;
    };
    (open.dev(), open.ino()) == (there.dev(), there.ino())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(base: &Path) -> usize {
        fs::read_dir(base).unwrap().count()
    }

    #[test]
    fn a_folder_goes_with_its_owner_and_takes_everything_along() {
        let base = tempfile::tempdir().unwrap();
        let scratch = Scratch::create(base.path(), "x").unwrap();
        fs::write(scratch.folder().join("file"), "text").unwrap();
        let mode = fs::metadata(scratch.folder()).unwrap().mode();
        assert_eq!(mode & 0o777, 0o700);
        assert_eq!(names(base.path()), 2, "the folder and its lock");
        drop(scratch);
        assert_eq!(names(base.path()), 0);
    }

    #[test]
    fn only_what_nobody_holds_is_swept_up() {
        let base = tempfile::tempdir().unwrap();
        let alive = Scratch::create(base.path(), "x").unwrap();
        let other = Scratch::create(base.path(), "y").unwrap();
        let dead = base.path().join("x-0123456789abcdef");
        fs::create_dir(&dead).unwrap();
        fs::write(lock_of(&dead), "").unwrap();
        fs::write(lock_of(&base.path().join("x-without-folder")), "").unwrap();
        fs::write(base.path().join("x-foreign"), "no lock, not ours").unwrap();
        std::os::unix::fs::symlink("/dev/null", base.path().join("x-link.lock")).unwrap();
        assert_eq!(sweep(base.path(), "x"), 2);
        assert_eq!(sweep(base.path(), "x"), 0);
        assert!(!dead.exists());
        assert!(alive.folder().exists() && other.folder().exists());
        assert!(base.path().join("x-foreign").exists());
        assert_eq!(sweep(&base.path().join("nowhere"), "x"), 0);
    }

    #[test]
    fn a_supervisor_keeps_the_folder_after_dyno() {
        let base = tempfile::tempdir().unwrap();
        let scratch = Scratch::create(base.path(), "x").unwrap();
        let folder = scratch.folder().to_owned();
        let held = hold(&folder).unwrap();
        // What a kill of dyno does: the lock goes, the folder stays.
        let Scratch { _lock, .. } = &scratch;
        _lock.unlock().unwrap();
        assert_eq!(sweep(base.path(), "x"), 0);
        drop(held);
        assert_eq!(sweep(base.path(), "x"), 1);
        assert!(!folder.exists());
    }

    #[test]
    fn a_base_that_cannot_be_used_is_an_error() {
        let base = tempfile::tempdir().unwrap();
        let error = Scratch::create(&base.path().join("nowhere"), "x").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    }
}
