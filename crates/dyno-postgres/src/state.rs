//! The database in the background, as a file that other commands read.
//!
//! Its keeper is named by its pid, its start and the machine's: what is written there
//! may be left from before a crash, and its pid long be somebody else's.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use dyno_target::procfs;
use serde::{Deserialize, Serialize};

use crate::{Error, Profile, cache};

/// A process, whatever happens to its pid later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keeper {
    /// Its pid.
    pub pid: i32,
    /// Its start after that of the machine, clock ticks.
    pub start_ticks: u64,
    /// The machine's start, as the kernel names it.
    pub boot: String,
}

impl Keeper {
    /// This process.
    ///
    /// # Errors
    /// The kernel does not show it.
    pub fn this() -> Result<Self, Error> {
        let pid = i32::try_from(std::process::id()).unwrap_or(-1);
        let path = format!("/proc/{pid}/stat");
        let missing = || Error::file(&path, io::ErrorKind::NotFound.into());
        Ok(Self {
            pid,
            start_ticks: procfs::stat(pid).ok_or_else(missing)?.starttime_ticks,
            boot: boot(),
        })
    }

    /// Whether it still runs.
    pub fn is_alive(&self) -> bool {
        let seen = procfs::stat(self.pid);
        let same = seen.is_some_and(|seen| {
            seen.starttime_ticks == self.start_ticks && !matches!(seen.state, 'Z' | 'X')
        });
        same && self.boot == boot()
    }
}

/// A database in the background.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// Address of the database that is ready to be used.
    pub url: String,
    /// Port on the loopback device.
    pub port: u16,
    /// Its profile.
    pub profile: Profile,
    /// Bcrypt cost of the seed users' passwords.
    pub cost: u32,
    /// Seed users.
    pub users: u32,
    /// Connections that targets may have in total.
    pub pool_total: u32,
    /// CPUs that it is kept on; all when empty.
    pub cpus: Vec<u32>,
    /// PostgreSQL's version.
    pub version: String,
    /// The folder of its data.
    pub folder: PathBuf,
    /// Whether that folder is memory.
    pub in_memory: bool,
    /// What it prints.
    pub log: PathBuf,
    /// The process that keeps it.
    pub keeper: Keeper,
    /// How the server has ended by itself, `signal 9`; null while it runs.
    pub ended: Option<String>,
}

impl State {
    /// The state in `file`; none when there is none, or nothing that can be read.
    ///
    /// # Errors
    /// The file may not be read.
    pub fn read(file: &Path) -> Result<Option<Self>, Error> {
        match fs::read(file) {
            Ok(text) => Ok(serde_json::from_slice(&text).ok()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::file(file, error)),
        }
    }

    /// Writes it to `file`, whole or not at all.
    ///
    /// # Errors
    /// The folder is not there, full or not writable.
    pub fn write(&self, file: &Path) -> Result<(), Error> {
        let text = serde_json::to_vec_pretty(self).map_err(|error| Error::file(file, error.into()));
        cache::replace(file, &text?)
    }

    /// Whether the database runs.
    pub fn is_alive(&self) -> bool {
        self.ended.is_none() && self.keeper.is_alive()
    }
}

/// Removes a state, if there is one.
///
/// # Errors
/// The file may not be removed.
pub fn forget(file: &Path) -> Result<(), Error> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::file(file, error)),
        _ => Ok(()),
    }
}

fn boot() -> String {
    let text = fs::read_to_string("/proc/sys/kernel/random/boot_id");
    text.unwrap_or_default().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state() -> State {
        State {
            url: "postgres://dyno@127.0.0.1:5/dyno_auth".to_owned(),
            port: 5,
            profile: Profile::Memory,
            cost: 4,
            users: 10,
            pool_total: 20,
            cpus: vec![1],
            version: "15.18".to_owned(),
            folder: PathBuf::from("/tmp/x"),
            in_memory: false,
            log: PathBuf::from("/tmp/log"),
            keeper: Keeper::this().unwrap(),
            ended: None,
        }
    }

    #[test]
    fn what_is_written_is_read_and_what_is_spoilt_is_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("state.json");
        assert_eq!(State::read(&file).unwrap(), None);
        state().write(&file).unwrap();
        assert_eq!(State::read(&file).unwrap(), Some(state()));
        fs::write(&file, "{\"url\": ").unwrap();
        assert_eq!(State::read(&file).unwrap(), None);
        forget(&file).unwrap();
        forget(&file).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        assert!(state().write(&folder.path().join("no/state.json")).is_err());
    }

    #[test]
    fn a_pid_that_was_given_away_is_not_the_keeper() {
        type Change = fn(&mut State);
        #[rustfmt::skip]
        let cases: &[(&str, Change, bool)] = &[
            ("this process",    |_| (),                                   true),
            ("another start",   |s| s.keeper.start_ticks += 1,            false),
            ("another boot",    |s| s.keeper.boot = "x".to_owned(),       false),
            ("no such process", |s| s.keeper.pid = i32::MAX,              false),
            ("it has ended",    |s| s.ended = Some("signal 9".to_owned()), false),
        ];
        for (name, change, expected) in cases {
            let mut state = state();
            change(&mut state);
            assert_eq!(state.is_alive(), *expected, "{name}");
        }
    }
}
