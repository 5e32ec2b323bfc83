//! The beginning of a result: everything known before the first request.

use dyno_result::{
    Arrivals, Environment, Layout, Load, PlannedTrial, Run, RunKind, SCHEMA, SCHEMA_VERSION,
    ScenarioRecord, Shape, Stage, Status, StepPlan, Target, Tool, Trial, Variant,
};
use dyno_scenario::{Profile, Until};

use crate::requests;
use crate::source::Source;

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
        resumed_at: Vec::new(),
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
            settings: intent.source.settings.clone(),
            requests: requests::of(&scenario.plan),
        },
        environment: intent.environment,
        layout: intent.layout,
        steps: scenario.steps.iter().map(step_plan).collect(),
        targets: intent.targets,
        variants: variants(&scenario.variants),
        order: intent.order,
        trials: Vec::new(),
        warnings: Vec::new(),
    }
}

/// What is swept between trials; nothing where there is one level only.
fn variants(variants: &[dyno_scenario::Variant]) -> Vec<Variant> {
    if variants.len() < 2 {
        return Vec::new();
    }
    let stored = |variant: &dyno_scenario::Variant| Variant {
        id: variant.id.clone(),
        vars: variant.vars.clone(),
        env: variant.env.clone(),
    };
    variants.iter().map(stored).collect()
}

/// The order of trials: every round has each target once in each variant, in an
/// order drawn at random from `seed`.
pub(crate) fn order(
    targets: &[String],
    variants: &[dyno_scenario::Variant],
    rounds: u32,
    seed: u64,
) -> Vec<PlannedTrial> {
    let mut random = fastrand::Rng::with_seed(seed);
    let of_target = |target| variants.iter().map(move |variant| (target, &variant.id));
    let all: Vec<(&String, &String)> = targets.iter().flat_map(of_target).collect();
    let mut order = Vec::new();
    for round in 1..=rounds {
        let mut drawn = all.clone();
        random.shuffle(&mut drawn);
        let place = |(position, (target, variant)): (u32, (&String, &String))| PlannedTrial {
            round,
            position,
            target: target.clone(),
            variant: variant.clone(),
        };
        order.extend((1..).zip(drawn).map(place));
    }
    order
}

/// The planned trials that have not been played, with their numbers.
pub(crate) fn missing(run: &Run) -> Vec<(u32, PlannedTrial)> {
    let is_played = |number| run.trials.iter().any(|trial| trial.number == number);
    let all = (1..).zip(run.order.iter().cloned());
    all.filter(|(number, _)| !is_played(*number)).collect()
}

/// Whether a trial came to its end, be it a bad one. A dyno before schema 1.3 did
/// not mark those that were stopped.
pub(crate) fn is_whole(trial: &Trial, run: &Run) -> bool {
    let has_failed = !trial.invalid_reasons.is_empty();
    !trial.interrupted && (has_failed || trial.steps.len() == run.steps.len())
}

/// What is played, in words: `greet-go`, or `greet-go, size-39`.
pub(crate) fn title(place: &PlannedTrial) -> String {
    match place.variant.as_str() {
        "" => place.target.clone(),
        variant => format!("{}, {variant}", place.target),
    }
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

    fn variants(ids: &[&str]) -> Vec<dyno_scenario::Variant> {
        let variant = |id: &&str| dyno_scenario::Variant {
            id: (*id).to_owned(),
            ..dyno_scenario::Variant::default()
        };
        ids.iter().map(variant).collect()
    }

    #[test]
    fn every_round_has_each_target_in_each_variant_once_and_the_seed_decides() {
        let targets: Vec<String> = ["a", "b", "c"].map(str::to_owned).to_vec();
        for levels in [&[""][..], &["x", "y"]] {
            let drawn = order(&targets, &variants(levels), 20, 7);
            assert_eq!(drawn, order(&targets, &variants(levels), 20, 7));
            assert_ne!(drawn, order(&targets, &variants(levels), 20, 8));
            let each = targets.len() * levels.len();
            assert_eq!(drawn.len(), 20 * each);
            let mut first = std::collections::BTreeSet::new();
            for round in drawn.chunks(each) {
                let mut pairs: Vec<_> = round.iter().map(|t| (&t.target, &t.variant)).collect();
                first.insert(pairs[0]);
                pairs.sort();
                pairs.dedup();
                assert_eq!(pairs.len(), each);
                let positions: Vec<_> = round.iter().map(|trial| trial.position as usize).collect();
                assert_eq!(positions, (1..=each).collect::<Vec<_>>());
            }
            assert!(
                first.len() >= 3,
                "each target is first in some round: {first:?}"
            );
        }
    }
}
