//! Schedules against the integral of their rate and against their distribution.

use std::time::Duration;

use dyno_scenario::{Rate, Stage};
use proptest::prelude::*;

use super::*;

const SECOND: u64 = 1_000_000_000;

fn steady(rate: Rate) -> Profile {
    Profile::Steady {
        rate,
        duration: Duration::from_secs(1),
    }
}

fn per_second(starts: u64) -> Rate {
    match starts {
        0 => Rate::ZERO,
        starts => Rate {
            starts,
            per_ns: SECOND,
        },
    }
}

fn ramp(from: u64, to: u64, duration: Duration) -> Profile {
    Profile::Stages(vec![Stage {
        from: per_second(from),
        to: per_second(to),
        duration,
    }])
}

/// The streams of all threads, each up to `count` starts, put together.
fn merged(
    profile: &Profile,
    arrivals: Arrivals,
    seed: u64,
    threads: u64,
    count: usize,
) -> Vec<u64> {
    let of = |thread| Schedule::new(profile, arrivals, seed, (thread, threads)).take(count);
    let mut all: Vec<u64> = (0..threads).flat_map(of).collect();
    all.sort_unstable();
    all
}

/// Starts asked for until `at_ns`, by the area under the rate.
fn asked(stages: &[Stage], at_ns: u64) -> f64 {
    let (mut begin, mut sum) = (0, 0.0);
    for stage in stages {
        let length = stage.duration.as_nanos() as u64;
        let within = at_ns.saturating_sub(begin).min(length) as f64 / 1e9;
        let slope = (stage.to.per_second() - stage.from.per_second()) / (length as f64 / 1e9);
        sum += stage.from.per_second() * within + slope * within * within / 2.0;
        begin += length;
    }
    sum
}

/// Stages of which some hold, some jump, some start nothing; up to 100,000 starts
/// in all.
fn some_stages() -> impl Strategy<Value = Vec<Stage>> {
    let rate = prop_oneof![Just(0), 1..100_u64, 1..20_000_u64];
    let stage = (rate.clone(), rate, any::<bool>(), 1..1_000_000_000_u64);
    let stage = stage.prop_map(|(from, to, held, ns)| Stage {
        from: per_second(if held { to } else { from }),
        to: per_second(to),
        duration: Duration::from_nanos(ns),
    });
    prop::collection::vec(stage, 1..6)
}

proptest! {
    #[test]
    fn constant_starts_are_exact_whatever_the_threads(
        starts in 1u64..1_000_000, per_ns in 1u64..10_000_000_000, threads in 1u64..9,
    ) {
        let profile = steady(Rate { starts, per_ns });
        let seen = merged(&profile, Arrivals::Constant, 0, threads, 50);
        for (k, at) in seen.iter().take(50).enumerate() {
            let exact = k as u128 * u128::from(per_ns) / u128::from(starts);
            prop_assert_eq!(u128::from(*at), exact);
        }
    }

    #[test]
    fn starts_never_go_back(seed: u64, starts in 1u64..1_000_000) {
        let profile = steady(per_second(starts));
        let schedule = Schedule::new(&profile, Arrivals::Poisson, seed, (0, 1));
        let times: Vec<u64> = schedule.take(200).collect();
        prop_assert!(times.is_sorted());
    }

    #[test]
    fn the_starts_of_stages_never_go_back_nor_leave_them(
        stages in some_stages(), seed: u64, poisson: bool, threads in 1u64..5,
    ) {
        let profile = Profile::Stages(stages);
        let arrivals = if poisson { Arrivals::Poisson } else { Arrivals::Constant };
        let end = profile.duration().as_nanos() as u64;
        for thread in 0..threads {
            let schedule = Schedule::new(&profile, arrivals, seed, (thread, threads));
            let times: Vec<u64> = schedule.collect();
            prop_assert!(times.is_sorted());
            prop_assert!(times.iter().all(|at| *at <= end));
        }
    }

    #[test]
    fn any_window_of_stages_has_the_starts_of_its_area_within_one(
        stages in some_stages(), threads in 1u64..5, a in 0.0..1.0, b in 0.0..1.0,
    ) {
        let profile = Profile::Stages(stages.clone());
        let seen = merged(&profile, Arrivals::Constant, 0, threads, usize::MAX);
        let end = profile.duration().as_nanos() as f64;
        let (a, b) = ((f64::min(a, b) * end) as u64, (f64::max(a, b) * end) as u64);
        let count = seen.iter().filter(|at| (a..b).contains(at)).count() as f64;
        let area = asked(&stages, b) - asked(&stages, a);
        // Times are cut to whole ns, in which the fastest rate here has 2e-5 starts.
        prop_assert!((count - area).abs() <= 1.0 + 1e-4, "{} for {}", count, area);
        let (all, area) = (seen.len() as f64, profile.starts());
        prop_assert!((all - area).abs() <= 1.0, "{} for {}", all, area);
    }

    #[test]
    fn threads_share_one_schedule_of_stages(stages in some_stages(), threads in 2u64..9) {
        let profile = Profile::Stages(stages);
        let of = |threads| merged(&profile, Arrivals::Constant, 0, threads, usize::MAX);
        prop_assert_eq!(of(threads), of(1));
    }

    #[test]
    fn bursts_are_exact_whatever_the_threads(
        starts in 1u64..200, every in 1u64..1000, ms in 1u64..3000, threads in 1u64..9,
    ) {
        let profile = Profile::Bursts {
            starts,
            every: Duration::from_millis(every),
            duration: Duration::from_millis(ms),
        };
        // Asked for or not, their arrivals are not random.
        let seen = merged(&profile, Arrivals::Poisson, 7, threads, usize::MAX);
        let times = (0..).map(|burst| burst * every).take_while(|at| *at < ms);
        let expected: Vec<u64> = times
            .flat_map(|at| std::iter::repeat_n(at * 1_000_000, starts as usize))
            .collect();
        prop_assert_eq!(expected.len() as f64, profile.starts());
        prop_assert_eq!(seen, expected);
    }
}

