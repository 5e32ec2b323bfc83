//! Rates as people write them: `500/s`, `1.5/s`, `30/m`, `1000/h`.

use crate::Rate;
use crate::duration::decimal;

/// Unit and its nanoseconds, in the order in which printing tries them.
const UNITS: [(&str, u128); 3] = [
    ("/s", 1_000_000_000),
    ("/m", 60_000_000_000),
    ("/h", 3_600_000_000_000),
];

/// Most digits after the point. With them a rate per hour still has a `per_ns`
/// that fits.
const MOST_DIGITS: u32 = 6;

/// The slowest rate, one in so many nanoseconds: 1 per hour.
const SLOWEST_PER_NS: u128 = 3_600_000_000_000;

/// The fastest rate, one in so many nanoseconds: 10,000,000 per second.
const FASTEST_PER_NS: u128 = 100;

/// Why a text is not a rate. The message says what is accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RateError {
    /// A number alone: could be per minute as well as per second.
    #[error("{0:?} has no unit; write \"{0}/s\", \"{0}/m\" or \"{0}/h\"")]
    NoUnit(String),
    /// Neither number nor unit can be made out.
    #[error(
        "{0:?} is not a rate; write a number and per second, minute or hour, \
         such as \"500/s\", \"1.5/s\", \"30/m\" or \"1000/h\""
    )]
    Malformed(String),
    /// More digits after the point than anybody needs.
    #[error("{0:?} is too fine; a rate has at most 6 digits after the point")]
    TooFine(String),
    /// Less than one per hour.
    #[error("{0:?} is too slow; the slowest rate is \"1/h\"")]
    TooSlow(String),
    /// Beyond what any clock of dyno can tell apart.
    #[error("{0:?} is too fast; the fastest rate is \"10000000/s\"")]
    TooFast(String),
}

impl Rate {
    /// Starts per second, as near as a float comes.
    #[must_use]
    pub fn per_second(self) -> f64 {
        self.starts as f64 * 1e9 / self.per_ns as f64
    }
}

/// Reads `500/s`, `1.5/s`, `30/m`, `1000/h`: a decimal number and a unit,
/// nothing between them. Exact and in lowest terms, so that equal rates are
/// equal however they were written: `1.5/s` and `90/m` are both 3 starts in 2
/// seconds. From one per hour to ten million per second.
pub fn parse_rate(text: &str) -> Result<Rate, RateError> {
    let malformed = || RateError::Malformed(text.to_owned());
    let too_fast = || RateError::TooFast(text.to_owned());
    let suffix = |(unit, scale): (&str, u128)| Some((text.strip_suffix(unit)?, scale));
    let Some((number, scale)) = UNITS.into_iter().find_map(suffix) else {
        return Err(match decimal(text) {
            Some(_) => RateError::NoUnit(text.to_owned()),
            None => malformed(),
        });
    };
    let (whole, fraction) = decimal(number).ok_or_else(malformed)?;
    let fraction = fraction.trim_end_matches('0');
    let digits = u32::try_from(fraction.len())
        .ok()
        .filter(|&digits| digits <= MOST_DIGITS)
        .ok_or_else(|| RateError::TooFine(text.to_owned()))?;
    // All digits in a row, that is 10^digits times the number. Only too many
    // before the point can overflow.
    let starts: u128 = format!("{whole}{fraction}")
        .parse()
        .map_err(|_| too_fast())?;
    let per_ns = scale * 10_u128.pow(digits);
    if starts.checked_mul(FASTEST_PER_NS).ok_or_else(too_fast)? > per_ns {
        return Err(too_fast());
    }
    // No more than a hundredth of `per_ns`: this cannot overflow any more.
    if starts * SLOWEST_PER_NS < per_ns {
        return Err(RateError::TooSlow(text.to_owned()));
    }
    let common = gcd(starts, per_ns);
    Ok(Rate {
        starts: u64::try_from(starts / common).map_err(|_| too_fast())?,
        per_ns: u64::try_from(per_ns / common).map_err(|_| too_fast())?,
    })
}

