//! Rows read from a file one after the other, from any row on.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use serde_json::value::RawValue;

use super::rows::Row;
use crate::json_path::plain;

/// Why rows of data cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// A file cannot be read.
    #[error("could not read {path}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A row is not what it should be.
    #[error("{path}: {why}", path = path.display())]
    Row {
        /// The file.
        path: PathBuf,
        /// Where, and what is wrong.
        why: String,
    },
    /// A template names a column that is not there.
    #[error("{path} has no column {column:?}{hint}", path = path.display())]
    Column {
        /// The file, or the name of the data.
        path: PathBuf,
        /// The column.
        column: String,
        /// The nearest one, or all of them, in words.
        hint: String,
    },
    /// There is not one row.
    #[error("{path} has no rows", path = path.display())]
    Empty {
        /// The file, or the name of the data.
        path: PathBuf,
    },
}

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Csv,
    JsonLines,
}

/// A file that is being read.
#[derive(Debug)]
pub(crate) struct Source {
    path: PathBuf,
    text: Text,
}

#[derive(Debug)]
enum Text {
    Csv {
        reader: Box<csv::Reader<File>>,
        record: csv::ByteRecord,
        /// Places of the wanted columns.
        columns: Vec<usize>,
    },
    JsonLines {
        reader: BufReader<File>,
        line: Vec<u8>,
        columns: Vec<String>,
        at: u64,
    },
}

impl Source {
    /// Opens a file of rows of which `columns` are wanted.
    pub(crate) fn open(path: &Path, format: Format, columns: &[String]) -> Result<Self, DataError> {
        let io = |source| DataError::Io {
            path: path.to_owned(),
            source,
        };
        let file = File::open(path).map_err(io)?;
        let text = match format {
            Format::Csv => {
                let mut reader = Box::new(csv::Reader::from_reader(file));
                let names = reader.headers().map_err(|error| broken(path, error))?;
                let names: Vec<&str> = names.iter().collect();
                let place = |column: &String| {
                    let place = names.iter().position(|name| name == column);
                    place.ok_or_else(|| no_column(path, column, &names))
                };
                let columns = columns.iter().map(place).collect::<Result<_, _>>()?;
                Text::Csv {
                    reader,
                    record: csv::ByteRecord::new(),
                    columns,
                }
            }
            Format::JsonLines => Text::JsonLines {
                reader: BufReader::new(file),
                line: Vec::new(),
                columns: columns.to_vec(),
                at: 0,
            },
        };
        Ok(Self {
            path: path.to_owned(),
            text,
        })
    }

    /// Where the next row begins, in bytes.
    pub(crate) fn offset(&self) -> u64 {
        match &self.text {
            Text::Csv { reader, .. } => reader.position().byte(),
            Text::JsonLines { at, .. } => *at,
        }
    }

    /// Goes on with the row that begins at `offset`.
    pub(crate) fn seek(&mut self, offset: u64) -> Result<(), DataError> {
        match &mut self.text {
            Text::Csv { reader, .. } => {
                let mut position = csv::Position::new();
                position.set_byte(offset);
                let moved = reader.seek(position);
                moved.map_err(|error| broken(&self.path, error))
            }
            Text::JsonLines { reader, at, .. } => {
                *at = offset;
                let moved = reader.seek(SeekFrom::Start(offset)).map(|_| ());
                moved.map_err(|source| DataError::Io {
                    path: self.path.clone(),
                    source,
                })
            }
        }
    }

    /// Reads the next row; `false` after the last.
    pub(crate) fn next(&mut self, row: &mut Row) -> Result<bool, DataError> {
        row.clear();
        match &mut self.text {
            Text::Csv {
                reader,
                record,
                columns,
            } => {
                let more = reader.read_byte_record(record);
                if !more.map_err(|error| broken(&self.path, error))? {
                    return Ok(false);
                }
                for &column in columns.iter() {
                    row.push(record.get(column).unwrap_or_default());
                }
                Ok(true)
            }
            Text::JsonLines {
                reader,
                line,
                columns,
                at,
            } => loop {
                line.clear();
                let begin = *at;
                let read = reader.read_until(b'\n', line);
                *at += read.map_err(|source| DataError::Io {
                    path: self.path.clone(),
                    source,
                })? as u64;
                if *at == begin {
                    return Ok(false);
                }
                if !line.trim_ascii().is_empty() {
                    let why = |why| broken(&self.path, format!("the row at byte {begin}: {why}"));
                    object(line, columns, row).map_err(why)?;
                    return Ok(true);
                }
            },
        }
    }
}

