//! A server with a template of a hundred users, and plain questions.

use std::path::Path;

use dyno_postgres::{AUTH_SCHEMA, Cluster, Database, Profile, Settings, Source, Template};
use tokio_postgres::{NoTls, SimpleQueryMessage};

/// A server of dyno's own.
pub(crate) struct Server {
    pub(crate) cluster: Cluster,
    pub(crate) template: Template,
}

/// The quick profile on one CPU, with a pool of seven.
pub(crate) fn settings(source: Source) -> Settings<'static> {
    Settings {
        source,
        profile: Profile::Memory,
        pool_total: 7,
        cpus: &[0],
        dyno: Path::new(env!("CARGO_BIN_EXE_dyno")),
        log: None,
    }
}

impl Server {
    pub(crate) async fn start() -> Self {
        let source = Source::find(None).unwrap();
        let cluster = Cluster::start(settings(source)).await.unwrap();
        let template = cluster.prepare_template(AUTH_SCHEMA, 100, 4).await.unwrap();
        Self { cluster, template }
    }

    /// A copy of the template.
    pub(crate) async fn database(&self) -> Database {
        let copied = self.cluster.clone_template(&self.template, "trial").await;
        copied.unwrap()
    }

    /// Stops it, and looks that nothing is left.
    pub(crate) async fn stop(self) {
        let folder = self.cluster.folder().unwrap().to_owned();
        let stop = self.cluster.stop().await.unwrap().unwrap();
        assert_eq!((stop.exit.as_str(), stop.killed), ("exit 0", false));
        assert_eq!(stop.leftover_processes, 0);
        assert!(!folder.exists() && !folder.with_extension("lock").exists());
    }
}

/// The rows of an answer, their columns between spaces.
pub(crate) async fn query(database: &Database, sql: &str) -> Vec<String> {
    let (client, connection) = tokio_postgres::connect(&database.url, NoTls).await.unwrap();
    let driver = tokio::spawn(connection);
    let messages = client.simple_query(sql).await.unwrap();
    drop(client);
    driver.await.unwrap().unwrap();
    let rows = messages.iter().filter_map(|message| match message {
        SimpleQueryMessage::Row(row) => {
            let columns = (0..row.len()).map(|index| row.get(index).unwrap_or("null"));
            Some(columns.collect::<Vec<_>>().join(" "))
        }
        _ => None,
    });
    rows.collect()
}
