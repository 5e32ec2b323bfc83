//! How long a disk takes to make a page durable: in the durable profile it is part of
//! every figure.

use std::fs::{self, File};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::Path;
use std::time::Instant;

/// Enough for a median; 16 slow disks' syncs are still under a second.
const TRIES: usize = 16;

/// A page of PostgreSQL, bytes.
const PAGE: usize = 8192;

/// The median time of a write of 8 KiB and its fdatasync in `folder`, ns.
pub(crate) fn sync_p50_ns(folder: &Path) -> io::Result<u64> {
    let path = folder.join("sync-test");
    let measured = File::create(&path).and_then(times);
    let removed = fs::remove_file(&path);
    let mut times = measured?;
    removed?;
    times.sort_unstable();
    Ok(times[times.len() / 2])
}

fn times(mut file: File) -> io::Result<[u64; TRIES]> {
    let page = [1; PAGE];
    let mut times = [0; TRIES];
    // The first write also makes the file longer, which a log written in place is not.
    file.write_all(&page)?;
    file.sync_data()?;
    for time in &mut times {
        file.seek(SeekFrom::Start(0))?;
        let start = Instant::now();
        file.write_all(&page)?;
        file.sync_data()?;
        *time = u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX);
    }
    Ok(times)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_is_timed_and_left_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        assert!(sync_p50_ns(folder.path()).unwrap() > 0);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        assert!(sync_p50_ns(&folder.path().join("nowhere")).is_err());
    }
}
