//! All rows of one data, read before the load: kept if they are few, and otherwise
//! only where they begin.

use std::path::{Path, PathBuf};

use dyno_scenario::{Data, Rows as Given};

use super::rows::{Row, Rows};
use super::source::{DataError, Format, Source, no_column};

/// Files below this are kept in memory, bytes.
const SMALL: u64 = 32 * 1024 * 1024;
/// Places of rows that are remembered at most: 8 MiB of them.
const PLACES: usize = 1 << 20;
/// Rows from one remembered place to the next, while there are few.
const STRIDE: u64 = 64;

/// All rows of one data.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) count: u64,
    pub(crate) rows: Held,
}

#[derive(Debug)]
pub(crate) enum Held {
    Memory(Rows),
    File(Index),
}

/// A file of rows, and where some of them begin.
#[derive(Debug, Clone)]
pub(crate) struct Index {
    path: PathBuf,
    format: Format,
    columns: Vec<String>,
    /// Of every `stride`-th row, from the first.
    places: Vec<u64>,
    stride: u64,
}

impl Table {
    /// Reads the columns of `data` that templates name. Paths count from `folder`.
    pub(crate) fn read(data: &Data, folder: &Path, columns: &[String]) -> Result<Self, DataError> {
        let (file, format) = match &data.rows {
            Given::Inline(names, rows) => return inline(&data.name, names, rows, columns),
            Given::Csv(file) => (file, Format::Csv),
            Given::JsonLines(file) => (file, Format::JsonLines),
        };
        Self::of_file(&folder.join(file), format, columns, SMALL)
    }

    fn of_file(
        path: &Path,
        format: Format,
        columns: &[String],
        small: u64,
    ) -> Result<Self, DataError> {
        let length = std::fs::metadata(path).map_err(|source| DataError::Io {
            path: path.to_owned(),
            source,
        })?;
        let is_small = length.len() < small;
        let mut source = Source::open(path, format, columns)?;
        let (mut rows, mut row) = (Rows::new(columns.len()), Row::default());
        if is_small {
            rows.reserve(length.len() as usize);
        }
        let mut index = Index {
            path: path.to_owned(),
            format,
            columns: columns.to_vec(),
            places: Vec::new(),
            stride: STRIDE,
        };
        let mut count = 0;
        loop {
            let offset = source.offset();
            // Rows are looked at even if they are not kept: what is wrong with one
            // is to be known before the load.
            if !source.next(&mut row)? {
                break;
            }
            if is_small {
                rows.push(&row);
            } else {
                index.note(count, offset);
            }
            count += 1;
        }
        if count == 0 {
            return Err(DataError::Empty {
                path: path.to_owned(),
            });
        }
        rows.shrink();
        let rows = match is_small {
            true => Held::Memory(rows),
            false => Held::File(index),
        };
        Ok(Self { count, rows })
    }

    /// A file as if it were a large one.
    #[cfg(test)]
    pub(crate) fn large(
        path: &Path,
        format: Format,
        columns: &[String],
    ) -> Result<Self, DataError> {
        Self::of_file(path, format, columns, 0)
    }
}

fn inline(
    name: &str,
    names: &[String],
    given: &[Vec<String>],
    columns: &[String],
) -> Result<Table, DataError> {
    let places = columns.iter().map(|column| {
        let place = names.iter().position(|name| name == column);
        let known: Vec<&str> = names.iter().map(String::as_str).collect();
        place.ok_or_else(|| no_column(Path::new(name), column, &known))
    });
    let places: Vec<usize> = places.collect::<Result<_, _>>()?;
    let (mut rows, mut row) = (Rows::new(columns.len()), Row::default());
    for values in given {
        row.clear();
        for &place in &places {
            row.push(values.get(place).map_or(b"", |value| value.as_bytes()));
        }
        rows.push(&row);
    }
    if given.is_empty() {
        return Err(DataError::Empty { path: name.into() });
    }
    Ok(Table {
        count: given.len() as u64,
        rows: Held::Memory(rows),
    })
}

impl Index {
    /// Row `number` begins at `offset`.
    fn note(&mut self, number: u64, offset: u64) {
        if !number.is_multiple_of(self.stride) {
            return;
        }
        if self.places.len() == PLACES {
            let mut keep = false;
            self.places.retain(|_| {
                keep = !keep;
                keep
            });
            self.stride *= 2;
            if !number.is_multiple_of(self.stride) {
                return;
            }
        }
        self.places.push(offset);
    }

