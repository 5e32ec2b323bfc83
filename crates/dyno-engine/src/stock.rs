//! What templates are filled with in one trial: everything that is known before
//! the load, and what makes numbers and rows come once only.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use dyno_scenario::{Data, End, Source, Variant};

use crate::data::{Deal, Deck, Table};
use crate::fill::Live;
use crate::random::mix;
use crate::wall::Wall;

mod error;
mod read;

pub use error::StockError;

/// Numbers of `{{seq}}` set aside for a phase: it begins with the same ones whatever
/// happened in those before it, unless one of them had more.
const NUMBERS: u64 = 1_000_000_000;

/// What templates are filled with in one trial.
#[derive(Debug)]
pub struct Stock {
    pub(crate) wall: Wall,
    vars: BTreeMap<String, String>,
    env: BTreeMap<String, String>,
    secrets: Vec<(String, Vec<u8>)>,
    /// By the place of the capture; none until a setup has taken it.
    captured: Vec<Option<Vec<u8>>>,
    data: Vec<Data>,
    /// The columns of each that templates name.
    columns: Vec<Vec<String>>,
    tables: Vec<Arc<Table>>,
    used: Mutex<Used>,
    phases: AtomicU64,
}

/// What earlier phases have had.
#[derive(Debug, Default)]
struct Used {
    numbers: u64,
    /// Rows of each data.
    rows: Vec<u64>,
}

/// What one phase of a step begins with.
#[derive(Debug, Clone)]
pub(crate) struct Begin {
    /// No two phases of a trial meet the same random numbers.
    pub(crate) phase: u64,
    /// The last number of `{{seq}}` before it.
    pub(crate) numbers: u64,
    rows: Vec<u64>,
}

impl Default for Stock {
    /// For plans without placeholders.
    fn default() -> Self {
        Self::bare(Wall {
            at: Instant::now(),
            since_1970: Duration::ZERO,
        })
    }
}

impl Stock {
    fn bare(wall: Wall) -> Self {
        Self {
            wall,
            vars: BTreeMap::new(),
            env: BTreeMap::new(),
            secrets: Vec::new(),
            captured: Vec::new(),
            data: Vec::new(),
            columns: Vec::new(),
            tables: Vec::new(),
            used: Mutex::default(),
            phases: AtomicU64::new(0),
        }
    }

    /// With nothing but these.
    #[cfg(test)]
    pub(crate) fn with_secrets(secrets: impl Iterator<Item = (String, Vec<u8>)>) -> Self {
        Self {
            secrets: secrets.collect(),
            ..Self::default()
        }
    }

    /// The same for another trial: rows and numbers begin anew, and what a setup
    /// captured is forgotten. Files are not read again.
    #[must_use]
    pub fn fresh(&self, variant: &Variant) -> Self {
        let mut env = self.env.clone();
        env.extend(variant.env.clone());
        Self {
            vars: variant.vars.clone(),
            env,
            secrets: self.secrets.clone(),
            captured: vec![None; self.captured.len()],
            data: self.data.clone(),
            columns: self.columns.clone(),
            tables: self.tables.clone(),
            ..Self::bare(self.wall)
        }
    }

    /// Keeps a value that a setup captured: from now on it is text.
    pub(crate) fn keep(&mut self, slot: usize, value: Vec<u8>) {
        if let Some(place) = self.captured.get_mut(slot) {
            *place = Some(value);
        }
    }

    /// Names and values of the secrets, for those who must not show them.
    pub(crate) fn secrets(&self) -> &[(String, Vec<u8>)] {
        &self.secrets
    }

