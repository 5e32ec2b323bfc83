//! A run that ended in the middle, taken up again: what it was asked to do, and
//! whether that is asked for now.

use std::path::Path;

use clap::Parser as _;
use dyno_result::{Environment, Layout, Run, RunKind, Status, Target};

use crate::args::{self, Cli, Command};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::record::{self, Intent, is_whole, missing, now};
use crate::run_directory::RunDirectory;
use crate::source::Source;

/// A run that ended in the middle.
#[derive(Debug)]
pub(crate) struct Begun {
    pub(crate) directory: RunDirectory,
    /// Without the trials that did not come to their end.
    pub(crate) run: Run,
    pub(crate) source: Source,
}

/// A run that is to be taken up again.
#[derive(Debug)]
pub(crate) enum TakenUp {
    /// No trial is missing; how it went.
    Complete(Exit),
    /// With the flags that began it.
    Begun(Box<(args::Run, Begun)>),
}

/// Opens the run in `folder`.
pub(crate) fn open(folder: &Path, given: args::Run) -> Result<TakenUp, Failure> {
    let directory = RunDirectory::take_up(folder)?;
    let mut run = directory.read_run().map_err(|error| {
        let message = format!("{}: {:#}", folder.display(), anyhow::Error::new(error));
        Failure::input(message, "give the folder of a run, e.g. one of results/")
    })?;
    let place = folder.display();
    if run.kind != RunKind::Run {
        let message = format!("{place} is no result of `dyno run`");
        return Err(Failure::input(message, "only those can be resumed"));
    }
    let version = env!("CARGO_PKG_VERSION");
    if run.tool.version != version {
        let (begun, here) = (&run.tool.version, version);
        let message = format!("{place} was begun by dyno {begun}, and this is {here}");
        return Err(Failure::input(message, "use that version, or begin anew"));
    }
    let begun = began(&run).ok_or_else(|| {
        let message = format!("the command line in {place} cannot be read again");
        Failure::input(message, "begin anew")
    })?;
    if let Some(flag) = other(&given, &begun, &run) {
        let message = format!("{place} was begun with another {flag}");
        let hint = "leave it out: --resume takes what the run was begun with";
        return Err(Failure::input(message, hint));
    }
    let source = source(&given, &run, folder)?;
    let is_done = run.status == Status::Complete;
    run.trials = match is_done {
        true => run.trials,
        false => whole(&run),
    };
    if is_done && missing(&run).is_empty() {
        return Ok(TakenUp::Complete(Exit::of(&run, begun.url.is_none())));
    }
    let args = args::Run {
        scenario: given.scenario.or(begun.scenario),
        targets_dir: given.targets_dir.or(begun.targets_dir),
        json: given.json,
        ..begun
    };
    let begun = Begun {
        directory,
        run,
        source,
    };
    Ok(TakenUp::Begun(Box::new((args, begun))))
}

impl Begun {
    /// The run again, to be gone on with. `intent` is what a new one would do now.
    /// Nothing is compared with the run if the end has been asked for already: then
    /// nothing will be played, either.
    pub(crate) fn go_on(
        self,
        intent: Intent<'_>,
        is_interrupted: bool,
    ) -> Result<(Run, RunDirectory), Failure> {
        let Self { directory, run, .. } = self;
        let mut resumed_at = run.resumed_at.clone();
        resumed_at.push(now());
        if run.trials.is_empty() {
            // Its preparation may have been interrupted: it is done again as a whole.
            let anew = record::begin(intent);
            forget(&directory, &anew)?;
            let run = Run {
                run_id: run.run_id,
                created_at: run.created_at,
                command: run.command,
                resumed_at,
                ..anew
            };
            return Ok((run, directory));
        }
        if !is_interrupted {
            same_machine(&run, &intent.environment, &intent.layout)?;
            same_targets(&run.targets, &intent.targets)?;
        }
        forget(&directory, &run)?;
        let run = Run {
            status: Status::Unfinished,
            finished_at: None,
            resumed_at,
            ..run
        };
        Ok((run, directory))
    }
}

/// Removes what trials have left behind that are to be played again.
fn forget(directory: &RunDirectory, run: &Run) -> Result<(), Failure> {
    for (number, _) in missing(run) {
        directory.forget(number).map_err(Failure::dyno)?;
    }
    Ok(())
}

