//! The database that targets were measured with, what they asked of it, and how that
//! goes with what they tell.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Step;

/// A PostgreSQL server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DatabaseServer {
    /// As it tells itself, `15.18`.
    pub version: String,
    /// `durable` or `memory`; null for a server that somebody else runs.
    pub profile: Option<String>,
    /// Where its programs were found; null for a server that somebody else runs.
    pub programs: Option<String>,
    /// CPUs that it was kept on; empty when on none in particular.
    pub cpus: Vec<u32>,
    /// Settings that change how fast it is, as the server shows them.
    pub settings: BTreeMap<String, String>,
    /// Median time to make 8 KiB durable on its disk, ns; null where nothing is made
    /// durable, and for a server that somebody else runs.
    pub disk_sync_p50_ns: Option<u64>,
}

/// Statements of one text, with what differs between them left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Statement {
    /// As the server has it: `SELECT … WHERE id = $1`.
    pub text: String,
    /// Executions since the count was reset.
    pub calls: u64,
    /// Rows returned or changed.
    pub rows: u64,
    /// Time in the executor, ns: without parsing, planning, the network, and the flush
    /// of a commit.
    pub exec_time_ns: u64,
}

/// What a server has done so far. Figures of a step are the difference of two.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DatabaseUse {
    /// Time that connections to this database were at work, ns: parsing, planning and
    /// commits included.
    pub active_time_ns: u64,
    /// Transactions committed in this database.
    pub commits: u64,
    /// Transactions rolled back in this database.
    pub rollbacks: u64,
    /// Connections to this database now.
    pub backends: u32,
    /// Write-ahead log of the whole server, bytes.
    pub wal_bytes: u64,
    /// Times that the log of the whole server was made durable.
    pub wal_syncs: u64,
    /// How long that took, ns; null where the server does not time it.
    pub wal_sync_time_ns: Option<u64>,
}

impl DatabaseUse {
    /// What was done since `before`; connections are those of now.
    pub fn since(&self, before: &Self) -> Self {
        let sync = self.wal_sync_time_ns.zip(before.wal_sync_time_ns);
        Self {
            active_time_ns: self.active_time_ns.saturating_sub(before.active_time_ns),
            commits: self.commits.saturating_sub(before.commits),
            rollbacks: self.rollbacks.saturating_sub(before.rollbacks),
            backends: self.backends,
            wal_bytes: self.wal_bytes.saturating_sub(before.wal_bytes),
            wal_syncs: self.wal_syncs.saturating_sub(before.wal_syncs),
            wal_sync_time_ns: sync.map(|(after, before)| after.saturating_sub(before)),
        }
    }
}

/// The same time from both sides.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DatabaseCheck {
    /// What the target tells as `db`, all answers together, ns.
    pub told_ns: u64,
    /// What the database was active, ns.
    pub active_ns: u64,
    /// How much of `told_ns` the database was not active, percent: driver and wire.
    /// Below zero where it was active for what no answer tells.
    pub gap_percent: f64,
}

impl DatabaseCheck {
    /// Compares both; none if the target tells nothing.
    pub fn of(told_ns: u64, active_ns: u64) -> Option<Self> {
        (told_ns > 0).then(|| Self {
            told_ns,
            active_ns,
            gap_percent: (told_ns as f64 - active_ns as f64) / told_ns as f64 * 100.0,
        })
    }
}

impl Step {
    /// Holds the target's `db` against the database's own view, where a step has both.
    pub fn database_check(&self) -> Option<DatabaseCheck> {
        let told = self.attribution.as_ref()?.part("db")?;
        let used = self.database.as_ref()?;
        DatabaseCheck::of(told.total_ns, used.active_time_ns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_keeps_what_is_now_and_what_is_unknown() {
        let use_of = |base: u64, wal_sync_time_ns| DatabaseUse {
            active_time_ns: base,
            commits: base * 2,
            rollbacks: 1,
            backends: 20,
            wal_bytes: base * 100,
            wal_syncs: base,
            wal_sync_time_ns,
        };
        let seen = use_of(7, Some(9)).since(&use_of(5, Some(4)));
        assert_eq!(
            (seen.active_time_ns, seen.commits, seen.rollbacks),
            (2, 4, 0)
        );
        assert_eq!(
            (seen.backends, seen.wal_bytes, seen.wal_syncs),
            (20, 200, 2)
        );
        assert_eq!(seen.wal_sync_time_ns, Some(5));
        assert_eq!(
            use_of(7, None).since(&use_of(5, Some(4))).wal_sync_time_ns,
            None
        );
    }

    #[test]
    fn a_gap_is_a_share_of_what_the_target_tells() {
        for (told_ns, active_ns, expected) in [
            (1_000, 900, Some(10.0)),
            (1_000, 1_000, Some(0.0)),
            (1_000, 1_250, Some(-25.0)),
            (1_000, 0, Some(100.0)),
            (0, 5, None),
        ] {
            let seen = DatabaseCheck::of(told_ns, active_ns).map(|check| check.gap_percent);
            assert_eq!(seen, expected, "{told_ns} {active_ns}");
        }
    }
}
