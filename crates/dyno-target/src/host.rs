//! The machine: what is fixed, what else runs on it, and our own limits.
//!
//! What it means for a measurement is said in `findings`.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};
use std::{fs, io};

use dyno_result::{Environment, Noise};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::utsname::uname;

use crate::sockets::parse_ports;
use crate::{cgroup, layout};

/// Tools that build or run targets, and how to ask each for its version.
pub const TOOLS: [(&str, &str); 3] = [
    ("go", "version"),
    ("python3", "--version"),
    ("rustc", "--version"),
];

/// CPU time of the whole machine since boot, clock ticks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CpuTimes {
    /// Everything: at work, idle and stolen.
    pub total_ticks: u64,
    /// At work, interrupts included.
    pub busy_ticks: u64,
    /// Wanted by us, given to others by the hypervisor.
    pub steal_ticks: u64,
}

/// Looks at the machine, the first part of [`Noise`] included. `tools` is
/// left empty: asking them costs some ten milliseconds each ([`tools`]). Call it
/// after [`raise_open_files`] and before any pinning.
pub fn environment() -> Environment {
    let cpuinfo = read("/proc/cpuinfo").unwrap_or_default();
    let meminfo = read("/proc/meminfo").unwrap_or_default();
    let cpus_allowed = layout::allowed_cpus().unwrap_or_default();
    let online = read("/sys/devices/system/cpu/online").and_then(|text| parse_cpu_list(&text));
    Environment {
        database: None,
        cpu_model: parse_cpu_model(&cpuinfo),
        cpus_online: online.map_or(cpus_allowed.len(), |cpus| cpus.len()) as u32,
        cpus_allowed,
        smt: line("/sys/devices/system/cpu/smt/active").map(|active| active == "1"),
        governor: line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
        turbo: turbo(),
        memory_bytes: parse_meminfo(&meminfo, "MemTotal:").unwrap_or(0),
        swap_bytes: parse_meminfo(&meminfo, "SwapTotal:").unwrap_or(0),
        kernel: kernel(),
        os: read("/etc/os-release").and_then(|text| parse_os(&text)),
        hypervisor: parse_flag(&cpuinfo, "hypervisor").then(hypervisor),
        clocksource: line(&format!("{CLOCK}/current_clocksource")),
        transparent_hugepages: read("/sys/kernel/mm/transparent_hugepage/enabled")
            .and_then(|text| parse_choice(&text)),
        mitigations: mitigations(),
        open_files_limit: getrlimit(Resource::RLIMIT_NOFILE).map_or(0, |(soft, _)| soft),
        somaxconn: line("/proc/sys/net/core/somaxconn").and_then(|text| text.parse().ok()),
        port_range: read("/proc/sys/net/ipv4/ip_local_port_range").and_then(|t| parse_ports(&t)),
        loopback_mtu: line("/sys/class/net/lo/mtu").and_then(|text| text.parse().ok()),
        cgroup: cgroup::mode().to_owned(),
        tools: BTreeMap::new(),
        noise: Noise {
            load_before: load_average(),
            load_after: None,
            steal_fraction: None,
            cpu_pressure_before_pct: cpu_pressure(),
        },
    }
}

/// Raises the soft limit of open files to the hard one and returns it. Targets
/// inherit it.
pub fn raise_open_files() -> io::Result<u64> {
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    if soft < hard {
        setrlimit(Resource::RLIMIT_NOFILE, hard, hard)?;
    }
    Ok(hard)
}

/// Load average of the last minute.
pub fn load_average() -> Option<f64> {
    parse_load(&read("/proc/loadavg")?)
}

/// Share of the last ten seconds in which something waited for a CPU, percent.
/// None when the kernel does not account for pressure.
pub fn cpu_pressure() -> Option<f64> {
    parse_pressure(&read("/proc/pressure/cpu")?)
}

/// CPU time of the whole machine now.
pub fn cpu_times() -> Option<CpuTimes> {
    parse_cpu_times(&read("/proc/stat")?)
}

/// Stolen share of the CPU time between two readings. None when no time passed.
pub fn steal_fraction(before: CpuTimes, after: CpuTimes) -> Option<f64> {
    let total = after
        .total_ticks
        .checked_sub(before.total_ticks)
        .filter(|ticks| *ticks > 0)?;
    let steal = after.steal_ticks.saturating_sub(before.steal_ticks);
    Some(steal as f64 / total as f64)
}

/// Versions of the [`TOOLS`] on the search path; a missing tool is left out.
pub fn tools() -> BTreeMap<String, String> {
    let found = TOOLS.iter().filter_map(|(tool, question)| {
        let answer = Command::new(tool)
            .arg(question)
            .stdin(Stdio::null())
            .output()
            .ok()?;
        let text = String::from_utf8_lossy(&answer.stdout);
        let version = answer
            .status
            .success()
            .then(|| parse_version(&text))
            .flatten()?;
        Some(((*tool).to_owned(), version))
    });
    found.collect()
}

