//! A log that is played again: what was asked, and when.

use std::sync::Arc;
use std::time::Duration;

use crate::Request;

/// A log, and what it says once somebody has read it.
#[derive(Debug, Clone, PartialEq)]
pub struct Recording {
    /// The file; a relative path counts from the scenario's folder.
    pub log: String,
    /// How it is written.
    pub format: LogFormat,
    /// How much faster than recorded, above 0: 2.0 takes half the time.
    pub speed: f64,
    /// What it says was asked, each request once. Empty until it has been read.
    pub requests: Arc<Vec<Request>>,
    /// What starts when, in the order of time. Empty until it has been read.
    pub entries: Arc<Vec<Entry>>,
}

/// One start of a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// When, from the beginning of the step; the speed has been applied.
    pub at: Duration,
    /// What, by its place in [`Recording::requests`].
    pub request: u32,
}

/// How a log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// The combined log of Apache and nginx: times in whole seconds.
    Combined,
    /// A JSON object a line, with a timestamp.
    JsonLines,
    /// What browsers export (HTTP Archive 1.2).
    Har,
}

impl LogFormat {
    /// What the end of a file's name says.
    #[must_use]
    pub fn of(path: &str) -> Self {
        let end = path
            .rsplit_once('.')
            .map(|(_, end)| end.to_ascii_lowercase());
        match end.as_deref() {
            Some("har") => Self::Har,
            Some("jsonl" | "ndjson") => Self::JsonLines,
            _ => Self::Combined,
        }
    }
}

impl Recording {
    /// From the beginning of the step to just after its last start.
    #[must_use]
    pub fn duration(&self) -> Duration {
        let last = self.entries.last();
        last.map_or(Duration::ZERO, |last| last.at + Duration::from_nanos(1))
    }

    /// The most starts in any time of this length, both ends included.
    #[must_use]
    pub fn most_starts_in(&self, time: Duration) -> usize {
        let (mut most, mut first) = (0, 0);
        for (index, entry) in self.entries.iter().enumerate() {
            while entry.at - self.entries[first].at > time {
                first += 1;
            }
            most = most.max(index + 1 - first);
        }
        most
    }

    /// Leaves out what starts at or after this time.
    pub(crate) fn cut(&mut self, time: Duration) {
        let end = self.entries.partition_point(|entry| entry.at < time);
        if end < self.entries.len() {
            self.entries = Arc::new(self.entries[..end].to_vec());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recording(at_ms: &[u64]) -> Recording {
        let entry = |at: &u64| Entry {
            at: Duration::from_millis(*at),
            request: 0,
        };
        Recording {
            log: "access.log".to_owned(),
            format: LogFormat::Combined,
            speed: 1.0,
            requests: Arc::default(),
            entries: Arc::new(at_ms.iter().map(entry).collect()),
        }
    }

    #[test]
    fn the_most_starts_of_any_time_are_found() {
        for (at_ms, ms, expected) in [
            (&[][..], 10, 0),
            (&[0, 0, 5, 9, 10, 11, 40], 10, 5),
            (&[0, 20, 40], 10, 1),
            (&[0, 20, 40], 1000, 3),
        ] {
            let most = recording(at_ms).most_starts_in(Duration::from_millis(ms));
            assert_eq!(most, expected, "{at_ms:?}");
        }
    }

    #[test]
    fn a_shorter_one_is_the_beginning() {
        let mut cut = recording(&[0, 5, 10, 11]);
        cut.cut(Duration::from_millis(10));
        assert_eq!(cut, recording(&[0, 5]));
        assert_eq!(cut.duration(), Duration::from_nanos(5_000_001));
    }

    #[test]
    fn the_name_of_a_file_says_its_format() {
        for (path, expected) in [
            ("page.HAR", LogFormat::Har),
            ("a.b/requests.jsonl", LogFormat::JsonLines),
            ("x.ndjson", LogFormat::JsonLines),
            ("access.log", LogFormat::Combined),
            ("access", LogFormat::Combined),
        ] {
            assert_eq!(LogFormat::of(path), expected, "{path}");
        }
    }
}
