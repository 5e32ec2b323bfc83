//! A control group around the target: its CPU time to the microsecond, ended
//! processes included, and a kill that nothing escapes.
//!
//! Texts are read in `cgroup/text.rs`, purely; [`create`] makes a group below dyno's own and changes no
//! setting of any other. Without a group the caller reads `procfs` instead.

mod text;

use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fs, io, thread};

use nix::sys::signal::{Signal, kill};
use nix::unistd::{AccessFlags, Pid, access};

use crate::procfs::split;

pub use text::{Mount, parse_cpu_stat, parse_cpuacct, parse_mounts, parse_throttled};
use text::{mode_of, own_folder};

/// The two interfaces that Linux has for control groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// One hierarchy for all controllers.
    V2,
    /// A hierarchy for each controller.
    V1,
}

impl Version {
    /// As [`dyno_result::Resources::source`] has it.
    pub fn source(self) -> &'static str {
        match self {
            Self::V2 => "cgroup v2",
            Self::V1 => "cgroup v1",
        }
    }
}

/// The control group of one target. Dropping it removes the empty group.
#[derive(Debug)]
pub struct Group {
    version: Version,
    /// One folder a hierarchy; the first accounts for CPU time.
    folders: Vec<PathBuf>,
}

/// Which interface the machine runs on: `v2`, `v1` or `none`. The one that
/// holds the CPU or memory controller counts; a version 2 mount without them
/// beside version 1 is `v1`, though [`create`] can still use it.
pub fn mode() -> &'static str {
    let mounts = mounts();
    let unified = mounts.iter().find(|mount| mount.version == Version::V2);
    let controllers = unified.and_then(|mount| read(&mount.point.join("cgroup.controllers")));
    mode_of(&mounts, &controllers.unwrap_or_default())
}

/// Periods in which a quota held back dyno's own group or one above it, since
/// they were made. None where no such group has a quota to be seen.
pub fn throttled_periods() -> Option<u64> {
    let (mounts, own) = (mounts(), read(Path::new("/proc/self/cgroup"))?);
    let schedules = |mount: &&Mount| match mount.version {
        Version::V2 => true,
        Version::V1 => mount.controllers.iter().any(|one| one == "cpu"),
    };
    let folders = mounts.iter().filter(schedules).filter_map(|mount| {
        let own = own_folder(mount, &own)?;
        Some((mount.point.clone(), own))
    });
    let counts = folders.flat_map(|(point, own)| {
        let above = own
            .ancestors()
            .take_while(|folder| folder.starts_with(&point));
        let texts = above.filter_map(|folder| read(&folder.join("cpu.stat")));
        texts
            .filter_map(|text| parse_throttled(&text))
            .collect::<Vec<_>>()
    });
    counts.reduce(|sum, count| sum + count)
}

/// Makes a group of this name below dyno's own: version 2 when it may be
/// written, else version 1 `cpuacct` (and `memory` if possible), else none.
/// `name` is one path component; an empty group left by a crash is replaced.
pub fn create(name: &str) -> Option<Group> {
    let (mounts, own) = (mounts(), read(Path::new("/proc/self/cgroup"))?);
    create_v2(&mounts, &own, name).or_else(|| create_v1(&mounts, &own, name))
}

impl Group {
    /// The interface it uses.
    pub fn version(&self) -> Version {
        self.version
    }

    /// The files to which a process writes `0` to enter the group itself. Done
    /// between fork and exec (by a shell, say) no CPU time is missed.
    pub fn entrances(&self) -> Vec<PathBuf> {
        self.folders
            .iter()
            .map(|folder| folder.join("cgroup.procs"))
            .collect()
    }

    /// Moves a process into the group. What it used and started before is not counted.
    pub fn add(&self, pid: i32) -> io::Result<()> {
        self.entrances()
            .iter()
            .try_for_each(|file| fs::write(file, pid.to_string()))
    }

