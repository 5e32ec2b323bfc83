//! Searches on targets that are functions: of known capacity, noisy, fickle.

use ProbeOutcome::{Broke, Held, Void};
use dyno_scenario::By;

use super::*;

fn search(from: f64, to: Option<f64>) -> Search {
    Search {
        by: By::Rate,
        from,
        to,
        limit: Vec::new(),
        precision: 0.05,
        confirm: 3,
    }
}

/// What came of a search.
struct Hunted {
    ending: SearchEnding,
    held: Option<SearchEnd>,
    broken: Option<SearchEnd>,
    /// Level, stage and outcome of each probe.
    probes: Vec<(f64, ProbeStage, ProbeOutcome)>,
}

impl Hunted {
    fn levels(&self) -> Vec<f64> {
        self.probes.iter().map(|(level, ..)| *level).collect()
    }

    /// Both ends of the answer.
    #[track_caller]
    fn interval(&self) -> (f64, f64) {
        assert_eq!(self.ending, SearchEnding::Found, "{:?}", self.probes);
        (self.held.unwrap().level, self.broken.unwrap().level)
    }
}

/// Plays a search on `target`, which gets the level and the number of the probe.
fn hunt(search: &Search, mut target: impl FnMut(f64, usize) -> ProbeOutcome) -> Hunted {
    let course = Course::of(search);
    let (mut tried, mut probes) = (Vec::new(), Vec::new());
    let ending = loop {
        match course.next(&tried) {
            Next::End(ending) => break ending,
            Next::Probe { rung, stage } => {
                let level = course.ladder.level(rung);
                let outcome = target(level, tried.len());
                tried.push(Tried { rung, outcome });
                probes.push((level, stage, outcome));
            }
        }
        assert!(tried.len() <= course.most_probes());
    };
    let (held, broken) = course.ends(&tried);
    Hunted {
        ending,
        held,
        broken,
        probes,
    }
}

/// Bears what is not above its capacity.
fn bears(capacity: f64) -> impl Fn(f64, usize) -> ProbeOutcome {
    move |level, _| if level <= capacity { Held } else { Broke }
}

#[test]
fn a_known_knee_lies_between_neighbours() {
    for capacity in [
        50.0,
        51.0,
        99.9,
        100.0,
        163.7,
        1000.0,
        123_456.0,
        9_000_000.0,
    ] {
        let hunted = hunt(&search(50.0, None), bears(capacity));
        let (held, broken) = hunted.interval();
        assert!(
            held <= capacity && capacity < broken,
            "{held} {capacity} {broken}"
        );
        assert!(broken / held < 1.05 * 1.001, "{held} {broken}");
        let both = [hunted.held.unwrap().probes, hunted.broken.unwrap().probes];
        assert_eq!(both, [3, 3]);
    }
}

#[test]
fn levels_are_doubled_then_halved_between_then_asked_again() {
    let hunted = hunt(&search(50.0, None), bears(163.7));
    let stages: Vec<ProbeStage> = hunted.probes.iter().map(|(_, stage, _)| *stage).collect();
    assert_eq!(hunted.levels()[..3], [50.0, 100.0, 200.0]);
    let doubling = [ProbeStage::Doubling; 3];
    let bisection = [ProbeStage::Bisection; 4];
    let confirmation = [ProbeStage::Confirmation; 4];
    let expected = [&doubling[..], &bisection, &confirmation].concat();
    assert_eq!(stages, expected);
    let (held, broken) = hunted.interval();
    assert_eq!(hunted.levels()[7..], [held, held, broken, broken]);
}

#[test]
fn a_target_that_bears_everything_is_asked_the_highest_again() {
    let hunted = hunt(&search(50.0, Some(300.0)), bears(1e9));
    assert_eq!(hunted.ending, SearchEnding::NotReached);
    assert_eq!(hunted.levels(), [50.0, 100.0, 200.0, 300.0, 300.0, 300.0]);
    assert_eq!((hunted.held.unwrap().level, hunted.broken), (300.0, None));
}

#[test]
fn a_target_that_breaks_at_the_first_level_is_asked_less() {
    let hunted = hunt(&search(50.0, None), bears(9.0));
    assert_eq!(hunted.levels()[..4], [50.0, 25.0, 12.5, 6.25]);
    let (held, broken) = hunted.interval();
    assert!(held <= 9.0 && 9.0 < broken, "{held} {broken}");
    // And one that bears nothing is left alone at last.
    let hunted = hunt(&search(64.0, None), bears(0.0));
    assert_eq!(hunted.ending, SearchEnding::Below);
    assert_eq!((hunted.held, hunted.broken.unwrap().level), (None, 1.0));
    assert_eq!(
        hunted.levels(),
        [64.0, 32.0, 16.0, 8.0, 4.0, 2.0, 1.0, 1.0, 1.0]
    );
    let one = Search {
        by: By::Connections,
        ..search(1.0, None)
    };
    assert_eq!(hunt(&one, bears(0.0)).levels(), [1.0; 3]);
}

