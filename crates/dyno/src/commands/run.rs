//! `dyno run`: the main job.

use std::path::{Path, PathBuf};

use dyno_postgres::Profile;
use dyno_report::{Format, Options};
use dyno_result::Layout;
use dyno_scenario::{Scenario, Step, apply_quick};
use dyno_target::{Manifest, catalogue, layout};

use crate::args::Run;
use crate::attach;
use crate::estimate::{self, Estimate};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::preflight::{self, Route};
use crate::preparation::{Bench, known_contract};
use crate::provision::Wanted;
use crate::record::missing;
use crate::resume::{self, Begun, TakenUp};
use crate::session::{Finished, Session, find_targets};
use crate::source::Source;
use crate::{output, replay, screen, stock, sweep};

/// Measures the targets of a scenario and shows the table; or goes on with that.
pub(crate) async fn run(mut args: Run) -> Result<Exit, Failure> {
    let Some(folder) = args.resume.take() else {
        return measure(args, None).await;
    };
    match resume::open(&folder, args)? {
        TakenUp::Begun(begun) => {
            let (args, begun) = *begun;
            measure(args, Some(begun)).await
        }
        TakenUp::Complete(exit) => {
            let folder = folder.display();
            screen::talk(&format!("{folder} is complete: no trial is missing"));
            Ok(exit)
        }
    }
}

async fn measure(args: Run, begun: Option<Begun>) -> Result<Exit, Failure> {
    let mut source = match (&begun, &args.scenario) {
        (Some(begun), _) => begun.source.clone(),
        (None, Some(path)) => Source::read(path, &args.settings)?,
        (None, None) => {
            let hint = "give the path of a scenario file, e.g. scenarios/greet.toml";
            return Err(Failure::input("no scenario is given", hint));
        }
    };
    let seed = match &begun {
        Some(begun) => begun.run.seed,
        None => args.seed.unwrap_or_else(|| fastrand::u64(..1 << 32)),
    };
    for note in replay::fill(&mut source, seed)? {
        screen::talk(&format!("note: {note}"));
    }
    if args.quick {
        apply_quick(&mut source.scenario);
    }
    if let Some(repeat) = args.repeat {
        source.scenario.repeat = repeat;
    }
    let stock = stock::read(&source)?;
    let layout = choose_layout(args.shared_cpus)?;
    // Many connections need many descriptors; without more we go as far as we can.
    let _ = dyno_target::host::raise_open_files();
    let interrupt = Interrupt::listen().map_err(Failure::dyno)?;
    let targets = targets_folder(&args, source.folder())?;
    let output = match args.output.clone() {
        Some(output) => output,
        None => default_output(&targets, &source.scenario.name),
    };
    let mut bench = Bench::new(&targets, layout, interrupt, seed, args.pacing)?;
    let manifests = match args.url {
        Some(_) => Vec::new(),
        None => manifests(&ids(&args, &source, begun.as_ref())?, &source, &targets)?,
    };
    if args.url.is_none() {
        sweep::own_env(&source)?;
        preflight(&source.scenario.steps, &manifests)?;
        announce(&source.scenario, manifests.len(), begun.as_ref());
        let wanted = Wanted {
            url: args.database_url.as_deref(),
            profile: args.database_profile.unwrap_or(Profile::Durable),
        };
        bench.provide(&manifests, wanted).await?;
    }
    let session = Session {
        source: &source,
        stock: &stock,
        bench: &bench,
        seed,
        quick: args.quick,
        output,
    };
    let finished = match &args.url {
        Some(url) => {
            sweep::without_env(&source)?;
            announce(&source.scenario, 1, begun.as_ref());
            attach::run(&session, url, &args.transport, begun).await?
        }
        None => session.run(manifests, begun).await?,
    };
    show(&finished, args.json)?;
    bench.provision.stop().await?;
    Ok(finished.exit)
}

/// Says how much is to be played, and how long that takes.
fn announce(scenario: &Scenario, targets: usize, begun: Option<&Begun>) {
    let all = estimate::trials(targets, scenario.variants.len(), scenario.repeat);
    let planned = targets * scenario.variants.len() * scenario.repeat as usize;
    let (what, trials) = match begun.filter(|begun| !begun.run.trials.is_empty()) {
        None => (all, planned),
        Some(begun) => {
            let (missing, all) = (missing(&begun.run).len(), begun.run.order.len());
            (format!("{missing} of {all} trials are missing"), missing)
        }
    };
    let time = Estimate::of_trials(scenario, trials).words();
    screen::talk(&format!("{what}: {time}"));
}

