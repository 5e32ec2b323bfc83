//! Deals rows to the flows of one load thread, from memory or as they are read.

use std::cell::Cell;
use std::sync::Arc;

use dyno_scenario::{Data, End};
use fastrand::Rng;
use tokio::sync::Mutex;

use super::positions::{Deal, Positions};
use super::rows::Row;
use super::stream::Stream;
use super::table::{Held, Table};

/// What came of asking for a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Drawn {
    Row,
    /// Each was given out once, and the step is to end.
    Stop,
    /// Each was given out once and that is a failure; or the file could not be read.
    Fail,
}

/// The rows of all data for one thread and phase.
#[derive(Debug, Default)]
pub(crate) struct Deck {
    feeds: Vec<Feed>,
}

#[derive(Debug)]
struct Feed {
    positions: Positions,
    /// Rows given out.
    draws: Cell<u64>,
    rows: From,
}

#[derive(Debug)]
enum From {
    Table(Arc<Table>),
    Stream(Mutex<Stream>),
}

impl Deck {
    /// Deals the rows of `tables`; `deal` says how, for each by its number. Large
    /// ones begin to be read.
    pub(crate) fn new(
        data: &[Data],
        tables: &[Arc<Table>],
        deal: impl Fn(usize) -> Deal,
    ) -> std::io::Result<Self> {
        let feeds = data.iter().zip(tables).enumerate();
        let feeds = feeds.map(|(number, (data, table))| {
            let positions = Positions::new(data, table.count, deal(number));
            Ok(Feed {
                positions,
                draws: Cell::new(0),
                rows: match &table.rows {
                    Held::Memory(_) => From::Table(Arc::clone(table)),
                    Held::File(_) => From::Stream(Mutex::new(Stream::start(table, positions)?)),
                },
            })
        });
        Ok(Self {
            feeds: feeds.collect::<std::io::Result<_>>()?,
        })
    }

    /// Waits until there are rows of each.
    pub(crate) async fn ready(&mut self) {
        for feed in &mut self.feeds {
            if let From::Stream(stream) = &mut feed.rows {
                stream.get_mut().ready().await;
            }
        }
    }

    /// Copies the next row of data `number`.
    pub(crate) async fn draw(&self, number: usize, row: &mut Row, random: &mut Rng) -> Drawn {
        let feed = &self.feeds[number];
        let draw = feed.draws.get();
        let drawn = match &feed.rows {
            From::Table(table) => match (&table.rows, feed.positions.row(draw, random)) {
                (Held::Memory(rows), Some(place)) => {
                    rows.get(place as usize, row);
                    true
                }
                _ => false,
            },
            From::Stream(stream) => stream.lock().await.next(row).await,
        };
        if drawn {
            feed.draws.set(feed.draws.get() + 1);
            return Drawn::Row;
        }
        match feed.positions.end {
            End::Stop => Drawn::Stop,
            End::Repeat | End::Fail => Drawn::Fail,
        }
    }

    /// How many rows of each were given out.
    pub(crate) fn draws(&self) -> Vec<u64> {
        self.feeds.iter().map(|feed| feed.draws.get()).collect()
    }
}

#[cfg(test)]
#[path = "deck_tests.rs"]
mod tests;
