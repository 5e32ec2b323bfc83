//! Which row comes next: thread t of T has the rows t, t + T and so on, so that no two
//! threads ever have the same one in a pass.

use dyno_scenario::{Data, End, Order};
use fastrand::Rng;

use super::permutation::Permutation;
use crate::random::{mix, of_start};

/// To whom rows are dealt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Deal {
    pub(crate) seed: u64,
    pub(crate) thread: u64,
    pub(crate) threads: u64,
    /// Rows that earlier phases have had, of data that do not repeat.
    pub(crate) first: u64,
}

/// Which rows a thread gets, by their numbers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Positions {
    deal: Deal,
    count: u64,
    order: Order,
    pub(crate) end: End,
}

impl Positions {
    pub(crate) fn new(data: &Data, count: u64, deal: Deal) -> Self {
        Self {
            deal,
            count,
            order: data.order,
            end: data.end,
        }
    }

    /// Random numbers for those who do not have those of a start at hand.
    pub(crate) fn random(&self) -> Rng {
        of_start(self.deal.seed, self.deal.thread, u64::MAX)
    }

    /// The row of a draw, counted from 0; none when all were given out.
    pub(crate) fn row(&self, draw: u64, random: &mut Rng) -> Option<u64> {
        if self.order == Order::Random {
            return Some(random.u64(0..self.count));
        }
        let number = self.deal.first + self.deal.thread + draw * self.deal.threads;
        let (pass, place) = (number / self.count, number % self.count);
        if pass > 0 && self.end != End::Repeat {
            return None;
        }
        Some(match self.order {
            Order::Sequential | Order::Random => place,
            Order::Shuffle => Permutation::new(self.count, mix(self.deal.seed, pass)).at(place),
        })
    }
}
