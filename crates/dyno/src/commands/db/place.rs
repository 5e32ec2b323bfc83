//! Where the database in the background is written down.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use dyno_postgres::state::State;
use dyno_target::Tail;

use crate::failure::Failure;
use crate::screen;

/// A folder in the user's cache, and its files.
pub(super) struct Place {
    pub(super) folder: PathBuf,
    pub(super) state: PathBuf,
    pub(super) log: PathBuf,
}

impl Place {
    /// The folder, there or not.
    pub(super) fn find() -> Result<Self, Failure> {
        let cache = dyno_postgres::cache_folder().map_err(Failure::database)?;
        let folder = cache.join("db");
        Ok(Self {
            state: folder.join("state.json"),
            log: folder.join("log"),
            folder,
        })
    }

    /// The folder, there.
    pub(super) fn make() -> Result<Self, Failure> {
        let place = Self::find()?;
        fs::create_dir_all(&place.folder).map_err(|error| unusable(&place.folder, error))?;
        Ok(place)
    }

    /// Keeps other starts and stops away as long as the file lives.
    pub(super) fn lock(&self) -> Result<File, Failure> {
        let path = self.folder.join("lock");
        let failed = |error| unusable(&path, error);
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                screen::talk("waiting for another `dyno db`");
                file.lock().map_err(failed)?;
            }
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        Ok(file)
    }

    /// What is written down, true or not.
    pub(super) fn state(&self) -> Result<Option<State>, Failure> {
        State::read(&self.state).map_err(Failure::database)
    }

    /// Begins the log of a new database.
    pub(super) fn empty_log(&self) -> Result<(), Failure> {
        let made = File::create(&self.log);
        made.map(drop).map_err(|error| unusable(&self.log, error))
    }

    /// The last database has ended without being asked to.
    pub(super) fn ended(&self, exit: &str) -> Failure {
        Failure::lost_target(format!("the database ended by itself with {exit}"))
            .details(Tail::read(&self.log, 0).lines)
            .hint("`dyno db start` starts another, `dyno db stop` forgets this one")
    }
}

fn unusable(path: &Path, source: io::Error) -> Failure {
    Failure::database(dyno_postgres::Error::File {
        path: path.to_owned(),
        source,
    })
}
