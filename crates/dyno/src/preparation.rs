//! Brings a target to the point where it may be measured: built, started once,
//! and checked against its contract.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use dyno_result::{Conformance, Layout, Pacing, Target};
use dyno_target::{Built, Error, Launch, Manifest, Port, Running};

use crate::failure::Failure;
use crate::generator::Generator;
use crate::interrupt::Interrupt;

/// What all starts of targets have in common.
#[derive(Debug)]
pub(crate) struct Bench {
    /// The executable that supervises targets: dyno itself.
    pub(crate) dyno: PathBuf,
    /// Where targets are built.
    pub(crate) cache: PathBuf,
    pub(crate) layout: Layout,
    pub(crate) generator: Generator,
    pub(crate) interrupt: Interrupt,
    /// Seed of random arrivals.
    pub(crate) seed: u64,
}

/// A target that may be started.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) manifest: Manifest,
    pub(crate) built: Built,
}

/// Variables of a target's environment beside those of its manifest.
pub(crate) type Env = BTreeMap<String, String>;

/// Tries of a start when somebody else takes the port first.
const PORT_TRIES: u32 = 5;

impl Bench {
    /// A bench for targets found in `targets`.
    pub(crate) fn new(
        targets: &Path,
        layout: Layout,
        interrupt: Interrupt,
        seed: u64,
        pacing: Option<Pacing>,
    ) -> Result<Self, Failure> {
        let cache = match std::env::var_os("DYNO_CACHE") {
            Some(cache) => PathBuf::from(cache),
            None => targets
                .parent()
                .unwrap_or(Path::new("."))
                .join("target/dyno"),
        };
        Ok(Self {
            dyno: std::env::current_exe().map_err(Failure::dyno)?,
            cache,
            generator: Generator::pinned(&layout, pacing),
            layout,
            interrupt,
            seed,
        })
    }

    /// Builds the target, or finds that it was built before.
    pub(crate) async fn build(&self, manifest: Manifest) -> Result<Prepared, Error> {
        let built = dyno_target::build(&manifest, &self.cache).await?;
        Ok(Prepared { manifest, built })
    }

    /// Starts the target and waits until it is ready.
    pub(crate) async fn start(
        &self,
        prepared: &Prepared,
        env: &Env,
        log: &Path,
        port: Option<u16>,
    ) -> Result<(Running, dyno_result::Start), Error> {
        if let Some(port) = port {
            return self.start_on(prepared, env, log, port).await;
        }
        let mut tries = 0;
        loop {
            tries += 1;
            // Held until the target listens.
            let port = Port::free().map_err(|source| Error::File {
                path: "a loopback port".into(),
                source,
            })?;
            match self.start_on(prepared, env, log, port.number).await {
                Err(Error::PortInUse { .. }) if tries < PORT_TRIES => {}
                done => return done,
            }
        }
    }

    async fn start_on(
        &self,
        prepared: &Prepared,
        env: &Env,
        log: &Path,
        port: u16,
    ) -> Result<(Running, dyno_result::Start), Error> {
        let launch = Launch {
            manifest: &prepared.manifest,
            work: &prepared.built.work,
            dyno: &self.dyno,
            cpus: &self.layout.target_cpus,
            env,
            port,
            log,
        };
        let mut running = dyno_target::start(launch).await?;
        let start = running.ready().await?;
        Ok((running, start))
    }

    /// Starts the target once for its contract's checks.
    pub(crate) async fn verify(
        &self,
        prepared: &Prepared,
        env: &Env,
        log: &Path,
        seed: u64,
    ) -> Result<Conformance, Failure> {
        let contract = &prepared.manifest.contract;
        let allowed = &prepared.manifest.behaviour.allowed_failures;
        let started = self.start(prepared, env, log, None).await;
        let (running, _) = started.map_err(Failure::target)?;
        let address = running.address;
        let conformance = dyno_target::contract::verify(contract, address, seed, allowed).await;
        running.stop().await.map_err(Failure::target)?;
        conformance.map_err(unknown)
    }

    /// What is recorded of a target.
    pub(crate) async fn describe(&self, prepared: &Prepared) -> Result<Target, Error> {
        let manifest = &prepared.manifest;
        let work = &prepared.built.work;
        let versions = dyno_target::versions(manifest, work).await?;
        Ok(Target {
            versions,
            size: Some(dyno_target::size(manifest, work).await?),
            build: prepared.built.build.clone(),
            ..manifest.describe()
        })
    }
}

/// Refuses manifests that promise a contract that dyno does not know.
pub(crate) fn known_contract(manifest: &Manifest) -> Result<(), Failure> {
    let known = dyno_target::contract::checks(&manifest.contract);
    known.map(|_| ()).map_err(unknown)
}

fn unknown(error: dyno_target::contract::UnknownContract) -> Failure {
    Failure::input(
        error.to_string(),
        "correct `contract` in the target.toml; http/1 promises nothing but HTTP",
    )
}

/// Why a target that broke its contract is not measured; `None` when it kept it.
pub(crate) fn broken(conformance: &Conformance) -> Option<String> {
    let failures: Vec<String> = conformance
        .failures()
        .map(|check| {
            let problem = check.problem.as_deref().unwrap_or_default();
            format!("{} ({problem})", check.id)
        })
        .collect();
    (!failures.is_empty()).then(|| {
        format!(
            "it does not keep {}: {}",
            conformance.contract,
            failures.join("; ")
        )
    })
}
