//! Random values that the contract takes, and the odd ones among them.

use fastrand::Rng;
use serde_json::{Value, json};

const LOCAL: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789._%+-";

/// An e-mail that nobody has.
pub(super) fn email(rng: &mut Rng) -> String {
    let mut email = label(rng, 12);
    email.push(char::from(LOCAL[rng.usize(..LOCAL.len())]));
    email + &format!("@{}.{}.example", label(rng, 4), label(rng, 3))
}

/// So many small letters and digits, the first a letter.
pub(super) fn label(rng: &mut Rng, length: usize) -> String {
    let first = rng.lowercase();
    let rest = (1..length).map(|_| rng.digit(36));
    std::iter::once(first).chain(rest).collect()
}

/// Some of the characters that a password may have.
pub(super) fn password(rng: &mut Rng) -> String {
    let length = rng.usize(12..=24);
    password_of(rng, length)
}

/// A password of so many characters.
pub(super) fn password_of(rng: &mut Rng, length: usize) -> String {
    (0..length).map(|_| rng.char('!'..='~')).collect()
}

/// A name with letters of several alphabets, blanks and signs inside.
pub(super) fn name(rng: &mut Rng) -> String {
    const PARTS: &[&str] = &[
        "Zoë",
        "Ng",
        "Łucja",
        "O'Neill",
        "愛子",
        "Жанна",
        "A & B",
        "🙂",
    ];
    let part = rng.choice(PARTS).copied().unwrap_or_default();
    format!("{} {part} {}", label(rng, 6), label(rng, 5))
}

/// The name of an event.
pub(super) fn event(rng: &mut Rng) -> String {
    format!("{}.{}_{}", label(rng, 5), label(rng, 3), rng.u32(..100))
}

/// A payload with every kind of JSON in it, and nothing that JSON readers
/// disagree about.
pub(super) fn payload(rng: &mut Rng) -> Value {
    json!({
        "number": rng.i64(-9_007_199_254_740_991..=9_007_199_254_740_991),
        "fraction": f64::from(rng.u32(..)) / 1024.0,
        "text": name(rng),
        "signs": "<>&\"\\/\n\u{7f}",
        "flags": [true, false, null],
        "empty": { "list": [], "map": {} },
        label(rng, 8): { "deep": [[{ "er": label(rng, 4) }]] },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_what_the_contract_takes() {
        let mut rng = Rng::with_seed(1);
        for _ in 0..1000 {
            let email = email(&mut rng);
            let (local, domain) = email.split_once('@').unwrap();
            assert!(local.len() <= 64 && local.bytes().all(|byte| LOCAL.contains(&byte)));
            let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
            assert!(domain.split('.').all(|label| label.bytes().all(plain)));
            assert!(domain.ends_with(".example"));
            let password = password(&mut rng);
            assert!((8..=64).contains(&password.len()), "{password}");
            assert!(password.bytes().all(|byte| (0x21..=0x7e).contains(&byte)));
            assert!(name(&mut rng).chars().count() <= 64);
            assert!(event(&mut rng).len() <= 64);
            assert!(payload(&mut rng).to_string().len() <= 4096);
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_values() {
        let some = |seed| {
            let mut rng = Rng::with_seed(seed);
            (email(&mut rng), name(&mut rng), payload(&mut rng))
        };
        assert_eq!(some(5), some(5));
        assert_ne!(some(5), some(6));
    }
}
