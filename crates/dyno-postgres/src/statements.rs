//! Statements that targets have sent: the work that a contract asks for can be counted.

use dyno_result::Statement;

use crate::{Cluster, Database, Error};

/// `true` asks for the texts, which lie in a file.
const COUNTED: &str = "SELECT query, sum(calls)::bigint, sum(rows)::bigint, sum(total_exec_time)
    FROM pg_stat_statements(true) AS counted
    JOIN pg_database ON pg_database.oid = counted.dbid
    WHERE datname = $1 AND query IS NOT NULL
    GROUP BY query ORDER BY 2 DESC, 1";

const RESET: &str =
    "SELECT pg_stat_statements_reset(0, oid, 0) FROM pg_database WHERE datname = $1";

impl Cluster {
    /// What was asked of `database` since the count was reset, most frequent first.
    /// Also what dyno has asked there ([`Cluster::vacuum`]): reset the count afterwards.
    ///
    /// # Errors
    /// The server is gone; somebody else's does not have the extension
    /// `pg_stat_statements` in the database of its address.
    pub async fn statements(&self, database: &Database) -> Result<Vec<Statement>, Error> {
        let connection = self.connect(None).await?;
        let rows = connection.query(COUNTED, &[&database.name]).await;
        let rows = self.check("count statements", rows).await?;
        connection.close().await;
        let statements = rows.iter().map(|row| Statement {
            text: row.get(0),
            calls: count(row.get(1)),
            rows: count(row.get(2)),
            exec_time_ns: nanoseconds(row.get(3)),
        });
        Ok(statements.collect())
    }

    /// Begins to count the statements of `database` at nought.
    ///
    /// # Errors
    /// As [`Cluster::statements`].
    pub async fn reset_statements(&self, database: &Database) -> Result<(), Error> {
        let connection = self.connect(None).await?;
        let reset = connection.execute(RESET, &[&database.name]).await;
        self.check("reset the count of statements", reset).await?;
        connection.close().await;
        Ok(())
    }
}

/// A count from PostgreSQL, which has no unsigned numbers.
pub(crate) fn count(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

/// PostgreSQL's times are milliseconds with a fraction.
pub(crate) fn nanoseconds(milliseconds: f64) -> u64 {
    (milliseconds * 1e6).round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_what_they_mean() {
        assert_eq!((count(7), count(-1)), (7, 0));
        for (milliseconds, expected) in [(0.0, 0), (1.5, 1_500_000), (-0.1, 0), (f64::NAN, 0)] {
            assert_eq!(nanoseconds(milliseconds), expected, "{milliseconds}");
        }
    }
}
