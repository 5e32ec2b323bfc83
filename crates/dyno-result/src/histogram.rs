//! Histograms of times in nanoseconds: three significant digits, no upper bound.

use std::hint::black_box;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hdrhistogram::serialization::Deserializer;
use thiserror::Error;

use crate::Packer;

/// A histogram of nanoseconds.
pub type Histogram = hdrhistogram::Histogram<u64>;

/// A histogram was not stored as this program stores it.
#[derive(Debug, Error)]
pub enum StoredHistogramError {
    /// The text is not base64.
    #[error("histogram is not base64")]
    Base64(#[from] base64::DecodeError),
    /// The bytes are not an HdrHistogram V2 payload.
    #[error("histogram is not HdrHistogram V2: {0}")]
    Payload(String),
}

/// Bytes that the histogram of a minute packs into, as base64: times from 50 us to
/// 10 ms fill some 8,000 of its counters, of a byte or two each. In an hour's soak
/// 8 KiB were too few for slices of 32 s.
const ROOM: usize = 24 << 10;

/// A histogram as it is stored: HdrHistogram V2, deflated, base64. A few
/// kilobytes instead of a few hundred, so that a run may keep one a second.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed {
    payload: String,
    max: u64,
}

impl Packed {
    /// Packs a histogram.
    pub fn of(histogram: &Histogram) -> Self {
        let mut packed = Self {
            payload: String::new(),
            max: 0,
        };
        packed.refill(histogram, &mut Packer::new());
        packed
    }

    /// Nothing yet, in memory that most histograms fit in: filled and filled again
    /// it stays where it is, and as large as it is.
    pub fn with_room() -> Self {
        // Memory counts as used from the moment that it is written.
        let mut payload = " ".repeat(ROOM);
        payload.clear();
        Self { payload, max: 0 }
    }

    /// Packs another histogram in its place.
    pub fn refill(&mut self, histogram: &Histogram, packer: &mut Packer) {
        self.payload.clear();
        STANDARD.encode_string(packer.pack(histogram), &mut self.payload);
        self.max = histogram.max();
    }

    /// Takes a stored payload, after checking that it can be unpacked.
    pub fn from_payload(payload: &str) -> Result<Self, StoredHistogramError> {
        let max = decode(payload)?.max();
        let payload = payload.to_owned();
        Ok(Self { payload, max })
    }

    /// The histogram again.
    pub fn unpack(&self) -> Histogram {
        decode(&self.payload).expect("the payload was packed or checked by us")
    }

    /// The stored text.
    pub fn payload(&self) -> &str {
        &self.payload
    }

    /// The largest value, ns; 0 without values.
    pub fn max(&self) -> u64 {
        self.max
    }
}

impl Default for Packed {
    /// Without values.
    fn default() -> Self {
        Self::of(&new_histogram())
    }
}

/// An empty histogram: 1 ns to 60 s without allocation, more with.
pub fn new_histogram() -> Histogram {
    let mut histogram = Histogram::new_with_bounds(1, 60_000_000_000, 3)
        .expect("1 ns to 60 s at three digits is a legal histogram");
    histogram.auto(true);
    histogram
}

/// The same in memory that is in use from the beginning. The kernel hands out that
/// of others page by page, whenever a larger value comes, which in a long step looks
/// like a leak. Takes some ten microseconds.
pub fn resident_histogram() -> Histogram {
    let mut histogram = new_histogram();
    // Writes the zeros that are there already.
    black_box(&mut histogram).reset();
    histogram
}

/// An empty histogram of two significant digits, in a seventh of the memory: for what
/// there are many of. 1 ns to 60 s without allocation, more with.
pub fn coarse_histogram() -> Histogram {
    let mut histogram = Histogram::new_with_bounds(1, 60_000_000_000, 2)
        .expect("1 ns to 60 s at two digits is a legal histogram");
    histogram.auto(true);
    histogram
}

/// Adds `part` to `sum`. Histograms are merged, percentiles never averaged.
pub fn merge(sum: &mut Histogram, part: &Histogram) {
    sum.add(part)
        .expect("a histogram that may grow takes every value");
}

fn decode(text: &str) -> Result<Histogram, StoredHistogramError> {
    let bytes = STANDARD.decode(text)?;
    let mut histogram: Histogram = Deserializer::new()
        .deserialize(&mut bytes.as_slice())
        .map_err(|error| StoredHistogramError::Payload(format!("{error:?}")))?;
    histogram.auto(true);
    Ok(histogram)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn unpacking_inverts_packing(values in proptest::collection::vec(1u64..10_000_000_000_000, 0..200)) {
            let mut histogram = new_histogram();
            for value in values {
                histogram.record(value).unwrap();
            }
            prop_assert_eq!(Packed::of(&histogram).unpack(), histogram);
        }

        #[test]
        fn merging_is_commutative(
            left in proptest::collection::vec(1u64..100_000_000_000, 0..100),
            right in proptest::collection::vec(1u64..100_000_000_000, 0..100),
        ) {
            let of = |values: &[u64]| {
                let mut histogram = new_histogram();
                values.iter().for_each(|value| histogram.record(*value).unwrap());
                histogram
            };
            let merged = |mut a: Histogram, b: &Histogram| { merge(&mut a, b); a };
            prop_assert_eq!(
                merged(of(&left), &of(&right)),
                merged(of(&right), &of(&left))
            );
        }
    }

    #[test]
    fn text_that_is_no_histogram_is_refused() {
        assert!(matches!(decode("%"), Err(StoredHistogramError::Base64(_))));
        assert!(matches!(
            decode("AAAA"),
            Err(StoredHistogramError::Payload(_))
        ));
    }
}
