//! `dyno targets`: list, build, verify or serve the backends.

use std::path::{Path, PathBuf};

use dyno_result::Check;
use dyno_target::{Manifest, catalogue, layout};

use crate::args::{Targets, TargetsCommand};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::preparation::{Bench, Env, Prepared, broken, known_contract};
use crate::screen;
use crate::session::find_targets;

/// Does what was asked with the targets.
pub(crate) async fn run(args: Targets) -> Result<Exit, Failure> {
    let folder = args
        .targets_dir
        .or_else(|| find_targets(Path::new(".")))
        .ok_or_else(|| {
            Failure::input(
                "there is no folder targets/ here or above",
                "say where the targets are with --targets-dir DIR",
            )
        })?;
    match args
        .command
        .unwrap_or(TargetsCommand::List { available: false })
    {
        TargetsCommand::List { available } => list(&folder, available),
        TargetsCommand::Build { ids, cold } => {
            let bench = bench(&folder)?;
            for manifest in load(&folder, &ids)? {
                match cold {
                    true => build_cold(&bench, manifest).await?,
                    false => build(&bench, manifest).await.map(drop)?,
                }
            }
            Ok(Exit::Done)
        }
        TargetsCommand::Verify { ids, seed } => {
            let seed = seed.unwrap_or_else(|| fastrand::u64(..1 << 32));
            verify(&bench(&folder)?, load(&folder, &ids)?, seed).await
        }
        TargetsCommand::Serve { id, port } => {
            let manifest = catalogue::load(&folder, &id).map_err(Failure::target)?;
            serve(&bench(&folder)?, manifest, port).await
        }
    }
}

fn list(folder: &Path, available: bool) -> Result<Exit, Failure> {
    for manifest in load(folder, &[])? {
        let tools = dyno_target::check_tools(&manifest);
        if available {
            if tools.is_ok() {
                screen::data(&manifest.id);
            }
            continue;
        }
        let Manifest {
            id,
            contract,
            language,
            name,
            ..
        } = &manifest;
        let lacking = tools
            .err()
            .map_or(String::new(), |error| format!("  [{error}]"));
        let class = manifest.class.word();
        screen::data(&format!(
            "{id:24} {contract:10} {class:10} {language:8} {name}{lacking}"
        ));
    }
    Ok(Exit::Done)
}

/// The manifests asked for, all for none; every problem of every file at once.
fn load(folder: &Path, ids: &[String]) -> Result<Vec<Manifest>, Failure> {
    let all = if ids.is_empty() {
        catalogue::ids(folder).map_err(Failure::target)?
    } else {
        ids.to_vec()
    };
    let load = |id: &String| {
        let manifest = catalogue::load(folder, id).map_err(Failure::target)?;
        known_contract(&manifest).map(|()| manifest)
    };
    all.iter().map(load).collect()
}

fn bench(folder: &Path) -> Result<Bench, Failure> {
    let allowed = layout::allowed_cpus().map_err(Failure::dyno)?;
    let interrupt = Interrupt::listen().map_err(Failure::dyno)?;
    Bench::new(folder, layout::choose(&allowed, false), interrupt, 0, None)
}

async fn build(bench: &Bench, manifest: Manifest) -> Result<Prepared, Failure> {
    let id = manifest.id.clone();
    screen::talk(&format!("{id}: build"));
    let prepared = bench.build(manifest).await.map_err(Failure::target)?;
    let work = prepared.built.work.display();
    match &prepared.built.build {
        Some(build) if build.cached => screen::data(&format!("{id}: built before, {work}")),
        Some(build) => screen::data(&format!("{id}: built in {:.1} s, {work}", build.duration_s)),
        None => screen::data(&format!("{id}: nothing to build")),
    }
    Ok(prepared)
}

/// Builds one with nothing compiled before, and once more.
async fn build_cold(bench: &Bench, manifest: Manifest) -> Result<(), Failure> {
    let id = &manifest.id;
    screen::talk(&format!("{id}: build, cold"));
    let built = dyno_target::build_cold(&manifest, &bench.cache).await;
    let built = built.map_err(Failure::target)?;
    let times = built
        .build
        .and_then(|build| Some((build.cold_s?, build.warm_s?)));
    let work = built.work.display();
    screen::data(&match times {
        Some((cold, warm)) => {
            format!("{id}: built in {cold:.1} s, and again in {warm:.1} s, {work}")
        }
        None => format!("{id}: nothing to build"),
    });
    Ok(())
}

async fn verify(bench: &Bench, manifests: Vec<Manifest>, seed: u64) -> Result<Exit, Failure> {
    let mut exit = Exit::Done;
    for manifest in manifests {
        let prepared = build(bench, manifest).await?;
        let log = prepared.built.work.with_extension("verify.log");
        let id = &prepared.manifest.id;
        let conformance = bench.verify(&prepared, &Env::new(), &log, seed).await?;
        for check in &conformance.checks {
            screen::data(&format!("{id}: {}", line(check)));
        }
        if broken(&conformance).is_some() {
            exit = Exit::Target;
        }
    }
    screen::talk(&format!("seed {seed}"));
    Ok(exit)
}

fn line(check: &Check) -> String {
    match (&check.problem, check.allowed) {
        (None, _) => format!("passed  {}", check.id),
        (Some(problem), true) => format!("allowed {}: {problem}", check.id),
        (Some(problem), false) => format!("FAILED  {}: {problem}", check.id),
    }
}

async fn serve(bench: &Bench, manifest: Manifest, port: Option<u16>) -> Result<Exit, Failure> {
    let prepared = build(bench, manifest).await?;
    let log: PathBuf = prepared.built.work.with_extension("serve.log");
    let started = bench.start(&prepared, &Env::new(), &log, port).await;
    let (running, _) = started.map_err(Failure::target)?;
    screen::data(&format!(
        "http://{} (log: {})",
        running.address,
        log.display()
    ));
    let exited = tokio::select! {
        exit = running.exited() => Some(exit),
        () = bench.interrupt.asked() => None,
    };
    running.stop().await.map_err(Failure::target)?;
    match exited {
        None => Ok(Exit::Done),
        Some(exit) => {
            screen::talk(&format!("the target ended with {exit}"));
            Ok(Exit::Target)
        }
    }
}