/// Reads the columns of one line.
fn object(line: &[u8], columns: &[String], row: &mut Row) -> Result<(), String> {
    let members: BTreeMap<Cow<'_, str>, &RawValue> =
        serde_json::from_slice(line).map_err(|error| format!("no JSON object: {error}"))?;
    let mut value = Vec::new();
    for column in columns {
        let member = members.get(column.as_str());
        let member = member.ok_or_else(|| format!("it has no {column:?}"))?;
        value.clear();
        plain(member.get(), &mut value);
        row.push(&value);
    }
    Ok(())
}

/// `column` is not among `names`.
pub(crate) fn no_column(path: &Path, column: &str, names: &[&str]) -> DataError {
    let likeness = |name: &&&str| (strsim::jaro_winkler(name, column) * 1000.0) as u64;
    let nearest = names.iter().max_by_key(likeness);
    let nearest = nearest.filter(|name| likeness(name) > 800);
    let hint = match nearest {
        Some(name) => format!(": did you mean {name:?}?"),
        None => format!(": it has {}", names.join(", ")),
    };
    DataError::Column {
        path: path.to_owned(),
        column: column.to_owned(),
        hint,
    }
}

fn broken(path: &Path, why: impl ToString) -> DataError {
    DataError::Row {
        path: path.to_owned(),
        why: why.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str, text: &str, columns: &[&str]) -> Result<Vec<String>, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        let format = if name.ends_with("csv") {
            Format::Csv
        } else {
            Format::JsonLines
        };
        let columns: Vec<String> = columns.iter().map(|&column| column.to_owned()).collect();
        let place = format!("{}/", folder.path().display());
        let plainly = |error: DataError| error.to_string().replace(&place, "");
        let mut source = Source::open(&path, format, &columns).map_err(plainly)?;
        let (mut row, mut rows, mut offsets) = (Row::default(), Vec::new(), Vec::new());
        let written = |row: &Row| {
            let values = (0..columns.len()).map(|n| String::from_utf8_lossy(row.column(n)));
            values.collect::<Vec<_>>().join("|")
        };
        loop {
            offsets.push(source.offset());
            if !source.next(&mut row).map_err(plainly)? {
                break;
            }
            rows.push(written(&row));
        }
        // From any row on it is the same again.
        for (offset, expected) in offsets.iter().zip(&rows).rev() {
            source.seek(*offset).unwrap();
            assert!(source.next(&mut row).unwrap());
            assert_eq!(written(&row), *expected);
        }
        Ok(rows)
    }

    #[test]
    fn rows_are_read_whatever_they_are_written_in() {
        let check = |name, text: &str, columns: &[&str], expected: Result<&[&str], &str>| {
            let seen = read(name, text, columns);
            let seen = seen
                .as_ref()
                .map(|rows| rows.iter().map(String::as_str).collect());
            let expected = expected.map(<[&str]>::to_vec);
            assert_eq!(seen.map_err(String::as_str), expected, "{text:?}");
        };
        let csv = "email,name,note\na@x,\"A, a\",\"two\nlines\"\n\nb@x,B \"\"b,\"q\"\"q\"\r\nc@x,,";
        check(
            "u.csv",
            csv,
            &["note", "email"],
            Ok(&["two\nlines|a@x", "q\"q|b@x", "|c@x"]),
        );
        check("u.csv", "\u{feff}a,b\n1,2\n", &["a"], Ok(&["1"]));
        check("u.csv", "a,b\n", &["a"], Ok(&[]));
        check(
            "u.csv",
            "mail,name\n1,2\n",
            &["email"],
            Err("u.csv has no column \"email\": did you mean \"mail\"?"),
        );
        check(
            "u.csv",
            "x,y\n1,2\n",
            &["email"],
            Err("u.csv has no column \"email\": it has x, y"),
        );
        let lines = "{\"a\": \"x\\n\\u00e9\", \"b\": 1.50, \"c\": [1, 2]}\n\n {\"b\": null, \"c\": {}, \"a\": true}";
        check(
            "u.jsonl",
            lines,
            &["b", "a", "c"],
            Ok(&["1.50|x\né|[1, 2]", "null|true|{}"]),
        );
        check(
            "u.jsonl",
            "{\"a\": 1}\n{\"b\": 1}\n",
            &["a"],
            Err("u.jsonl: the row at byte 9: it has no \"a\""),
        );
        let seen = read("u.csv", "a,b\n1,2\n3\n", &["a"]).unwrap_err();
        assert!(seen.starts_with("u.csv: CSV error: record 2"), "{seen}");
        let seen = read("u.jsonl", "[1]\n", &["a"]).unwrap_err();
        assert!(
            seen.starts_with("u.jsonl: the row at byte 0: no JSON object: "),
            "{seen}"
        );
    }
}