#[test]
fn connections_are_found_to_the_one() {
    for capacity in [1.0, 2.0, 7.0, 12.0] {
        let by_connections = Search {
            by: By::Connections,
            ..search(1.0, Some(4096.0))
        };
        let (held, broken) = hunt(&by_connections, bears(capacity)).interval();
        assert_eq!((held, broken), (capacity, capacity + 1.0));
    }
}

/// Above the first level that breaks another may hold: the answer is the first.
#[test]
fn the_first_level_that_breaks_for_good_is_the_answer() {
    let island = |level: f64, _| match level {
        150.0..250.0 => Broke,
        900.0.. => Broke,
        _ => Held,
    };
    let (held, broken) = hunt(&search(50.0, None), island).interval();
    assert!(
        held < 150.0 && (150.0..250.0).contains(&broken),
        "{held} {broken}"
    );
}

#[test]
fn a_probe_that_broke_by_chance_is_found_out() {
    let once = |level: f64, number| match (level <= 1000.0, number) {
        // The third probe, at 200 of 1,000.
        (true, 2) => Broke,
        (true, _) => Held,
        (false, _) => Broke,
    };
    let hunted = hunt(&search(50.0, None), once);
    let (held, broken) = hunted.interval();
    assert!(held <= 1000.0 && 1000.0 < broken, "{:?}", hunted.probes);
}

#[test]
fn a_fickle_level_is_no_end_of_the_answer() {
    // Between 900 and 1,100 every other probe breaks.
    let mut count = 0;
    let fickle = |level: f64, _| {
        count += usize::from((900.0..1100.0).contains(&level));
        match level {
            ..900.0 => Held,
            1100.0.. => Broke,
            _ if count % 2 == 0 => Broke,
            _ => Held,
        }
    };
    let (held, broken) = hunt(&search(50.0, None), fickle).interval();
    assert!((850.0..900.0).contains(&held), "{held}");
    assert!((1100.0..1160.0).contains(&broken), "{broken}");
}

#[test]
fn what_dyno_cannot_ask_is_no_fault_of_the_target() {
    let wall = |level: f64, _| if level < 700.0 { Held } else { Void };
    let hunted = hunt(&search(50.0, None), wall);
    assert_eq!(hunted.ending, SearchEnding::Generator { level: 800.0 });
    assert_eq!(
        (hunted.held.unwrap(), hunted.broken),
        (
            SearchEnd {
                level: 400.0,
                probes: 3
            },
            None
        )
    );
    let expected = [50.0, 100.0, 200.0, 400.0, 800.0, 800.0, 800.0, 400.0, 400.0];
    assert_eq!(hunted.levels(), expected);
    // From the beginning there is nothing to say.
    let hunted = hunt(&search(50.0, None), |_, _| Void);
    assert_eq!(hunted.ending, SearchEnding::Generator { level: 50.0 });
    assert_eq!((hunted.levels(), hunted.held), (vec![50.0; 3], None));
}

#[test]
fn a_void_probe_now_and_then_changes_nothing() {
    let truth = hunt(&search(50.0, None), bears(163.7)).interval();
    let noisy = |level, number| match number % 3 {
        0 => Void,
        _ => bears(163.7)(level, number),
    };
    assert_eq!(hunt(&search(50.0, None), noisy).interval(), truth);
}

/// A target that fails a probe with the chance Φ((ln level − ln capacity)/τ).
fn noisy(random: &mut fastrand::Rng, tau: f64) -> Hunted {
    let target = |level: f64, _| {
        // Twelve uniform numbers are as good as normal here.
        let normal = (0..12).map(|_| random.f64()).sum::<f64>() - 6.0;
        let is_broken = (level / 1000.0).ln() > tau * normal;
        if is_broken { Broke } else { Held }
    };
    hunt(&search(50.0, None), target)
}

/// The answer holds the level at which half of the probes break nearly always, and
/// widens with the noise.
#[test]
fn answers_of_noisy_targets_hold_the_truth() {
    for (tau, least_right, widest) in [(0.0, 1.0, 0.05), (0.02, 0.94, 0.1), (0.1, 0.82, 0.2)] {
        let mut random = fastrand::Rng::with_seed(7);
        let (mut right, mut found, mut width) = (0, 0, 0.0);
        for _ in 0..2000 {
            let hunted = noisy(&mut random, tau);
            if hunted.ending != SearchEnding::Found {
                continue;
            }
            let (held, broken) = hunted.interval();
            found += 1;
            width += (broken / held).ln();
            right += usize::from(held <= 1000.0 && 1000.0 <= broken);
        }
        let (right, width) = (right as f64 / found as f64, width / found as f64);
        assert!(found > 1800, "{tau}: {found}");
        assert!(right >= least_right, "{tau}: {right}");
        assert!(width < widest, "{tau}: {width}");
    }
}
