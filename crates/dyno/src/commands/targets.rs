//! `dyno targets`: list, build, verify or serve the backends.

use std::path::{Path, PathBuf};

use dyno_postgres::Profile;
use dyno_result::Check;
use dyno_sink::Behaviour;
use dyno_target::{Manifest, catalogue, layout};

use crate::args::{Targets, TargetsCommand};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::preparation::{Bench, Env, Prepared, broken, known_contract};
use crate::provision::Wanted;
use crate::screen;
use crate::session::find_targets;

/// A database whose speed nobody asks for.
const UNMEASURED: Wanted<'_> = Wanted {
    url: None,
    profile: Profile::Memory,
};

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
        TargetsCommand::Build { ids } => {
            let bench = bench(&folder)?;
            for manifest in load(&folder, &ids)? {
                build(&bench, manifest).await?;
            }
            Ok(Exit::Done)
        }
        TargetsCommand::Verify { ids, seed } => {
            let seed = seed.unwrap_or_else(|| fastrand::u64(..1 << 32));
            let (mut bench, manifests) = (bench(&folder)?, load(&folder, &ids)?);
            bench.provide(&manifests, UNMEASURED).await?;
            let exit = verify(&bench, manifests, seed).await;
            bench.provision.stop().await?;
            exit
        }
        TargetsCommand::Serve { id, port } => {
            let manifest = catalogue::load(&folder, &id).map_err(Failure::target)?;
            let mut bench = bench(&folder)?;
            bench
                .provide(std::slice::from_ref(&manifest), UNMEASURED)
                .await?;
            let exit = serve(&bench, manifest, port).await;
            bench.provision.stop().await?;
            exit
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
    let (manifest, none) = (&prepared.manifest, Env::new());
    let place = bench.provision.place(manifest, &none, Behaviour::default());
    let place = place.await?;
    let started = bench.start(&prepared, &place.env, &log, port).await;
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
