//! One row of data: the columns that templates name, in one buffer that is used
//! again.

/// Values of one row.
#[derive(Debug, Clone, Default)]
pub(crate) struct Row {
    bytes: Vec<u8>,
    /// Where each value ends.
    ends: Vec<usize>,
}

impl Row {
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }

    /// Adds the value of the next column.
    pub(crate) fn push(&mut self, value: &[u8]) {
        self.bytes.extend_from_slice(value);
        self.ends.push(self.bytes.len());
    }

    /// The value of a column, by its number.
    pub(crate) fn column(&self, column: usize) -> &[u8] {
        let begin = column.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.bytes[begin..self.ends[column]]
    }
}

/// Rows one behind the other in one buffer, of less than 4 GiB.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rows {
    bytes: Vec<u8>,
    /// Where each value ends, row after row.
    ends: Vec<u32>,
    columns: usize,
}

impl Rows {
    /// No rows of so many columns.
    pub(crate) fn new(columns: usize) -> Self {
        Self {
            columns,
            ..Self::default()
        }
    }

    /// Room for so many bytes: a buffer that grows is there twice for a moment.
    pub(crate) fn reserve(&mut self, bytes: usize) {
        self.bytes.reserve_exact(bytes);
    }

    /// Gives back the room that is not used.
    pub(crate) fn shrink(&mut self) {
        self.bytes.shrink_to_fit();
        self.ends.shrink_to_fit();
    }

    /// From now on for rows of so many columns.
    pub(crate) fn of(&mut self, columns: usize) {
        self.columns = columns;
    }

    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }

    pub(crate) fn push(&mut self, row: &Row) {
        let before = self.bytes.len();
        self.bytes.extend_from_slice(&row.bytes);
        let ends = row.ends.iter().map(|end| (before + end) as u32);
        self.ends.extend(ends);
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len() / self.columns.max(1)
    }

    /// Bytes of all values.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// Copies a row, by its number.
    pub(crate) fn get(&self, number: usize, row: &mut Row) {
        let first = number * self.columns;
        let ends = &self.ends[first..first + self.columns];
        let begin = first.checked_sub(1).map_or(0, |before| self.ends[before]);
        let end = ends.last().copied().unwrap_or(begin);
        row.clear();
        row.bytes
            .extend_from_slice(&self.bytes[begin as usize..end as usize]);
        row.ends
            .extend(ends.iter().map(|end| (end - begin) as usize));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_back_as_they_were_put_in() {
        let given = [["a", "", "ccc"], ["", "", ""], ["x", "yy", ""]];
        let mut rows = Rows::new(3);
        let mut row = Row::default();
        for values in given {
            row.clear();
            values.iter().for_each(|value| row.push(value.as_bytes()));
            rows.push(&row);
        }
        assert_eq!((rows.len(), rows.bytes()), (3, 7));
        for (number, values) in given.iter().enumerate().rev() {
            rows.get(number, &mut row);
            for (column, value) in values.iter().enumerate() {
                assert_eq!(row.column(column), value.as_bytes());
            }
        }
    }
}
