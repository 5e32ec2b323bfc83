//! Text of `/proc` files → numbers. Pure.

/// One process as `/proc/PID/stat` shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stat {
    /// Process id.
    pub pid: i32,
    /// `R`, `S`, … ; `Z` has ended and waits for its parent.
    pub state: char,
    /// Id of the parent.
    pub ppid: i32,
    /// Id of the process group.
    pub pgrp: i32,
    /// User time of all its threads, ended ones included, clock ticks.
    pub utime_ticks: u64,
    /// Kernel time of all its threads, ended ones included, clock ticks.
    pub stime_ticks: u64,
    /// User time of the children it has waited for and of theirs, clock ticks.
    pub cutime_ticks: u64,
    /// Kernel time of the children it has waited for and of theirs, clock ticks.
    pub cstime_ticks: u64,
    /// Threads alive.
    pub threads: u32,
    /// Start after boot, clock ticks: with the pid it names a process for good.
    pub starttime_ticks: u64,
    /// Resident set, pages.
    pub rss_pages: u64,
}

/// Reads the one line of `/proc/PID/stat`. The name of the command may hold
/// spaces and parentheses. None when the line is not whole.
pub fn parse_stat(text: &str) -> Option<Stat> {
    let (pid, rest) = text.split_once(" (")?;
    let (_command, rest) = rest.rsplit_once(") ")?;
    let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
    // proc(5) counts from 1 and the state is its field 3.
    let field = |number: usize| fields.get(number - 3).copied();
    let ticks = |number| field(number)?.parse::<u64>().ok();
    Some(Stat {
        pid: pid.parse().ok()?,
        state: field(3)?.chars().next()?,
        ppid: field(4)?.parse().ok()?,
        pgrp: field(5)?.parse().ok()?,
        utime_ticks: ticks(14)?,
        stime_ticks: ticks(15)?,
        cutime_ticks: ticks(16)?,
        cstime_ticks: ticks(17)?,
        threads: field(20)?.parse().ok()?,
        starttime_ticks: ticks(22)?,
        rss_pages: field(24)?.parse::<i64>().ok()?.try_into().unwrap_or(0),
    })
}

/// Time on a CPU from `schedstat`, ns.
pub fn parse_schedstat(text: &str) -> Option<u64> {
    text.split_ascii_whitespace().next()?.parse().ok()
}

/// Time ready without a CPU from `schedstat`, ns.
pub fn parse_run_delay(text: &str) -> Option<u64> {
    text.split_ascii_whitespace().nth(1)?.parse().ok()
}

/// Proportional set size from `smaps_rollup`, bytes.
pub fn parse_pss(text: &str) -> Option<u64> {
    bytes(text, "Pss:")
}

/// The largest resident set of a process so far from its `status`, bytes.
pub fn parse_peak(text: &str) -> Option<u64> {
    bytes(text, "VmHWM:")
}

/// Voluntary and involuntary context switches from a thread's `status`.
pub fn parse_switches(text: &str) -> Option<(u64, u64)> {
    let voluntary = value(text, "voluntary_ctxt_switches:")?.parse().ok()?;
    let involuntary = value(text, "nonvoluntary_ctxt_switches:")?.parse().ok()?;
    Some((voluntary, involuntary))
}

/// The process `root`, its descendants, and the orphans of its process group.
/// Empty when none of them is there.
pub fn descendants(all: &[Stat], root: i32) -> Vec<Stat> {
    let mut tree: Vec<Stat> = all
        .iter()
        .filter(|stat| stat.pid == root || stat.pgrp == root)
        .copied()
        .collect();
    let mut next = 0;
    while next < tree.len() {
        let parent = tree[next].pid;
        for stat in all {
            if stat.ppid == parent && tree.iter().all(|known| known.pid != stat.pid) {
                tree.push(*stat);
            }
        }
        next += 1;
    }
    tree
}

/// Divides a precise total by a coarse ratio, as the kernel does. Without a
/// ratio all of it is user time.
pub fn split(total_ns: u64, user: u64, system: u64) -> (u64, u64) {
    let sum = u128::from(user) + u128::from(system);
    let system_ns = (u128::from(total_ns) * u128::from(system))
        .checked_div(sum)
        .map_or(0, |ns| u64::try_from(ns).unwrap_or(total_ns));
    (total_ns - system_ns, system_ns)
}

