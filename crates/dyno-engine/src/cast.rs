//! Which flow a start plays, and with which random numbers: a function of the seed
//! and the number of the start alone.

use std::sync::Arc;

use dyno_scenario::{Entry, Mix, Plan};
use fastrand::Rng;

use crate::random::of_start;

/// The flows of one load thread in one phase.
#[derive(Debug, Clone)]
pub(crate) struct Cast {
    choice: Choice,
    seed: u64,
    thread: u64,
    threads: u64,
    /// The last number of `{{seq}}` before the phase.
    numbers: u64,
}

#[derive(Debug, Clone)]
enum Choice {
    /// Each of so many in its turn.
    Turns(u64),
    /// By sums of weights.
    Weights(Arc<[u64]>),
    /// As a log says.
    Recorded(Arc<Vec<Entry>>),
}

/// Who plays which part of a load.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Role {
    /// No two phases of a trial have the same.
    pub(crate) seed: u64,
    pub(crate) thread: u64,
    pub(crate) threads: u64,
    pub(crate) numbers: u64,
}

impl Cast {
    /// The flows of `plan`, or what `recorded` says.
    pub(crate) fn new(plan: &Plan, recorded: Option<&Arc<Vec<Entry>>>, role: Role) -> Self {
        let choice = match (recorded, plan.mix) {
            (Some(entries), _) => Choice::Recorded(Arc::clone(entries)),
            (None, Mix::Turns) => Choice::Turns(plan.flows.len().max(1) as u64),
            (None, Mix::Weights) => {
                let mut sum = 0;
                let sums = plan.flows.iter().map(|flow| {
                    sum += u64::from(flow.weight);
                    sum
                });
                Choice::Weights(sums.collect())
            }
        };
        Self {
            choice,
            seed: role.seed,
            thread: role.thread,
            threads: role.threads,
            numbers: role.numbers,
        }
    }

    /// The flow of the thread's start `number`, and its random numbers.
    pub(crate) fn draw(&self, number: u64) -> (usize, Rng) {
        let mut random = of_start(self.seed, self.thread, number);
        let flow = match &self.choice {
            Choice::Turns(flows) => (number % flows) as usize,
            Choice::Weights(sums) => {
                let drawn = random.u64(0..sums.last().copied().unwrap_or(1));
                sums.partition_point(|sum| *sum <= drawn)
            }
            Choice::Recorded(entries) => {
                let entry = entries.get((self.thread + number * self.threads) as usize);
                entry.map_or(0, |entry| entry.request as usize)
            }
        };
        (flow, random)
    }

    /// `{{seq}}` in that start.
    pub(crate) fn seq(&self, number: u64) -> u64 {
        self.numbers + number * self.threads + self.thread + 1
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use dyno_scenario::Request;

    use super::*;

    fn cast(weights: &[u32], mix: Mix, seed: u64, thread: u64, threads: u64) -> Cast {
        let requests = weights.iter().map(|_| Request::new("GET", "/"));
        let mut plan = Plan::of(requests.collect());
        plan.mix = mix;
        for (flow, weight) in plan.flows.iter_mut().zip(weights) {
            flow.weight = *weight;
        }
        let role = Role {
            seed,
            thread,
            threads,
            numbers: 0,
        };
        Cast::new(&plan, None, role)
    }

    /// 10^5 flows with weights 8:1:1, over two threads, within three standard
    /// errors; for each of several seeds.
    #[test]
    fn flows_come_as_often_as_their_weights_say() {
        const FLOWS: u64 = 100_000;
        for seed in 1..=5 {
            let mut seen = [0_u64; 3];
            for thread in 0..2 {
                let cast = cast(&[8, 1, 1], Mix::Weights, seed, thread, 2);
                (0..FLOWS / 2).for_each(|number| seen[cast.draw(number).0] += 1);
            }
            for (seen, share) in seen.into_iter().zip([0.8, 0.1, 0.1]) {
                let expected = FLOWS as f64 * share;
                let error = (expected * (1.0 - share)).sqrt();
                assert!(
                    (seen as f64 - expected).abs() < 3.0 * error,
                    "{seed}: {seen}"
                );
            }
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_sequence_and_another_another() {
        let sequence = |seed, thread| -> Vec<(usize, u64)> {
            let cast = cast(&[8, 1, 1], Mix::Weights, seed, thread, 2);
            // In any order: nothing depends on what came before.
            let mut drawn: Vec<_> = (0..1000).rev().map(|n| (n, cast.draw(n))).collect();
            drawn.reverse();
            let drawn = drawn.into_iter();
            drawn
                .map(|(_, (flow, mut random))| (flow, random.u64(..)))
                .collect()
        };
        assert_eq!(sequence(1, 0), sequence(1, 0));
        assert_ne!(sequence(1, 0), sequence(2, 0));
        assert_ne!(sequence(1, 0), sequence(1, 1));
    }

    #[test]
    fn those_of_the_short_form_take_turns_and_those_of_a_log_its_order() {
        let turns = cast(&[1, 1, 1], Mix::Turns, 1, 0, 1);
        let seen: Vec<usize> = (0..7).map(|number| turns.draw(number).0).collect();
        assert_eq!(seen, [0, 1, 2, 0, 1, 2, 0]);
        let entry = |request| Entry {
            at: std::time::Duration::ZERO,
            request,
        };
        let entries = Arc::new([4, 2, 2, 0, 3].map(entry).to_vec());
        let of_thread = |thread| {
            let role = Role {
                seed: 1,
                thread,
                threads: 2,
                numbers: 0,
            };
            let cast = Cast::new(&Plan::default(), Some(&entries), role);
            (0..2).map(|number| cast.draw(number).0).collect::<Vec<_>>()
        };
        assert_eq!((of_thread(0), of_thread(1)), (vec![4, 2], vec![2, 0]));
    }

    #[test]
    fn every_flow_has_a_number_of_its_own() {
        let mut seen = BTreeSet::new();
        for thread in 0..3 {
            let cast = cast(&[1], Mix::Turns, 1, thread, 3);
            seen.extend((0..100).map(|number| cast.seq(number)));
        }
        assert!(seen.into_iter().eq(1..=300));
    }
}
