//! The database that targets were measured with, and what they asked of it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
    /// Whether its data lay in memory, where the profile `durable` costs nothing; null
    /// for a server that somebody else runs.
    pub in_memory: Option<bool>,
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
}
