//! The beginning of a result: everything known before the first request.

use dyno_result::{
    Arrivals, Environment, Layout, Load, PlannedTrial, Run, RunKind, SCHEMA, SCHEMA_VERSION,
    ScenarioRecord, Shape, Stage, Status, StepPlan, Target, Tool,
};
use dyno_scenario::{Profile, Scenario, Until};

/// A scenario and the file it came from.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    /// As given on the command line.
    pub(crate) file: String,
    /// The whole file.
    pub(crate) text: String,
    pub(crate) scenario: Scenario,
}

/// What a run is about to do.
#[derive(Debug)]
pub(crate) struct Intent<'a> {
    pub(crate) kind: RunKind,
    pub(crate) source: &'a Source,
    pub(crate) seed: u64,
    pub(crate) quick: bool,
    pub(crate) environment: Environment,
    pub(crate) layout: Layout,
    pub(crate) targets: Vec<Target>,
    pub(crate) order: Vec<PlannedTrial>,
}

/// The result of a run that has not begun.
pub(crate) fn begin(intent: Intent<'_>) -> Run {
    let scenario = &intent.source.scenario;
    Run {
        schema: SCHEMA.to_owned(),
        schema_version: SCHEMA_VERSION.to_owned(),
        kind: intent.kind,
        tool: Tool {
            name: "dyno".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        },
        run_id: uuid::Uuid::now_v7().to_string(),
        created_at: now(),
        finished_at: None,
        status: Status::Unfinished,
        quick: intent.quick,
        command: command_line(),
        seed: intent.seed,
        scenario: ScenarioRecord {
            name: scenario.name.clone(),
            question: scenario.question.clone(),
            contract: scenario.contract.clone(),
            file: intent.source.file.clone(),
            sha256: dyno_target::sha256(intent.source.text.as_bytes()),
            text: intent.source.text.clone(),
        },
        environment: intent.environment,
        layout: intent.layout,
        steps: scenario.steps.iter().map(step_plan).collect(),
        targets: intent.targets,
        order: intent.order,
        trials: Vec::new(),
        warnings: Vec::new(),
    }
}

/// The order of trials: every round has each target once, in an order drawn at
/// random from `seed`.
pub(crate) fn order(targets: &[String], rounds: u32, seed: u64) -> Vec<PlannedTrial> {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut order = Vec::new();
    for round in 1..=rounds {
        let mut drawn = targets.to_vec();
        random.shuffle(&mut drawn);
        order.extend((1..).zip(drawn).map(|(position, target)| PlannedTrial {
            round,
            position,
            target,
        }));
    }
    order
}

/// Now, RFC 3339, UTC, whole milliseconds.
pub(crate) fn now() -> String {
    jiff::Timestamp::now()
        .strftime("%Y-%m-%dT%H:%M:%S%.3fZ")
        .to_string()
}

/// The command line without the folder that dyno itself stands in.
fn command_line() -> Vec<String> {
    let given = std::env::args().skip(1);
    std::iter::once("dyno".to_owned()).chain(given).collect()
}

fn load(load: &dyno_scenario::Load) -> Load {
    match load {
        dyno_scenario::Load::Closed { connections, until } => {
            let (requests, duration_s) = match until {
                Until::Requests(requests) => (Some(*requests), None),
                Until::Elapsed(duration) => (None, Some(duration.as_secs_f64())),
            };
            Load::Closed {
                connections: *connections,
                requests,
                duration_s,
            }
        }
        dyno_scenario::Load::Open {
            profile,
            arrivals,
            connections,
        } => Load::Open {
            rate_per_s: profile.mean_per_second(),
            arrivals: match arrivals {
                dyno_scenario::Arrivals::Constant => Arrivals::Constant,
                dyno_scenario::Arrivals::Poisson => Arrivals::Poisson,
            },
            connections: *connections,
            duration_s: profile.duration().as_secs_f64(),
            shape: shape(profile),
        },
    }
}

/// How a rate that changes does it.
fn shape(profile: &Profile) -> Option<Shape> {
    let stage = |stage: &dyno_scenario::Stage| Stage {
        from_per_s: stage.from.per_second(),
        to_per_s: stage.to.per_second(),
        duration_s: stage.duration.as_secs_f64(),
    };
    match profile {
        Profile::Steady { .. } => None,
        Profile::Stages(stages) => Some(Shape::Stages {
            stages: stages.iter().map(stage).collect(),
        }),
        Profile::Bursts { starts, every, .. } => Some(Shape::Bursts {
            starts: *starts,
            every_s: every.as_secs_f64(),
        }),
        Profile::Recorded(recording) => Some(Shape::Recorded {
            log: recording.log.clone(),
            speed: recording.speed,
        }),
    }
}

/// A step as it is stored.
pub(crate) fn step_plan(step: &dyno_scenario::Step) -> StepPlan {
    StepPlan {
        id: step.id.clone(),
        name: step.name.clone(),
        load: load(&step.load),
        warmup_s: step.warmup.as_secs_f64(),
        timeout_s: step.timeout.as_secs_f64(),
        keepalive: step.keepalive,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_round_has_each_target_once_and_the_seed_decides() {
        let targets: Vec<String> = ["a", "b", "c"].map(str::to_owned).to_vec();
        let drawn = order(&targets, 20, 7);
        assert_eq!(drawn, order(&targets, 20, 7));
        assert_ne!(drawn, order(&targets, 20, 8));
        for round in drawn.chunks(3) {
            let mut ids: Vec<_> = round.iter().map(|trial| trial.target.clone()).collect();
            ids.sort();
            assert_eq!(ids, targets);
            let positions: Vec<_> = round.iter().map(|trial| trial.position).collect();
            assert_eq!(positions, [1, 2, 3]);
        }
        let first: std::collections::BTreeSet<_> = drawn.chunks(3).map(|r| &r[0].target).collect();
        assert_eq!(first.len(), 3, "each target is first in some round");
    }
}
