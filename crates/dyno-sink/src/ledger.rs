//! What came: every delivery with its time, and the counts.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Instant;

/// What a delivery is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `POST /mail`.
    Mail,
    /// `POST /webhook`.
    Webhook,
}

/// What became of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It has no answer yet, or its sender gave up before there was one.
    Unanswered,
    /// It was answered with 2xx.
    Delivered,
    /// It was refused, because the sink was told to.
    Refused,
}

/// One request that brought a task.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// The task's `id`.
    pub id: Arc<str>,
    /// By which path it came.
    pub kind: Kind,
    /// When the last byte of it was read.
    pub arrival: Instant,
    /// What became of it.
    pub outcome: Outcome,
    /// The body as it came; empty unless bodies are kept.
    pub body: Arc<[u8]>,
}

/// How many came. `arrived` is at least `delivered` + `refused`; what is missing
/// has no answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Connections that were opened.
    pub connections: u64,
    /// Deliveries: a known path, and JSON with an `id`.
    pub arrived: u64,
    /// Of these, mails.
    pub mails: u64,
    /// Of these, webhooks.
    pub webhooks: u64,
    /// Answered with 2xx.
    pub delivered: u64,
    /// Refused, because the sink was told to.
    pub refused: u64,
    /// Answered with 2xx though a delivery with this id had been before.
    pub duplicates: u64,
    /// Requests that are no deliveries: another path or method, no JSON, no id.
    pub malformed: u64,
}

/// The deliveries so far.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    pub(crate) counts: Counts,
    pub(crate) deliveries: Vec<Delivery>,
    delivered: HashSet<Arc<str>>,
}

/// The place of a delivery in the ledger.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry(usize);

impl Ledger {
    pub(crate) fn arrive(&mut self, kind: Kind, id: &str, arrival: Instant, body: &[u8]) -> Entry {
        self.counts.arrived += 1;
        match kind {
            Kind::Mail => self.counts.mails += 1,
            Kind::Webhook => self.counts.webhooks += 1,
        }
        self.deliveries.push(Delivery {
            id: id.into(),
            kind,
            arrival,
            outcome: Outcome::Unanswered,
            body: body.into(),
        });
        Entry(self.deliveries.len() - 1)
    }

    pub(crate) fn deliver(&mut self, Entry(place): Entry) {
        let delivery = &mut self.deliveries[place];
        delivery.outcome = Outcome::Delivered;
        self.counts.delivered += 1;
        if !self.delivered.insert(Arc::clone(&delivery.id)) {
            self.counts.duplicates += 1;
        }
    }

    pub(crate) fn refuse(&mut self, Entry(place): Entry) {
        self.deliveries[place].outcome = Outcome::Refused;
        self.counts.refused += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_that_comes_again_is_a_duplicate_only_when_it_had_been_delivered() {
        let mut ledger = Ledger::default();
        let now = Instant::now();
        let refused = ledger.arrive(Kind::Mail, "a", now, b"");
        ledger.refuse(refused);
        let again = ledger.arrive(Kind::Mail, "a", now, b"");
        ledger.deliver(again);
        assert_eq!(ledger.counts.duplicates, 0);
        let third = ledger.arrive(Kind::Mail, "a", now, b"");
        ledger.deliver(third);
        ledger.arrive(Kind::Webhook, "b", now, b"");
        let wanted = Counts {
            connections: 0,
            arrived: 4,
            mails: 3,
            webhooks: 1,
            delivered: 2,
            refused: 1,
            duplicates: 1,
            malformed: 0,
        };
        assert_eq!(ledger.counts, wanted);
        let outcomes: Vec<_> = ledger.deliveries.iter().map(|d| d.outcome).collect();
        use Outcome::*;
        assert_eq!(outcomes, [Refused, Delivered, Delivered, Unanswered]);
    }
}
