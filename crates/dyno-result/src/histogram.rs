//! Histograms of times in nanoseconds: three significant digits, no upper bound.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hdrhistogram::serialization::{Deserializer, Serializer, V2DeflateSerializer};
use thiserror::Error;

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

/// An empty histogram: 1 ns to 60 s without allocation, more with.
pub fn new_histogram() -> Histogram {
    let mut histogram = Histogram::new_with_bounds(1, 60_000_000_000, 3)
        .expect("1 ns to 60 s at three digits is a legal histogram");
    histogram.auto(true);
    histogram
}

/// HdrHistogram V2, deflated, base64: the payload of a histogram log.
pub fn encode(histogram: &Histogram) -> String {
    let mut bytes = Vec::new();
    V2DeflateSerializer::new()
        .serialize(histogram, &mut bytes)
        .expect("writing to memory does not fail");
    STANDARD.encode(bytes)
}

/// The inverse of [`encode`].
pub fn decode(text: &str) -> Result<Histogram, StoredHistogramError> {
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
        fn decode_inverts_encode(values in proptest::collection::vec(1u64..10_000_000_000_000, 0..200)) {
            let mut histogram = new_histogram();
            for value in values {
                histogram.record(value).unwrap();
            }
            prop_assert_eq!(decode(&encode(&histogram)).unwrap(), histogram);
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
            let merge = |mut a: Histogram, b: Histogram| { a.add(b).unwrap(); a };
            prop_assert_eq!(
                merge(of(&left), of(&right)),
                merge(of(&right), of(&left))
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