/// Reads `0-1,4,6-7`. None when it is not such a list; empty for an empty line.
pub fn parse_cpu_list(text: &str) -> Option<Vec<u32>> {
    let mut cpus = Vec::new();
    for part in text.trim().split(',').filter(|part| !part.is_empty()) {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        cpus.extend(first.parse::<u32>().ok()?..=last.parse().ok()?);
    }
    Some(cpus)
}

/// The line `cpu` of `/proc/stat`.
pub fn parse_cpu_times(text: &str) -> Option<CpuTimes> {
    let line = text.lines().find_map(|line| line.strip_prefix("cpu "))?;
    let ticks: Vec<u64> = line
        .split_ascii_whitespace()
        .map_while(|n| n.parse().ok())
        .collect();
    let &[user, nice, system, idle, iowait, irq, softirq, steal, ..] = ticks.as_slice() else {
        return None;
    };
    // The guest columns that follow are already part of user and nice.
    let busy_ticks = user + nice + system + irq + softirq;
    let total_ticks = busy_ticks + idle + iowait + steal;
    Some(CpuTimes {
        total_ticks,
        busy_ticks,
        steal_ticks: steal,
    })
}

fn parse_load(text: &str) -> Option<f64> {
    text.split_ascii_whitespace().next()?.parse().ok()
}

fn parse_pressure(text: &str) -> Option<f64> {
    let some = text.lines().find_map(|line| line.strip_prefix("some "))?;
    some.split(' ')
        .find_map(|pair| pair.strip_prefix("avg10="))?
        .parse()
        .ok()
}

fn parse_meminfo(text: &str, key: &str) -> Option<u64> {
    let value = text.lines().find_map(|line| line.strip_prefix(key))?;
    Some(
        value
            .trim()
            .strip_suffix("kB")?
            .trim()
            .parse::<u64>()
            .ok()?
            * 1024,
    )
}

/// x86 says `model name`; some other machines say `Hardware` or nothing.
fn parse_cpu_model(text: &str) -> Option<String> {
    let named = |name: &str| {
        let mut pairs = text.lines().filter_map(|line| line.split_once(':'));
        pairs
            .find(|(key, _)| key.trim() == name)
            .map(|(_, value)| value.trim().to_owned())
    };
    named("model name").or_else(|| named("Hardware"))
}

fn parse_flag(cpuinfo: &str, flag: &str) -> bool {
    let flags = cpuinfo.lines().find(|line| line.starts_with("flags"));
    flags.is_some_and(|line| line.split_ascii_whitespace().any(|one| one == flag))
}

fn parse_os(text: &str) -> Option<String> {
    let name = text
        .lines()
        .find_map(|line| line.strip_prefix("PRETTY_NAME="))?;
    Some(name.trim_matches(['"', '\'']).to_owned())
}

/// The word in brackets of `always [madvise] never`.
fn parse_choice(text: &str) -> Option<String> {
    Some(text.split_once('[')?.1.split_once(']')?.0.to_owned())
}

/// The first word that starts with a digit, `go` or `v` in front not counted.
fn parse_version(text: &str) -> Option<String> {
    let words = text.split_ascii_whitespace();
    let mut bare = words.map(|word| word.trim_start_matches("go").trim_start_matches('v'));
    bare.find(|word| word.starts_with(|c: char| c.is_ascii_digit()))
        .map(str::to_owned)
}

const CLOCK: &str = "/sys/devices/system/clocksource/clocksource0";

/// Without the firmware's word the clocks that the hypervisor offers give it away.
fn hypervisor() -> String {
    let clocks = line(&format!("{CLOCK}/available_clocksource")).unwrap_or_default();
    let by_clock = [("kvm-clock", "KVM"), ("hyperv", "Hyper-V"), ("xen", "Xen")];
    let known = by_clock.iter().find(|(clock, _)| clocks.contains(clock));
    line("/sys/class/dmi/id/sys_vendor")
        .filter(|vendor| !vendor.is_empty())
        .or_else(|| known.map(|(_, name)| (*name).to_owned()))
        .unwrap_or_else(|| "unknown".to_owned())
}

fn turbo() -> Option<bool> {
    let intel = line("/sys/devices/system/cpu/intel_pstate/no_turbo").map(|off| off == "0");
    intel.or_else(|| line("/sys/devices/system/cpu/cpufreq/boost").map(|on| on == "1"))
}

fn kernel() -> String {
    let Ok(name) = uname() else {
        return String::new();
    };
    let parts = [name.sysname(), name.release(), name.machine()];
    parts
        .map(|part| part.to_string_lossy().into_owned())
        .join(" ")
}

fn mitigations() -> BTreeMap<String, String> {
    let Ok(entries) = fs::read_dir("/sys/devices/system/cpu/vulnerabilities") else {
        return BTreeMap::new();
    };
    let pairs = entries.filter_map(|entry| {
        let entry = entry.ok()?;
        let text = fs::read_to_string(entry.path()).ok()?;
        Some((
            entry.file_name().to_str()?.to_owned(),
            text.trim().to_owned(),
        ))
    });
    pairs.collect()
}

fn line(path: &str) -> Option<String> {
    read(path).map(|text| text.trim().to_owned())
}

fn read(path: &str) -> Option<String> {
    fs::read_to_string(path).ok()
}

#[cfg(test)]
mod tests;
