//! Where a server's data lies: on a disk when the disk is to be measured, in memory when
//! it is not.

use std::env;
use std::path::{Path, PathBuf};

use dyno_target::sweep;
use nix::sys::statfs::{TMPFS_MAGIC, statfs};
use nix::sys::statvfs::statvfs;
use nix::unistd::{AccessFlags, access};

use crate::Profile;

/// The names of scratch folders begin with this.
pub(crate) const PREFIX: &str = "dyno-pg";

/// Memory as a folder.
const MEMORY: &str = "/dev/shm";

/// What must be free there, bytes.
const ENOUGH: u64 = 1 << 30;

/// Temporary files that outlive a restart, so on a disk: `/tmp` often is memory.
const DISK: &str = "/var/tmp";

/// Removes what dynos that were killed have left in any of the places.
pub(crate) fn clear() {
    for base in [Path::new(MEMORY), Path::new(DISK), &env::temp_dir()] {
        sweep(base, PREFIX);
    }
}

/// The folder that a new server's data is put into: what `TMPDIR` names, unless memory
/// is wanted and there.
pub(crate) fn base(profile: Profile) -> PathBuf {
    let named = env::var_os("TMPDIR").is_some_and(|folder| !folder.is_empty());
    match profile {
        Profile::Memory if has_room(Path::new(MEMORY)) => PathBuf::from(MEMORY),
        Profile::Durable if !named && is_writable(Path::new(DISK)) => PathBuf::from(DISK),
        _ => env::temp_dir(),
    }
}

/// Whether a folder is memory, which makes everything durable at once.
pub(crate) fn is_in_memory(folder: &Path) -> bool {
    statfs(folder).is_ok_and(|seen| seen.filesystem_type() == TMPFS_MAGIC)
}

fn has_room(folder: &Path) -> bool {
    let Ok(seen) = statvfs(folder) else {
        return false;
    };
    let free = seen.blocks_available().saturating_mul(seen.fragment_size());
    free >= ENOUGH && is_writable(folder)
}

fn is_writable(folder: &Path) -> bool {
    access(folder, AccessFlags::W_OK | AccessFlags::X_OK).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_is_not_there_has_no_room() {
        let nowhere = Path::new("/no/such/folder");
        assert!(!has_room(nowhere) && !is_writable(nowhere) && !is_in_memory(nowhere));
        assert!(is_writable(&env::temp_dir()));
        assert!(!is_in_memory(Path::new("/proc")));
    }
}
