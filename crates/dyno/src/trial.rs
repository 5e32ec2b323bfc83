//! One trial: a fresh process, the steps in their order, the end.

use std::path::Path;

use dyno_engine::{Address, Event, Play, Played, Stock, Stop};
use dyno_result::{
    Evidence, Mark, PlannedTrial, Series, Step, Surroundings, Thresholds, Trial, TrialRecording,
    verdict,
};
use dyno_scenario::{Scenario, Variant};
use dyno_sink::Behaviour;
use dyno_target::generator::{Reading, peak_bytes};
use dyno_target::{Running, Sampler, resources};

use crate::around;
use crate::failure::Failure;
use crate::preparation::{Bench, Prepared};
use crate::progress::Progress;
use crate::record::{now, step_plan};

/// What a trial measured, and whether the target was brought to its start.
pub(crate) struct Measured {
    pub(crate) trial: Trial,
    pub(crate) recording: TrialRecording,
    /// Why the target did not get ready.
    pub(crate) not_started: Option<String>,
    /// Why the teardown did not come to its end.
    pub(crate) not_torn_down: Option<String>,
}

/// What is played in a trial.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Piece<'a> {
    pub(crate) scenario: &'a Scenario,
    pub(crate) variant: &'a Variant,
    /// What its templates are filled with, before any trial has used it.
    pub(crate) stock: &'a Stock,
}

impl<'a> Piece<'a> {
    /// What `place` asks for.
    pub(crate) fn of(scenario: &'a Scenario, stock: &'a Stock, place: &PlannedTrial) -> Self {
        let mut variants = scenario.variants.iter();
        let variant = variants.find(|variant| variant.id == place.variant);
        let variant = variant.expect("the order was drawn from the scenario's variants");
        Self {
            scenario,
            variant,
            stock,
        }
    }
}

/// Runs one trial of `prepared`. `trial` comes with its number and place.
pub(crate) async fn run(
    bench: &Bench,
    prepared: &Prepared,
    piece: Piece<'_>,
    mut trial: Trial,
    log: &Path,
    progress: &mut Progress,
) -> Result<Measured, Failure> {
    let mut recording = TrialRecording::default();
    let scenario = piece.scenario;
    let place = (bench.provision)
        .place(&prepared.manifest, &piece.variant.env, Behaviour::default())
        .await?;
    let started = bench.start(prepared, &place.env, log, None);
    let (running, start) = match started.await {
        Ok(started) => started,
        Err(error) => {
            bench.provision.leave(place).await?;
            let not_started = Some(Failure::target(error).line());
            trial.invalid_reasons.extend(not_started.clone());
            return Ok(Measured {
                trial,
                recording,
                not_started,
                not_torn_down: None,
            });
        }
    };
    trial.start = Some(start);
    let sampler = Sampler::start(&running).map_err(Failure::dyno)?;
    progress.idle();
    bench.interrupt.pause(scenario.idle).await;
    trial.idle = running.mark().ok();
    // All targets of a round meet the same random arrivals.
    let seed = bench.seed.wrapping_add(u64::from(trial.round));
    let address = Address::plain(running.address, running.address.to_string());
    let mut stock = piece.stock.fresh(piece.variant);
    let failed = around::set_up(scenario, (&address, seed), &mut stock, &bench.interrupt).await?;
    let is_set_up = failed.is_none() && !bench.interrupt.is_asked();
    trial.invalid_reasons.extend(failed);
    let watched = Watched {
        seed,
        address: &address,
        stock: &stock,
        bench,
        running: &running,
        sampler: &sampler,
    };
    for (index, step) in scenario.steps.iter().enumerate() {
        if bench.interrupt.is_asked() || !is_set_up {
            break;
        }
        if index > 0 {
            bench.interrupt.pause(scenario.cooldown).await;
        }
        let played = watched.play(scenario, step, progress).await?;
        let surroundings = Surroundings::of_target(&bench.layout);
        keep(played, step, surroundings, &mut trial, &mut recording);
        if let Some(exit) = running.has_exited() {
            let tail = running.log_tail();
            let last = tail
                .lines
                .last()
                .map_or(String::new(), |line| format!(": {line}"));
            (trial.invalid_reasons).push(format!("the target ended in mid-run with {exit}{last}"));
            break;
        }
    }
    trial.interrupted = bench.interrupt.is_asked();
    let mut not_torn_down = None;
    if is_set_up && running.has_exited().is_none() {
        not_torn_down = around::tear_down(scenario, (&address, seed), &mut stock).await?;
    }
    recording.series.samples = sampler.stop();
    trial.log_bytes = running.log_bytes();
    progress.stopping();
    match running.stop().await {
        Ok(stop) => trial.stop = Some(stop),
        Err(error) => trial.invalid_reasons.push(Failure::target(error).line()),
    }
    // A database that is gone takes no figure with it.
    if let Err(failure) = bench.provision.leave(place).await {
        trial.invalid_reasons.push(failure.line());
    }
    Ok(Measured {
        trial,
        recording,
        not_started: None,
        not_torn_down,
    })
}

