//! Which PostgreSQL: somebody's running server, or the first of the places where its
//! programs may lie.

use std::cmp::Reverse;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use dyno_target::tool;
use serde::{Deserialize, Serialize};

use crate::{Error, cache, install};

/// The oldest version that shows the figures dyno reads.
const OLDEST: u32 = 14;

/// The programs without which there is no server.
const NEEDED: [&str; 2] = ["initdb", "postgres"];

/// Where a database comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A server that somebody else runs: its address.
    External(String),
    /// Programs with which dyno starts its own.
    Local(Installation),
}

/// Programs of PostgreSQL on this machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Installation {
    /// The folder with `initdb` and `postgres`.
    pub bin: PathBuf,
    /// `15.18`.
    pub version: String,
    /// Which of the places it is.
    pub origin: Origin,
}

/// The places where programs are looked for, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The folder in `DYNO_PG_BIN`.
    Named,
    /// What `pg_config` in the search path tells.
    PgConfig,
    /// The newest of Debian's.
    Debian,
    /// What [`crate::install()`] has unpacked.
    Wheel,
}

impl Source {
    /// `external` if there is one, else the first usable installation.
    ///
    /// # Errors
    /// There is none, or the one that `DYNO_PG_BIN` names cannot be used.
    pub fn find(external: Option<&str>) -> Result<Self, Error> {
        match external {
            Some(url) => Ok(Self::External(url.to_owned())),
            None => Installation::find().map(Self::Local),
        }
    }
}

impl Installation {
    /// The first usable one of the places; of the named place, or none.
    ///
    /// # Errors
    /// As [`Source::find`].
    pub fn find() -> Result<Self, Error> {
        first(Places::of_this_machine().candidates(), version)
    }
}

/// Where to look.
struct Places {
    named: Option<PathBuf>,
    pg_config: Option<PathBuf>,
    debian: PathBuf,
    wheels: Option<PathBuf>,
}

impl Places {
    fn of_this_machine() -> Self {
        let named = env::var_os("DYNO_PG_BIN").filter(|folder| !folder.is_empty());
        let told = tool::output(&["pg_config", "--bindir"], Path::new("/"));
        Self {
            named: named.map(PathBuf::from),
            pg_config: told.ok().map(|told| PathBuf::from(told.trim())),
            debian: PathBuf::from("/usr/lib/postgresql"),
            wheels: cache::folder().ok().map(|folder| install::place(&folder)),
        }
    }

    /// Folders of programs in the order in which they count. A named one is the only
    /// one: whoever names it does not want another.
    fn candidates(self) -> Vec<(PathBuf, Origin)> {
        if let Some(named) = self.named {
            return vec![(named, Origin::Named)];
        }
        let mut found = Vec::new();
        found.extend(self.pg_config.map(|bin| (bin, Origin::PgConfig)));
        let debian = newest_first(&self.debian, Path::new("bin"));
        found.extend(debian.into_iter().map(|bin| (bin, Origin::Debian)));
        let wheels = self
            .wheels
            .map(|place| newest_first(&place, install::BIN.as_ref()));
        let wheels = wheels.into_iter().flatten();
        found.extend(wheels.map(|bin| (bin, Origin::Wheel)));
        // `pg_config` comes without a server, too.
        found.retain(|(bin, _)| missing(bin).is_none());
        found
    }
}

/// The first that runs and is new enough; otherwise why the first one is not used.
fn first(
    candidates: Vec<(PathBuf, Origin)>,
    version: impl Fn(&Path) -> Result<String, Error>,
) -> Result<Installation, Error> {
    let mut refused = None;
    for (bin, origin) in candidates {
        match version(&bin) {
            Ok(version) if major(&version) >= OLDEST => {
                return Ok(Installation {
                    bin,
                    version,
                    origin,
                });
            }
            Ok(version) => {
                let folder = bin;
                refused.get_or_insert(Error::TooOld { folder, version });
            }
            Err(error) => {
                refused.get_or_insert(error);
            }
        }
    }
    Err(refused.unwrap_or(Error::NotFound))
}

/// `*/below` in a folder, the highest version in the first part first.
fn newest_first(parent: &Path, below: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    let mut found: Vec<(Vec<u32>, PathBuf)> = entries
        .map(|entry| (numbers(&entry.file_name().to_string_lossy()), entry.path()))
        .filter(|(version, _)| !version.is_empty())
        .collect();
    found.sort_by_key(|(version, path)| Reverse((version.clone(), path.clone())));
    found
        .into_iter()
        .map(|(_, path)| path.join(below))
        .collect()
}

fn missing(bin: &Path) -> Option<&'static str> {
    NEEDED
        .into_iter()
        .find(|program| !bin.join(program).is_file())
}

/// What `postgres --version` says: `postgres (PostgreSQL) 15.18 (Debian …)`.
fn version(bin: &Path) -> Result<String, Error> {
    if let Some(missing) = missing(bin) {
        return Err(Error::NotThere {
            folder: bin.to_owned(),
            missing,
        });
    }
    let broken = |problem| Error::Broken {
        folder: bin.to_owned(),
        problem,
    };
    let asked = [bin.join("postgres"), PathBuf::from("--version")];
    let text = tool::output(&asked, Path::new("/")).map_err(broken)?;
    parse_version(&text).ok_or_else(|| broken(format!("says {:?}", text.trim())))
}

fn parse_version(text: &str) -> Option<String> {
    let mut words = text.split_ascii_whitespace();
    let word = words.find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    Some(word.to_owned())
}

/// 15 of `15.18`, 19 of `19beta1`.
pub(crate) fn major(version: &str) -> u32 {
    numbers(version).first().copied().unwrap_or(0)
}

fn numbers(text: &str) -> Vec<u32> {
    text.split(|c: char| !c.is_ascii_digit())
        .filter_map(|part| part.parse().ok())
        .collect()
}

#[cfg(test)]
mod tests;