/// Reads a rate as [`parse_rate`] does, or none at all, `0/s`: where a ramp may
/// begin or end.
pub fn parse_rate_or_zero(text: &str) -> Result<Rate, RateError> {
    let is_zero = |text: &str| !text.contains(|letter| ('1'..='9').contains(&letter));
    match parse_rate(text) {
        Err(RateError::TooSlow(_)) if is_zero(text) => Ok(Rate::ZERO),
        result => result,
    }
}

/// Writes a rate so that [`parse_rate`] reads the same one back: per second
/// where that comes out even, else per minute, else per hour. A rate that no
/// text gives is written per second and rounded.
#[must_use]
pub fn print_rate(rate: Rate) -> String {
    let print = |(unit, scale)| Some(format!("{}{unit}", print_number(rate, scale)?));
    let rounded = || format!("{:.6}/s", rate.per_second());
    UNITS.into_iter().find_map(print).unwrap_or_else(rounded)
}

/// Starts in `scale` nanoseconds, as a decimal number; `None` when it has too
/// many digits after the point.
fn print_number(rate: Rate, scale: u128) -> Option<String> {
    let one = 10_u128.pow(MOST_DIGITS);
    let scaled = u128::from(rate.starts).checked_mul(scale * one)?;
    let per_ns = u128::from(rate.per_ns);
    if scaled.checked_rem(per_ns)? != 0 {
        return None;
    }
    let (whole, fraction) = (scaled / per_ns / one, scaled / per_ns % one);
    let text = format!("{whole}.{fraction:06}");
    Some(text.trim_end_matches('0').trim_end_matches('.').to_owned())
}

