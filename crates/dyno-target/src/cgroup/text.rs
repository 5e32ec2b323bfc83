//! Text of mount tables and control group files → values. Pure.

use std::path::{Path, PathBuf};

use super::Version;

/// One mounted hierarchy, from a line of `/proc/self/mountinfo`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// Interface.
    pub version: Version,
    /// The group that the mount point shows; `/` outside containers.
    pub root: String,
    /// Mount point.
    pub point: PathBuf,
    /// Version 1: its controllers. Version 2: none, they are in a file.
    pub controllers: Vec<String>,
}

/// The hierarchies in `/proc/self/mountinfo`.
pub fn parse_mounts(text: &str) -> Vec<Mount> {
    text.lines().filter_map(parse_mount).collect()
}

fn parse_mount(line: &str) -> Option<Mount> {
    let (place, kind) = line.split_once(" - ")?;
    let mut place = place.split(' ').skip(3);
    let (root, point) = (place.next()?, place.next()?);
    let mut kind = kind.split(' ');
    let version = match kind.next()? {
        "cgroup2" => Version::V2,
        "cgroup" => Version::V1,
        _ => return None,
    };
    let options = kind
        .nth(1)?
        .split(',')
        .filter(|option| *option != "rw" && *option != "ro");
    Some(Mount {
        version,
        root: root.to_owned(),
        point: PathBuf::from(point),
        controllers: match version {
            Version::V2 => Vec::new(),
            Version::V1 => options.map(str::to_owned).collect(),
        },
    })
}

/// The folder of our own group, from the text of `/proc/self/cgroup`. None when
/// the group lies outside of what the mount shows.
pub(super) fn own_folder(mount: &Mount, text: &str) -> Option<PathBuf> {
    let path = text.lines().find_map(|line| {
        let mut fields = line.splitn(3, ':').skip(1);
        let (controllers, path) = (fields.next()?, fields.next()?);
        let same = match mount.version {
            Version::V2 => controllers.is_empty(),
            Version::V1 => controllers
                .split(',')
                .any(|one| mount.controllers.iter().any(|c| c == one)),
        };
        same.then_some(path)
    })?;
    if path.split('/').any(|part| part == "..") {
        return None;
    }
    let inside = Path::new(path).strip_prefix(&mount.root).ok()?;
    Some(mount.point.join(inside))
}

pub(super) fn mode_of(mounts: &[Mount], unified_controllers: &str) -> &'static str {
    let wanted = |name: &str| matches!(name, "cpu" | "cpuacct" | "memory");
    let unified = mounts.iter().any(|mount| mount.version == Version::V2);
    if unified && unified_controllers.split_ascii_whitespace().any(wanted) {
        "v2"
    } else if mounts
        .iter()
        .flat_map(|mount| &mount.controllers)
        .any(|name| wanted(name))
    {
        "v1"
    } else if unified {
        "v2" // CPU time is accounted for without a controller.
    } else {
        "none"
    }
}

/// User and kernel time from version 2 `cpu.stat`, ns.
pub fn parse_cpu_stat(text: &str) -> Option<(u64, u64)> {
    Some((
        value(text, "user_usec")? * 1000,
        value(text, "system_usec")? * 1000,
    ))
}

/// User and kernel time from version 1 `cpuacct.stat`, clock ticks.
pub fn parse_cpuacct(text: &str) -> Option<(u64, u64)> {
    Some((value(text, "user")?, value(text, "system")?))
}

/// Periods in which a quota held the group back, from `cpu.stat` of either
/// version.
pub fn parse_throttled(text: &str) -> Option<u64> {
    value(text, "nr_throttled")
}

fn value(text: &str, key: &str) -> Option<u64> {
    let mut pairs = text.lines().filter_map(|line| line.split_once(' '));
    pairs.find(|(name, _)| *name == key)?.1.trim().parse().ok()
}
