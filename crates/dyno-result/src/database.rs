//! What the database saw of a step, and how that goes with what the target tells.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Step;

/// The database's own view of a step: differences between two looks, one before its
/// first start and one after its last answer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DatabaseView {
    /// Time that backends were active, ns (`pg_stat_database.active_time`): parsing,
    /// planning and committing included.
    pub active_time_ns: u64,
    /// Transactions committed.
    pub xact_commit: u64,
    /// Transactions rolled back.
    pub xact_rollback: u64,
    /// Calls by statement, as `pg_stat_statements` writes it.
    #[serde(default)]
    pub statements: BTreeMap<String, u64>,
    /// Rows that the statements returned or changed; null where it is not known.
    #[serde(default)]
    pub rows: Option<u64>,
    /// Write-ahead log, bytes.
    pub wal_bytes: u64,
    /// Time to bring it to the disk, ns; null where it is not measured.
    #[serde(default)]
    pub wal_sync_time_ns: Option<u64>,
    /// Most backends seen at work at the same time; null where nobody looked.
    #[serde(default)]
    pub backends_peak: Option<u32>,
    /// CPU time of the server's process tree, ns; null where it is not known.
    #[serde(default)]
    pub cpu_ns: Option<u64>,
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
        let view = self.database.as_ref()?;
        DatabaseCheck::of(told.total_ns, view.active_time_ns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