/// Judges a played step and files it.
pub(crate) fn keep(
    mut played: Played,
    step: &dyno_scenario::Step,
    surroundings: Surroundings,
    trial: &mut Trial,
    recording: &mut TrialRecording,
) {
    let evidence = Evidence {
        step: &played.step,
        load: &step_plan(step).load,
        intervals: &played.intervals,
        surroundings,
    };
    played.step.verdict = Some(verdict(&evidence, &Thresholds::default()));
    let Series { intervals, .. } = &mut recording.series;
    intervals.extend(played.intervals);
    recording
        .histograms
        .insert(played.step.id.clone(), played.histograms);
    trial.steps.push(played.step);
}

/// A trial that has not begun.
pub(crate) fn new(number: u32, place: &PlannedTrial) -> Trial {
    Trial {
        number,
        round: place.round,
        position: place.position,
        target: place.target.clone(),
        variant: place.variant.clone(),
        started_at: now(),
        invalid_reasons: Vec::new(),
        interrupted: false,
        start: None,
        idle: None,
        steps: Vec::new(),
        stop: None,
        log_bytes: 0,
    }
}

/// A target under observation.
struct Watched<'a> {
    seed: u64,
    address: &'a Address,
    stock: &'a Stock,
    bench: &'a Bench,
    running: &'a Running,
    sampler: &'a Sampler,
}

impl Watched<'_> {
    /// Plays one step; ends it early when the target dies or the end is asked
    /// for.
    async fn play(
        &self,
        scenario: &Scenario,
        step: &dyno_scenario::Step,
        progress: &mut Progress,
    ) -> Result<Played, Failure> {
        let stop = Stop::default();
        let (mut before, mut after): (Option<Mark>, Option<Mark>) = (None, None);
        let mut load_threads = LoadThreads::default();
        let mut on = |event: Event<'_>| {
            load_threads.note(&event);
            match &event {
                Event::Measure => {
                    before = self.running.mark().ok();
                    self.sampler.set_step(Some(&step.id));
                }
                Event::Drained => {
                    self.sampler.set_step(None);
                    after = self.running.mark().ok();
                }
                Event::Warmup | Event::Interval(_) => {}
            }
            progress.event(step, &event);
        };
        let play = Play {
            step,
            plan: &scenario.plan,
            stock: self.stock,
            address: self.address,
            threads: &self.bench.generator.threads,
            seed: self.seed,
            pacing: self.bench.generator.pacing,
            stop: &stop,
        };
        let play = dyno_engine::play(play, &mut on);
        let mut played =
            until_done(play, &stop, self.running.exited(), &self.bench.interrupt).await?;
        load_threads.tell(&mut played.step.generator);
        played.step.resources = before.zip(after).map(|(before, after)| {
            let samples = self.sampler.of_step(&step.id);
            resources(
                self.running.source(),
                &before,
                &after,
                &samples,
                answers(&played.step),
            )
        });
        Ok(played)
    }
}

/// The load threads as the kernel saw them during a step.
#[derive(Debug, Default)]
pub(crate) struct LoadThreads {
    before: Option<Reading>,
    after: Option<Reading>,
}

impl LoadThreads {
    /// Looks at the edges of the measured phase, while the threads live.
    pub(crate) fn note(&mut self, event: &Event) {
        match event {
            Event::Measure => self.before = Some(Reading::now()),
            Event::Drained => self.after = Some(Reading::now()),
            Event::Warmup | Event::Interval(_) => {}
        }
    }

    /// Puts what the kernel knows into `generator`.
    pub(crate) fn tell(&self, generator: &mut dyno_result::Generator) {
        let edges = self.before.as_ref().zip(self.after.as_ref());
        generator.kernel = edges.map(|(before, after)| before.until(after));
        if let Some(peak) = peak_bytes() {
            generator.rss_peak_bytes = peak;
        }
    }
}

/// Drives `play`; sets `stop` when the end is asked for or `exited` is over.
pub(crate) async fn until_done(
    play: impl Future<Output = Result<Played, dyno_engine::Error>>,
    stop: &Stop,
    exited: impl Future<Output = String>,
    interrupt: &crate::interrupt::Interrupt,
) -> Result<Played, Failure> {
    tokio::pin!(play, exited);
    let mut dead = false;
    loop {
        tokio::select! {
            played = &mut play => return Ok(played?),
            _ = &mut exited, if !dead => {
                dead = true;
                stop.set();
            }
            () = interrupt.asked(), if !stop.is_set() => stop.set(),
        }
    }
}

/// Answers of a step, right or wrong.
fn answers(step: &Step) -> u64 {
    step.statuses.values().sum()
}
