//! Packs histograms one after the other in memory that is made once.

use flate2::{Compress, Compression, FlushCompress, Status};
use hdrhistogram::serialization::{Serializer as _, V2Serializer};

use crate::Histogram;

/// Begins a compressed histogram of version 2, as in HdrHistogram's `AbstractHistogram`.
const COOKIE: [u8; 4] = 0x1c84_9314_u32.to_be_bytes();

/// Turns histograms into HdrHistogram V2, deflated.
///
/// The serializer of the `hdrhistogram` crate makes a new compressor each time, some
/// 200 KiB that come and go among small things that stay. In an hour's soak that left
/// a hole in the heap which looked like a leak.
pub struct Packer {
    plain: V2Serializer,
    text: Vec<u8>,
    compressor: Compress,
    packed: Vec<u8>,
}

impl Packer {
    /// One that has packed nothing yet.
    pub fn new() -> Self {
        Self {
            plain: V2Serializer::new(),
            text: Vec::new(),
            compressor: Compress::new(Compression::default(), true),
            packed: Vec::new(),
        }
    }

    /// The bytes of `histogram`, until the next is packed.
    pub fn pack(&mut self, histogram: &Histogram) -> &[u8] {
        self.text.clear();
        self.plain
            .serialize(histogram, &mut self.text)
            .expect("writing to memory does not fail");
        self.packed.clear();
        self.packed.extend(COOKIE);
        // Room for the length.
        self.packed.extend([0; 4]);
        self.compressor.reset();
        let mut done = 0;
        loop {
            self.packed.reserve(self.text.len() - done + 64);
            let before = self.compressor.total_in();
            let rest = &self.text[done..];
            let status = (self.compressor)
                .compress_vec(rest, &mut self.packed, FlushCompress::Finish)
                .expect("deflating to memory does not fail");
            done += (self.compressor.total_in() - before) as usize;
            if status == Status::StreamEnd {
                break;
            }
        }
        let length = u32::try_from(self.packed.len() - 8).expect("a histogram is below 4 GiB");
        self.packed[4..8].copy_from_slice(&length.to_be_bytes());
        &self.packed
    }
}

impl Default for Packer {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for Packer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let room = (self.text.capacity(), self.packed.capacity());
        f.debug_struct("Packer").field("room", &room).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::new_histogram;
    use hdrhistogram::serialization::V2DeflateSerializer;

    /// The same bytes as the crate's own serializer, whatever was packed before.
    #[test]
    fn packs_as_hdrhistogram_does() {
        let mut packer = Packer::new();
        for count in [0_u64, 1, 100, 20_000, 3] {
            let mut histogram = new_histogram();
            for number in 0..count {
                let value = 50_000 + number * number % 90_000_007;
                histogram.record(value).unwrap();
            }
            let mut wanted = Vec::new();
            V2DeflateSerializer::new()
                .serialize(&histogram, &mut wanted)
                .unwrap();
            assert_eq!(packer.pack(&histogram), wanted, "{count} values");
        }
    }
}
