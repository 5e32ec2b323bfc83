//! The only place that rounds and picks a unit. Three significant digits,
//! thousands separated by commas; what is missing is an en dash.

use dyno_result::QuantileValue;

/// What stands where there is no value.
pub const MISSING: &str = "–";

const TIMES: &[(f64, &str)] = &[(1.0, "ns"), (1e3, "µs"), (1e6, "ms"), (1e9, "s")];
const BYTES: &[(f64, &str)] = &[
    (1.0, "B"),
    (1024.0, "KiB"),
    (1_048_576.0, "MiB"),
    (1_073_741_824.0, "GiB"),
    (1_099_511_627_776.0, "TiB"),
];

/// Three significant digits.
pub fn significant(value: f64) -> String {
    if !value.is_finite() {
        return MISSING.to_owned();
    }
    let rounded = round(value);
    let decimals = if rounded == 0.0 {
        0
    } else {
        (2 - magnitude(rounded)).max(0)
    };
    let decimals = usize::try_from(decimals).unwrap_or(0);
    group(&format!("{rounded:.decimals$}"))
}

/// A whole number, exactly.
pub fn count(value: u64) -> String {
    group(&value.to_string())
}

/// A time, ns.
pub fn time(ns: f64) -> String {
    scaled(ns, TIMES)
}

/// The lowest and highest of some times, ns, in the unit of the highest.
pub(crate) fn time_range(low: f64, high: f64) -> String {
    range(low, high, TIMES)
}

/// A tick of a time axis, ns: as short as it is exact.
pub(crate) fn time_tick(ns: f64) -> String {
    let (factor, unit) = unit_of(ns, TIMES);
    format!("{} {unit}", plain(ns / factor))
}

/// A size.
pub(crate) fn bytes(bytes: f64) -> String {
    if bytes.abs() < 1000.0 {
        return format!("{bytes:.0} B");
    }
    scaled(bytes, BYTES)
}

/// The lowest and highest of some sizes, in the unit of the highest.
pub(crate) fn bytes_range(low: f64, high: f64) -> String {
    range(low, high, BYTES)
}

/// Requests per second.
pub fn rate(per_s: f64) -> String {
    format!("{} req/s", significant(per_s))
}

/// Starts that a clock asks for, per second: as short as it is exact.
pub(crate) fn starts(per_s: f64) -> String {
    format!("{} starts/s", plain(per_s))
}

/// The lowest and highest of some numbers that share a unit told elsewhere.
pub(crate) fn plain_range(low: f64, high: f64) -> String {
    span(significant(low), significant(high))
}

/// A multiple: `12.3x`.
pub(crate) fn ratio(ratio: f64) -> String {
    format!("{}x", significant(ratio))
}

/// A share of one as a percentage with two significant digits. Neither 0 %
/// nor 100 % is said of a share that is not exactly that.
pub fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if !percent.is_finite() {
        return MISSING.to_owned();
    }
    if percent == 0.0 || percent == 100.0 {
        return format!("{percent:.0} %");
    }
    if percent < 0.01 {
        return "< 0.01 %".to_owned();
    }
    if percent >= 99.5 {
        return format!("{:.1} %", ((percent * 10.0).floor() / 10.0).min(99.9));
    }
    let decimals = usize::try_from((1 - magnitude(percent)).max(0)).unwrap_or(0);
    format!("{percent:.decimals$} %")
}

/// A value at a quantile. `failed_share` is the share of requests without a
/// right answer, told where a failure stands.
pub fn quantile(value: Option<QuantileValue>, failed_share: f64) -> String {
    match value {
        None => MISSING.to_owned(),
        // A wait that there was not is recorded at the smallest value, 1 ns.
        Some(QuantileValue::Ns(0..=1)) => "0 ns".to_owned(),
        Some(QuantileValue::Ns(ns)) => time(ns as f64),
        Some(QuantileValue::AtLeastNs(ns)) => format!(">= {}", time(ns as f64)),
        Some(QuantileValue::Failed) => format!("FAILED ({})", percent(failed_share)),
    }
}

/// A duration of a plan, s: as short as it is exact.
pub fn seconds(s: f64) -> String {
    if s >= 1.0 || s == 0.0 {
        format!("{} s", plain(s))
    } else {
        time_tick(s * 1e9)
    }
}

/// A number without trailing zeros, thousands separated.
pub fn plain(value: f64) -> String {
    let text = format!("{:.6}", if value.abs() < 1e-9 { 0.0 } else { value });
    group(text.trim_end_matches('0').trim_end_matches('.'))
}

fn scaled(value: f64, units: &[(f64, &str)]) -> String {
    let (factor, unit) = unit_of(value, units);
    format!("{} {unit}", significant(value / factor))
}

fn range(low: f64, high: f64, units: &[(f64, &str)]) -> String {
    let (factor, unit) = unit_of(high, units);
    let (low, high) = (significant(low / factor), significant(high / factor));
    format!("{} {unit}", span(low, high))
}

