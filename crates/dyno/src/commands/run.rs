//! `dyno run`: the main job.

use std::path::{Path, PathBuf};

use dyno_report::{Format, Options};
use dyno_result::Layout;
use dyno_scenario::{Step, apply_quick};
use dyno_target::{Manifest, catalogue, layout};

use crate::args::Run;
use crate::around;
use crate::attach;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::preflight::{self, Route};
use crate::preparation::{Bench, known_contract};
use crate::record::Source;
use crate::session::{Finished, Session, find_targets};
use crate::{output, screen};

/// Measures the targets of a scenario and shows the table.
pub(crate) async fn run(args: Run) -> Result<Exit, Failure> {
    let mut source = read(&args.scenario)?;
    if args.quick {
        apply_quick(&mut source.scenario);
    }
    if let Some(repeat) = args.repeat {
        source.scenario.repeat = repeat;
    }
    let layout = choose_layout(args.shared_cpus)?;
    // Many connections need many descriptors; without more we go as far as we can.
    let _ = dyno_target::host::raise_open_files();
    let interrupt = Interrupt::listen().map_err(Failure::dyno)?;
    let targets = targets_folder(&args)?;
    let seed = args.seed.unwrap_or_else(|| fastrand::u64(..1 << 32));
    let output = match args.output.clone() {
        Some(output) => output,
        None => default_output(&targets, &source.scenario.name),
    };
    let bench = Bench::new(&targets, layout, interrupt, seed, args.pacing)?;
    let stock = around::stock(&source)?;
    let session = Session {
        source: &source,
        stock: &stock,
        bench: &bench,
        seed,
        quick: args.quick,
        output,
    };
    let finished = match &args.url {
        Some(url) => attach::run(&session, url, &args.transport).await?,
        None => {
            let manifests = manifests(&args, &source, &targets)?;
            preflight(&source.scenario.steps, &manifests)?;
            session.run(manifests).await?
        }
    };
    show(&finished, args.json)?;
    Ok(finished.exit)
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

/// Reads and checks a scenario file.
pub(crate) fn read(path: &Path) -> Result<Source, Failure> {
    let file = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|error| {
        let message = format!("could not read {file}: {error}");
        Failure::input(
            message,
            "give the path of a scenario file, e.g. scenarios/greet.toml",
        )
    })?;
    let scenario = dyno_scenario::parse(&file, &text)?;
    Ok(Source {
        file,
        text,
        scenario,
    })
}

/// The manifests of the targets asked for; every problem of every file at once.
fn manifests(args: &Run, source: &Source, targets: &Path) -> Result<Vec<Manifest>, Failure> {
    let scenario = &source.scenario;
    let ids = if args.targets.is_empty() {
        &scenario.targets
    } else {
        &args.targets
    };
    if ids.is_empty() {
        let message = format!("{} names no targets", source.file);
        let hint = "add `targets = [...]` to it, or say --target ID, or --url URL";
        return Err(Failure::input(message, hint));
    }
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

fn targets_folder(args: &Run) -> Result<PathBuf, Failure> {
    if let Some(folder) = &args.targets_dir {
        if folder.is_dir() {
            return Ok(folder.clone());
        }
        let message = format!("there is no folder {}", folder.display());
        return Err(Failure::input(message, "correct --targets-dir"));
    }
    let found = args.scenario.parent().and_then(|folder| {
        let here = if folder == Path::new("") {
            Path::new(".")
        } else {
            folder
        };
        find_targets(here)
    });
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
