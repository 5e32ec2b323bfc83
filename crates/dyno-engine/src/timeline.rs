//! The slices of a step over time, in constant memory: two minutes by the second,
//! then twice as long each, and so on. They always add up to the step.

use std::time::Duration;

use dyno_result::{
    Histogram, Interval, IntervalHistograms, Packed, Packer, merge, resident_histogram,
};

use crate::slice::{SLICE, Slice};
use crate::time::ns;

/// Slices kept at most.
const KEPT: usize = 120;

/// A slice as it is kept.
type Kept = (Interval, IntervalHistograms);

/// The slices so far.
#[derive(Debug)]
pub(crate) struct Timeline {
    step: String,
    kept: Vec<Kept>,
    /// What kept slices are packed in; made once and used again.
    spare: Vec<IntervalHistograms>,
    packer: Packer,
    /// Seconds in a slice that is kept from now on.
    span: u64,
    /// The one that is being filled.
    filling: Part,
    /// What two kept slices are merged in.
    pair: Part,
    /// Kept slices before this one have the length of today already. One pair is
    /// merged a second: all at once would take the CPU from a load thread.
    merged: usize,
    /// Kept slices that are still of the former length.
    short: usize,
}

/// A slice that is not packed yet. Made once and used again: histograms that come
/// and go every second, among small things that stay, leave holes in the heap.
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
            spare: (0..=KEPT).map(|_| room()).collect(),
            packer: Packer::new(),
            span: 1,
            filling: Part::empty(),
            pair: Part::empty(),
            merged: 0,
            short: 0,
        }
    }

    /// Takes the next second. Returns what is to be told of it.
    pub(crate) fn add(&mut self, slice: &Slice) -> Interval {
        let start = SLICE * u32::try_from(slice.index).unwrap_or(u32::MAX);
        let counts = (slice.succeeded, slice.failed);
        let told = interval(&self.step, (start, SLICE), counts, &slice.response);
        self.merge_a_pair();
        let histograms = [&slice.response, &slice.first_byte, &slice.connect];
        self.filling.add((start, SLICE), counts, histograms);
        if (slice.index + 1).is_multiple_of(self.span) {
            self.keep();
        }
        told
    }

    /// All slices, first to last.
    pub(crate) fn finish(mut self) -> (Vec<Interval>, Vec<IntervalHistograms>) {
        self.keep();
        self.kept.into_iter().unzip()
    }

    fn keep(&mut self) {
        if !self.filling.length.is_zero() {
            let room = self.spare.pop().unwrap_or_else(room);
            self.kept
                .push(self.filling.pack(&self.step, room, &mut self.packer));
            self.filling.reset();
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
        let second = self.kept.remove(self.merged + 1);
        let first = &mut self.kept[self.merged];
        for packed in [&*first, &second] {
            self.pair.unpack(packed);
        }
        let pair = self.pair.pack(&self.step, second.1, &mut self.packer);
        self.spare.push(std::mem::replace(first, pair).1);
        self.pair.reset();
        self.merged += 1;
        self.short -= 2;
    }
}

impl Part {
    fn empty() -> Self {
        Self {
            start: Duration::ZERO,
            length: Duration::ZERO,
            response: resident_histogram(),
            first_byte: resident_histogram(),
            connect: resident_histogram(),
            succeeded: 0,
            failed: 0,
        }
    }

    fn reset(&mut self) {
        self.length = Duration::ZERO;
        for histogram in [&mut self.response, &mut self.first_byte, &mut self.connect] {
            histogram.reset();
        }
        (self.succeeded, self.failed) = (0, 0);
    }

    /// Adds what followed.
    fn add(
        &mut self,
        (start, length): (Duration, Duration),
        (succeeded, failed): (u64, u64),
        [response, first_byte, connect]: [&Histogram; 3],
    ) {
        if self.length.is_zero() {
            self.start = start;
        }
        self.length += length;
        merge(&mut self.response, response);
        merge(&mut self.first_byte, first_byte);
        merge(&mut self.connect, connect);
        self.succeeded += succeeded;
        self.failed += failed;
    }

    /// Packs it in `histograms`, whatever they held before.
    fn pack(&self, step: &str, mut histograms: IntervalHistograms, packer: &mut Packer) -> Kept {
        let counts = (self.succeeded, self.failed);
        let interval = interval(step, (self.start, self.length), counts, &self.response);
        histograms.start_s = self.start.as_secs_f64();
        histograms.length_s = self.length.as_secs_f64();
        histograms.response.refill(&self.response, packer);
        histograms.first_byte.refill(&self.first_byte, packer);
        histograms.connect.refill(&self.connect, packer);
        (interval, histograms)
    }

    fn unpack(&mut self, (interval, histograms): &Kept) {
        let place = (
            Duration::from_nanos(interval.start_ns),
            Duration::from_nanos(interval.length_ns),
        );
        let counts = (interval.succeeded, interval.failed);
        let response = histograms.response.unpack();
        let first_byte = histograms.first_byte.unpack();
        let connect = histograms.connect.unpack();
        self.add(place, counts, [&response, &first_byte, &connect]);
    }
}

/// Memory for a slice.
fn room() -> IntervalHistograms {
    IntervalHistograms {
        start_s: 0.0,
        length_s: 0.0,
        response: Packed::with_room(),
        first_byte: Packed::with_room(),
        connect: Packed::with_room(),
    }
}

fn interval(
    step: &str,
    (start, length): (Duration, Duration),
    (succeeded, failed): (u64, u64),
    response: &Histogram,
) -> Interval {
    let at = |q| (!response.is_empty()).then(|| response.value_at_quantile(q));
    Interval {
        step: step.to_owned(),
        start_ns: ns(start),
        length_ns: ns(length),
        succeeded,
        failed,
        response_p50_ns: at(0.5),
        response_p99_ns: at(0.99),
        response_max_ns: at(1.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dyno_result::new_histogram;

    /// T9: whatever was merged, the slices follow each other without a gap and
    /// add up to all values, bucket by bucket.
    #[test]
    fn slices_of_any_length_add_up_to_the_whole() {
        for seconds in [1, 119, 121, 300] {
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
