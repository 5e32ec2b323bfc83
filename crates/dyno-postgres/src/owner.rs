//! Whose process the server is: PostgreSQL refuses root.

use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt, chown};
use std::path::Path;

use dyno_target::Owner;
use nix::unistd::{User, geteuid};

use crate::Error;

/// Users that may run the server for root, the first that there is.
const USERS: [&str; 2] = ["postgres", "nobody"];

/// A user who runs the server for root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ServerUser {
    pub(crate) name: String,
    pub(crate) owner: Owner,
}

/// Who runs the server; none if dyno's own user does.
///
/// # Errors
/// dyno runs as root, and no user is fit for it.
pub(crate) fn server_user() -> Result<Option<ServerUser>, Error> {
    if !geteuid().is_root() {
        return Ok(None);
    }
    let known = USERS.iter().find_map(|name| User::from_name(name).ok()?);
    let user = known.ok_or(Error::NoUser)?;
    Ok(Some(ServerUser {
        name: user.name,
        owner: Owner {
            uid: user.uid.as_raw(),
            gid: user.gid.as_raw(),
        },
    }))
}

impl ServerUser {
    /// Makes a file or folder this user's.
    pub(crate) fn own(&self, path: &Path) -> io::Result<()> {
        chown(path, Some(self.owner.uid), Some(self.owner.gid))
    }

    /// Whether this user gets into a folder, as far as modes tell.
    pub(crate) fn reaches(&self, folder: &Path) -> bool {
        let Ok(folder) = fs::canonicalize(folder) else {
            return false;
        };
        folder.ancestors().all(|part| {
            fs::metadata(part)
                .is_ok_and(|seen| may_enter(seen.mode(), (seen.uid(), seen.gid()), self.owner))
        })
    }
}

/// The first of user, group and others that fits decides, as in path_resolution(7).
fn may_enter(mode: u32, (uid, gid): (u32, u32), owner: Owner) -> bool {
    let bits = if uid == owner.uid {
        mode >> 6
    } else if gid == owner.gid {
        mode >> 3
    } else {
        mode
    };
    bits & 1 == 1
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn modes_say_who_may_enter() {
        let owner = Owner { uid: 7, gid: 8 };
        for (mode, of, expected) in [
            (0o700, (0, 0), false),
            (0o755, (0, 0), true),
            (0o1777, (0, 0), true),
            (0o700, (7, 0), true),
            (0o077, (7, 8), false),
            (0o750, (0, 8), true),
            (0o705, (0, 8), false),
        ] {
            assert_eq!(may_enter(mode, of, owner), expected, "{mode:o} {of:?}");
        }
    }

    #[test]
    fn a_closed_folder_above_is_enough() {
        let folder = tempfile::tempdir().unwrap();
        let closed = fs::Permissions::from_mode(0o700);
        fs::set_permissions(folder.path(), closed).unwrap();
        let nobody = ServerUser {
            name: "nobody".to_owned(),
            owner: Owner {
                uid: 65_534,
                gid: 65_534,
            },
        };
        assert!(nobody.reaches(Path::new("/")));
        assert!(!nobody.reaches(folder.path()));
        assert!(!nobody.reaches(&folder.path().join("nowhere")));
    }
}
