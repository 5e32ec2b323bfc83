//! A database server to measure with: dyno's own, or one that somebody else runs.
//! What can be asked of it is said in `template`, `statements`, `activity`, `facts`.

use std::io;
use std::path::Path;
use std::time::Duration;

use dyno_result::{Mark, Stop};
use dyno_target::Supervised;
use tokio::time::timeout;

use crate::access::{Access, Connection};
use crate::local::Server;
use crate::{Database, Error, Profile, Settings, Source};

/// How long the news of a server's end may take after the end of its connections.
const NEWS: Duration = Duration::from_secs(1);

/// A server that answers. Dropping it ends one of dyno's own and removes its data,
/// without waiting for that.
#[derive(Debug)]
pub struct Cluster {
    pub(crate) access: Access,
    pub(crate) server: Option<Server>,
}

impl Cluster {
    /// Starts a server with a fresh cluster, or connects to one that runs already.
    ///
    /// Data lies in `TMPDIR`, or `/var/tmp`; in memory (`/dev/shm`) if the profile is
    /// `memory` and a GiB is free there. Leftovers of dynos that were killed are removed
    /// first.
    ///
    /// # Errors
    /// There is no room, no user to run it, or it does not come up.
    pub async fn start(settings: Settings<'_>) -> Result<Self, Error> {
        let cluster = match settings.source.clone() {
            Source::External(url) => Self {
                access: Access::external(&url)?,
                server: None,
            },
            Source::Local(installation) => {
                let server = Server::start(installation, &settings).await?;
                Self {
                    access: Access::local(server.port),
                    server: Some(server),
                }
            }
        };
        let connection = cluster.connect(None).await?;
        if cluster.server.is_some() {
            let made = connection.batch_execute("CREATE EXTENSION pg_stat_statements");
            cluster.check("count statements", made.await).await?;
        }
        connection.close().await;
        Ok(cluster)
    }

    /// Its process; none when somebody else runs it.
    pub fn process(&self) -> Option<&Supervised> {
        self.server.as_ref().map(|server| &server.process)
    }

    /// A careful look at its processes, too dear for the middle of a step; none when
    /// somebody else runs it.
    pub fn mark(&self) -> Option<io::Result<Mark>> {
        Some(self.process()?.mark())
    }

    /// Its port on the loopback device; none when somebody else runs it.
    pub fn port(&self) -> Option<u16> {
        self.server.as_ref().map(|server| server.port)
    }

    /// The folder of its data, which goes with it; none when somebody else runs it.
    pub fn folder(&self) -> Option<&Path> {
        self.server.as_ref().map(Server::folder)
    }

    /// Its profile; none when somebody else runs it.
    pub fn profile(&self) -> Option<Profile> {
        self.server.as_ref().map(|server| server.profile)
    }

    /// Writes all that is in memory to the data files, so that no step has to.
    ///
    /// # Errors
    /// The server is gone; or somebody else's does not allow it.
    pub async fn checkpoint(&self) -> Result<(), Error> {
        self.execute(None, "make a checkpoint", "CHECKPOINT").await
    }

    /// Removes dead rows of `database` and renews what the planner knows.
    ///
    /// # Errors
    /// The server is gone.
    pub async fn vacuum(&self, database: &Database) -> Result<(), Error> {
        let name = Some(database.name.as_str());
        self.execute(name, "clean a database", "VACUUM ANALYZE")
            .await
    }

    /// Ends dyno's own server in good order and removes its data. Another one is left
    /// alone: its databases were dropped one by one.
    ///
    /// # Errors
    /// Its supervisor went away.
    pub async fn stop(self) -> Result<Option<Stop>, Error> {
        match self.server {
            Some(server) => server.stop().await.map(Some),
            None => Ok(None),
        }
    }

    /// One statement without an answer, on a connection of its own.
    pub(crate) async fn execute(
        &self,
        database: Option<&str>,
        doing: &str,
        sql: &str,
    ) -> Result<(), Error> {
        let connection = self.connect(database).await?;
        self.check(doing, connection.batch_execute(sql).await)
            .await?;
        connection.close().await;
        Ok(())
    }

    pub(crate) async fn connect(&self, database: Option<&str>) -> Result<Connection, Error> {
        let opened = self.access.connect(database).await;
        self.check("connect to the database", opened).await
    }

    /// Turns a failure into what has happened: a lost connection may be the end of
    /// the server.
    pub(crate) async fn check<T>(
        &self,
        doing: &str,
        result: Result<T, tokio_postgres::Error>,
    ) -> Result<T, Error> {
        let source = match result {
            Ok(value) => return Ok(value),
            Err(source) => source,
        };
        if let Some(process) = self.process()
            && source.as_db_error().is_none()
            && let Ok(exit) = timeout(NEWS, process.exited()).await
        {
            let log = process.log_tail();
            return Err(Error::Ended { exit, log });
        }
        Err(Error::Query {
            doing: doing.to_owned(),
            source,
        })
    }
}
