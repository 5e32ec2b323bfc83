//! The machine of a run. No host name, no user, no environment values.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::DatabaseServer;

/// What can be known of the machine without privileges. Null is "not visible".
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Environment {
    /// CPU model as the kernel names it.
    pub cpu_model: Option<String>,
    /// Logical CPUs online.
    pub cpus_online: u32,
    /// Logical CPUs that dyno may use.
    pub cpus_allowed: Vec<u32>,
    /// Whether sibling threads share a core.
    pub smt: Option<bool>,
    /// Frequency governor of CPU 0.
    pub governor: Option<String>,
    /// Whether the CPU may run above its base frequency.
    pub turbo: Option<bool>,
    /// Memory, bytes.
    pub memory_bytes: u64,
    /// Swap, bytes.
    pub swap_bytes: u64,
    /// Kernel name, release and machine.
    pub kernel: String,
    /// Distribution.
    pub os: Option<String>,
    /// Hypervisor, when the CPU says there is one.
    pub hypervisor: Option<String>,
    /// Clock source of the kernel.
    pub clocksource: Option<String>,
    /// Transparent huge pages: always, madvise, never.
    pub transparent_hugepages: Option<String>,
    /// CPU vulnerabilities and their mitigations.
    pub mitigations: BTreeMap<String, String>,
    /// Soft limit of open files after dyno raised it.
    pub open_files_limit: u64,
    /// `net.core.somaxconn`.
    pub somaxconn: Option<u32>,
    /// First and last ephemeral port.
    pub port_range: Option<(u16, u16)>,
    /// MTU of the loopback device, bytes.
    pub loopback_mtu: Option<u32>,
    /// `v2`, `v1` or `none`.
    pub cgroup: String,
    /// Compilers and interpreters found, by tool.
    pub tools: BTreeMap<String, String>,
    /// The database server of the targets; null where none of them needs one (since
    /// schema 1.4).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database: Option<DatabaseServer>,
    /// What else the machine did.
    pub noise: Noise,
}

/// Signs of other work on the machine over the whole run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Noise {
    /// One-minute load average before the first trial.
    pub load_before: Option<f64>,
    /// One-minute load average after the last trial.
    pub load_after: Option<f64>,
    /// Share of CPU time that the hypervisor gave to others.
    pub steal_fraction: Option<f64>,
    /// `/proc/pressure/cpu` some avg10 before the first trial, percent.
    pub cpu_pressure_before_pct: Option<f64>,
}

/// Which CPUs served whom.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Layout {
    /// CPUs of the target.
    pub target_cpus: Vec<u32>,
    /// CPUs of the generator.
    pub generator_cpus: Vec<u32>,
    /// Both on the same CPUs: figures are not comparable with other layouts.
    pub shared: bool,
}
