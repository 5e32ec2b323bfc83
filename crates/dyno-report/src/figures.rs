//! The whole run in figures: steps, in them targets (in each variant, if something
//! is swept), in them what their valid trials amount to or why there is nothing.

use dyno_result::{
    Arrivals, Evidence, Load, Recording, Shape, Step, StepPlan, Surroundings, Target, Thresholds,
    Trial, TrialRecording, Verdict, verdict,
};

use crate::measured::{Measured, Played};
use crate::prices::Prices;
use crate::subject::{Subject, subjects};
use crate::{number, text};

/// The whole run in figures.
pub(crate) struct Figures<'a> {
    pub(crate) recording: &'a Recording,
    pub(crate) steps: Vec<StepFigures<'a>>,
    /// What each row of a step is about.
    pub(crate) subjects: Vec<Subject<'a>>,
    /// What instances cost.
    pub(crate) prices: &'a Prices,
}

/// One step at one level.
pub(crate) struct StepFigures<'a> {
    pub(crate) plan: &'a StepPlan,
    /// The step's name.
    pub(crate) name: String,
    /// Its load in words.
    pub(crate) load: String,
    /// Variant by variant, in the order of the run's targets.
    pub(crate) rows: Vec<Row<'a>>,
}

/// One target at one step.
pub(crate) struct Row<'a> {
    /// As in [`Subject`].
    pub(crate) index: usize,
    pub(crate) reference: Option<usize>,
    pub(crate) target: &'a Target,
    pub(crate) name: String,
    pub(crate) outcome: Outcome<'a>,
}

/// Whether there are figures.
pub(crate) enum Outcome<'a> {
    /// Why there are none.
    NotMeasured(String),
    Measured(Box<Measured<'a>>),
}

impl<'a> Figures<'a> {
    pub(crate) fn of(recording: &'a Recording, prices: &'a Prices) -> Self {
        let run = &recording.run;
        let subjects = subjects(recording);
        let steps = run.steps.iter().map(|plan| {
            let (name, load) = heading(plan);
            let rows = subjects.iter();
            let mut step = StepFigures {
                plan,
                name,
                load,
                rows: rows.map(|of| Row::of(recording, plan, of)).collect(),
            };
            step.compare();
            step
        });
        Self {
            recording,
            steps: steps.collect(),
            subjects,
            prices,
        }
    }

    /// Every figure of every target, steps in order.
    pub(crate) fn measured(
        &self,
    ) -> impl Iterator<Item = (&StepFigures<'a>, &Row<'a>, &Measured<'a>)> {
        self.steps.iter().flat_map(|step| {
            let rows = step.rows.iter();
            rows.filter_map(move |row| Some((step, row, row.measured()?)))
        })
    }

    /// Whether a step leaves the starts to the answers.
    pub(crate) fn has_closed(&self) -> bool {
        self.steps.iter().any(|step| step.asked_per_s().is_none())
    }

    /// Whether a step has starts from a clock.
    pub(crate) fn has_open(&self) -> bool {
        self.steps.iter().any(|step| step.asked_per_s().is_some())
    }

    /// The valid trials of a target.
    pub(crate) fn valid_trials(&self, target: &str) -> impl Iterator<Item = &'a Trial> {
        let trials = self.recording.run.trials.iter();
        trials.filter(move |t| t.target == target && t.invalid_reasons.is_empty())
    }
}

impl<'a> StepFigures<'a> {
    /// Name and load in one line.
    pub(crate) fn title(&self) -> String {
        match self.load.starts_with("on ") {
            true => format!("{} {}", self.name, self.load),
            false => format!("{} – {}", self.name, self.load),
        }
    }

    /// The starts that the clock of an open step asks for, per second, on average.
    pub(crate) fn asked_per_s(&self) -> Option<f64> {
        asked_per_s(self.plan)
    }

