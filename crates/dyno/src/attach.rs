//! Load on servers that somebody else runs: nothing is built, started or
//! stopped, and nothing is known of their resources.

use std::time::Duration;

use dyno_engine::{Address, Endpoint, Event, Play, Played, Protocol, Stock, Stop, Trust};
use dyno_result::{Class, Layout, PlannedTrial, Run, Status, Surroundings, Target, TrialRecording};
use url::Url;

use crate::args::Transport;
use crate::around;
use crate::destination;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::generator::Generator;
use crate::interrupt::Interrupt;
use crate::preflight::{self, Route};
use crate::progress::Progress;
use crate::record::{self, now};
use crate::resume::Begun;
use crate::session::{Finished, Session};
use crate::trial::{self, Piece};

/// A server by its URL.
#[derive(Debug, Clone)]
pub(crate) struct Server {
    pub(crate) address: Address,
    /// Path and query.
    pub(crate) path: String,
}

impl Server {
    /// Reads the URL and the flags beside it, and looks up its host.
    pub(crate) async fn find(text: &str, flags: &Transport) -> Result<Self, Failure> {
        let hint = "give something like http://127.0.0.1:8080/path";
        let with_scheme = if text.contains("://") {
            text.to_owned()
        } else {
            format!("http://{text}")
        };
        let url = Url::parse(&with_scheme)
            .map_err(|error| Failure::input(format!("{text:?} is not a URL: {error}"), hint))?;
        if !matches!(url.scheme(), "http" | "https") {
            let message = format!("dyno does not speak {}", url.scheme());
            return Err(Failure::input(message, hint));
        }
        let path = match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        };
        Ok(Self {
            address: destination::address(&url, flags).await?,
            path,
        })
    }

    /// The way there, as far as ports matter; a Unix socket needs none.
    pub(crate) fn route(&self) -> Option<Route> {
        matches!(self.address.endpoint, Endpoint::Tcp(_)).then(|| Route {
            is_loopback: self.is_local(),
            sources: self.address.sources.len().max(1) as u64,
            can_have_more: true,
        })
    }

    /// Whether it surely runs on this machine.
    fn is_local(&self) -> bool {
        match &self.address.endpoint {
            Endpoint::Tcp(socket) => socket.ip().to_canonical().is_loopback(),
            Endpoint::Unix(_) => true,
        }
    }

    /// What is recorded of it.
    pub(crate) fn describe(&self) -> Target {
        Target {
            id: "url".to_owned(),
            name: self.address.authority.clone(),
            class: Class::Tuned,
            language: "unknown".to_owned(),
            notes: format!(
                "run by somebody else: no resource figures; reached by {}",
                self.way()
            ),
            stack: std::collections::BTreeMap::new(),
            command: Vec::new(),
            versions: std::collections::BTreeMap::new(),
            manifest_sha256: String::new(),
            build: None,
            size: None,
            conformance: None,
            excluded: None,
        }
    }

    /// What the verdict must know of where it runs.
    pub(crate) fn surroundings(&self, layout: &Layout) -> Surroundings {
        Surroundings::of_server(layout, self.is_local())
    }

    /// How it is reached, in words.
    fn way(&self) -> String {
        let Address {
            endpoint,
            tls,
            protocol,
            sources,
            ..
        } = &self.address;
        let mut way = match protocol {
            Protocol::Http1 => "HTTP/1.1".to_owned(),
            Protocol::Http2 { streams } => format!("HTTP/2, streams a connection: {streams}"),
        };
        way += match tls.as_ref().map(|tls| &tls.trust) {
            None => "",
            Some(Trust::Anyone) => ", TLS (not verified)",
            Some(_) => ", TLS",
        };
        if matches!(endpoint, Endpoint::Unix(_)) {
            way += ", a Unix socket";
        }
        if let count @ 1.. = sources.len() {
            way += &format!(", source addresses: {count}");
        }
        way
    }

    /// Plays one step of a plan, filled from a stock.
    pub(crate) async fn play(
        &self,
        step: &dyno_scenario::Step,
        (plan, stock): (&dyno_scenario::Plan, &Stock),
        generator: &Generator,
        seed: u64,
        interrupt: &Interrupt,
        on: &mut dyn FnMut(Event<'_>),
    ) -> Result<Played, Failure> {
        let stop = Stop::default();
        let mut load_threads = trial::LoadThreads::default();
        let mut on = |event: Event<'_>| {
            load_threads.note(&event);
            on(event);
        };
        let play = Play {
            step,
            plan,
            stock,
            address: &self.address,
            threads: &generator.threads,
            seed,
            pacing: generator.pacing,
            stop: &stop,
        };
        let play = dyno_engine::play(play, &mut on);
        let played = trial::until_done(play, &stop, std::future::pending(), interrupt).await;
        let mut played = played?;
        load_threads.tell(&mut played.step.generator);
        Ok(played)
    }
}

