//! A run: targets prepared, trials in their order, the result written after
//! each.

use std::path::{Path, PathBuf};

use dyno_engine::Stock;
use dyno_result::{Conformance, Environment, PlannedTrial, Run, RunKind, Status, Target};
use dyno_target::Manifest;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::preparation::{Bench, Env, Prepared, broken};
use crate::progress::Progress;
use crate::record::{self, Intent, now, title};
use crate::resume::Begun;
use crate::run_directory::RunDirectory;
use crate::source::Source;
use crate::trial::{self, Piece};

/// What to run.
#[derive(Debug)]
pub(crate) struct Session<'a> {
    pub(crate) source: &'a Source,
    /// What its templates are filled with.
    pub(crate) stock: &'a Stock,
    pub(crate) bench: &'a Bench,
    pub(crate) seed: u64,
    pub(crate) quick: bool,
    /// Folder of the run, to be made.
    pub(crate) output: PathBuf,
}

/// A run that came to its end, one way or another.
pub(crate) struct Finished {
    pub(crate) directory: RunDirectory,
    pub(crate) exit: Exit,
}

impl Session<'_> {
    /// Prepares and measures the targets of `manifests`; goes on with `begun` if
    /// there is such a run.
    pub(crate) async fn run(
        &self,
        manifests: Vec<Manifest>,
        begun: Option<Begun>,
    ) -> Result<Finished, Failure> {
        let mut progress = Progress::new();
        let mut prepared = Vec::new();
        let mut targets = Vec::new();
        for manifest in manifests {
            if self.bench.interrupt.is_asked() {
                break;
            }
            let (target, ready) = self.prepare(manifest, &progress).await?;
            targets.push(target);
            prepared.extend(ready);
        }
        let ids: Vec<String> = prepared.iter().map(|p| p.manifest.id.clone()).collect();
        let mut environment = dyno_target::host::environment();
        environment.tools = dyno_target::host::tools();
        environment.database = self.bench.provision.describe().await?;
        dyno_target::layout::pin_current_process(&self.bench.layout.generator_cpus)
            .map_err(Failure::dyno)?;
        let (mut run, directory) = self.begin(begun, (targets, &ids), environment)?;
        let cpu_before = dyno_target::host::cpu_times();
        progress.begin(&self.source.scenario, &run);
        let measured = self
            .trials(&mut run, &prepared, &directory, &mut progress)
            .await;
        progress.finish();
        run.environment.noise.load_after = dyno_target::host::load_average();
        run.environment.noise.steal_fraction = cpu_before
            .zip(dyno_target::host::cpu_times())
            .and_then(|(before, after)| dyno_target::host::steal_fraction(before, after));
        run.finished_at = Some(now());
        let interrupted = self.bench.interrupt.is_asked();
        run.status = match &measured {
            Err(_) => Status::Failed,
            Ok(()) if interrupted => Status::Interrupted,
            Ok(()) => Status::Complete,
        };
        let saved = directory.save(&run).map_err(no_room);
        measured.and(saved)?;
        let exit = Exit::of(&run, true);
        Ok(Finished { directory, exit })
    }

    /// The result before its next trial, and the folder that it is written into.
    /// `ids` are the targets that may be measured.
    pub(crate) fn begin(
        &self,
        begun: Option<Begun>,
        (targets, ids): (Vec<Target>, &[String]),
        environment: Environment,
    ) -> Result<(Run, RunDirectory), Failure> {
        let scenario = &self.source.scenario;
        let intent = Intent {
            kind: RunKind::Run,
            source: self.source,
            seed: self.seed,
            quick: self.quick,
            environment,
            layout: self.bench.layout.clone(),
            targets,
            order: record::order(ids, &scenario.variants, scenario.repeat, self.seed),
        };
        let Some(begun) = begun else {
            let run = record::begin(intent);
            let directory = RunDirectory::create(&self.output, &run).map_err(no_room)?;
            return Ok((run, directory));
        };
        let is_interrupted = self.bench.interrupt.is_asked();
        let (run, directory) = begun.go_on(intent, is_interrupted)?;
        directory.save(&run).map_err(no_room)?;
        Ok((run, directory))
    }

    /// Builds and verifies one target.
    async fn prepare(
        &self,
        manifest: Manifest,
        progress: &Progress,
    ) -> Result<(Target, Option<Prepared>), Failure> {
        let mut target = manifest.describe();
        let (conformance, reason, prepared) = tokio::select! {
            checked = self.check(manifest, &mut target, progress) => match checked {
                Ok(checked) => checked,
                Err(failure) if failure.exit == Exit::Target => {
                    // The whole log and the hint are worth more than one line.
                    progress.say(&failure.render());
                    target.excluded = Some(failure.line());
                    return Ok((target, None));
                }
                Err(failure) => return Err(failure),
            },
            () = self.bench.interrupt.asked() => {
                target.excluded = Some("interrupted".to_owned());
                return Ok((target, None));
            }
        };
        target.excluded = reason;
        if let Some(reason) = &target.excluded {
            progress.say(&format!("{} is not measured: {reason}", target.id));
        }
        target.conformance = Some(conformance);
        let ready = target.excluded.is_none().then_some(prepared);
        Ok((target, ready))
    }

    async fn check(
        &self,
        manifest: Manifest,
        target: &mut Target,
        progress: &Progress,
    ) -> Result<(Conformance, Option<String>, Prepared), Failure> {
        progress.preparing(&manifest.id, "build");
        let prepared = self.bench.build(manifest).await.map_err(Failure::target)?;
        *target = self
            .bench
            .describe(&prepared)
            .await
            .map_err(Failure::target)?;
        progress.preparing(&target.id, "verify");
        let log = prepared.built.work.with_extension("verify.log");
        let mut first = None;
        for env in self.environments() {
            let conformance = self.bench.verify(&prepared, env, &log, self.seed).await?;
            if let Some(reason) = broken(&conformance) {
                let reason = self.within(env) + &reason;
                return Ok((conformance, Some(reason), prepared));
            }
            first.get_or_insert(conformance);
        }
        let conformance = first.expect("there is at least one variant");
        Ok((conformance, None, prepared))
    }

    /// What the variants put into the targets' environment, each once: a contract
    /// is to be kept in all of them.
    fn environments(&self) -> Vec<&Env> {
        let mut environments: Vec<&Env> = Vec::new();
        for variant in &self.source.scenario.variants {
            if !environments.contains(&&variant.env) {
                environments.push(&variant.env);
            }
        }
        environments
    }

    /// `with WORKERS=2: `, if there are others.
    fn within(&self, env: &Env) -> String {
        if self.environments().len() < 2 {
            return String::new();
        }
        let pairs = env.iter().map(|(name, value)| format!("{name}={value}"));
        format!("with {}: ", pairs.collect::<Vec<_>>().join(" "))
    }

    async fn trials(
        &self,
        run: &mut Run,
        prepared: &[Prepared],
        directory: &RunDirectory,
        progress: &mut Progress,
    ) -> Result<(), Failure> {
        for (index, (number, place)) in record::missing(run).into_iter().enumerate() {
            if index > 0 {
                let cooldown = self.source.scenario.cooldown;
                self.bench.interrupt.pause(cooldown).await;
            }
            if self.bench.interrupt.is_asked() {
                break;
            }
            let target = prepared.iter().find(|p| p.manifest.id == place.target);
            let target = target.expect("the order was drawn from the prepared targets");
            progress.trial(number, &place);
            self.trial(run, target, number, &place, directory, progress)
                .await?;
            progress.trial_done(&place);
        }
        Ok(())
    }

    async fn trial(
        &self,
        run: &mut Run,
        prepared: &Prepared,
        number: u32,
        place: &PlannedTrial,
        directory: &RunDirectory,
        progress: &mut Progress,
    ) -> Result<(), Failure> {
        let trial = trial::new(number, place);
        let log = directory.log(&trial.file_stem());
        let piece = Piece::of(&self.source.scenario, self.stock, place);
        let measured = trial::run(self.bench, prepared, piece, trial, &log, progress).await?;
        let (title, round) = (title(place), place.round);
        for reason in &measured.trial.invalid_reasons {
            progress.say(&format!("{title}, round {round}: {reason}"));
        }
        if let Some(reason) = &measured.not_started {
            let warning = format!("{title} did not start in round {round}: {reason}");
            run.warnings.push(warning);
        }
        if let Some(reason) = &measured.not_torn_down {
            let warning = format!("{title}, round {round}: {reason}");
            progress.say(&warning);
            run.warnings.push(warning);
        }
        run.trials.push(measured.trial);
        directory
            .save_trial(run, &measured.recording)
            .map_err(no_room)
    }
}

/// Writing failed: what is already there stays readable.
fn no_room(error: anyhow::Error) -> Failure {
    Failure::dyno(error).hint(
        "make room, or choose another folder with -o; \
         what was written before is kept and `dyno report` reads it",
    )
}

/// The nearest folder called `targets` beside or above `from`.
pub(crate) fn find_targets(from: &Path) -> Option<PathBuf> {
    let from = std::fs::canonicalize(from).ok()?;
    from.ancestors()
        .map(|folder| folder.join("targets"))
        .find(|folder| folder.is_dir())
}
