//! What a process tree uses, from `/proc`. What the files say is read in
//! `procfs/text.rs`, which is pure.
//!
//! The periodic loop belongs to the sampler, control groups to `cgroup`.
//! A process that vanishes in mid-walk is not an error: it is left out.

mod text;

use std::io::{self, Read};
use std::{fs, sync::OnceLock};

use dyno_result::Mark;
use nix::unistd::{SysconfVar, sysconf};

pub use text::{
    Stat, descendants, parse_peak, parse_pss, parse_run_delay, parse_schedstat, parse_stat,
    parse_switches, split,
};

/// What a process tree uses now; CPU time counts from the start of the tree.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// CPU time in user mode, reaped children included, ns.
    pub cpu_user_ns: u64,
    /// CPU time in the kernel, reaped children included, ns.
    pub cpu_system_ns: u64,
    /// Sum of resident sets, bytes. Counts shared pages once a process.
    pub rss_bytes: u64,
    /// Threads.
    pub threads: u32,
    /// Open files.
    pub fds: u32,
    /// Processes, without those that only wait for their parent.
    pub processes: u32,
}

/// The process and all its descendants, root first. Orphans that kept the
/// root's process group are found when they became children of the root's
/// parent or of dyno (one of them must be a subreaper for that). Empty when the
/// process does not exist.
pub fn tree(root_pid: i32) -> Vec<Stat> {
    let own = nix::unistd::getpid().as_raw();
    if !fs::exists(format!("/proc/{own}/task/{own}/children")).unwrap_or(false) {
        return descendants(&everything(), root_pid);
    }
    let mut tree: Vec<Stat> = stat(root_pid).into_iter().collect();
    let parent = tree.first().map(|root| root.ppid);
    add_descendants(&mut tree, 0);
    // Last, so that a worker orphaned during the walk is still met.
    let from = tree.len();
    for adopter in parent.into_iter().chain([own]) {
        for orphan in children(adopter).into_iter().filter_map(stat) {
            let known = tree.iter().any(|known| known.pid == orphan.pid);
            if orphan.pgrp == root_pid && !known {
                tree.push(orphan);
            }
        }
    }
    add_descendants(&mut tree, from);
    tree
}

/// What the tree of `root_pid` uses now, about 30 µs a process and 10 µs a thread.
///
/// Fails with `NotFound` when nothing of the tree is left. CPU time may step
/// back by up to 20 ms a process when a thread ends: take differences with
/// `saturating_sub`. The time of a child whose parent ignores `SIGCHLD` is lost.
pub fn usage(root_pid: i32) -> io::Result<Usage> {
    let tree = tree(root_pid);
    if tree.is_empty() {
        return Err(io::Error::new(
            io::ErrorKind::NotFound,
            format!("process {root_pid} has ended"),
        ));
    }
    let mut usage = Usage::default();
    for stat in &tree {
        let (user, system) = cpu(stat);
        usage.cpu_user_ns += user;
        usage.cpu_system_ns += system;
        if stat.state != 'Z' {
            usage.rss_bytes += stat.rss_pages * page_bytes();
            usage.threads += stat.threads;
            usage.fds += open_files(stat.pid);
            usage.processes += 1;
        }
    }
    Ok(usage)
}

/// As [`usage`], and what is too dear for the middle of a step: PSS makes the
/// kernel walk the target's page tables. Null where the kernel does not let us
/// look at a living process. Switches of ended threads are not counted.
pub fn mark(root_pid: i32) -> io::Result<Mark> {
    let usage = usage(root_pid)?;
    let mut pss_bytes = Some(0);
    let mut switches = Some((0, 0));
    for process in tree(root_pid).iter().filter(|stat| stat.state != 'Z') {
        pss_bytes = add(pss_bytes, pss(process.pid));
        for thread in threads(process.pid) {
            let path = format!("/proc/{}/task/{thread}/status", process.pid);
            let seen = read(&path).map(|text| parse_switches(&text));
            if let Some(seen) = seen {
                switches = switches.zip(seen).map(|(a, b)| (a.0 + b.0, a.1 + b.1));
            }
        }
    }
    Ok(Mark {
        processes: usage.processes,
        threads: usage.threads,
        fds: usage.fds,
        rss_bytes: usage.rss_bytes,
        pss_bytes,
        cpu_user_ns: usage.cpu_user_ns,
        cpu_system_ns: usage.cpu_system_ns,
        voluntary_switches: switches.map(|(voluntary, _)| voluntary),
        involuntary_switches: switches.map(|(_, involuntary)| involuntary),
    })
}