    /// User and kernel time since the group was made, ns. None when the files
    /// are gone.
    pub fn cpu(&self) -> Option<(u64, u64)> {
        let folder = self.folders.first()?;
        match self.version {
            Version::V2 => parse_cpu_stat(&read(&folder.join("cpu.stat"))?),
            Version::V1 => {
                let number = |file| read(&folder.join(file))?.trim().parse::<u64>().ok();
                let ratio = number("cpuacct.usage_user").zip(number("cpuacct.usage_sys"));
                let ratio = ratio.or_else(|| parse_cpuacct(&read(&folder.join("cpuacct.stat"))?));
                let (user, system) = ratio?;
                Some(split(number("cpuacct.usage")?, user, system))
            }
        }
    }

    /// Most memory charged at once, bytes: page cache and kernel memory
    /// included. None without the memory controller, or before Linux 5.19.
    pub fn memory_peak(&self) -> Option<u64> {
        let file = match self.version {
            Version::V2 => "memory.peak",
            Version::V1 => "memory.max_usage_in_bytes",
        };
        let text = self
            .folders
            .iter()
            .find_map(|folder| read(&folder.join(file)))?;
        text.trim().parse().ok()
    }

    /// Kills everything in the group, also what left its session or process
    /// group. Returns before the processes are gone.
    pub fn kill(&self) -> io::Result<()> {
        let Some(folder) = self.folders.first() else {
            return Ok(());
        };
        let at_once = folder.join("cgroup.kill"); // version 2, since Linux 5.14
        if at_once.exists() {
            return fs::write(at_once, "1");
        }
        // Processes may fork between reading and killing; a second look with
        // all parents dead finds the rest.
        for _ in 0..3 {
            let pids = fs::read_to_string(folder.join("cgroup.procs"))?;
            for pid in pids.lines().filter_map(|pid| pid.parse().ok()) {
                let _already_gone = kill(Pid::from_raw(pid), Signal::SIGKILL);
            }
        }
        Ok(())
    }

    /// Removes the group, waiting up to a second for its last process to go.
    /// Blocks; fails when somebody is still in it.
    pub fn remove(self) -> io::Result<()> {
        for folder in &self.folders {
            let mut tries = 100;
            while let Err(error) = fs::remove_dir(folder) {
                if error.kind() == io::ErrorKind::NotFound {
                    break;
                }
                if tries == 0 {
                    return Err(error);
                }
                tries -= 1;
                thread::sleep(Duration::from_millis(10));
            }
        }
        Ok(())
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        for folder in &self.folders {
            let _in_use_or_removed = fs::remove_dir(folder);
        }
    }
}

fn create_v2(mounts: &[Mount], own: &str, name: &str) -> Option<Group> {
    let mount = mounts.iter().find(|mount| mount.version == Version::V2)?;
    let parent = own_folder(mount, own)?;
    // Moving a process asks for the right to write the common ancestor.
    access(&parent.join("cgroup.procs"), AccessFlags::W_OK).ok()?;
    let group = Group {
        version: Version::V2,
        folders: vec![make(&parent, name)?],
    };
    group.cpu().is_some().then_some(group)
}

fn create_v1(mounts: &[Mount], own: &str, name: &str) -> Option<Group> {
    let below_own = |controller: &str| {
        let mut mounts = mounts.iter().filter(|mount| mount.version == Version::V1);
        let mount = mounts.find(|mount| mount.controllers.iter().any(|one| one == controller))?;
        make(&own_folder(mount, own)?, name)
    };
    let mut group = Group {
        version: Version::V1,
        folders: vec![below_own("cpuacct")?],
    };
    group.folders.extend(below_own("memory"));
    group.cpu().is_some().then_some(group)
}

fn make(parent: &Path, name: &str) -> Option<PathBuf> {
    if name.is_empty() || name.starts_with('.') || name.contains('/') {
        return None;
    }
    let folder = parent.join(name);
    let _left_by_a_crash = fs::remove_dir(&folder);
    fs::create_dir(&folder).ok()?;
    Some(folder)
}

fn mounts() -> Vec<Mount> {
    parse_mounts(&read(Path::new("/proc/self/mountinfo")).unwrap_or_default())
}

fn read(path: &Path) -> Option<String> {
    fs::read_to_string(path).ok()
}

#[cfg(test)]
mod tests;
