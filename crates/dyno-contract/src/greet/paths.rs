//! Random request targets that the contract specifies.

use fastrand::Rng;

const PLAIN: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_~-";
const LONGEST: usize = 64;

/// A path of 1–64 characters, `/` first and never doubled.
pub(super) fn path(rng: &mut Rng) -> String {
    let length = rng.usize(1..=LONGEST);
    let mut path = String::from("/");
    while path.len() < length {
        if rng.usize(..8) == 0 && !path.ends_with('/') {
            path.push('/');
        } else {
            path.push(plain(rng));
        }
    }
    path
}

/// A path with at least one letter or digit written as `%41` or `%4a`.
pub(super) fn escaped_path(rng: &mut Rng) -> String {
    let mut path = path(rng);
    for _ in 0..rng.usize(1..=4) {
        let byte = rng.alphanumeric() as u8;
        if rng.bool() {
            path += &format!("%{byte:02X}");
        } else {
            path += &format!("%{byte:02x}");
        }
        path.push(plain(rng));
    }
    path
}

/// Something to stand behind a `?`.
pub(super) fn query(rng: &mut Rng) -> String {
    let (name, value) = (plain(rng), rng.u32(..));
    format!("{name}={value}&again={}", plain(rng))
}

fn plain(rng: &mut Rng) -> char {
    PLAIN[rng.usize(..PLAIN.len())].into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_what_the_contract_specifies() {
        let mut rng = Rng::with_seed(1);
        for _ in 0..1000 {
            let path = path(&mut rng);
            assert!((1..=64).contains(&path.len()), "{path}");
            assert!(path.starts_with('/') && !path.contains("//"), "{path}");
            let plain = |byte| byte == b'/' || PLAIN.contains(&byte);
            assert!(path.bytes().all(plain), "{path}");
            assert!(escaped_path(&mut rng).contains('%'));
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_paths() {
        let ten = |seed| {
            let mut rng = Rng::with_seed(seed);
            (0..10).map(|_| path(&mut rng)).collect::<Vec<_>>()
        };
        assert_eq!(ten(5), ten(5));
        assert_ne!(ten(5), ten(6));
    }
}
