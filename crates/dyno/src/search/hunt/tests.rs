//! Whole searches on servers that are computed: time is that of a paused clock.

use dyno_result::{FailureKind, Level, OverloadMode};

use super::*;
use crate::search::fixture::{Server, length, step};

/// A server on which probes are played.
struct Arena {
    server: Server,
    /// It ends in a probe faster than this.
    dies_above: f64,
    /// Starts that wait when a probe begins; a paused server works them off.
    waiting: f64,
    /// Whether it does that between probes.
    recovers: bool,
    dead: bool,
    levels: Vec<f64>,
    numbers: Vec<u64>,
    ended: Option<Instant>,
}

impl Arena {
    fn new(capacity: f64) -> Self {
        Self {
            server: Server::new(capacity),
            dies_above: f64::INFINITY,
            waiting: 0.0,
            recovers: true,
            dead: false,
            levels: Vec::new(),
            numbers: Vec::new(),
            ended: None,
        }
    }
}

impl Ground for Arena {
    async fn play(&mut self, probe: &Step, number: u64) -> Result<Played, Failure> {
        let level = match &probe.load {
            dyno_scenario::Load::Open { profile, .. } => profile.mean_per_second(),
            dyno_scenario::Load::Closed { connections, .. } => f64::from(*connections),
        };
        self.levels.push(level);
        self.numbers.push(number);
        if let Some(ended) = self.ended.filter(|_| self.recovers) {
            let worked = ended.elapsed().as_secs_f64() * self.server.capacity;
            self.waiting = (self.waiting - worked).max(0.0);
        }
        self.server.waiting = self.waiting;
        let mut played = self.server.play(probe);
        if !self.recovers && level > self.server.capacity {
            self.waiting = 1e6;
        }
        if level > self.dies_above {
            self.dead = true;
            played.step.drain_ns = 0;
        }
        tokio::time::sleep(length(&played)).await;
        self.ended = Some(Instant::now());
        Ok(played)
    }

    fn is_dead(&self) -> bool {
        self.dead
    }

    fn surroundings(&self) -> Surroundings {
        Surroundings::default()
    }

    fn say(&self, _: &str) {}
}

async fn hunt(arena: &mut Arena, search: &str) -> (dyno_result::Step, dyno_result::Search) {
    let step = step(search);
    let interrupt = Interrupt::listen().unwrap();
    let hunt = Hunt {
        step: &step,
        search: step.search.as_ref().unwrap(),
        cooldown: Duration::from_secs(1),
        interrupt: &interrupt,
        ground: arena,
    };
    let mut step = hunt.play().await.unwrap().step;
    let search = step.search.take().unwrap();
    (step, search)
}

const LIMIT: &str = "from = '50/s', limit = 'p99 < 200ms and failed < 0.1%'";

#[tokio::test(start_paused = true)]
async fn a_known_capacity_is_found_and_what_happens_beyond_it() {
    let mut arena = Arena::new(163.7);
    let (step, search) = hunt(&mut arena, LIMIT).await;
    assert_eq!(search.ending, SearchEnding::Found);
    let (held, broken) = (search.held.unwrap(), search.broken.unwrap());
    // By a hundredth more it is not noticed in ten seconds.
    assert!(
        held.level <= 163.7 * 1.01 && 163.7 < broken.level,
        "{held:?} {broken:?}"
    );
    assert_eq!((held.probes, broken.probes), (3, 3));
    // The figures of the step are those of the level that holds.
    assert_eq!(step.id, "to-failure-search");
    assert!((step.throughput_per_s / held.level - 1.0).abs() < 0.01);
    assert_eq!(step.verdict.unwrap().level, Level::Valid);
    let overload = search.overload.unwrap();
    assert!((overload.factor - 1.5).abs() < 1e-9);
    let modes: Vec<OverloadMode> = overload.modes.iter().map(|of| of.mode).collect();
    assert_eq!(modes, [OverloadMode::Queues]);
    // Half of what is asked in ten seconds is worked off in the drain of five.
    let Some(Recovery::Recovered { after_ns }) = overload.probe.recovery else {
        panic!("{overload:?}");
    };
    let after = after_ns as f64 / 1e9;
    let expected = 10.0 * (1.5 * held.level / 163.7 - 1.0);
    assert!((after - expected).abs() < 0.1, "{after} {expected}");
    // No two probes have the same random numbers.
    let mut numbers = arena.numbers.clone();
    numbers.dedup();
    assert_eq!(numbers.len(), arena.levels.len());
}

