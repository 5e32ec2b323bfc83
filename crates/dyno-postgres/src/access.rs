//! The way to a server: its address, and connections for single errands.

use std::ops::Deref;
use std::str::FromStr;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio_postgres::{Client, Config, NoTls};

use crate::Error;

/// The only user of a throw-away server.
pub(crate) const USER: &str = "dyno";

/// How long a connection may take to open.
const CONNECT: Duration = Duration::from_secs(5);

/// Where a server is, and as whom dyno asks it.
#[derive(Debug, Clone)]
pub(crate) struct Access {
    config: Config,
    url: String,
}

impl Access {
    /// A server of dyno's own on a loopback port.
    pub(crate) fn local(port: u16) -> Self {
        let mut config = Config::new();
        config.host("127.0.0.1").port(port);
        config.user(USER).dbname("postgres");
        Self {
            config: named(config),
            url: format!("postgres://{USER}@127.0.0.1:{port}/postgres"),
        }
    }

    /// A server that somebody else runs, reached without TLS.
    pub(crate) fn external(url: &str) -> Result<Self, Error> {
        let failed = |problem: String| Error::Url { problem };
        // Targets get a URL made of this one, so other forms of address do not do.
        if !["postgres://", "postgresql://"]
            .iter()
            .any(|scheme| url.starts_with(scheme))
        {
            return Err(failed("it is no postgres:// URL".to_owned()));
        }
        let config = Config::from_str(url).map_err(|error| failed(error.to_string()))?;
        Ok(Self {
            config: named(config),
            url: url.to_owned(),
        })
    }

    /// The address of one of its databases.
    pub(crate) fn url_of(&self, database: &str) -> String {
        with_database(&self.url, database)
    }

    /// A connection to `database`, or to the one of the address.
    pub(crate) async fn connect(
        &self,
        database: Option<&str>,
    ) -> Result<Connection, tokio_postgres::Error> {
        let mut config = self.config.clone();
        if let Some(database) = database {
            config.dbname(database);
        }
        let (client, driver) = config.connect(NoTls).await?;
        let driver = tokio::spawn(async move {
            // What breaks a connection is told by the errand that needed it.
            let _ = driver.await;
        });
        Ok(Connection { client, driver })
    }
}

/// A connection for one errand: none is kept, so that a quiet server is quiet.
pub(crate) struct Connection {
    client: Client,
    driver: JoinHandle<()>,
}

impl Connection {
    /// Takes leave, and returns when the socket is closed.
    pub(crate) async fn close(self) {
        drop(self.client);
        let _ = self.driver.await;
    }
}

impl Deref for Connection {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

fn named(mut config: Config) -> Config {
    config.application_name("dyno").connect_timeout(CONNECT);
    config
}

/// The same address with another database.
fn with_database(url: &str, database: &str) -> String {
    let (address, parameters) = url.split_at(url.find('?').unwrap_or(url.len()));
    let authority = address.find("://").map_or(0, |at| at + 3);
    let end = address[authority..].find('/');
    let end = end.map_or(address.len(), |at| authority + at);
    format!("{}/{database}{parameters}", &address[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_database_of_an_address_is_changed_and_nothing_else() {
        for (url, expected) in [
            (
                "postgres://dyno@127.0.0.1:5/postgres",
                "postgres://dyno@127.0.0.1:5/x",
            ),
            ("postgresql://u:p%2Fw@host", "postgresql://u:p%2Fw@host/x"),
            (
                "postgres://u@h/a?application_name=a/b",
                "postgres://u@h/x?application_name=a/b",
            ),
            ("postgres://u@h?a=b", "postgres://u@h/x?a=b"),
        ] {
            assert_eq!(with_database(url, "x"), expected);
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        assert!(Access::external("postgresql://u@h/db").is_ok());
        for url in [
            "host=h user=u",
            "mysql://u@h/db",
            "",
            "postgres://u@h:port/db",
        ] {
            let error = Access::external(url).unwrap_err();
            assert!(error.is_input() && error.hint().is_some(), "{url}");
        }
    }
}
