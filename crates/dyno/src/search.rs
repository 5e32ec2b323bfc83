//! The highest level at which a limit holds. `course` decides what is asked next and
//! when that is enough, `judge` what a probe says, `hunt` plays the probes.

mod course;
#[cfg(test)]
mod fixture;
mod hunt;
mod judge;
mod ladder;
mod overload;
mod plan;
mod recovery;
mod verdict;

use std::time::Duration;

use dyno_scenario::{Search, Step};

use course::Course;
pub(crate) use hunt::{Ground, Hunt};
pub(crate) use plan::plan;
use recovery::LONGEST;

/// The longest that the search of a step may take. A probe takes its warm-up, its time,
/// and the waits for the last answers of both.
pub(crate) fn most_time(step: &Step, search: &Search, cooldown: Duration) -> Duration {
    let course = Course::of(search);
    let drains = step.timeout.saturating_mul(2);
    let probe = step.load.duration().unwrap_or_default() + step.warmup + drains + cooldown;
    // One more beyond the limit, and then the target gets over it.
    let probes = u32::try_from(course.most_probes() + 1).unwrap_or(u32::MAX);
    probe.saturating_mul(probes).saturating_add(LONGEST)
}
