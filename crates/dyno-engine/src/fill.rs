//! Values for the gaps of templates, written without allocation.

use dyno_scenario::Escape;
use fastrand::Rng;

use crate::data::Row;
use crate::escape::{Unfit, escape};
use crate::wall::Wall;

/// Where a value comes from that changes from request to request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Live {
    Slot(usize),
    /// Both by number; columns that no template names are not kept.
    Column {
        data: usize,
        column: usize,
    },
    Seq,
    Uuid,
    RandomInt(i64, i64),
    RandomString(usize),
    Now,
    NowMs,
}

/// What a flow has at hand.
#[derive(Debug)]
pub(crate) struct Values<'a> {
    pub(crate) slots: &'a [Vec<u8>],
    pub(crate) rows: &'a [Row],
    pub(crate) random: &'a mut Rng,
    pub(crate) seq: u64,
    pub(crate) wall: Wall,
}

impl<'a> Values<'a> {
    /// For what has no gaps.
    pub(crate) fn none(random: &'a mut Rng) -> Self {
        let wall = Wall {
            at: std::time::Instant::now(),
            since_1970: std::time::Duration::ZERO,
        };
        Self {
            slots: &[],
            rows: &[],
            random,
            seq: 0,
            wall,
        }
    }

    /// Writes the value of `live` behind what is in `out`.
    pub(crate) fn write(
        &mut self,
        live: &Live,
        how: Escape,
        out: &mut Vec<u8>,
    ) -> Result<(), Unfit> {
        let mut digits = [0; 20];
        match *live {
            Live::Slot(slot) => escape(&self.slots[slot], how, out),
            Live::Column { data, column } => escape(self.rows[data].column(column), how, out),
            Live::Seq => escape(decimal(self.seq, &mut digits), how, out),
            Live::RandomInt(low, high) => {
                let number = self.random.i64(low..=high);
                if number < 0 {
                    out.push(b'-');
                }
                escape(decimal(number.unsigned_abs(), &mut digits), how, out)
            }
            Live::RandomString(length) => {
                let letters = std::iter::repeat_with(|| self.random.alphanumeric() as u8);
                let before = out.len();
                out.extend(letters.take(length));
                match how {
                    // Of letters and digits alone it may well not be a number.
                    Escape::JsonNumber => {
                        let text = out.split_off(before);
                        escape(&text, how, out)
                    }
                    _ => Ok(()),
                }
            }
            Live::Uuid => {
                let uuid = uuid::Builder::from_random_bytes(self.random.u128(..).to_be_bytes());
                let mut text = [0; uuid::fmt::Hyphenated::LENGTH];
                let text = uuid.into_uuid().hyphenated().encode_lower(&mut text);
                escape(text.as_bytes(), how, out)
            }
            Live::Now => escape(&self.wall.text(), how, out),
            Live::NowMs => escape(decimal(self.wall.ms(), &mut digits), how, out),
        }
    }
}

/// `number` in decimal digits.
pub(crate) fn decimal(mut number: u64, digits: &mut [u8; 20]) -> &[u8] {
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            return &digits[at..];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(seed: u64, live: &Live, how: Escape) -> Result<String, Unfit> {
        let mut row = Row::default();
        row.push(b"a@b c");
        row.push(b"17");
        let mut values = Values {
            slots: &[b"x\"y".to_vec()],
            rows: &[row],
            random: &mut Rng::with_seed(seed),
            seq: 42,
            wall: Wall::at_ms(1_767_323_045_678),
        };
        let mut out = Vec::new();
        values.write(live, how, &mut out)?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn each_source_has_its_value() {
        let check = |live: Live, how, expected: Result<&str, Unfit>| {
            let seen = fill(1, &live, how);
            assert_eq!(
                seen.as_deref(),
                expected.as_ref().map(|text| *text),
                "{live:?}"
            );
        };
        let column = |column| Live::Column { data: 0, column };
        check(Live::Slot(0), Escape::JsonString, Ok("x\\\"y"));
        check(column(0), Escape::Url, Ok("a%40b%20c"));
        check(column(1), Escape::JsonNumber, Ok("17"));
        check(column(0), Escape::JsonNumber, Err(Unfit));
        check(Live::Seq, Escape::None, Ok("42"));
        check(Live::RandomInt(-5, -5), Escape::Url, Ok("-5"));
        check(Live::RandomInt(7, 7), Escape::JsonNumber, Ok("7"));
        check(Live::Now, Escape::Header, Ok("2026-01-02T03:04:05.678Z"));
        check(Live::Now, Escape::Url, Ok("2026-01-02T03%3A04%3A05.678Z"));
        check(Live::NowMs, Escape::None, Ok("1767323045678"));
    }

    #[test]
    fn random_values_come_from_the_seed_alone() {
        for live in [
            Live::Uuid,
            Live::RandomString(12),
            Live::RandomInt(0, i64::MAX),
        ] {
            let draw = |seed| fill(seed, &live, Escape::None).unwrap();
            assert_eq!(draw(1), draw(1), "{live:?}");
            assert_ne!(draw(1), draw(2), "{live:?}");
        }
        let uuid = fill(3, &Live::Uuid, Escape::None).unwrap();
        assert_eq!((uuid.len(), &uuid[14..15]), (36, "4"), "{uuid}");
        let text = fill(3, &Live::RandomString(12), Escape::Header).unwrap();
        assert!(text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        let all: Vec<String> = (0..200)
            .map(|seed| fill(seed, &Live::RandomInt(-1, 1), Escape::None).unwrap())
            .collect();
        for one in ["-1", "0", "1"] {
            assert!(all.iter().any(|seen| seen == one), "{one}");
        }
    }

    #[test]
    fn numbers_are_written_to_the_last_digit() {
        for number in [0, 9, 10, 1_234_567_890, u64::MAX] {
            assert_eq!(decimal(number, &mut [0; 20]), number.to_string().as_bytes());
        }
    }
}