/// Poisson arrivals, fixed service: the response time at p99 is known for every load.
#[tokio::test(start_paused = true)]
async fn answers_hold_the_knee_of_a_random_queue_and_repeats_overlap() {
    use dyno_truth::expected::Queue;
    // Where p99 is twelve times the service of a millisecond.
    let mut truth = 0.5;
    while Queue::Md1(truth).quantile(0.99) < 12.0 {
        truth += 0.0001;
    }
    let truth = 1000.0 * truth;
    let mut answers: Vec<(f64, f64)> = Vec::new();
    for seed in 0..3 {
        let mut arena = Arena::new(1000.0);
        arena.server.random = Some(fastrand::Rng::with_seed(seed));
        let search = "from = '50/s', limit = 'p99 < 12ms', duration = '60s'";
        let (_, search) = hunt(&mut arena, search).await;
        assert_eq!(search.ending, SearchEnding::Found);
        let (held, broken) = (search.held.unwrap().level, search.broken.unwrap().level);
        // A minute's p99 of a queue is off by some percent, its knee by less.
        let is_right = held < 1.02 * truth && 0.98 * truth < broken;
        assert!(is_right, "{held} {truth} {broken}");
        answers.push((held, broken));
    }
    let highest = answers.iter().map(|(held, _)| *held).fold(0.0, f64::max);
    let lowest = answers
        .iter()
        .map(|(_, broken)| *broken)
        .fold(f64::MAX, f64::min);
    assert!(highest < lowest, "{answers:?}");
}

#[tokio::test(start_paused = true)]
async fn every_probe_that_broke_the_limit_is_waited_for() {
    let (_, search) = hunt(&mut Arena::new(163.7), LIMIT).await;
    for probe in &search.probes {
        let is_watched = probe.recovery.is_some();
        assert_eq!(
            is_watched,
            probe.outcome == ProbeOutcome::Broke,
            "{probe:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_target_that_does_not_get_over_a_probe_ends_the_search() {
    let mut arena = Arena::new(163.7);
    arena.recovers = false;
    let (_, search) = hunt(&mut arena, LIMIT).await;
    assert_eq!(search.ending, SearchEnding::NotRecovered { level: 200.0 });
    assert_eq!((search.held.unwrap().level, search.overload), (100.0, None));
    let last = search.probes.last().unwrap();
    assert!(
        matches!(last.recovery, Some(Recovery::NotWithin { .. })),
        "{last:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_target_that_ends_is_not_asked_again() {
    let mut arena = Arena::new(1000.0);
    arena.dies_above = 300.0;
    let (step, search) = hunt(&mut arena, LIMIT).await;
    assert_eq!(search.ending, SearchEnding::Died { level: 400.0 });
    assert_eq!(arena.levels, [50.0, 100.0, 200.0, 400.0]);
    assert_eq!(search.probes[3].recovery, Some(Recovery::Died));
    assert!((step.throughput_per_s - 200.0).abs() < 1.0);
}

#[tokio::test(start_paused = true)]
async fn beyond_the_limit_targets_shed_too() {
    let mut arena = Arena::new(1e6);
    // Whatever is asked, every third start is refused.
    arena.server.fails = (3, FailureKind::Status5xx);
    let modest = "from = '50/s', to = '90/s', limit = 'goodput > 1/s'";
    let (_, search) = hunt(&mut arena, modest).await;
    assert_eq!(search.ending, SearchEnding::NotReached);
    assert_eq!(search.overload, None);
    // Nothing holds what is never so.
    let (step, search) = hunt(&mut arena, LIMIT).await;
    assert_eq!((search.ending, search.held), (SearchEnding::Below, None));
    // The figures are those of the lowest level, and it is no fault of theirs.
    assert_eq!(step.verdict.unwrap().level, Level::Valid);
    assert!(search.probes.iter().all(|probe| probe.statuses[&503] > 0));
}

#[tokio::test(start_paused = true)]
async fn a_search_stays_within_its_time() {
    let step = step(LIMIT);
    let (search, cooldown) = (step.search.as_ref().unwrap(), Duration::from_secs(1));
    let most = most_time(&step, search, cooldown);
    for capacity in [0.01, 60.0, 163.7, 12_345.0] {
        let begin = Instant::now();
        hunt(&mut Arena::new(capacity), LIMIT).await;
        assert!(
            begin.elapsed() < most,
            "{capacity}: {:?} {most:?}",
            begin.elapsed()
        );
    }
}