/// The process as it is now; none when it has been reaped.
pub fn stat(pid: i32) -> Option<Stat> {
    parse_stat(&read(&format!("/proc/{pid}/stat"))?)
}

/// User and kernel time of a process and of the children it has reaped, ns.
fn cpu(stat: &Stat) -> (u64, u64) {
    let tick = tick_ns();
    let coarse = (stat.utime_ticks + stat.stime_ticks) * tick;
    // `stat` is rounded down to ticks but remembers ended threads; `schedstat`
    // is in ns but of living threads only. Neither ever exceeds the truth.
    let fine: u64 = threads(stat.pid)
        .into_iter()
        .filter_map(|thread| read(&format!("/proc/{}/task/{thread}/schedstat", stat.pid)))
        .filter_map(|text| parse_schedstat(&text))
        .sum();
    let (user, system) = split(coarse.max(fine), stat.utime_ticks, stat.stime_ticks);
    (
        user + stat.cutime_ticks * tick,
        system + stat.cstime_ticks * tick,
    )
}

/// Appends the descendants of `tree[from..]`.
fn add_descendants(tree: &mut Vec<Stat>, from: usize) {
    let mut next = from;
    while let Some(parent) = tree.get(next).map(|stat| stat.pid) {
        // A pid may have been given away between the two reads.
        let found = children(parent).into_iter().filter_map(stat);
        tree.extend(found.filter(|child| child.ppid == parent));
        next += 1;
    }
}

/// Every process of the machine, for kernels without `children` files.
fn everything() -> Vec<Stat> {
    numbers("/proc").into_iter().filter_map(stat).collect()
}

/// Children by pid: the kernel lists them under the thread that forked.
fn children(pid: i32) -> Vec<i32> {
    threads(pid)
        .into_iter()
        .filter_map(|thread| read(&format!("/proc/{pid}/task/{thread}/children")))
        .flat_map(|text| -> Vec<i32> {
            text.split_ascii_whitespace()
                .filter_map(|pid| pid.parse().ok())
                .collect()
        })
        .collect()
}

fn threads(pid: i32) -> Vec<i32> {
    numbers(&format!("/proc/{pid}/task"))
}

/// Open files; 0 when they are not ours to see.
fn open_files(pid: i32) -> u32 {
    let path = format!("/proc/{pid}/fd");
    // Since Linux 6.2 the size of the folder is the answer.
    let size = fs::metadata(&path).map_or(0, |folder| folder.len());
    let count = if size > 0 {
        size
    } else {
        fs::read_dir(&path).map_or(0, |entries| entries.count() as u64)
    };
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// PSS of one process: 0 when it has ended, none when it may not be read.
fn pss(pid: i32) -> Option<u64> {
    match fs::read_to_string(format!("/proc/{pid}/smaps_rollup")) {
        Ok(text) => parse_pss(&text),
        Err(_) if stat(pid).is_none_or(|stat| stat.state == 'Z') => Some(0),
        Err(_) => None,
    }
}

fn add(sum: Option<u64>, part: Option<u64>) -> Option<u64> {
    sum.zip(part).map(|(sum, part)| sum + part)
}

/// The entries of a folder that are numbers; none when it has vanished.
fn numbers(folder: &str) -> Vec<i32> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    entries
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .collect()
}

/// The text of a small file: one read nearly always, unlike `read_to_string`.
fn read(path: &str) -> Option<String> {
    let mut file = fs::File::open(path).ok()?;
    let mut buffer = [0; 4096];
    let length = file.read(&mut buffer).ok()?;
    let mut text = String::from_utf8_lossy(&buffer[..length]).into_owned();
    if length == buffer.len() {
        file.read_to_string(&mut text).ok()?;
    }
    Some(text)
}

fn tick_ns() -> u64 {
    static NS: OnceLock<u64> = OnceLock::new();
    *NS.get_or_init(|| 1_000_000_000 / constant(SysconfVar::CLK_TCK, 100))
}

fn page_bytes() -> u64 {
    static BYTES: OnceLock<u64> = OnceLock::new();
    *BYTES.get_or_init(|| constant(SysconfVar::PAGE_SIZE, 4096))
}

fn constant(name: SysconfVar, usual: u64) -> u64 {
    let found = sysconf(name).ok().flatten();
    found
        .and_then(|n| u64::try_from(n).ok())
        .filter(|n| *n > 0)
        .unwrap_or(usual)
}

#[cfg(test)]
mod tests;
