//! What stands beside every figure: which server it was, and how it was set up.

use std::collections::BTreeMap;

use dyno_result::DatabaseServer;

use crate::{Cluster, Error};

/// Settings that change how fast a server is.
const SETTINGS: [&str; 22] = [
    "autovacuum",
    "autovacuum_naptime",
    "checkpoint_timeout",
    "compute_query_id",
    "data_checksums",
    "fsync",
    "full_page_writes",
    "huge_pages",
    "io_method",
    "jit",
    "max_connections",
    "max_wal_size",
    "pg_stat_statements.track",
    "shared_buffers",
    "shared_preload_libraries",
    "synchronous_commit",
    "track_io_timing",
    "track_wal_io_timing",
    "wal_compression",
    "wal_level",
    "wal_sync_method",
    "work_mem",
];

impl Cluster {
    /// The server as it is recorded in a result. What a version does not have is left
    /// out.
    ///
    /// # Errors
    /// The server is gone.
    pub async fn describe(&self) -> Result<DatabaseServer, Error> {
        let doing = "ask the database for its settings";
        let connection = self.connect(None).await?;
        let version = connection.query_one("SHOW server_version", &[]).await;
        let version: String = self.check(doing, version).await?.get(0);
        let shown = "SELECT name, current_setting(name) FROM pg_settings WHERE name = ANY($1)";
        let rows = connection.query(shown, &[&SETTINGS.as_slice()]).await;
        let rows = self.check(doing, rows).await?;
        connection.close().await;
        let settings: BTreeMap<String, String> =
            rows.iter().map(|row| (row.get(0), row.get(1))).collect();
        let server = self.server.as_ref();
        let programs = server.map(|server| server.installation.bin.display().to_string());
        Ok(DatabaseServer {
            // Distributions put their own name behind the number.
            version: version.split(' ').next().unwrap_or_default().to_owned(),
            profile: self.profile().map(|profile| profile.word().to_owned()),
            programs,
            cpus: server.map_or(Vec::new(), |server| server.cpus.clone()),
            in_memory: server.map(|server| server.in_memory),
            settings,
            disk_sync_p50_ns: server.and_then(|server| server.disk_sync_p50_ns),
        })
    }
}
