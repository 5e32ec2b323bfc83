//! How long a CPU needs for one bcrypt hash: measured by dyno itself, in a thread that
//! stays on that CPU, while nothing else runs there.

use std::io;
use std::thread;
use std::time::{Duration, Instant};

use dyno_result::{HashTime, Summary};
use tokio::sync::oneshot;

use crate::layout::pin_current_thread;

/// So many hashes are timed at least, and at most; between these, until [`ENOUGH`].
const FEWEST: usize = 3;
const MOST: usize = 11;
const ENOUGH: Duration = Duration::from_millis(400);

/// The time of a hash at `cost` (4 to 31, as bcrypt takes it) on `cpu`; on any CPU that
/// dyno may use for `None`. At a cost of 10 it takes half a second to find out.
pub async fn hash_time(cpu: Option<u32>, cost: u32) -> io::Result<HashTime> {
    let (tell, told) = oneshot::channel();
    thread::Builder::new()
        .name("hash-time".to_owned())
        .spawn(move || {
            let pinned = cpu.map_or(Ok(()), |cpu| pin_current_thread(&[cpu]));
            // Whoever asked may be gone.
            let _ = tell.send(pinned.map(|()| measure(cost)));
        })?;
    let gone = |_| io::Error::other("the thread that measures ended");
    told.await.map_err(gone)?
}

fn measure(cost: u32) -> HashTime {
    let mut times = Vec::new();
    while !is_enough(&times) {
        let begin = Instant::now();
        let hash = bcrypt::bcrypt(cost, *b"dyno's own salt.", b"Passw0rd-0001\0");
        std::hint::black_box(hash);
        times.push(begin.elapsed());
    }
    let sample: Vec<f64> = times.iter().map(|time| time.as_nanos() as f64).collect();
    HashTime {
        cost,
        time_ns: Summary::of(&sample).map_or(0, |summary| summary.median as u64),
        hashes: u32::try_from(times.len()).unwrap_or(u32::MAX),
    }
}

fn is_enough(times: &[Duration]) -> bool {
    let count = times.len();
    count >= MOST || (count >= FEWEST && times.iter().sum::<Duration>() >= ENOUGH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_are_enough_when_they_take_long() {
        let check = |count, each_ms, expected| {
            let times = vec![Duration::from_millis(each_ms); count];
            assert_eq!(is_enough(&times), expected, "{count} of {each_ms} ms");
        };
        check(0, 0, false);
        check(2, 1000, false);
        check(3, 240, true);
        check(3, 60, false);
        check(7, 60, true);
        check(10, 1, false);
        check(11, 1, true);
    }

    #[test]
    fn a_hash_is_timed_on_the_cpu_that_is_asked_for() {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        let runtime = runtime.unwrap();
        let cpu = crate::layout::allowed_cpus().unwrap()[0];
        let time = runtime.block_on(hash_time(Some(cpu), 4)).unwrap();
        assert_eq!(time.cost, 4);
        assert!(time.hashes >= 3 && time.time_ns > 0, "{time:?}");
        assert!(runtime.block_on(hash_time(Some(u32::MAX), 4)).is_err());
    }
}