/// The greatest common divisor.
pub(crate) fn gcd(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECOND: u64 = 1_000_000_000;

    #[test]
    fn rates_are_exact_and_in_lowest_terms() {
        for (text, starts, per_ns, printed) in [
            ("500/s", 1, 2_000_000, "500/s"),
            ("1/s", 1, SECOND, "1/s"),
            ("60/m", 1, SECOND, "1/s"),
            ("1.5/s", 3, 2 * SECOND, "1.5/s"),
            ("1.500000000/s", 3, 2 * SECOND, "1.5/s"),
            ("90/m", 3, 2 * SECOND, "1.5/s"),
            ("30/m", 1, 2 * SECOND, "0.5/s"),
            ("1/m", 1, 60 * SECOND, "1/m"),
            ("7/s", 7, SECOND, "7/s"),
            ("1000/h", 1, 3_600_000_000, "1000/h"),
            ("1/h", 1, 3600 * SECOND, "1/h"),
            (
                "1.000001/h",
                1_000_001,
                3_600_000_000 * SECOND,
                "1.000001/h",
            ),
            ("10000000/s", 1, 100, "10000000/s"),
            ("36000000000/h", 1, 100, "10000000/s"),
            (
                "9999999.999999/s",
                9_999_999_999_999,
                1_000_000 * SECOND,
                "9999999.999999/s",
            ),
        ] {
            let expected = Rate { starts, per_ns };
            assert_eq!(parse_rate(text), Ok(expected), "{text}");
            assert_eq!(print_rate(expected), printed, "{text}");
        }
    }

    #[test]
    fn per_second_is_what_was_written() {
        for (text, expected) in [
            ("500/s", 500.0),
            ("1.5/s", 1.5),
            ("30/m", 0.5),
            ("1/h", 1.0 / 3600.0),
            ("10000000/s", 1e7),
        ] {
            let seen = parse_rate(text).unwrap().per_second();
            assert!((seen / expected - 1.0).abs() < 1e-12, "{text}: {seen}");
        }
    }

    #[test]
    fn a_rate_that_no_text_gives_is_rounded() {
        for (starts, per_ns, printed) in [
            (1, 7, "142857142.857143/s"),
            (1, 7 * SECOND, "0.142857/s"),
            (u64::MAX, u64::MAX, "1000000000/s"),
            (1, 0, "inf/s"),
        ] {
            assert_eq!(print_rate(Rate { starts, per_ns }), printed);
        }
    }

    #[test]
    fn what_is_not_a_rate_says_what_is() {
        let check = |text: &str, expected: &str| {
            let error = parse_rate(text).unwrap_err().to_string();
            assert_eq!(error, format!("{text:?} {expected}"));
        };
        let accepted = "is not a rate; write a number and per second, minute or hour, \
                        such as \"500/s\", \"1.5/s\", \"30/m\" or \"1000/h\"";
        for text in [
            "", "/s", "5 /s", "5/ s", "5/S", "-5/s", "+5/s", ".5/s", "5./s", "1e3/s", "5/ms",
            "5/min", "5s", "5/d", "1,000/s", "5/s/s", "5rps", "fast",
        ] {
            check(text, accepted);
        }
        check("500", r#"has no unit; write "500/s", "500/m" or "500/h""#);
        check(
            "0.1234567/s",
            "is too fine; a rate has at most 6 digits after the point",
        );
        let too_slow = "is too slow; the slowest rate is \"1/h\"";
        for text in ["0/s", "0.0/h", "0.999999/h", "0.016666/m", "0.000277/s"] {
            check(text, too_slow);
        }
        let too_fast = "is too fast; the fastest rate is \"10000000/s\"";
        for text in ["10000000.000001/s", "10000001/s", "36000000000.000001/h"] {
            check(text, too_fast);
        }
        check("340282366920938463463374607431768211455/s", too_fast);
        check(
            "99999999999999999999999999999999999999999999999/h",
            too_fast,
        );
    }

    #[test]
    fn only_the_ends_of_a_ramp_may_be_nothing() {
        let too_slow = |text: &str| Err(RateError::TooSlow(text.to_owned()));
        for (text, expected) in [
            ("0/s", Ok(Rate::ZERO)),
            ("0.000/h", Ok(Rate::ZERO)),
            ("0.5/h", too_slow("0.5/h")),
            ("1/h", parse_rate("1/h")),
            ("0", Err(RateError::NoUnit("0".to_owned()))),
        ] {
            assert_eq!(parse_rate_or_zero(text), expected, "{text}");
        }
        assert_eq!(print_rate(Rate::ZERO), "0/s");
    }

    proptest! {
        #[test]
        fn parse_after_print_is_identity(
            unit in 0..3_usize,
            bits in 0..56_u32,
            low in any::<u64>(),
            digits in 0..=6_u32,
        ) {
            // Of any size, with any number of digits after the point.
            let number = (1_u64 << bits) | (low & ((1_u64 << bits) - 1));
            let one = 10_u64.pow(digits);
            let (whole, fraction) = (number / one, number % one);
            let width = digits as usize;
            let text = match digits {
                0 => format!("{whole}{}", UNITS[unit].0),
                _ => format!("{whole}.{fraction:0width$}{}", UNITS[unit].0),
            };
            match parse_rate(&text) {
                Ok(rate) => {
                    prop_assert_eq!(parse_rate(&print_rate(rate)), Ok(rate), "{}", text);
                    let per_second = number as f64 / one as f64 * 1e9 / UNITS[unit].1 as f64;
                    prop_assert!((rate.per_second() / per_second - 1.0).abs() < 1e-9, "{}", text);
                }
                Err(RateError::TooSlow(_) | RateError::TooFast(_)) => {}
                Err(error) => prop_assert!(false, "{}", error),
            }
        }

        #[test]
        fn any_text_is_answered(text in "\\PC*") {
            let _ = parse_rate(&text);
        }

        #[test]
        fn any_rate_is_printed(starts in any::<u64>(), per_ns in any::<u64>()) {
            let text = print_rate(Rate { starts, per_ns });
            prop_assert!(text.contains('/'), "{}", text);
        }
    }
}
