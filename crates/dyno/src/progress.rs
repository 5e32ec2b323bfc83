//! What is going on, on stderr: one moving line on a terminal, one line a trial
//! elsewhere, both with the time left.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use dyno_engine::Event;
use dyno_result::{PlannedTrial, Run};
use dyno_scenario::{Scenario, Step};
use indicatif::{ProgressBar, ProgressStyle};

use crate::estimate::{Estimate, coarse};
use crate::record::{missing, title};
use crate::screen;

/// A step of a fixed number of requests, before the first one was seen.
const FIXED_COUNT: Duration = Duration::from_secs(3);

/// The state of a run as told to people.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
    moving: bool,
    /// The trials that are to be played, in their order.
    order: Vec<PlannedTrial>,
    done: usize,
    /// How many trials there are with those that were played before.
    all: usize,
    /// How long a trial takes, before one of its kind was seen.
    estimate: Duration,
    /// How long the last trial of each target and variant took.
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
            all: 0,
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

    /// The missing trials of a run begin.
    pub(crate) fn begin(&mut self, scenario: &Scenario, run: &Run) {
        self.order = missing(run).into_iter().map(|(_, place)| place).collect();
        self.all = run.order.len();
        self.estimate = Estimate::of_trial(scenario, FIXED_COUNT).time;
    }

    /// A trial begins.
    pub(crate) fn trial(&mut self, number: u32, planned: &PlannedTrial) {
        self.begin = Instant::now();
        let (all, left) = (self.all, coarse(self.left()));
        let (round, title) = (planned.round, title(planned));
        self.doing = format!("trial {number}/{all}: round {round} {title}, {left} left");
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
    pub(crate) fn trial_done(&mut self, planned: &PlannedTrial) {
        self.seen.insert(title(planned), self.begin.elapsed());
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

    /// The rest, from what trials of the same kind really took.
    fn left(&self) -> Duration {
        let rest = self.order.iter().skip(self.done);
        let each = rest.map(|planned| self.seen.get(&title(planned)).unwrap_or(&self.estimate));
        each.sum()
    }
}
