//! The date format of HTTP: is a text a valid IMF-fixdate (RFC 9110, 5.6.7)?

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// Whether `text` has the form `Sun, 06 Nov 1994 08:49:37 GMT` with each part
/// in its range. Whether the weekday fits the date is not looked at.
pub(super) fn is_http_date(text: &str) -> bool {
    let mut parts = text.split(' ');
    let mut next = || parts.next().unwrap_or_default();
    let (day_name, day, month, year, time, zone) = (next(), next(), next(), next(), next(), next());
    day_name
        .strip_suffix(',')
        .is_some_and(|name| DAYS.contains(&name))
        && digits(day, 2).is_some_and(|day| (1..=31).contains(&day))
        && MONTHS.contains(&month)
        && digits(year, 4).is_some()
        && is_time(time)
        && zone == "GMT"
        && parts.next().is_none()
}

fn is_time(text: &str) -> bool {
    let parts: Vec<_> = text.split(':').map(|part| digits(part, 2)).collect();
    // A second of 60 is a leap second.
    matches!(parts[..], [Some(0..=23), Some(0..=59), Some(0..=60)])
}

fn digits(text: &str, count: usize) -> Option<u32> {
    let good = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    good.then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_imf_fixdates_only() {
        for (text, expected) in [
            ("Sun, 06 Nov 1994 08:49:37 GMT", true),
            ("Sat, 31 Dec 2016 23:59:60 GMT", true),
            ("Sunday, 06-Nov-94 08:49:37 GMT", false),
            ("Sun Nov  6 08:49:37 1994", false),
            ("Sun, 6 Nov 1994 08:49:37 GMT", false),
            ("Sun, 00 Nov 1994 08:49:37 GMT", false),
            ("Sun, 06 Nov 1994 24:00:00 GMT", false),
            ("Sun, 06 Nov 1994 08:49:37 UTC", false),
            ("Sun, 06 Nov 1994 08:49:37 GMT ", false),
            ("1994-11-06T08:49:37Z", false),
            ("", false),
        ] {
            assert_eq!(is_http_date(text), expected, "{text:?}");
        }
    }
}
