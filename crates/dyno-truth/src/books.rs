//! What the server has seen, and how it tells: `/truth/counts`, `/truth/log`,
//! `/truth/arrivals`; `/truth/reset` forgets it.

use std::fmt::Write as _;

/// What a server has counted since it was last reset.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Connections accepted, without those that ask `/truth/…`.
    pub connections: u64,
    /// Complete requests.
    pub requests: u64,
    /// Answers begun; what a client no longer waited for is missing.
    pub answers: u64,
    /// Bytes of answers written.
    pub written_bytes: u64,
}

/// A request whose answer took a time of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Logged {
    /// The `k` of its path, or its number since the last reset.
    pub k: u64,
    /// When it had arrived, CLOCK_MONOTONIC, ns.
    pub arrival_ns: u64,
    /// From its arrival to its answer, ns; 0 without one.
    pub sojourn_ns: u64,
}

/// Counts and log of a server.
#[derive(Debug, Default)]
pub(crate) struct Books {
    pub(crate) counts: Counts,
    log: Vec<Logged>,
}

impl Books {
    /// Empty, with room enough that the log hardly ever moves.
    pub(crate) fn new() -> Self {
        Self {
            counts: Counts::default(),
            log: Vec::with_capacity(1 << 20),
        }
    }

    /// A request was complete at `arrival_ns`. Returns its place in the log.
    pub(crate) fn arrived(&mut self, k: u64, arrival_ns: u64) -> usize {
        self.log.push(Logged {
            k,
            arrival_ns,
            sojourn_ns: 0,
        });
        self.log.len() - 1
    }

    /// The answer to the request at `place` leaves after `sojourn_ns`.
    pub(crate) fn departed(&mut self, place: usize, sojourn_ns: u64) {
        // A reset in between has forgotten it.
        if let Some(logged) = self.log.get_mut(place) {
            logged.sojourn_ns = sojourn_ns;
        }
    }

    /// Forgets everything.
    pub(crate) fn reset(&mut self) {
        self.counts = Counts::default();
        self.log.clear();
    }

    pub(crate) fn counts_text(&self) -> String {
        let Counts {
            connections,
            requests,
            answers,
            written_bytes,
        } = self.counts;
        format!(
            "connections {connections}\nrequests {requests}\nanswers {answers}\n\
             written_bytes {written_bytes}\n"
        )
    }

    /// A line a request, in the order of arrival: k, arrival, sojourn.
    pub(crate) fn log_text(&self) -> String {
        self.lines(|text, logged| {
            let Logged {
                k,
                arrival_ns,
                sojourn_ns,
            } = logged;
            writeln!(text, "{k} {arrival_ns} {sojourn_ns}")
        })
    }

    pub(crate) fn arrivals_text(&self) -> String {
        self.lines(|text, logged| writeln!(text, "{}", logged.arrival_ns))
    }

    fn lines(&self, line: impl Fn(&mut String, &Logged) -> std::fmt::Result) -> String {
        let mut text = String::with_capacity(self.log.len() * 32);
        for logged in &self.log {
            line(&mut text, logged).expect("writing to memory does not fail");
        }
        text
    }
}

impl Counts {
    /// Reads what [`Books::counts_text`] wrote.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut counts = Self::default();
        for line in text.lines() {
            let (name, value) = line.split_once(' ')?;
            let value = value.parse().ok()?;
            match name {
                "connections" => counts.connections = value,
                "requests" => counts.requests = value,
                "answers" => counts.answers = value,
                "written_bytes" => counts.written_bytes = value,
                _ => return None,
            }
        }
        Some(counts)
    }
}

impl Logged {
    /// Reads a line of [`Books::log_text`].
    pub(crate) fn parse(line: &str) -> Option<Self> {
        let mut numbers = line.split(' ').map(str::parse);
        let mut next = || numbers.next()?.ok();
        Some(Self {
            k: next()?,
            arrival_ns: next()?,
            sojourn_ns: next()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_can_be_read_back() {
        let mut books = Books::new();
        books.counts = Counts {
            connections: 1,
            requests: 2,
            answers: 3,
            written_bytes: 4,
        };
        assert_eq!(Counts::parse(&books.counts_text()), Some(books.counts));
        let place = books.arrived(7, 100);
        books.departed(place, 50);
        assert_eq!(
            Logged::parse(books.log_text().trim()),
            Some(Logged {
                k: 7,
                arrival_ns: 100,
                sojourn_ns: 50
            })
        );
        assert_eq!(books.arrivals_text(), "100\n");
        books.reset();
        books.departed(place, 50);
        assert_eq!(
            (books.counts, books.log_text()),
            (Counts::default(), String::new())
        );
    }
}
