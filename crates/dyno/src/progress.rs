//! What is going on, on stderr: one moving line on a terminal, one line a trial
//! elsewhere, both with the time left.

use std::time::{Duration, Instant};

use dyno_engine::Event;
use dyno_result::PlannedTrial;
use dyno_scenario::{Load, Scenario, Step, Until};
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
    begin: Instant,
    trials: usize,
    done: usize,
    estimate: Duration,
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
            begin: Instant::now(),
            trials: 0,
            done: 0,
            estimate: Duration::ZERO,
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
    pub(crate) fn begin(&mut self, scenario: &Scenario, trials: usize) {
        self.begin = Instant::now();
        self.trials = trials;
        self.estimate = estimate(scenario) * u32::try_from(trials).unwrap_or(u32::MAX);
        let targets = trials / scenario.repeat.max(1) as usize;
        let text = format!(
            "{trials} trials ({targets} targets x {} rounds), about {}",
            scenario.repeat,
            coarse(self.estimate)
        );
        self.say(&text);
    }

    /// A trial begins.
    pub(crate) fn trial(&mut self, planned: &PlannedTrial) {
        let (number, left) = (self.done + 1, self.left());
        self.doing = format!(
            "trial {number}/{}: round {} {}, {left} left",
            self.trials, planned.round, planned.target
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
    pub(crate) fn event(&self, step: &Step, event: &Event) {
        match event {
            Event::Warmup => self.show(&format!("{}: warm-up", step.name)),
            Event::Measure => self.show(&step.name),
            Event::Interval(interval) => {
                let (answers, failed) = (interval.succeeded, interval.failed);
                self.show(&format!("{}: {answers}/s, {failed} failed", step.name));
            }
            Event::Drained => {}
        }
    }

    /// A trial is over.
    pub(crate) fn trial_done(&mut self) {
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

    /// The rest, from what the trials so far really took.
    fn left(&self) -> String {
        let rest = self.trials - self.done;
        let left = if self.done == 0 {
            self.estimate
        } else {
            let each = self.begin.elapsed() / u32::try_from(self.done).unwrap_or(u32::MAX);
            each * u32::try_from(rest).unwrap_or(u32::MAX)
        };
        coarse(left)
    }
}

/// How long a trial takes if all goes well.
fn estimate(scenario: &Scenario) -> Duration {
    let steps = scenario.steps.iter().map(|step| {
        let Load::Closed { until, .. } = step.load;
        let length = match until {
            Until::Elapsed(length) => length,
            Until::Requests(_) => FIXED_COUNT,
        };
        step.warmup + length
    });
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