/// `dyno run --url`: the scenario on one server.
pub(crate) async fn run(
    session: &Session<'_>,
    url: &str,
    flags: &Transport,
    begun: Option<Begun>,
) -> Result<Finished, Failure> {
    let server = Server::find(url, flags).await?;
    let scenario = &session.source.scenario;
    if let Some(step) = scenario
        .steps
        .iter()
        .find(|step| flags.http2 && !step.keepalive)
    {
        let message = format!(
            "step {:?} has keepalive = false, which HTTP/2 has not",
            step.name
        );
        return Err(Failure::input(message, "leave out --http2, or that key"));
    }
    for note in preflight::check(&scenario.steps, server.route(), &dyno_target::sockets())? {
        crate::screen::talk(&format!("note: {note}"));
    }
    let target = server.describe();
    let ids = [target.id.clone()];
    let environment = dyno_target::host::environment();
    let (mut run, directory) = session.begin(begun, (vec![target], &ids), environment)?;
    let mut progress = Progress::new();
    progress.begin(scenario, &run);
    for (index, (number, place)) in record::missing(&run).into_iter().enumerate() {
        if index > 0 {
            session.bench.interrupt.pause(scenario.cooldown).await;
        }
        if session.bench.interrupt.is_asked() {
            break;
        }
        progress.trial(number, &place);
        let recording = one(session, &server, &mut run, number, &place, &progress).await?;
        directory
            .save_trial(&run, &recording)
            .map_err(Failure::dyno)?;
        progress.trial_done(&place);
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
    let piece = Piece::of(&session.source.scenario, session.stock, place);
    let scenario = piece.scenario;
    let interrupt = &session.bench.interrupt;
    let seed = session.seed.wrapping_add(u64::from(place.round));
    let mut trial = trial::new(number, place);
    let mut recording = TrialRecording::default();
    let mut stock = piece.stock.fresh(piece.variant);
    let at = (&server.address, seed);
    let failed = around::set_up(scenario, at, &mut stock, interrupt).await?;
    let is_set_up = failed.is_none() && !interrupt.is_asked();
    trial.invalid_reasons.extend(failed);
    for (index, step) in scenario.steps.iter().enumerate() {
        if interrupt.is_asked() || !is_set_up {
            break;
        }
        let pause = if index > 0 {
            scenario.cooldown
        } else {
            Duration::ZERO
        };
        interrupt.pause(pause).await;
        let mut on = |event: Event<'_>| progress.event(step, &event);
        let played = server.play(
            step,
            (&scenario.plan, &stock),
            &session.bench.generator,
            seed,
            interrupt,
            &mut on,
        );
        let surroundings = server.surroundings(&run.layout);
        trial::keep(
            played.await?,
            step,
            surroundings,
            &mut trial,
            &mut recording,
        );
    }
    trial.interrupted = interrupt.is_asked();
    if is_set_up {
        let failed = around::tear_down(scenario, at, &mut stock).await?;
        let warning = |reason| format!("round {}: {reason}", place.round);
        run.warnings.extend(failed.map(warning));
    }
    run.trials.push(trial);
    Ok(recording)
}

/// Marks the end of a run without targets of our own.
pub(crate) fn close(run: &mut Run, interrupt: &Interrupt) -> Exit {
    run.finished_at = Some(now());
    run.environment.noise.load_after = dyno_target::host::load_average();
    run.status = match interrupt.is_asked() {
        true => Status::Interrupted,
        false => Status::Complete,
    };
    Exit::of(run, false)
}