    /// Opens the file to read any of its rows.
    pub(crate) fn open(&self) -> Result<Seeker<'_>, DataError> {
        Ok(Seeker {
            index: self,
            source: Source::open(&self.path, self.format, &self.columns)?,
            next: 0,
        })
    }

    pub(crate) fn columns(&self) -> usize {
        self.columns.len()
    }
}

/// Reads rows of an indexed file by their numbers.
#[derive(Debug)]
pub(crate) struct Seeker<'a> {
    index: &'a Index,
    source: Source,
    /// The number of the row that comes next.
    next: u64,
}

impl Seeker<'_> {
    /// Reads row `number`. One shortly behind the last is reached by reading on.
    pub(crate) fn read(&mut self, number: u64, row: &mut Row) -> Result<bool, DataError> {
        let stride = self.index.stride;
        if number < self.next || number - self.next > stride {
            let place = (number / stride) as usize;
            let Some(offset) = self.index.places.get(place) else {
                return Ok(false);
            };
            self.source.seek(*offset)?;
            self.next = place as u64 * stride;
        }
        while self.next <= number {
            if !self.source.next(row)? {
                return Ok(false);
            }
            self.next += 1;
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_indexed_file_gives_any_row() {
        let folder = tempfile::tempdir().unwrap();
        let mut csv = "a,b\n".to_owned();
        let mut lines = String::new();
        for number in 0..1000 {
            csv += &format!("{number},\"x\n{number}\"\n");
            lines += &format!("{{\"a\": {number}}}\n");
        }
        for (name, text, format) in [
            ("d.csv", csv, Format::Csv),
            ("d.jsonl", lines, Format::JsonLines),
        ] {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            let table = Table::large(&path, format, &["a".to_owned()]).unwrap();
            let Held::File(index) = &table.rows else {
                panic!("it is not kept");
            };
            assert_eq!((table.count, index.places.len()), (1000, 16));
            let mut seeker = index.open().unwrap();
            let mut row = Row::default();
            for number in [0, 1, 2, 999, 64, 63, 500, 564, 565, 500, 0, 998] {
                assert!(seeker.read(number, &mut row).unwrap());
                assert_eq!(row.column(0), number.to_string().as_bytes());
            }
            assert!(!seeker.read(1000, &mut row).unwrap());
        }
    }

    #[test]
    fn the_index_has_a_bound() {
        let mut index = Index {
            path: PathBuf::new(),
            format: Format::Csv,
            columns: Vec::new(),
            places: Vec::new(),
            stride: 1,
        };
        for number in 0..5 * PLACES as u64 {
            index.note(number, number * 10);
        }
        assert!(index.places.len() <= PLACES);
        assert_eq!(index.stride, 8);
        let expected = (0..5 * PLACES as u64).step_by(8).map(|number| number * 10);
        assert!(expected.eq(index.places.iter().copied()));
    }

    #[test]
    fn rows_of_the_scenario_need_no_file() {
        let data = |rows: &[&[&str]]| Data {
            name: "user".to_owned(),
            rows: Given::Inline(
                vec!["a".to_owned(), "b".to_owned()],
                rows.iter()
                    .map(|row| row.iter().map(|&value| value.to_owned()).collect())
                    .collect(),
            ),
            order: dyno_scenario::Order::Sequential,
            end: dyno_scenario::End::Repeat,
        };
        let read = |rows: &[&[&str]], column: &str| {
            let table = Table::read(&data(rows), Path::new("/"), &[column.to_owned()])?;
            let Held::Memory(rows) = table.rows else {
                panic!("it is kept");
            };
            let mut row = Row::default();
            rows.get(rows.len() - 1, &mut row);
            Ok::<_, DataError>(row.column(0).to_vec())
        };
        assert_eq!(read(&[&["1", "2"], &["3", "4"]], "b").unwrap(), b"4");
        let error = read(&[&["1", "2"]], "c").unwrap_err().to_string();
        assert_eq!(error, "user has no column \"c\": it has a, b");
        assert_eq!(read(&[], "a").unwrap_err().to_string(), "user has no rows");
    }
}