    /// What a row is compared with, itself perhaps.
    pub(crate) fn reference(&self, row: &Row) -> Option<&Row<'a>> {
        self.rows.get(row.reference?)
    }

    /// Whether something was watched while it was played.
    pub(crate) fn has_costs(&self) -> bool {
        let mut measured = self.rows.iter().filter_map(|row| row.measured());
        measured.any(|m| m.cpu_per_request.is_some() || m.memory.is_some() || m.ready.is_some())
    }

    /// Where a clock sets the rate, more throughput says nothing of a target.
    fn compare(&mut self) {
        if self.asked_per_s().is_some() {
            return;
        }
        let base = |row: &Row| Some(self.reference(row)?.measured()?.throughput.median);
        let bases: Vec<Option<f64>> = self.rows.iter().map(base).collect();
        for (row, base) in self.rows.iter_mut().zip(bases) {
            if let (Outcome::Measured(measured), Some(base)) = (&mut row.outcome, base) {
                measured.ratio = (base > 0.0).then(|| measured.throughput.median / base);
            }
        }
    }
}

impl<'a> Row<'a> {
    fn of(recording: &'a Recording, plan: &StepPlan, subject: &Subject<'a>) -> Self {
        let outcome = match played(recording, plan, subject) {
            Ok(trials) => Outcome::Measured(Box::new(Measured::of(trials))),
            Err(reason) => Outcome::NotMeasured(text::line(&reason)),
        };
        Self {
            index: subject.index,
            reference: subject.reference,
            target: subject.target,
            name: subject.name.clone(),
            outcome,
        }
    }

    /// Whether the others are compared with it.
    pub(crate) fn is_reference(&self) -> bool {
        self.reference == Some(self.index)
    }

    pub(crate) fn measured(&self) -> Option<&Measured<'a>> {
        match &self.outcome {
            Outcome::Measured(measured) => Some(measured),
            Outcome::NotMeasured(_) => None,
        }
    }
}

/// The valid trials that played the step, or why there are none.
fn played<'a>(
    recording: &'a Recording,
    plan: &StepPlan,
    subject: &Subject<'_>,
) -> Result<Vec<Played<'a>>, String> {
    if let Some(reason) = &subject.target.excluded {
        return Err(reason.clone());
    }
    let (mut valid, mut invalid) = (Vec::new(), 0);
    for (index, trial) in recording.run.trials.iter().enumerate() {
        let Some(step) = trial.steps.iter().find(|step| step.id == plan.id) else {
            continue;
        };
        if !subject.has(trial) {
            continue;
        }
        if !trial.invalid_reasons.is_empty() {
            invalid += 1;
            continue;
        }
        let recorded = recording.trials.get(index);
        valid.push(Played {
            trial,
            step,
            histograms: recorded.and_then(|r| r.histograms.get(&plan.id)),
            verdict: match &step.verdict {
                Some(stored) => stored.clone(),
                None => judge(recording, plan, step, recorded),
            },
        });
    }
    match (valid.len(), invalid) {
        (0, 0) => Err("no trial played this step".to_owned()),
        (0, n) => Err(format!("no valid trial ({n} invalid)")),
        _ => Ok(valid),
    }
}

/// The verdict of a step that was stored before there were any.
fn judge(
    recording: &Recording,
    plan: &StepPlan,
    step: &Step,
    recorded: Option<&TrialRecording>,
) -> Verdict {
    let intervals = recorded.map_or(&[][..], |recorded| &recorded.series.intervals);
    let of_step = intervals.iter().filter(|slice| slice.step == step.id);
    let evidence = Evidence {
        step,
        load: &plan.load,
        intervals: &of_step.cloned().collect::<Vec<_>>(),
        surroundings: Surroundings::of_target(&recording.run.layout),
    };
    verdict(&evidence, &Thresholds::default())
}

/// The starts that the clock of an open step asks for, per second, on average.
pub(crate) fn asked_per_s(plan: &StepPlan) -> Option<f64> {
    match plan.load {
        Load::Closed { .. } => None,
        Load::Open { rate_per_s, .. } => Some(rate_per_s),
    }
}

/// A step's name and its load; the load does not repeat the name.
fn heading(plan: &StepPlan) -> (String, String) {
    let (name, load) = (text::line(&plan.name), load(plan));
    match load.strip_prefix(&name) {
        Some(rest) if rest.starts_with(" on ") => (name, rest.trim_start().to_owned()),
        _ => (name, load),
    }
}

