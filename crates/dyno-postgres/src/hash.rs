//! Hashes of the seed users' passwords: slow on purpose, so computed once a cost and
//! kept in a file.

use std::fs;
use std::path::Path;
use std::thread;

use crate::seed::{PASSWORDS, seed_password};
use crate::{Error, cache};

/// The hashes of [`seed_password`] 1 to 64 at a bcrypt cost, in that order, from the
/// folder `kept`, if any, or into it. Blocks: 64 hashes at cost 10 take some two seconds of two
/// CPUs.
///
/// # Errors
/// The cost is none (4 to 31).
pub(crate) fn hashes(cost: u32, kept: Option<&Path>) -> Result<Vec<String>, Error> {
    let file = kept.map(|folder| folder.join(format!("bcrypt-{cost:02}.txt")));
    let known = file.as_ref().and_then(|file| fs::read_to_string(file).ok());
    if let Some(hashes) = known.and_then(|text| read(&text, cost)) {
        return Ok(hashes);
    }
    let hashes = compute(cost).map_err(|source| Error::Hash { cost, source })?;
    if let Some(file) = &file {
        // Those that cannot be kept are computed again next time.
        let _ = keep(file, &hashes);
    }
    Ok(hashes)
}

/// Computed by a thread for each CPU.
fn compute(cost: u32) -> Result<Vec<String>, bcrypt::BcryptError> {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let numbers: Vec<u32> = (1..=PASSWORDS).collect();
    let share = numbers.len().div_ceil(threads);
    let hash = |number: &u32| bcrypt::hash(seed_password(*number), cost);
    thread::scope(|scope| {
        let work = |part: &'_ [u32]| part.iter().map(hash).collect::<Result<Vec<_>, _>>();
        let parts = numbers
            .chunks(share)
            .map(|part| scope.spawn(move || work(part)));
        let parts: Vec<_> = parts.collect();
        let done = parts.into_iter().map(|part| match part.join() {
            Ok(hashes) => hashes,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        Ok(done.collect::<Result<Vec<_>, _>>()?.concat())
    })
}

/// A line for each password: the password and its hash.
fn read(text: &str, cost: u32) -> Option<Vec<String>> {
    let start = format!("$2b${cost:02}$");
    let lines: Vec<&str> = text.lines().collect();
    if lines.len() != PASSWORDS as usize {
        return None;
    }
    let pairs = (1..=PASSWORDS).zip(lines);
    let hashes = pairs.map(|(number, line)| {
        let (password, hash) = line.split_once(' ')?;
        let fits = password == seed_password(number) && hash.len() == 60;
        (fits && hash.starts_with(&start)).then(|| hash.to_owned())
    });
    hashes.collect()
}

fn keep(file: &Path, hashes: &[String]) -> Result<(), Error> {
    file.parent().map_or(Ok(()), cache::make)?;
    let lines = (1..=PASSWORDS).zip(hashes);
    let text: String = lines
        .map(|(number, hash)| format!("{} {hash}\n", seed_password(number)))
        .collect();
    cache::replace(file, text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_computed_once_and_fit_their_passwords() {
        let folder = tempfile::tempdir().unwrap();
        let kept = folder.path().join("hashes");
        let first = hashes(4, Some(&kept)).unwrap();
        assert_eq!(first.len(), 64);
        assert!(bcrypt::verify(seed_password(64), &first[63]).unwrap());
        assert_eq!(hashes(4, Some(&kept)).unwrap(), first, "from the file");
        for spoilt in ["", "Passw0rd-0001 $2b$04$short\n"] {
            fs::write(kept.join("bcrypt-04.txt"), spoilt).unwrap();
            assert_ne!(hashes(4, Some(&kept)).unwrap(), first, "computed again");
        }
    }

    #[test]
    fn a_file_of_another_cost_or_order_does_not_count() {
        let hash = format!("$2b$04${}", "x".repeat(53));
        let text = |first: u32| -> String {
            let numbers = (first..first + 64).map(seed_password);
            numbers
                .map(|password| format!("{password} {hash}\n"))
                .collect()
        };
        assert!(read(&text(1), 4).is_some());
        assert!(read(&text(1), 5).is_none());
        assert!(read(&text(2), 4).is_none());
    }

    #[test]
    fn a_cost_that_is_none_is_an_error() {
        assert!(hashes(3, None).is_err());
    }
}
