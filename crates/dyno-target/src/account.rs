//! What a target's processes use: CPU time from its control group where there
//! is one, everything else from `/proc`.

use std::{fs, io};

use dyno_result::Mark;

use crate::cgroup::Group;
use crate::procfs::{self, Usage};

/// The books of one target.
#[derive(Debug)]
pub(crate) struct Account {
    pid: i32,
    group: Option<Group>,
}

impl Account {
    /// The account of the tree of `pid`; `group` counts only if the process is
    /// in it.
    pub(crate) fn new(pid: i32, group: Option<Group>) -> Self {
        let group = group.filter(|group| holds(group, pid));
        Self { pid, group }
    }

    /// Where CPU time comes from, as [`dyno_result::Resources::source`] has it.
    pub(crate) fn source(&self) -> &'static str {
        let group = self.group.as_ref();
        group.map_or("/proc", |group| group.version().source())
    }

    /// What is used now.
    pub(crate) fn usage(&self) -> io::Result<Usage> {
        let mut usage = procfs::usage(self.pid)?;
        if let Some((user, system)) = self.cpu() {
            (usage.cpu_user_ns, usage.cpu_system_ns) = (user, system);
        }
        Ok(usage)
    }

    /// The careful look.
    pub(crate) fn mark(&self) -> io::Result<Mark> {
        let mut mark = procfs::mark(self.pid)?;
        if let Some((user, system)) = self.cpu() {
            (mark.cpu_user_ns, mark.cpu_system_ns) = (user, system);
        }
        Ok(mark)
    }

    fn cpu(&self) -> Option<(u64, u64)> {
        self.group.as_ref()?.cpu()
    }
}

fn holds(group: &Group, pid: i32) -> bool {
    group.entrances().iter().all(|entrance| {
        let inside = fs::read_to_string(entrance).unwrap_or_default();
        inside.lines().any(|line| line.parse() == Ok(pid))
    })
}
