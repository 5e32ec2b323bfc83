//! Load on servers that somebody else runs: nothing is built, started or
//! stopped, and nothing is known of their resources.

use std::net::SocketAddr;
use std::time::Duration;

use dyno_engine::{Address, Event, Play, Played, Stop};
use dyno_result::{Class, PlannedTrial, Run, RunKind, Status, Target, TrialRecording};
use url::Url;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::generator::Generator;
use crate::interrupt::Interrupt;
use crate::progress::Progress;
use crate::record::{self, Intent, now};
use crate::run_directory::RunDirectory;
use crate::session::{Finished, Session};
use crate::trial;

/// A server by its URL.
#[derive(Debug, Clone)]
pub(crate) struct Server {
    pub(crate) address: Address,
    /// Path and query.
    pub(crate) path: String,
}

impl Server {
    /// Reads the URL and looks up its host.
    pub(crate) async fn find(text: &str) -> Result<Self, Failure> {
        let hint = "give something like http://127.0.0.1:8080/path";
        let with_scheme = if text.contains("://") {
            text.to_owned()
        } else {
            format!("http://{text}")
        };
        let url = Url::parse(&with_scheme)
            .map_err(|error| Failure::input(format!("{text:?} is not a URL: {error}"), hint))?;
        if url.scheme() != "http" {
            let message = format!("dyno does not speak {} yet", url.scheme());
            return Err(Failure::input(message, hint));
        }
        let host = url.host_str().unwrap_or_default();
        let port = url.port_or_known_default().unwrap_or(80);
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let mut found = tokio::net::lookup_host((bare, port))
            .await
            .map_err(|error| {
                Failure::input(
                    format!("could not look up {host:?}: {error}"),
                    "check the host name",
                )
            })?;
        let socket: SocketAddr = found.next().ok_or_else(|| {
            Failure::input(format!("{host:?} has no address"), "check the host name")
        })?;
        let path = match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        };
        let authority = match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        Ok(Self {
            address: Address { socket, authority },
            path,
        })
    }

    /// What is recorded of it.
    pub(crate) fn describe(&self) -> Target {
        Target {
            id: "url".to_owned(),
            name: self.address.authority.clone(),
            class: Class::Tuned,
            language: "unknown".to_owned(),
            notes: "run by somebody else: no resource figures".to_owned(),
            stack: std::collections::BTreeMap::new(),
            command: Vec::new(),
            versions: std::collections::BTreeMap::new(),
            manifest_sha256: String::new(),
            build: None,
            conformance: None,
            excluded: None,
        }
    }

    /// Plays one step.
    pub(crate) async fn play(
        &self,
        step: &dyno_scenario::Step,
        requests: &[dyno_scenario::Request],
        generator: &Generator,
        seed: u64,
        interrupt: &Interrupt,
        on: &mut dyn FnMut(Event),
    ) -> Result<Played, Failure> {
        let stop = Stop::default();
        let play = Play {
            step,
            requests,
            address: &self.address,
            threads: &generator.threads,
            seed,
            pacing: generator.pacing,
            stop: &stop,
        };
        let play = dyno_engine::play(play, on);
        trial::until_done(play, &stop, std::future::pending(), interrupt).await
    }
}

/// `dyno run --url`: the scenario on one server.
pub(crate) async fn run(session: &Session<'_>, url: &str) -> Result<Finished, Failure> {
    let server = Server::find(url).await?;
    let scenario = &session.source.scenario;
    let target = server.describe();
    let order = record::order(
        std::slice::from_ref(&target.id),
        scenario.repeat,
        session.seed,
    );
    let mut run = record::begin(Intent {
        kind: RunKind::Run,
        source: session.source,
        seed: session.seed,
        quick: session.quick,
        environment: dyno_target::host::environment(),
        layout: session.bench.layout.clone(),
        targets: vec![target],
        order,
    });
    let directory = RunDirectory::create(&session.output, &run).map_err(Failure::dyno)?;
    let mut progress = Progress::new();
    progress.begin(scenario, &run.order);
    for (number, place) in (1..).zip(run.order.clone()) {
        if session.bench.interrupt.is_asked() {
            break;
        }
        progress.trial(&place);
        let recording = one(session, &server, &mut run, number, &place, &progress).await?;
        directory
            .save_trial(&run, &recording)
            .map_err(Failure::dyno)?;
        progress.trial_done();
    }
    progress.finish();
    let exit = close(&mut run, &session.bench.interrupt);
    directory.save(&run).map_err(Failure::dyno)?;
    Ok(Finished { directory, exit })
}

async fn one(
    session: &Session<'_>,
    server: &Server,
    run: &mut Run,
    number: u32,
    place: &PlannedTrial,
    progress: &Progress,
) -> Result<TrialRecording, Failure> {
    let scenario = &session.source.scenario;
    let interrupt = &session.bench.interrupt;
    let seed = session.seed.wrapping_add(u64::from(place.round));
    let mut trial = trial::new(number, place);
    let mut recording = TrialRecording::default();
    for (index, step) in scenario.steps.iter().enumerate() {
        if interrupt.is_asked() {
            break;
        }
        let pause = if index > 0 {
            scenario.cooldown
        } else {
            Duration::ZERO
        };
        interrupt.pause(pause).await;
        let mut on = |event: Event| progress.event(step, &event);
        let played = server.play(
            step,
            &scenario.requests,
            &session.bench.generator,
            seed,
            interrupt,
            &mut on,
        );
        trial::keep(played.await?, &mut trial, &mut recording);
    }
    run.trials.push(trial);
    Ok(recording)
}

/// Marks the end of a run without targets of our own.
pub(crate) fn close(run: &mut Run, interrupt: &Interrupt) -> Exit {
    run.finished_at = Some(now());
    run.environment.noise.load_after = dyno_target::host::load_average();
    if interrupt.is_asked() {
        run.status = Status::Interrupted;
        return Exit::Interrupted;
    }
    run.status = Status::Complete;
    let steps = run.trials.iter().flat_map(|trial| &trial.steps);
    if steps.map(|step| step.counts.succeeded).sum::<u64>() == 0 {
        return Exit::Invalid;
    }
    Exit::Done
}
