//! Names fit for files, made from names fit for people.

use crate::Load;

/// Lower-case letters and digits, everything between them one `-`:
/// `10,000 requests` gives `10-000-requests`. A name without any is `step`.
#[must_use]
pub fn slug(name: &str) -> String {
    let lower = name.to_ascii_lowercase();
    let words: Vec<&str> = lower
        .split(|letter: char| !letter.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    if words.is_empty() {
        "step".to_owned()
    } else {
        words.join("-")
    }
}

/// The id of a step at one level: `closed-loop-c100`, and for a rate the starts
/// per second, `open-loop-r1.5`. A rate that is no round number of those keeps
/// its unit: `open-loop-r1000h`. Different levels have different ids. Shapes are
/// told too: `up-r10-to-500`, `day-stages-to-500`, `crowds-b100-every-1s`.
#[must_use]
pub fn step_id(name: &str, load: &Load) -> String {
    let name = slug(name);
    match load {
        Load::Closed { connections, .. } => format!("{name}-c{connections}"),
        Load::Open { profile, .. } => format!("{name}-{}", profile.id()),
    }
}

/// Whether `text` can name a file as it stands: `a`–`z`, `0`–`9` and `-`.
pub(crate) fn is_slug(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !text.is_empty() && text.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{Arrivals, Profile, Until, parse_rate};

    #[test]
    fn ids_are_fit_for_file_names() {
        for (name, connections, expected) in [
            ("closed loop", 100, "closed-loop-c100"),
            ("10,000 requests", 1, "10-000-requests-c1"),
            ("  To: failure! ", 7, "to-failure-c7"),
            ("../../etc", 1, "etc-c1"),
            ("größer", 1, "gr-er-c1"),
            ("速", 1, "step-c1"),
        ] {
            let id = step_id(
                name,
                &Load::Closed {
                    connections,
                    until: Until::Requests(1),
                },
            );
            assert_eq!(id, expected, "{name}");
            assert!(is_slug(&id), "{name}");
        }
    }

    #[test]
    fn the_id_of_a_rate_counts_per_second_where_it_can() {
        for (rate, expected) in [
            ("500/s", "open-loop-r500"),
            ("1.5/s", "open-loop-r1.5"),
            ("30/m", "open-loop-r0.5"),
            ("1/m", "open-loop-r1m"),
            ("1000/h", "open-loop-r1000h"),
            ("10000000/s", "open-loop-r10000000"),
        ] {
            let load = Load::Open {
                profile: Profile::Steady {
                    rate: parse_rate(rate).unwrap(),
                    duration: Duration::from_secs(1),
                },
                arrivals: Arrivals::Constant,
                connections: 1,
            };
            assert_eq!(step_id("Open loop", &load), expected, "{rate}");
        }
    }
}
