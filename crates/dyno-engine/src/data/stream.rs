//! Rows of a large file, read by a thread beside the load thread that uses them:
//! it stays a few batches ahead, and a load thread never waits on a disk.

use std::sync::Arc;
use std::sync::mpsc as std_mpsc;

use tokio::sync::mpsc;

use super::positions::Positions;
use super::rows::{Row, Rows};
use super::source::DataError;
use super::table::{Held, Index, Table};

/// Rows in a batch, at most.
const ROWS: usize = 1024;
/// Bytes in a batch, about.
const BYTES: usize = 64 * 1024;
/// Batches ahead.
const AHEAD: usize = 4;

/// The receiving end.
#[derive(Debug)]
pub(crate) struct Stream {
    batches: mpsc::Receiver<Rows>,
    /// Where emptied batches go back to.
    home: std_mpsc::Sender<Rows>,
    current: Rows,
    at: usize,
}

impl Stream {
    /// Begins to read the rows that `positions` asks for.
    pub(crate) fn start(table: &Arc<Table>, positions: Positions) -> std::io::Result<Self> {
        let (sender, batches) = mpsc::channel(AHEAD);
        let (home, empty) = std_mpsc::channel();
        let table = Arc::clone(table);
        std::thread::Builder::new()
            .name("rows".to_owned())
            .spawn(move || {
                if let Held::File(index) = &table.rows {
                    // The receiver sees that the batches end too early, and fails
                    // the flows that wanted more.
                    let _ = read(index, &positions, &sender, &empty);
                }
            })?;
        Ok(Self {
            batches,
            home,
            current: Rows::default(),
            at: 0,
        })
    }

    /// Waits for the first batch, so that the first flows need not.
    pub(crate) async fn ready(&mut self) {
        if let Some(batch) = self.batches.recv().await {
            self.current = batch;
        }
    }

    /// The next row; `false` when there are no more.
    pub(crate) async fn next(&mut self, row: &mut Row) -> bool {
        while self.at == self.current.len() {
            let Some(batch) = self.batches.recv().await else {
                return false;
            };
            let mut empty = std::mem::replace(&mut self.current, batch);
            self.at = 0;
            empty.clear();
            // The reader may be done.
            let _ = self.home.send(empty);
        }
        self.current.get(self.at, row);
        self.at += 1;
        true
    }
}

fn read(
    index: &Index,
    positions: &Positions,
    batches: &mpsc::Sender<Rows>,
    empty: &std_mpsc::Receiver<Rows>,
) -> Result<(), DataError> {
    let mut seeker = index.open()?;
    let mut row = Row::default();
    let fresh = || Rows::new(index.columns());
    let mut batch = fresh();
    let mut random = positions.random();
    for draw in 0.. {
        let Some(number) = positions.row(draw, &mut random) else {
            break;
        };
        if !seeker.read(number, &mut row)? {
            break;
        }
        batch.push(&row);
        if batch.len() >= ROWS || batch.bytes() >= BYTES {
            let mut next = empty.try_recv().unwrap_or_else(|_| fresh());
            next.of(index.columns());
            if batches
                .blocking_send(std::mem::replace(&mut batch, next))
                .is_err()
            {
                return Ok(());
            }
        }
    }
    let _ = batches.blocking_send(batch);
    Ok(())
}