/// The rest of the line that starts with `key`.
fn bytes(text: &str, key: &str) -> Option<u64> {
    let kib: u64 = value(text, key)?.strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

fn value<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    text.lines()
        .find_map(|line| line.strip_prefix(key))
        .map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PYTHON: &str = "15207 (python3) R 15205 15205 13044 0 -1 4194304 2892 6619 13 0 93 2 4 1 20 0 3 0 137145 92463104 3346 18446744073709551615 94819563479040 94819563479381 140721159574880 0 0 0 0 16781312 2 0 0 0 17 0 0 0 0 0 0 94819563490736 94819563491352 94820241981440 140721159579676 140721159579719 140721159579719 140721159579719 140721159581647 0\n";

    fn python() -> Stat {
        Stat {
            pid: 15207,
            state: 'R',
            ppid: 15205,
            pgrp: 15205,
            utime_ticks: 93,
            stime_ticks: 2,
            cutime_ticks: 4,
            cstime_ticks: 1,
            threads: 3,
            starttime_ticks: 137145,
            rss_pages: 3346,
        }
    }

    #[test]
    fn a_stat_line_is_read_whatever_the_command_is_called() {
        for name in ["python3", "a b", "a (b) c", ") R 1 (", "(sd-pam)", ""] {
            let line = PYTHON.replace("(python3)", &format!("({name})"));
            assert_eq!(parse_stat(&line), Some(python()), "{name}");
        }
        for line in ["", "1", "1 (sh", "1 (sh) R 0 1 1 0 -1", "x (sh) R 0 1"] {
            assert_eq!(parse_stat(line), None, "{line}");
        }
    }

    #[test]
    fn small_files_are_read() {
        assert_eq!(parse_schedstat("55763736 1094251 87\n"), Some(55_763_736));
        assert_eq!(parse_schedstat(""), None);
        assert_eq!(parse_run_delay("55763736 1094251 87\n"), Some(1_094_251));
        assert_eq!(parse_run_delay("55763736\n"), None);
        let rollup = "564403a28000-7ffcbfcaa000 ---p 00000000 00:00 0                          [rollup]\nRss:                1716 kB\nPss:                 372 kB\nPss_Dirty:           112 kB\nSwapPss:               0 kB\n";
        assert_eq!(parse_pss(rollup), Some(372 * 1024));
        assert_eq!(parse_pss("Rss: 1716 kB\n"), None);
        let status = "VmPeak:\t    3420 kB\nVmHWM:\t    1812 kB\nVmRSS:\t    1700 kB\n";
        assert_eq!(parse_peak(status), Some(1812 * 1024));
        let status = "Mems_allowed_list:\t0\nvoluntary_ctxt_switches:\t361\nnonvoluntary_ctxt_switches:\t34\n";
        assert_eq!(parse_switches(status), Some((361, 34)));
        assert_eq!(parse_switches("Threads:\t13\n"), None);
    }

    #[test]
    fn a_total_is_divided_by_ticks() {
        for (total, user, system, expected) in [
            (100, 3, 1, (75, 25)),
            (100, 0, 0, (100, 0)),
            (100, 0, 7, (0, 100)),
            (0, 3, 1, (0, 0)),
            (u64::MAX, 1, u64::MAX, (1, u64::MAX - 1)),
        ] {
            assert_eq!(
                split(total, user, system),
                expected,
                "{total} {user} {system}"
            );
        }
    }

    #[test]
    fn a_tree_is_made_of_descendants_and_of_orphans_of_the_group() {
        let process = |pid, ppid, pgrp| Stat {
            pid,
            ppid,
            pgrp,
            ..python()
        };
        let all = [
            process(1, 0, 1),
            process(30, 20, 30), // a grandchild in its own group, listed early
            process(10, 1, 10),
            process(20, 10, 10),
            process(40, 1, 10), // an orphan
            process(50, 40, 50),
            process(60, 1, 60),
        ];
        let pids = |root| -> Vec<i32> {
            let mut pids: Vec<i32> = descendants(&all, root).iter().map(|s| s.pid).collect();
            pids.sort_unstable();
            pids
        };
        assert_eq!(pids(10), [10, 20, 30, 40, 50]);
        assert_eq!(pids(60), [60]);
        assert_eq!(pids(99), [0; 0]);
    }
}