/// Refuses loads for which there are not enough files or ports.
fn preflight(steps: &[Step], manifests: &[Manifest]) -> Result<(), Failure> {
    let route = Route {
        // Where dyno starts targets.
        is_loopback: true,
        sources: 1,
        can_have_more: false,
    };
    for note in preflight::check(steps, Some(route), &dyno_target::sockets())? {
        screen::talk(&format!("note: {note}"));
    }
    for manifest in manifests {
        preflight::check_target(steps, manifest)?;
    }
    Ok(())
}

/// The targets to be measured. A run that has begun stays with those it has measured.
fn ids(args: &Run, source: &Source, begun: Option<&Begun>) -> Result<Vec<String>, Failure> {
    if let Some(begun) = begun.filter(|begun| !begun.run.trials.is_empty()) {
        let measured = begun.run.targets.iter();
        let measured = measured.filter(|target| target.excluded.is_none());
        return Ok(measured.map(|target| target.id.clone()).collect());
    }
    let ids = match args.targets.is_empty() {
        true => source.scenario.targets.clone(),
        false => args.targets.clone(),
    };
    if ids.is_empty() {
        let message = format!("{} names no targets", source.file);
        let hint = "add `targets = [...]` to it, or say --target ID, or --url URL";
        return Err(Failure::input(message, hint));
    }
    Ok(ids)
}

/// The manifests of targets; every problem of every file at once.
fn manifests(ids: &[String], source: &Source, targets: &Path) -> Result<Vec<Manifest>, Failure> {
    let scenario = &source.scenario;
    let mut manifests: Vec<Manifest> = Vec::new();
    let mut problems = Vec::new();
    for id in ids {
        match catalogue::load(targets, id) {
            Ok(manifest) => manifests.push(manifest),
            Err(dyno_target::Error::Manifest(found)) => problems.push(found),
            Err(error) => return Err(Failure::target(error)),
        }
    }
    if !problems.is_empty() {
        return Err(problems.into());
    }
    for manifest in &manifests {
        known_contract(manifest)?;
        if let Some(contract) = &scenario.contract
            && *contract != manifest.contract
        {
            let (id, other) = (&manifest.id, &manifest.contract);
            return Err(Failure::input(
                format!(
                    "{} asks for {contract}, but the target {id} promises {other}",
                    source.file
                ),
                "choose targets of that contract: `dyno targets` lists them",
            ));
        }
    }
    Ok(manifests)
}

fn targets_folder(args: &Run, scenario: &Path) -> Result<PathBuf, Failure> {
    if let Some(folder) = &args.targets_dir {
        if folder.is_dir() {
            return Ok(folder.clone());
        }
        let message = format!("there is no folder {}", folder.display());
        return Err(Failure::input(message, "correct --targets-dir"));
    }
    let found = match scenario == Path::new("") {
        true => None,
        false => find_targets(scenario),
    };
    match found.or_else(|| find_targets(Path::new("."))) {
        Some(folder) => Ok(folder),
        None if args.url.is_some() => Ok(PathBuf::from("targets")),
        None => Err(Failure::input(
            "there is no folder targets/ beside or above the scenario",
            "say where the targets are with --targets-dir DIR",
        )),
    }
}

fn choose_layout(shared: bool) -> Result<Layout, Failure> {
    let allowed = layout::allowed_cpus().map_err(Failure::dyno)?;
    Ok(layout::choose(&allowed, shared))
}

/// `results/<UTC time>-<name>` beside the targets, not yet there.
fn default_output(targets: &Path, name: &str) -> PathBuf {
    let time = jiff::Timestamp::now()
        .strftime("%Y%m%dT%H%M%SZ")
        .to_string();
    let results = targets.parent().unwrap_or(Path::new(".")).join("results");
    let results = match std::env::current_dir() {
        Ok(here) => results
            .strip_prefix(here)
            .map_or(results.clone(), Path::to_path_buf),
        Err(_) => results,
    };
    (1..)
        .map(|number| match number {
            1 => results.join(format!("{time}-{name}")),
            _ => results.join(format!("{time}-{name}-{number}")),
        })
        .find(|path| !path.exists())
        .expect("some number is free")
}

/// Prints the table (or the JSON) and writes the pages.
fn show(finished: &Finished, json: bool) -> Result<(), Failure> {
    let recording = finished.directory.read().map_err(Failure::dyno)?;
    let format = if json { Format::Json } else { Format::Terminal };
    let text = dyno_report::render(&recording, format, &Options::default())?;
    screen::data(&text);
    output::pages(&finished.directory, &recording)?;
    let path = finished.directory.path();
    screen::talk(&format!("page: {}", path.join("report.html").display()));
    Ok(())
}
