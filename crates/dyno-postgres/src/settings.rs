//! How a server is set up: the same for every target, the profile apart.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Source;

/// Connections beyond those of the targets: dyno's own, and a reserve.
const SPARE_CONNECTIONS: u32 = 20;

/// Whether the disk is part of what is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// Every commit is on the disk before it is answered, as in production.
    Durable,
    /// Nothing waits for a disk, and the data lies in memory where there is room.
    Memory,
}

impl Profile {
    /// The word of flags and results.
    pub fn word(self) -> &'static str {
        match self {
            Self::Durable => "durable",
            Self::Memory => "memory",
        }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Profile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let all = [Self::Durable, Self::Memory];
        let found = all.into_iter().find(|profile| profile.word() == text);
        found.ok_or_else(|| "use durable or memory".to_owned())
    }
}

/// What to start.
#[derive(Debug, Clone)]
pub struct Settings<'a> {
    /// Which PostgreSQL.
    pub source: Source,
    /// Ignored by a server that somebody else runs.
    pub profile: Profile,
    /// Connections that a target may have in total.
    pub pool_total: u32,
    /// CPUs of the server; all of dyno's when empty.
    pub cpus: &'a [u32],
    /// The executable of dyno, usually `std::env::current_exe()`; its `main` must call
    /// [`dyno_target::hidden_command`] first.
    pub dyno: &'a Path,
    /// The file that gets what the server prints; one that goes with its data when
    /// absent.
    pub log: Option<&'a Path>,
}

/// The server's settings over its defaults, without addresses.
pub(crate) fn options(profile: Profile, pool_total: u32) -> Vec<(&'static str, String)> {
    let connections = pool_total.saturating_add(SPARE_CONNECTIONS);
    let durable = match profile {
        Profile::Durable => "on",
        Profile::Memory => "off",
    };
    let fixed = [
        ("shared_buffers", "256MB"),
        ("work_mem", "4MB"),
        ("huge_pages", "off"),
        ("jit", "off"),
        ("fsync", durable),
        ("synchronous_commit", durable),
        ("full_page_writes", durable),
        // No checkpoint falls into a step: dyno asks for them between steps.
        ("max_wal_size", "4GB"),
        ("checkpoint_timeout", "30min"),
        ("autovacuum", "on"),
        ("autovacuum_naptime", "5min"),
        ("shared_preload_libraries", "pg_stat_statements"),
        ("pg_stat_statements.track", "top"),
        ("compute_query_id", "on"),
        ("track_io_timing", "on"),
        ("track_wal_io_timing", "on"),
        ("log_min_duration_statement", "-1"),
    ];
    let fixed = fixed.map(|(name, value)| (name, value.to_owned()));
    let connections = ("max_connections", connections.to_string());
    std::iter::once(connections).chain(fixed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(profile: Profile, pool: u32, name: &str) -> String {
        let options = options(profile, pool);
        let found = options.into_iter().find(|(option, _)| *option == name);
        found.unwrap().1
    }

    #[test]
    fn profiles_differ_in_durability_alone() {
        let differing: Vec<_> = options(Profile::Durable, 20)
            .into_iter()
            .zip(options(Profile::Memory, 20))
            .filter(|(durable, memory)| durable != memory)
            .map(|(durable, memory)| (durable.0, durable.1, memory.1))
            .collect();
        let change = |name| (name, "on".to_owned(), "off".to_owned());
        let expected = ["fsync", "synchronous_commit", "full_page_writes"].map(change);
        assert_eq!(differing, expected);
    }

    #[test]
    fn every_pool_fits() {
        for (pool, expected) in [(1, "21"), (20, "40"), (u32::MAX, "4294967295")] {
            assert_eq!(value(Profile::Durable, pool, "max_connections"), expected);
        }
    }

    #[test]
    fn a_profile_is_one_of_two_words() {
        for profile in [Profile::Durable, Profile::Memory] {
            assert_eq!(profile.to_string().parse(), Ok(profile));
        }
        assert!("fast".parse::<Profile>().is_err());
    }
}
