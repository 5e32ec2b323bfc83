//! What a scenario calls a file: names count from the scenario's folder.

use std::path::{Component, Path, PathBuf};

/// What a scenario at `scenario` calls `file`, which is there. A scenario that is
/// printed is taken to be kept in this folder.
pub(super) fn beside(scenario: Option<&Path>, file: &Path) -> PathBuf {
    let folder = scenario.and_then(Path::parent).unwrap_or(Path::new(""));
    if file.is_absolute() || folder == Path::new("") || folder == Path::new(".") {
        return file.to_owned();
    }
    let Some(file) = real_file(file) else {
        return file.to_owned();
    };
    real_folder(folder)
        .and_then(|folder| relative(&folder, &file))
        .unwrap_or(file)
}

/// From the root and without symbolic links, but for the file itself: that link may
/// be what names the newest log.
fn real_file(file: &Path) -> Option<PathBuf> {
    let folder = real_folder(file.parent()?)?;
    Some(folder.join(file.file_name()?))
}

/// From the root and without symbolic links, so that `..` can be counted. Of a folder
/// that is yet to be made, the part that is there tells.
fn real_folder(folder: &Path) -> Option<PathBuf> {
    let (there, real) = folder.ancestors().find_map(|above| {
        let path = match above == Path::new("") {
            true => Path::new("."),
            false => above,
        };
        Some((above, path.canonicalize().ok()?))
    })?;
    let rest = folder.strip_prefix(there).ok()?;
    let is_plain = |part: Component<'_>| matches!(part, Component::Normal(_));
    rest.components()
        .all(is_plain)
        .then(|| match rest == Path::new("") {
            true => real,
            false => real.join(rest),
        })
}

/// `None` where the two have nothing in common but the root.
fn relative(folder: &Path, file: &Path) -> Option<PathBuf> {
    let pairs = folder.components().zip(file.components());
    let common = pairs.take_while(|(a, b)| a == b).count();
    (common > 1).then(|| {
        let up = folder
            .components()
            .skip(common)
            .map(|_| Component::ParentDir);
        up.chain(file.components().skip(common)).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_count_from_the_folder() {
        let check = |folder: &str, file: &str, expected: Option<&str>| {
            let seen = relative(Path::new(folder), Path::new(file));
            assert_eq!(seen.as_deref(), expected.map(Path::new), "{folder} {file}");
        };
        check("/a/scenarios", "/a/logs/x.log", Some("../logs/x.log"));
        check("/a", "/a/logs/x.log", Some("logs/x.log"));
        check("/a/logs", "/a/logs/x.log", Some("x.log"));
        check("/a/b/c", "/a/x.log", Some("../../x.log"));
        check("/a/lo", "/a/logs/x.log", Some("../logs/x.log"));
        check("/home/me", "/var/log/x.log", None);
    }

    #[test]
    fn a_link_to_a_folder_is_no_step_aside() {
        let place = tempfile::tempdir().unwrap();
        let path = |name: &str| place.path().join(name);
        std::fs::create_dir_all(path("deep/down/scenarios")).unwrap();
        std::fs::create_dir_all(path("logs")).unwrap();
        std::fs::write(path("logs/x.log"), "").unwrap();
        std::os::unix::fs::symlink("deep/down/scenarios", path("linked")).unwrap();
        let check = |folder: &str, expected: &str| {
            let folder = real_folder(&path(folder)).unwrap();
            let file = real_file(&path("logs/x.log")).unwrap();
            assert_eq!(relative(&folder, &file).unwrap(), Path::new(expected));
        };
        check("linked", "../../../logs/x.log");
        check("linked/new", "../../../../logs/x.log");
        check("new/one", "../../logs/x.log");
        check("logs/../deep", "../logs/x.log");
        assert_eq!(real_folder(&path("new/../deep")).as_deref(), None);
    }
}
