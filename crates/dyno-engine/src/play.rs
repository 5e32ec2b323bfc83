//! What is to be played, and what came of it.

use dyno_result::{Interval, Pacing, Step, StepHistograms};
use dyno_scenario::Plan;

use crate::Stop;
use crate::address::Address;
use crate::stock::Stock;

/// A step that was played.
#[derive(Debug, Clone, PartialEq)]
pub struct Played {
    /// Its figures; the target's resources are left to others.
    pub step: Step,
    /// Its histograms, a slice a second.
    pub histograms: StepHistograms,
    /// Its outcome, a slice a second.
    pub intervals: Vec<Interval>,
}

/// What is to be played.
#[derive(Debug, Clone, Copy)]
pub struct Play<'a> {
    /// The step.
    pub step: &'a dyno_scenario::Step,
    /// What is asked.
    pub plan: &'a Plan,
    /// What its templates are filled with: one for all steps of a trial.
    pub stock: &'a Stock,
    /// Where.
    pub address: &'a Address,
    /// The load threads: each stays on its CPU, or goes where the kernel likes
    /// for `None`. More threads than connections are not started.
    pub threads: &'a [Option<u32>],
    /// Seed of random arrivals.
    pub seed: u64,
    /// How the load threads wait for due times.
    pub pacing: Pacing,
    /// Ends the step early, with what was seen until then.
    pub stop: &'a Stop,
}
