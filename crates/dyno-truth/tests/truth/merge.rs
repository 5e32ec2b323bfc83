//! Histograms of threads and slices add up, bucket by bucket: T9.

use std::time::Duration;

use dyno_result::{Histogram, Packed, merge, new_histogram};
use dyno_scenario::Until;
use dyno_truth::exponential_ns;

use crate::bench::{Bench, truth};
use crate::client::{Ask, Engine, closed, response};
use crate::judge::Judge;

fn of(values: impl Iterator<Item = u64>) -> Histogram {
    let mut histogram = new_histogram();
    values.for_each(|value| histogram.record(value).unwrap());
    histogram
}

/// T9: values dealt to threads and slices, packed, unpacked and merged again.
fn dealt(judge: &mut Judge) {
    let value = |k: u64| exponential_ns(9, k, 3_000_000_000).max(1);
    let whole = of((0..100_000).map(value));
    let mut sum = new_histogram();
    for thread in 0..7 {
        for slice in 0..5 {
            let ours = (0..100_000).filter(|k| k % 7 == thread && k / 20_000 == slice);
            merge(&mut sum, &Packed::of(&of(ours.map(value))).unpack());
        }
    }
    judge.exact("merged as recorded", sum == whole, true);
    judge.exact("beyond 60 s", whole.max() < 30_000_000_000, false);
}

/// The slices of a run over two threads are the run.
fn played(judge: &mut Judge, bench: &Bench<'_>) {
    let load = closed(7, Until::Elapsed(Duration::from_millis(1_500)));
    let played = bench.play_well(&Ask {
        cpus: vec![0, 0],
        ..Ask::new("/delay?time=1ms", load)
    });
    let (whole, figures) = (response(&played), &played.step.response);
    judge.exact("slices as the run", whole.len(), figures.count);
    judge.exact("max", Some(whole.max()), figures.max_ns);
    judge.exact("mean", Some(whole.mean()), figures.mean_ns);
}

#[test]
fn t9_merging_loses_nothing() {
    truth(&Engine, |bench| {
        let mut judge = Judge::new("T9 merge");
        dealt(&mut judge);
        played(&mut judge, bench);
        judge
    });
}