#[test]
fn a_ramp_has_the_mean_of_its_ends_times_its_time() {
    for (from, to, seconds, expected) in [
        (10, 500, 30, 7650.0),
        (0, 1000, 7, 3500.0),
        (1000, 0, 7, 3500.0),
        (1, 2, 3, 4.5),
        (100_000, 300_000, 1, 200_000.0),
    ] {
        let profile = ramp(from, to, Duration::from_secs(seconds));
        for threads in [1, 2, 3, 8] {
            let seen = merged(&profile, Arrivals::Constant, 0, threads, usize::MAX);
            let off = seen.len() as f64 - expected;
            assert!(off.abs() <= 1.0, "{from} to {to}: {off}");
        }
    }
}

/// Kolmogorov-Smirnov at 1 % (D < 1.63/√n) of gaps whose mean should be 1, and
/// the coefficient of variation.
fn assert_exponential(mut gaps: Vec<f64>) {
    let count = gaps.len() as f64;
    let mean = gaps.iter().sum::<f64>() / count;
    let variance = gaps.iter().map(|gap| (gap - mean).powi(2)).sum::<f64>() / count;
    assert!((mean - 1.0).abs() < 0.02, "mean {mean}");
    assert!((variance.sqrt() / mean - 1.0).abs() < 0.015);
    gaps.sort_by(f64::total_cmp);
    let distance = gaps
        .iter()
        .enumerate()
        .map(|(i, gap)| ((i as f64 + 0.5) / count - (1.0 - (-gap).exp())).abs());
    let largest = distance.fold(0.0, f64::max);
    assert!(largest < 1.63 / count.sqrt(), "D = {largest}");
}

#[test]
fn poisson_distances_are_exponential_over_all_threads() {
    let n = 100_000;
    let profile = steady(per_second(1000));
    let mut times = merged(&profile, Arrivals::Poisson, 42, 4, n / 4);
    // Threads end at different times: only the common part is one stream.
    times.truncate(n * 9 / 10);
    let gaps = times
        .windows(2)
        .map(|pair| (pair[1] - pair[0]) as f64 / 1e6);
    assert_exponential(gaps.collect());
}

#[test]
fn poisson_distances_of_a_ramp_are_exponential_once_the_rate_is_taken_out() {
    let profile = Profile::Stages(vec![
        Stage {
            from: Rate::ZERO,
            to: per_second(4000),
            duration: Duration::from_secs(30),
        },
        Stage {
            from: per_second(500),
            to: per_second(100),
            duration: Duration::from_secs(100),
        },
    ]);
    let Profile::Stages(stages) = &profile else {
        unreachable!("made above");
    };
    let times = merged(&profile, Arrivals::Poisson, 42, 4, usize::MAX);
    // The variance of a Poisson number is its mean: five standard deviations.
    let off = times.len() as f64 - profile.starts();
    assert!(off.abs() < 5.0 * profile.starts().sqrt(), "{off} too many");
    let gaps = times.windows(2);
    let gaps = gaps.map(|pair| asked(stages, pair[1]) - asked(stages, pair[0]));
    assert_exponential(gaps.collect());
}

#[test]
fn another_seed_or_thread_meets_other_random_arrivals() {
    let profile = ramp(10, 500, Duration::from_secs(10));
    let of = |seed, thread| -> Vec<u64> {
        Schedule::new(&profile, Arrivals::Poisson, seed, (thread, 2)).collect()
    };
    assert_eq!(of(1, 0), of(1, 0));
    assert_ne!(of(1, 0), of(2, 0));
    assert_ne!(of(1, 0), of(1, 1));
}