/// A load in words: `10,000 requests on 100 connections`. A load of another
/// model also needs its words in the legend and under the charts.
fn load(plan: &StepPlan) -> String {
    let on = |connections: u32| match connections {
        1 => "1 connection".to_owned(),
        n => format!("{} connections", number::count(n.into())),
    };
    let mut words = match plan.load {
        Load::Closed {
            connections,
            requests,
            duration_s,
        } => {
            let on = on(connections);
            match (requests, duration_s) {
                (Some(1), _) => format!("1 request on {on}"),
                (Some(n), _) => format!("{} requests on {on}", number::count(n)),
                (None, Some(s)) => format!("{on} for {}", number::seconds(s)),
                (None, None) => on,
            }
        }
        Load::Open {
            rate_per_s,
            arrivals,
            connections,
            duration_s,
            ref shape,
        } => {
            let starts = match shape {
                None => number::starts(rate_per_s),
                Some(shape) => shape_in_words(shape),
            };
            let arrivals = match (shape, arrivals) {
                (Some(Shape::Bursts { .. } | Shape::Recorded { .. }), _) => "",
                (_, Arrivals::Constant) => " (constant)",
                (_, Arrivals::Poisson) => " (Poisson)",
            };
            format!(
                "{starts}{arrivals} for {}, up to {}",
                number::seconds(duration_s),
                on(connections)
            )
        }
    };
    if !plan.keepalive {
        words += ", a new one for each request";
    }
    words
}

/// `ramp 10/s to 500/s`, `stages to 500/s`, `100 starts every 1 s`.
fn shape_in_words(shape: &Shape) -> String {
    match shape {
        Shape::Stages { stages } => match stages.as_slice() {
            [ramp] if ramp.from_per_s != ramp.to_per_s => format!(
                "ramp {}/s to {}/s",
                number::plain(ramp.from_per_s),
                number::plain(ramp.to_per_s)
            ),
            stages => {
                let ends = stages.iter().flat_map(|s| [s.from_per_s, s.to_per_s]);
                format!("stages to {}/s", number::plain(ends.fold(0.0, f64::max)))
            }
        },
        Shape::Bursts { starts, every_s } => {
            let starts = match starts {
                1 => "1 start".to_owned(),
                n => format!("{} starts", number::count(*n)),
            };
            format!("{starts} every {}", number::seconds(*every_s))
        }
        Shape::Recorded { log, speed } => {
            format!("the starts of {log} at speed {}", number::plain(*speed))
        }
    }
}

#[cfg(test)]
mod tests {
    use dyno_result::Stage;

    use super::*;

    #[test]
    fn a_load_that_changes_is_named_by_how() {
        let stages = |list: &[(f64, f64)]| {
            let stage = |&(from_per_s, to_per_s): &(f64, f64)| Stage {
                from_per_s,
                to_per_s,
                duration_s: 5.0,
            };
            Some(Shape::Stages {
                stages: list.iter().map(stage).collect(),
            })
        };
        let bursts = |starts, every_s| Some(Shape::Bursts { starts, every_s });
        let rest = "for 10 s, up to 256 connections";
        for (shape, arrivals, expected) in [
            (None, Arrivals::Poisson, "510 starts/s (Poisson)"),
            (
                stages(&[(10.0, 500.0)]),
                Arrivals::Constant,
                "ramp 10/s to 500/s (constant)",
            ),
            (
                stages(&[(4000.0, 0.0)]),
                Arrivals::Poisson,
                "ramp 4,000/s to 0/s (Poisson)",
            ),
            (
                stages(&[(0.0, 1.5), (500.0, 500.0), (500.0, 0.0)]),
                Arrivals::Poisson,
                "stages to 500/s (Poisson)",
            ),
            (
                stages(&[(500.0, 500.0)]),
                Arrivals::Constant,
                "stages to 500/s (constant)",
            ),
            (bursts(100, 1.0), Arrivals::Constant, "100 starts every 1 s"),
            (bursts(1, 0.25), Arrivals::Constant, "1 start every 250 ms"),
        ] {
            let plan = StepPlan {
                id: "s".to_owned(),
                name: "s".to_owned(),
                load: Load::Open {
                    rate_per_s: 510.0,
                    arrivals,
                    connections: 256,
                    duration_s: 10.0,
                    shape,
                },
                warmup_s: 0.0,
                timeout_s: 1.0,
                keepalive: true,
            };
            assert_eq!(load(&plan), format!("{expected} {rest}"));
        }
    }
}
