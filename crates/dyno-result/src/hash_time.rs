//! How long one hash of a password takes on a target's CPU: the ceiling of every
//! operation that needs one.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The time of one bcrypt hash, by dyno itself on a CPU of the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HashTime {
    /// Cost: 2 to the power of it is the number of rounds.
    pub cost: u32,
    /// Median of one hash, ns.
    pub time_ns: u64,
    /// How many were timed.
    pub hashes: u32,
}

impl HashTime {
    /// Hashes a second that `cpus` CPUs can do at most, in any language: `cpus /
    /// t_hash`. A login or a registration needs one each.
    pub fn ceiling_per_s(&self, cpus: usize) -> Option<f64> {
        let is_known = self.time_ns > 0 && cpus > 0;
        is_known.then(|| cpus as f64 * 1e9 / self.time_ns as f64)
    }
}

/// Whether an operation of a contract needs the hash of a password.
pub fn needs_hash(contract: &str, method: &str, path: &str) -> bool {
    let path = path.split('?').next().unwrap_or_default();
    contract == "auth/1" && method == "POST" && matches!(path, "/auth/register" | "/auth/login")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ceiling_is_cpus_by_the_time_of_a_hash() {
        // 60 ms at cost 10: 16.7 logins a second on one CPU.
        for (time_ns, cpus, expected) in [
            (60_000_000, 1, Some(16.666_666_666_666_668)),
            (60_000_000, 2, Some(33.333_333_333_333_336)),
            (1_000_000_000, 4, Some(4.0)),
            (60_000_000, 0, None),
            (0, 2, None),
        ] {
            let time = HashTime {
                cost: 10,
                time_ns,
                hashes: 5,
            };
            assert_eq!(time.ceiling_per_s(cpus), expected, "{time_ns} {cpus}");
        }
    }

    #[test]
    fn only_logins_and_registrations_hash() {
        for (contract, method, path, expected) in [
            ("auth/1", "POST", "/auth/login", true),
            ("auth/1", "POST", "/auth/login?next=1", true),
            ("auth/1", "POST", "/auth/register", true),
            ("auth/1", "GET", "/auth/login", false),
            ("auth/1", "POST", "/webhooks", false),
            ("auth/1", "GET", "/users/me", false),
            ("greet/1", "POST", "/auth/login", false),
        ] {
            assert_eq!(needs_hash(contract, method, path), expected, "{path}");
        }
    }
}