    /// The value of `source`, if it stays the same; none if it changes.
    pub(crate) fn known(
        &self,
        source: &Source,
        place: &Range<usize>,
    ) -> Result<Option<&[u8]>, StockError> {
        let unknown = |what: String| StockError::Unknown {
            what,
            place: place.clone(),
        };
        Ok(match source {
            Source::Slot(slot) => self.captured.get(*slot).and_then(Option::as_deref),
            Source::Var(name) => {
                let value = self.vars.get(name);
                Some(
                    value
                        .ok_or_else(|| unknown(format!("vars.{name}")))?
                        .as_bytes(),
                )
            }
            Source::Env(name) => {
                let value = self.env.get(name);
                Some(
                    value
                        .ok_or_else(|| unknown(format!("env.{name}")))?
                        .as_bytes(),
                )
            }
            Source::Secret(number) => {
                let secret = self.secrets.get(*number);
                let secret = secret.ok_or_else(|| unknown(format!("secret {number}")))?;
                Some(&secret.1)
            }
            Source::Column { .. }
            | Source::Seq
            | Source::Uuid
            | Source::RandomInt(..)
            | Source::RandomString(_)
            | Source::Now
            | Source::NowMs => None,
        })
    }

    /// Where the value of `source` comes from, which changes.
    pub(crate) fn live(&self, source: &Source, place: &Range<usize>) -> Result<Live, StockError> {
        let unknown = |what: String| StockError::Unknown {
            what,
            place: place.clone(),
        };
        Ok(match source {
            Source::Slot(slot) if *slot < self.captured.len() => Live::Slot(*slot),
            Source::Column { data, column } => {
                let columns = self.columns.get(*data).map_or(&[][..], Vec::as_slice);
                let place = columns.iter().position(|known| known == column);
                let column = place.ok_or_else(|| unknown(format!("the column {column}")))?;
                Live::Column {
                    data: *data,
                    column,
                }
            }
            Source::Seq => Live::Seq,
            Source::Uuid => Live::Uuid,
            Source::RandomInt(low, high) => Live::RandomInt(*low.min(high), *low.max(high)),
            Source::RandomString(length) => Live::RandomString(*length),
            Source::Now => Live::Now,
            Source::NowMs => Live::NowMs,
            Source::Slot(_) | Source::Var(_) | Source::Secret(_) | Source::Env(_) => {
                return Err(unknown(format!("{source:?}")));
            }
        })
    }

    /// How many captures and how many data there are.
    pub(crate) fn sizes(&self) -> (usize, usize) {
        (self.captured.len(), self.tables.len())
    }

    /// A phase begins.
    pub(crate) fn begin(&self) -> Begin {
        let used = self.used.lock().expect("nobody panics with this lock");
        let rows = |number| used.rows.get(number).copied().unwrap_or(0);
        Begin {
            phase: self.phases.fetch_add(1, Ordering::Relaxed),
            numbers: used.numbers,
            rows: (0..self.data.len()).map(rows).collect(),
        }
    }

    /// The rows of one thread in a phase.
    pub(crate) fn deck(
        &self,
        begin: &Begin,
        seed: u64,
        (thread, threads): (u64, u64),
    ) -> std::io::Result<Deck> {
        Deck::new(&self.data, &self.tables, |number| Deal {
            // A shuffle is the same for all threads and, unless it repeats, for all
            // phases: that no row comes twice rests on it.
            seed: match self.data[number].end {
                End::Repeat => mix(seed, begin.phase),
                End::Stop | End::Fail => seed,
            },
            thread,
            threads,
            first: begin.rows[number],
        })
    }

    /// A phase of so many threads is over, in which one had `starts` flows at most,
    /// and so many rows of each data.
    pub(crate) fn end(&self, begin: &Begin, threads: u64, starts: u64, draws: &[u64]) {
        let mut used = self.used.lock().expect("nobody panics with this lock");
        let numbers = begin.numbers + starts * threads;
        used.numbers = numbers.next_multiple_of(NUMBERS);
        used.rows = begin.rows.clone();
        for ((rows, draws), data) in used.rows.iter_mut().zip(draws).zip(&self.data) {
            if data.end != End::Repeat {
                *rows += draws * threads;
            }
        }
    }
}

#[cfg(test)]
mod tests;
