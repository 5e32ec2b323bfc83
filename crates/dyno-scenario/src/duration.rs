//! Durations as people write them: `250ms`, `1.5s`, `2m`, `1h`.

use std::time::Duration;

/// Unit and its nanoseconds; `ms` stands before `s`, which also ends it.
const UNITS: [(&str, u128); 4] = [
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

/// The longest duration accepted, a year. Nothing dyno does takes longer, and
/// an instant plus this can always be computed.
pub const LONGEST_DURATION: Duration = Duration::from_secs(8760 * 3600);

/// Why a text is not a duration. The message says what is accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DurationError {
    /// A number alone: could be seconds as well as milliseconds.
    #[error("{0:?} has no unit; write \"{0}ms\", \"{0}s\", \"{0}m\" or \"{0}h\"")]
    NoUnit(String),
    /// Neither number nor unit can be made out.
    #[error(
        "{0:?} is not a duration; write a number and a unit, \
         such as \"250ms\", \"1.5s\", \"2m\" or \"1h\""
    )]
    Malformed(String),
    /// More digits than the clock has.
    #[error("{0:?} is finer than a nanosecond; leave out the last digits")]
    TooFine(String),
    /// Beyond [`LONGEST_DURATION`].
    #[error("{0:?} is too long; the longest duration is \"8760h\"")]
    TooLong(String),
}

/// Reads `250ms`, `1.5s`, `2m`, `1h`: a decimal number and a unit, nothing
/// between them. Exact to the nanosecond, from zero to [`LONGEST_DURATION`].
pub fn parse_duration(text: &str) -> Result<Duration, DurationError> {
    let malformed = || DurationError::Malformed(text.to_owned());
    let suffix = |(unit, scale): (&str, u128)| Some((text.strip_suffix(unit)?, scale));
    let Some((number, scale)) = UNITS.into_iter().find_map(suffix) else {
        return Err(match decimal(text) {
            Some(_) => DurationError::NoUnit(text.to_owned()),
            None => malformed(),
        });
    };
    let (whole, fraction) = decimal(number).ok_or_else(malformed)?;
    let too_long = || DurationError::TooLong(text.to_owned());
    let whole: u128 = whole.parse().map_err(|_| too_long())?;
    let whole_ns = whole.checked_mul(scale).ok_or_else(too_long)?;
    let fraction_ns =
        nanoseconds(fraction, scale).ok_or_else(|| DurationError::TooFine(text.to_owned()))?;
    // The fraction is less than one hour, so that only the whole can overflow.
    let total_ns = whole_ns.saturating_add(fraction_ns);
    if total_ns > LONGEST_DURATION.as_nanos() {
        return Err(too_long());
    }
    Ok(Duration::from_nanos(
        u64::try_from(total_ns).map_err(|_| too_long())?,
    ))
}

/// Writes a duration so that [`parse_duration`] reads the same one back: in
/// whole hours or minutes where it is, in decimal seconds from one second, in
/// decimal milliseconds below.
#[must_use]
pub fn print_duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let nanos = duration.subsec_nanos();
    match (seconds, nanos) {
        (0, 0) => "0s".to_owned(),
        (0, _) => print_decimal(u64::from(nanos / 1_000_000), nanos % 1_000_000, 6, "ms"),
        (_, 0) if seconds.is_multiple_of(3600) => format!("{}h", seconds / 3600),
        (_, 0) if seconds.is_multiple_of(60) => format!("{}m", seconds / 60),
        _ => print_decimal(seconds, nanos, 9, "s"),
    }
}

/// The digits before and after the point; `None` unless there is at least one
/// on each side of a point.
pub(crate) fn decimal(text: &str) -> Option<(&str, &str)> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    (digits(whole) && digits(fraction)).then_some((whole, fraction))
}

/// Nanoseconds of the digits after the point of a number in units of `scale`
/// nanoseconds; `None` when that is not a whole number.
fn nanoseconds(fraction: &str, scale: u128) -> Option<u128> {
    let fraction = fraction.trim_end_matches('0');
    // The longest unit, 1h, has 2^13 · 3^2 · 5^11 ns: no fraction of more than 13
    // digits comes out whole, and up to there nothing overflows.
    let digits = u32::try_from(fraction.len()).ok().filter(|&n| n <= 13)?;
    if digits == 0 {
        return Some(0);
    }
    let scaled = fraction.parse::<u128>().ok()? * scale;
    let divisor = 10_u128.pow(digits);
    scaled.is_multiple_of(divisor).then(|| scaled / divisor)
}

fn print_decimal(whole: u64, fraction: u32, width: usize, unit: &str) -> String {
    if fraction == 0 {
        return format!("{whole}{unit}");
    }
    let digits = format!("{fraction:0width$}");
    format!("{whole}.{}{unit}", digits.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn durations_are_exact() {
        let ns = Duration::from_nanos;
        for (text, expected, printed) in [
            ("5s", Duration::from_secs(5), "5s"),
            ("250ms", Duration::from_millis(250), "250ms"),
            ("1.5s", Duration::from_millis(1500), "1.5s"),
            ("2m", Duration::from_secs(120), "2m"),
            ("90s", Duration::from_secs(90), "90s"),
            ("60m", Duration::from_secs(3600), "1h"),
            ("1h", Duration::from_secs(3600), "1h"),
            ("0s", Duration::ZERO, "0s"),
            ("0.25m", Duration::from_secs(15), "15s"),
            ("0.000001ms", ns(1), "0.000001ms"),
            ("1.100s", Duration::from_millis(1100), "1.1s"),
            ("8760h", LONGEST_DURATION, "8760h"),
        ] {
            assert_eq!(parse_duration(text), Ok(expected), "{text}");
            assert_eq!(print_duration(expected), printed, "{text}");
        }
    }

    #[test]
    fn what_is_not_a_duration_says_what_is() {
        let check = |text: &str, expected: &str| {
            let error = parse_duration(text).unwrap_err().to_string();
            assert_eq!(error, format!("{text:?} {expected}"));
        };
        let accepted = "is not a duration; write a number and a unit, \
                        such as \"250ms\", \"1.5s\", \"2m\" or \"1h\"";
        for text in [
            "", "s", "5 s", " 5s", "5S", "-5s", "+5s", ".5s", "5.s", "1e3s", "1m30s", "5us", "fast",
        ] {
            check(text, accepted);
        }
        check("5", r#"has no unit; write "5ms", "5s", "5m" or "5h""#);
        check(
            "0.0000001ms",
            "is finer than a nanosecond; leave out the last digits",
        );
        let too_long = "is too long; the longest duration is \"8760h\"";
        check("8761h", too_long);
        check("99999999999999999999999999999999999999999999999s", too_long);
        check("340282366920938463463374607431768211455h", too_long);
    }

    proptest! {
        #[test]
        fn parse_after_print_is_identity(nanos in 0..=31_536_000_000_000_000_u64, coarse in 0..4_u32) {
            // Also round values, which a uniform choice would never meet.
            let step = 1_000_u64.pow(coarse);
            let duration = Duration::from_nanos(nanos / step * step);
            prop_assert_eq!(parse_duration(&print_duration(duration)), Ok(duration));
        }

        #[test]
        fn any_text_is_answered(text in "\\PC*") {
            let _ = parse_duration(&text);
        }
    }
}
