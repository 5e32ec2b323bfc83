//! The slices of a step over time, in constant memory: two minutes by the second,
//! then twice as long each, and so on. They always add up to the step.

use std::time::Duration;

use dyno_result::{Histogram, Interval, IntervalHistograms, Packed, merge, new_histogram};

use crate::outcome::ns;
use crate::recorder::{SLICE, Slice};

/// Slices kept at most.
const KEPT: usize = 120;

/// The slices so far.
#[derive(Debug)]
pub(crate) struct Timeline {
    step: String,
    kept: Vec<(Interval, IntervalHistograms)>,
    /// Seconds in a slice that is kept from now on.
    span: u64,
    /// The one that is being filled.
    filling: Option<Part>,
    /// Kept slices before this one have the length of today already. One pair is
    /// merged a second: all at once would take the CPU from a load thread.
    merged: usize,
    /// Kept slices that are still of the former length.
    short: usize,
}

/// A slice that is not packed yet.
#[derive(Debug)]
struct Part {
    start: Duration,
    length: Duration,
    response: Histogram,
    first_byte: Histogram,
    connect: Histogram,
    succeeded: u64,
    failed: u64,
}

impl Timeline {
    pub(crate) fn new(step: &str) -> Self {
        Self {
            step: step.to_owned(),
            kept: Vec::with_capacity(KEPT + 1),
            span: 1,
            filling: None,
            merged: 0,
            short: 0,
        }
    }

    /// Takes the next second. Returns what is to be told of it.
    pub(crate) fn add(&mut self, slice: &Slice) -> Interval {
        let second = Part::of(slice);
        let interval = second.interval(&self.step);
        self.merge_a_pair();
        match &mut self.filling {
            Some(filling) => filling.add(&second),
            None => self.filling = Some(second),
        }
        if (slice.index + 1).is_multiple_of(self.span) {
            self.keep();
        }
        interval
    }

    /// All slices, first to last.
    pub(crate) fn finish(mut self) -> (Vec<Interval>, Vec<IntervalHistograms>) {
        self.keep();
        self.kept.into_iter().unzip()
    }

    fn keep(&mut self) {
        if let Some(part) = self.filling.take() {
            self.kept.push(part.pack(&self.step));
        }
        if self.kept.len() >= KEPT && self.short == 0 {
            self.span *= 2;
            (self.merged, self.short) = (0, self.kept.len());
        }
    }

    fn merge_a_pair(&mut self) {
        if self.short < 2 {
            self.short = 0;
            return;
        }
        let second = Part::unpack(&self.kept.remove(self.merged + 1));
        let mut first = Part::unpack(&self.kept[self.merged]);
        first.add(&second);
        self.kept[self.merged] = first.pack(&self.step);
        self.merged += 1;
        self.short -= 2;
    }
}

impl Part {
    fn of(slice: &Slice) -> Self {
        Self {
            start: SLICE * u32::try_from(slice.index).unwrap_or(u32::MAX),
            length: SLICE,
            response: slice.response.clone(),
            first_byte: slice.first_byte.clone(),
            connect: slice.connect.clone(),
            succeeded: slice.succeeded,
            failed: slice.failed,
        }
    }

    fn add(&mut self, later: &Self) {
        self.length += later.length;
        merge(&mut self.response, &later.response);
        merge(&mut self.first_byte, &later.first_byte);
        merge(&mut self.connect, &later.connect);
        self.succeeded += later.succeeded;
        self.failed += later.failed;
    }

    fn interval(&self, step: &str) -> Interval {
        let response = &self.response;
        let at = |q| (!response.is_empty()).then(|| response.value_at_quantile(q));
        Interval {
            step: step.to_owned(),
            start_ns: ns(self.start),
            length_ns: ns(self.length),
            succeeded: self.succeeded,
            failed: self.failed,
            response_p50_ns: at(0.5),
            response_p99_ns: at(0.99),
            response_max_ns: at(1.0),
        }
    }

    fn pack(&self, step: &str) -> (Interval, IntervalHistograms) {
        let histograms = IntervalHistograms {
            start_s: self.start.as_secs_f64(),
            length_s: self.length.as_secs_f64(),
            response: Packed::of(&self.response),
            first_byte: Packed::of(&self.first_byte),
            connect: Packed::of(&self.connect),
        };
        (self.interval(step), histograms)
    }

    fn unpack((interval, histograms): &(Interval, IntervalHistograms)) -> Self {
        // An unpacked histogram may have a smaller range than it needs now.
        let unpack = |packed: &Packed| {
            let mut histogram = new_histogram();
            merge(&mut histogram, &packed.unpack());
            histogram
        };
        Self {
            start: Duration::from_nanos(interval.start_ns),
            length: Duration::from_nanos(interval.length_ns),
            response: unpack(&histograms.response),
            first_byte: unpack(&histograms.first_byte),
            connect: unpack(&histograms.connect),
            succeeded: interval.succeeded,
            failed: interval.failed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// T9: whatever was merged, the slices follow each other without a gap and
    /// add up to all values, bucket by bucket.
    #[test]
    fn slices_of_any_length_add_up_to_the_whole() {
        for seconds in [1, 119, 120, 121, 200, 241, 500, 1_000] {
            let mut timeline = Timeline::new("s");
            let mut whole = new_histogram();
            for index in 0..seconds {
                let mut slice = Slice::empty(index);
                for value in [1_000 * (index + 1), 77_000_000_000 + index] {
                    slice.response.record(value).unwrap();
                    whole.record(value).unwrap();
                    slice.succeeded += 1;
                }
                let told = timeline.add(&slice);
                assert_eq!((told.start_ns, told.succeeded), (index * 1_000_000_000, 2));
                assert!(timeline.kept.len() <= KEPT);
            }
            let (intervals, histograms) = timeline.finish();
            let mut end = 0;
            let mut sum = new_histogram();
            for (interval, histograms) in intervals.iter().zip(&histograms) {
                assert_eq!(interval.start_ns, end);
                assert_eq!(histograms.start_s, end as f64 / 1e9);
                end += interval.length_ns;
                merge(&mut sum, &histograms.response.unpack());
            }
            assert_eq!(end, seconds * 1_000_000_000);
            assert_eq!(sum, whole);
            let told: u64 = intervals.iter().map(|interval| interval.succeeded).sum();
            assert_eq!(told, 2 * seconds);
            assert!(seconds > 119 || intervals.len() as u64 == seconds);
        }
    }
}
