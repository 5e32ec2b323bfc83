//! What a server has done so far, as it tells itself.

use dyno_result::DatabaseUse;

use crate::source::major;
use crate::statements::{count, nanoseconds};
use crate::{Cluster, Database, Error};

const OF_DATABASE: &str = "SELECT active_time, xact_commit, xact_rollback, numbackends
    FROM pg_stat_database WHERE datname = $1";

/// The position in the log is exact at once, unlike any count.
const WAL_BYTES: &str = "pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint";

impl Cluster {
    /// What was done for `database` and for the log so far.
    ///
    /// Connections hand in their figures when they have been idle for a second or, after
    /// much work, ten; and when they close. Until then what they did is missing.
    ///
    /// # Errors
    /// The server is gone, or there is no such database.
    pub async fn activity(&self, database: &Database) -> Result<DatabaseUse, Error> {
        let doing = "ask the database what it has done";
        let connection = self.connect(None).await?;
        let row = connection.query_one(OF_DATABASE, &[&database.name]).await;
        let row = self.check(doing, row).await?;
        let version = connection.query_one("SHOW server_version", &[]).await;
        let version: String = self.check(doing, version).await?.get(0);
        let sql = format!(
            "SELECT {WAL_BYTES}, syncs, time {}",
            wal_syncs(major(&version))
        );
        let wal = self
            .check(doing, connection.query_one(&sql, &[]).await)
            .await?;
        connection.close().await;
        Ok(DatabaseUse {
            active_time_ns: nanoseconds(row.get(0)),
            commits: count(row.get(1)),
            rollbacks: count(row.get(2)),
            backends: u32::try_from(row.get::<_, i32>(3)).unwrap_or(0),
            wal_bytes: count(wal.get(0)),
            wal_syncs: count(wal.get(1)),
            wal_sync_time_ns: wal.get::<_, Option<f64>>(2).map(nanoseconds),
        })
    }
}

/// Where a version keeps how often and for how long the log was made durable. The time
/// is nothing to go by unless the server takes it.
fn wal_syncs(major: u32) -> &'static str {
    match major {
        ..18 => {
            "FROM (SELECT wal_sync AS syncs,
                CASE WHEN current_setting('track_wal_io_timing')::bool THEN wal_sync_time END AS time
                FROM pg_stat_wal) AS wal"
        }
        _ => {
            "FROM (SELECT coalesce(sum(fsyncs), 0)::bigint AS syncs,
                CASE WHEN current_setting('track_wal_io_timing')::bool THEN coalesce(sum(fsync_time), 0) END AS time
                FROM pg_stat_io WHERE object = 'wal') AS wal"
        }
    }
}