/// Both ends, or one where they look alike.
fn span(low: String, high: String) -> String {
    if low == high {
        low
    } else {
        format!("{low}–{high}")
    }
}

/// The first unit in which the rounded value stays below a thousand.
fn unit_of<'a>(value: f64, units: &[(f64, &'a str)]) -> (f64, &'a str) {
    let fits = |(factor, _): &&(f64, &str)| round(value / factor).abs() < 1000.0;
    let fallback = units.last().copied().unwrap_or((1.0, ""));
    units.iter().find(fits).copied().unwrap_or(fallback)
}

/// Power of ten of the first digit.
fn magnitude(value: f64) -> i32 {
    value.abs().log10().floor() as i32
}

fn round(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return 0.0;
    }
    // Through text: scaling by powers of ten would round 1.005 and its like twice.
    format!("{value:.2e}").parse().unwrap_or(value)
}

/// Commas between groups of three digits of the whole part.
fn group(text: &str) -> String {
    let (sign, text) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text),
    };
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut grouped = String::from(sign);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if !fraction.is_empty() {
        grouped.push('.');
        grouped.push_str(fraction);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<T: Copy + std::fmt::Debug>(print: impl Fn(T) -> String, cases: &[(T, &str)]) {
        for (value, expected) in cases {
            assert_eq!(print(*value), *expected, "{value:?}");
        }
    }

    #[test]
    fn three_significant_digits() {
        check(
            significant,
            &[
                (0.0, "0"),
                (0.000_123_4, "0.000123"),
                (0.9996, "1.00"),
                (1.0, "1.00"),
                (9.995, "9.99"),
                (9.996, "10.0"),
                (99.96, "100"),
                (999.5, "1,000"),
                (12_345.6, "12,300"),
                (1_234_567.0, "1,230,000"),
                (-1234.0, "-1,230"),
                (f64::NAN, "–"),
                (f64::INFINITY, "–"),
            ],
        );
        check(count, &[(0, "0"), (999, "999"), (1_234_567, "1,234,567")]);
        check(rate, &[(12_345.6, "12,300 req/s"), (0.5, "0.500 req/s")]);
        check(
            ratio,
            &[(1.0, "1.00x"), (12.34, "12.3x"), (0.031, "0.0310x")],
        );
    }

    #[test]
    fn times_take_the_unit_that_keeps_them_below_a_thousand() {
        check(
            time,
            &[
                (0.0, "0 ns"),
                (12.0, "12.0 ns"),
                (999.4, "999 ns"),
                (999.6, "1.00 µs"),
                (45_678.0, "45.7 µs"),
                (999_600.0, "1.00 ms"),
                (1_500_000_000.0, "1.50 s"),
                (3.6e12, "3,600 s"),
            ],
        );
        check(
            time_tick,
            &[
                (1e3, "1 µs"),
                (2e8, "200 ms"),
                (1e9, "1 s"),
                (1.5e9, "1.5 s"),
            ],
        );
        check(seconds, &[(5.0, "5 s"), (0.25, "250 ms"), (90.0, "90 s")]);
        assert_eq!(time_range(3_912_345.0, 4_400_000.0), "3.91–4.40 ms");
        assert_eq!(time_range(3_000_000.0, 3_000_100.0), "3.00 ms");
        assert_eq!(time_range(900_000.0, 1_100_000.0), "0.900–1.10 ms");
    }

    #[test]
    fn sizes_are_binary() {
        check(
            bytes,
            &[
                (0.0, "0 B"),
                (999.0, "999 B"),
                (1023.0, "0.999 KiB"),
                (1024.0, "1.00 KiB"),
                (12.34 * 1_048_576.0, "12.3 MiB"),
                (1_073_741_824.0, "1.00 GiB"),
            ],
        );
        let mib = 1_048_576.0;
        assert_eq!(bytes_range(11.0 * mib, 12.0 * mib), "11.0–12.0 MiB");
    }

    #[test]
    fn shares_are_never_rounded_to_none_or_all() {
        check(
            percent,
            &[
                (0.0, "0 %"),
                (0.000_001, "< 0.01 %"),
                (0.000_34, "0.034 %"),
                (0.0123, "1.2 %"),
                (0.123, "12 %"),
                (0.999_99, "99.9 %"),
                (1.0, "100 %"),
            ],
        );
    }

    #[test]
    fn quantiles_tell_failures_and_limits() {
        let show = |value| quantile(value, 0.012);
        check(
            show,
            &[
                (None, "–"),
                (Some(QuantileValue::Ns(4_100_000)), "4.10 ms"),
                (Some(QuantileValue::AtLeastNs(1_000_000_000)), ">= 1.00 s"),
                (Some(QuantileValue::Failed), "FAILED (1.2 %)"),
            ],
        );
    }
}
