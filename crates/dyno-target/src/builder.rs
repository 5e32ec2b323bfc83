//! Builds a target outside its own folder, or finds that it was built before.
//!
//! A build is keyed by everything that goes into it. Its stamp is written last
//! and by renaming, so a build that was killed is never taken for a whole one.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Instant;

use dyno_result::Build;

use crate::command::{exit_words, line};
use crate::log::Tail;
use crate::manifest::{BuildPlan, Manifest};
use crate::requirement::check_tools;
use crate::{Error, inputs};

/// The file in a work folder that says its build is whole.
const STAMP: &str = ".built.json";

/// A target that is ready to be started.
#[derive(Debug, Clone, PartialEq)]
pub struct Built {
    /// Where the build put its results: `{work}`.
    pub work: PathBuf,
    /// What is recorded of it; null when there was nothing to build.
    pub build: Option<Build>,
    /// What the steps printed.
    pub log: PathBuf,
}

/// Builds `manifest` in `cache`, unless a build with the same inputs is there.
///
/// Dropping the future kills the step that runs; the next call starts afresh.
pub async fn build(manifest: &Manifest, cache: &Path) -> Result<Built, Error> {
    let (built, key) = plan(manifest, cache)?;
    if let Some(known) = stamp(&built.work, &key) {
        let build = manifest.build.as_ref().map(|_| known);
        return Ok(Built { build, ..built });
    }
    make(manifest, built, key, Pace::AsItIs).await
}

/// Builds `manifest` in `cache` with nothing compiled before, whatever is there, and
/// then once more with everything there: the two times are stored with the build, and
/// stay with it in later calls of [`build`]. What was downloaded stays downloaded.
pub async fn build_cold(manifest: &Manifest, cache: &Path) -> Result<Built, Error> {
    let (built, key) = plan(manifest, cache)?;
    make(manifest, built, key, Pace::Cold).await
}

/// Whether the times of a build are to be known from its very beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pace {
    /// With what the language's own caches have.
    AsItIs,
    /// Without, and once more.
    Cold,
}

/// Where a build goes, and its key.
fn plan(manifest: &Manifest, cache: &Path) -> Result<(Built, String), Error> {
    let tools = check_tools(manifest)?;
    let key = inputs::key(manifest, &tools)?;
    fs::create_dir_all(cache).map_err(|source| Error::file(cache, source))?;
    let cache = fs::canonicalize(cache).map_err(|source| Error::file(cache, source))?;
    let name = format!("{}-{}", manifest.id, &key[..12]);
    let built = Built {
        work: cache.join(&name),
        build: None,
        log: cache.join(format!("{name}.log")),
    };
    Ok((built, key))
}

async fn make(
    manifest: &Manifest,
    mut built: Built,
    key: String,
    pace: Pace,
) -> Result<Built, Error> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| Error::file(path, source)
    };
    fresh(&built.work).map_err(failed(&built.work))?;
    let caches = built.work.with_extension("caches");
    let env = match pace {
        Pace::AsItIs => Vec::new(),
        Pace::Cold => {
            fresh(&caches).map_err(failed(&caches))?;
            without_caches(&caches)
        }
    };
    let mut build = Build {
        inputs_sha256: key,
        cached: false,
        duration_s: 0.0,
        cold_s: None,
        warm_s: None,
        artefact_bytes: 0,
    };
    if let Some(plan) = &manifest.build {
        build.duration_s = run(manifest, plan, &built, &env).await?;
        if pace == Pace::Cold {
            build.cold_s = Some(build.duration_s);
            build.warm_s = Some(run(manifest, plan, &built, &env).await?);
            fs::remove_dir_all(&caches).map_err(failed(&caches))?;
        }
        build.artefact_bytes = measure(manifest, plan, &built.work)?;
    }
    write_stamp(&built.work, &build).map_err(failed(&built.work))?;
    built.build = manifest.build.as_ref().map(|_| build);
    Ok(built)
}

/// Variables that hide from a build what the tools have compiled before: Go keeps
/// that in a folder of its own, and others may be wrapped. Cargo and pip keep none.
fn without_caches(empty: &Path) -> Vec<(&'static str, PathBuf)> {
    vec![
        ("GOCACHE", empty.join("go")),
        ("RUSTC_WRAPPER", PathBuf::new()),
        ("CCACHE_DISABLE", PathBuf::from("1")),
    ]
}

/// Variables over those that dyno has itself.
type Env = [(&'static str, PathBuf)];

/// Runs the steps; how long they took, s.
async fn run(
    manifest: &Manifest,
    plan: &BuildPlan,
    built: &Built,
    env: &Env,
) -> Result<f64, Error> {
    let begin = Instant::now();
    let values = manifest.values(&built.work);
    let log = File::create(&built.log).map_err(|source| Error::file(&built.log, source))?;
    for step in &plan.steps {
        let argv = values.fill_all(step);
        let exit = step_exit(&argv, &manifest.dir, &log, env).await;
        if let Some(exit) = exit {
            return Err(Error::Build {
                id: manifest.id.clone(),
                command: line(&argv),
                exit,
                log: Tail::read(&built.log, 0),
            });
        }
    }
    Ok(begin.elapsed().as_secs_f64())
}

/// Runs one step; `None` when it succeeded.
async fn step_exit(argv: &[String], dir: &Path, mut log: &File, env: &Env) -> Option<String> {
    let (program, arguments) = argv.split_first()?;
    let run = async {
        writeln!(log, "$ {}", line(argv))?;
        tokio::process::Command::new(program)
            .args(arguments)
            .current_dir(dir)
            .envs(env.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log.try_clone()?)
            .kill_on_drop(true)
            .status()
            .await
    };
    match run.await {
        Ok(status) if status.success() => None,
        Ok(status) => Some(exit_words(status)),
        Err(error) => Some(error.to_string()),
    }
}

fn measure(manifest: &Manifest, plan: &BuildPlan, work: &Path) -> Result<u64, Error> {
    let values = manifest.values(work);
    plan.artefacts.iter().try_fold(0, |sum, artefact| {
        let path = manifest.dir.join(values.fill(artefact));
        if !path.exists() {
            return Err(Error::Absent {
                id: manifest.id.clone(),
                key: "build.artefacts",
                pattern: artefact.clone(),
            });
        }
        Ok(sum + inputs::size(&path)?)
    })
}

/// The record of a whole build with this key.
fn stamp(work: &Path, key: &str) -> Option<Build> {
    let text = fs::read(work.join(STAMP)).ok()?;
    let build: Build = serde_json::from_slice(&text).ok()?;
    (build.inputs_sha256 == key).then_some(Build {
        cached: true,
        ..build
    })
}

fn write_stamp(work: &Path, build: &Build) -> io::Result<()> {
    let unfinished = work.join(format!("{STAMP}.part"));
    let mut file = File::create(&unfinished)?;
    serde_json::to_writer(&mut file, build)?;
    file.sync_all()?;
    fs::rename(unfinished, work.join(STAMP))
}

/// An empty folder, whatever was there before.
fn fresh(work: &Path) -> io::Result<()> {
    match fs::remove_dir_all(work) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    fs::create_dir_all(work)
}
