//! What is going on, on stderr: one moving line on a terminal, one line a trial
//! elsewhere, both with the time left.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use dyno_engine::Event;
use dyno_result::PlannedTrial;
use dyno_scenario::{Scenario, Step};
use indicatif::{ProgressBar, ProgressStyle};

use crate::screen;

/// Start, stop and checks of one trial, roughly.
const OVERHEAD: Duration = Duration::from_secs(1);
/// A step of a fixed number of requests, before the first one was seen.
const FIXED_COUNT: Duration = Duration::from_secs(3);

/// The state of a run as told to people.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
    moving: bool,
    /// The trials, in their order.
    order: Vec<PlannedTrial>,
    done: usize,
    /// How long a trial takes, before one of its target was seen.
    estimate: Duration,
    /// How long the last trial of each target took.
    seen: BTreeMap<String, Duration>,
    /// The beginning of the current trial.
    begin: Instant,
    doing: String,
}

impl Progress {
    pub(crate) fn new() -> Self {
        let bar = ProgressBar::new_spinner();
        let style = ProgressStyle::with_template("{spinner} {wide_msg}")
            .expect("the template is a constant");
        bar.set_style(style);
        Self {
            // Hidden by indicatif when stderr is no terminal.
            moving: !bar.is_hidden(),
            bar,
            order: Vec::new(),
            done: 0,
            estimate: Duration::ZERO,
            seen: BTreeMap::new(),
            begin: Instant::now(),
            doing: String::new(),
        }
    }

    /// One line that stays.
    pub(crate) fn say(&self, text: &str) {
        if self.moving {
            self.bar.suspend(|| screen::talk(text));
        } else {
            screen::talk(text);
        }
    }

    /// What is being prepared.
    pub(crate) fn preparing(&self, target: &str, what: &str) {
        if self.moving {
            self.bar.set_message(format!("{target}: {what}"));
            self.bar.tick();
        } else {
            screen::talk(&format!("{target}: {what}"));
        }
    }

    /// The trials begin.
    pub(crate) fn begin(&mut self, scenario: &Scenario, order: &[PlannedTrial]) {
        self.order = order.to_vec();
        self.estimate = estimate(scenario);
        let (trials, rounds) = (order.len(), scenario.repeat);
        let targets = trials / rounds.max(1) as usize;
        let left = coarse(self.left());
        self.say(&format!(
            "{trials} trials ({targets} targets x {rounds} rounds), about {left}"
        ));
    }

    /// A trial begins.
    pub(crate) fn trial(&mut self, planned: &PlannedTrial) {
        self.begin = Instant::now();
        let (number, left) = (self.done + 1, coarse(self.left()));
        self.doing = format!(
            "trial {number}/{}: round {} {}, {left} left",
            self.order.len(),
            planned.round,
            planned.target
        );
        if self.moving {
            self.show("starting");
        } else {
            screen::talk(&self.doing);
        }
    }

    /// The started target is left alone.
    pub(crate) fn idle(&self) {
        self.show("idle");
    }

    /// The target is being stopped.
    pub(crate) fn stopping(&self) {
        self.show("stopping");
    }

    /// Something happened in a step.
    pub(crate) fn event(&self, step: &Step, event: &Event<'_>) {
        match event {
            Event::Warmup => self.show(&format!("{}: warm-up", step.name)),
            Event::Measure => self.show(&step.name),
            Event::Interval(second) => {
                let interval = second.interval;
                let (answers, failed) = (interval.succeeded, interval.failed);
                self.show(&format!("{}: {answers}/s, {failed} failed", step.name));
            }
            Event::Drained => {}
        }
    }

    /// A trial is over.
    pub(crate) fn trial_done(&mut self) {
        if let Some(planned) = self.order.get(self.done) {
            let target = planned.target.clone();
            self.seen.insert(target, self.begin.elapsed());
        }
        self.done += 1;
    }

    /// The run is over.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn show(&self, what: &str) {
        if self.moving {
            self.bar.set_message(format!("{} | {what}", self.doing));
            self.bar.tick();
        }
    }

    /// The rest, from what trials of the same target really took.
    fn left(&self) -> Duration {
        let rest = self.order.iter().skip(self.done);
        let each = rest.map(|planned| self.seen.get(&planned.target).unwrap_or(&self.estimate));
        each.sum()
    }
}

/// How long a trial takes if all goes well.
fn estimate(scenario: &Scenario) -> Duration {
    let steps = scenario
        .steps
        .iter()
        .map(|step| step.warmup + step.load.duration().unwrap_or(FIXED_COUNT));
    let pauses = scenario.cooldown * u32::try_from(scenario.steps.len() - 1).unwrap_or(0);
    OVERHEAD + scenario.idle + pauses + steps.sum()
}

/// `45 s`, `3 min 10 s`: no finer than it is known.
fn coarse(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60 / 10 * 10),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_no_finer_than_known() {
        let cases = [
            (5, "5 s"),
            (59, "59 s"),
            (61, "1 min 0 s"),
            (199, "3 min 10 s"),
            (7300, "2 h 1 min"),
        ];
        for (seconds, text) in cases {
            assert_eq!(coarse(Duration::from_secs(seconds)), text);
        }
    }
}