/// The flags that began a run.
fn began(run: &Run) -> Option<args::Run> {
    match Cli::try_parse_from(&run.command).ok()?.command {
        Command::Run(args) => Some(args),
        _ => None,
    }
}

/// A flag that says something else than what the run was begun with.
fn other(given: &args::Run, begun: &args::Run, run: &Run) -> Option<&'static str> {
    let rounds = run.order.iter().map(|place| place.round).max();
    let targets: Vec<String> = run.targets.iter().map(|target| target.id.clone()).collect();
    let is_other = [
        (
            "--set",
            !given.settings.is_empty() && given.settings != run.scenario.settings,
        ),
        (
            "--target",
            !given.targets.is_empty() && given.targets != targets,
        ),
        ("--url", given.url.is_some() && given.url != begun.url),
        (
            "way to the server",
            given.url.is_some() && given.transport != begun.transport,
        ),
        ("--repeat", given.repeat.is_some() && given.repeat != rounds),
        ("--seed", given.seed.is_some_and(|seed| seed != run.seed)),
        ("--quick", given.quick && !run.quick),
        ("--shared-cpus", given.shared_cpus && !begun.shared_cpus),
        (
            "--pacing",
            given.pacing.is_some() && given.pacing != begun.pacing,
        ),
        (
            "--database-profile",
            given.database_profile.is_some() && given.database_profile != begun.database_profile,
        ),
        (
            "--database-url",
            given.database_url.is_some() && given.database_url != begun.database_url,
        ),
    ];
    let found = is_other.iter().find(|(_, is_other)| *is_other);
    found.map(|(flag, _)| *flag)
}

/// The run's own scenario. A file that is given must be the same.
fn source(given: &args::Run, run: &Run, folder: &Path) -> Result<Source, Failure> {
    let mut file = run.scenario.file.clone();
    if let Some(path) = &given.scenario {
        let found = Source::read(path, &run.scenario.settings)?;
        if found.text != run.scenario.text {
            let same = found.text.lines().zip(run.scenario.text.lines());
            let line = 1 + same.take_while(|(a, b)| a == b).count();
            let (file, folder) = (found.file, folder.display());
            let message = format!("{file} is not the scenario of {folder}: line {line} differs");
            let hint = "leave it out: the run has its own copy; or begin anew without --resume";
            return Err(Failure::input(message, hint));
        }
        file = found.file;
    }
    let (text, settings) = (run.scenario.text.clone(), run.scenario.settings.clone());
    Ok(Source::parse(file, text, settings)?)
}

/// The trials that came to their end.
fn whole(run: &Run) -> Vec<dyno_result::Trial> {
    let trials = run.trials.iter();
    trials
        .filter(|trial| is_whole(trial, run))
        .cloned()
        .collect()
}

/// Trials on different machines are not of one run.
fn same_machine(run: &Run, environment: &Environment, layout: &Layout) -> Result<(), Failure> {
    let of = |environment: &Environment| {
        (
            environment.cpu_model.clone(),
            environment.cpus_online,
            environment.kernel.clone(),
            (environment.database.as_ref()).map(|server| server.version.clone()),
        )
    };
    if of(&run.environment) == of(environment) && run.layout == *layout {
        return Ok(());
    }
    let message =
        "the run was begun on another machine, on other CPUs of it, or with another database";
    let hint = "go on where it was begun, or begin anew: its trials could not be compared";
    Err(Failure::input(message, hint))
}

/// Neither are trials of what was built from something else.
fn same_targets(begun: &[Target], now: &[Target]) -> Result<(), Failure> {
    for target in begun.iter().filter(|target| target.excluded.is_none()) {
        let id = &target.id;
        let made_of = |target: &Target| {
            let build = target.build.as_ref();
            let inputs = build.map(|build| build.inputs_sha256.clone());
            (target.manifest_sha256.clone(), inputs)
        };
        let found = now.iter().find(|other| other.id == *id);
        match found {
            Some(found) if found.excluded.is_none() && made_of(found) == made_of(target) => {}
            Some(found) if found.excluded.is_some() => {
                let reason = found.excluded.as_deref().unwrap_or_default();
                let message = format!("{id} was measured before, and now it is not: {reason}");
                return Err(Failure::lost_target(message));
            }
            _ => {
                let message = format!("{id} has changed since the run was begun");
                let hint = "undo that, or begin anew: its trials could not be compared";
                return Err(Failure::input(message, hint));
            }
        }
    }
    Ok(())
}
