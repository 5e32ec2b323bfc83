//! How the sink answers: at once or late, well or badly, or never.

use std::time::Duration;

/// How a sink treats what comes.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Behaviour {
    /// Time between the arrival of a delivery and its answer.
    pub delay: Duration,
    /// The answer.
    pub reply: Reply,
    /// For how many deliveries this holds, those after them being accepted at
    /// once; `None` for all.
    pub next: Option<u64>,
    /// Whether bodies are kept. They take memory for as long as the sink lives.
    pub keep_bodies: bool,
}

/// What a delivery is answered with.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub enum Reply {
    /// 204.
    #[default]
    Accept,
    /// 503 for this share, 0 to 1, evenly spread; 204 for the others.
    Fail {
        /// 0.1 refuses one in ten.
        share: f64,
    },
    /// Nothing, until the other side gives up.
    Hang,
}

/// What happens to one delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    Accept,
    Refuse,
    Hang,
}

/// A behaviour, and how far it has got.
#[derive(Debug)]
pub(crate) struct Course {
    behaviour: Behaviour,
    /// Failures that are due, less than one.
    owed: f64,
    left: Option<u64>,
}

impl Course {
    pub(crate) fn new(behaviour: Behaviour) -> Self {
        Self {
            behaviour,
            owed: 0.0,
            left: behaviour.next,
        }
    }

    pub(crate) fn keeps_bodies(&self) -> bool {
        self.behaviour.keep_bodies
    }

    /// The delay and the answer of the next delivery.
    pub(crate) fn next(&mut self) -> (Duration, Act) {
        match &mut self.left {
            Some(0) => return (Duration::ZERO, Act::Accept),
            Some(left) => *left -= 1,
            None => {}
        }
        let act = match self.behaviour.reply {
            Reply::Accept => Act::Accept,
            Reply::Hang => Act::Hang,
            Reply::Fail { share } => {
                self.owed += share;
                // Shares such as 0.1 add up to a little less than they should.
                if self.owed >= 1.0 - 1e-9 {
                    self.owed -= 1.0;
                    Act::Refuse
                } else {
                    Act::Accept
                }
            }
        };
        (self.behaviour.delay, act)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn acts(behaviour: Behaviour, count: usize) -> Vec<Act> {
        let mut course = Course::new(behaviour);
        (0..count).map(|_| course.next().1).collect()
    }

    #[test]
    fn a_share_of_failures_is_kept_exactly_and_spread_evenly() {
        for (share, every) in [(1.0, 1), (0.5, 2), (0.1, 10), (0.01, 100)] {
            let reply = Reply::Fail { share };
            let acts = acts(
                Behaviour {
                    reply,
                    ..Behaviour::default()
                },
                1000,
            );
            for (number, act) in acts.iter().enumerate() {
                let due = (number + 1) % every == 0;
                let wanted = if due { Act::Refuse } else { Act::Accept };
                assert_eq!(*act, wanted, "{share}, {number}");
            }
        }
        let none = Reply::Fail { share: 0.0 };
        let behaviour = Behaviour {
            reply: none,
            ..Behaviour::default()
        };
        assert!(acts(behaviour, 1000).iter().all(|act| *act == Act::Accept));
    }

    #[test]
    fn a_behaviour_for_the_next_few_ends_in_accepting_at_once() {
        let delay = Duration::from_secs(1);
        let mut course = Course::new(Behaviour {
            delay,
            reply: Reply::Hang,
            next: Some(2),
            keep_bodies: false,
        });
        assert_eq!(course.next(), (delay, Act::Hang));
        assert_eq!(course.next(), (delay, Act::Hang));
        assert_eq!(course.next(), (Duration::ZERO, Act::Accept));
        assert_eq!(course.next(), (Duration::ZERO, Act::Accept));
    }
}
