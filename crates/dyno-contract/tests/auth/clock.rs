//! Times as the double writes them.

use crate::fault::Fault::{self, *};

/// `2026-11-22T04:31:51.958Z`.
pub(crate) fn time(ms: u64) -> String {
    written(ms, Fault::Nothing)
}

/// As a double with this fault has it.
pub(crate) fn written(ms: u64, fault: Fault) -> String {
    let time = jiff::Timestamp::from_millisecond(i64::try_from(ms).unwrap()).unwrap();
    let seconds = time.strftime("%Y-%m-%dT%H:%M:%S");
    let decimals = ms % 1000;
    match fault {
        Microseconds => format!("{seconds}.{decimals:03}250Z"),
        DropsZeros if decimals == 0 => format!("{seconds}Z"),
        DropsZeros => format!(
            "{seconds}.{}Z",
            format!("{decimals:03}").trim_end_matches('0')
        ),
        _ => format!("{seconds}.{decimals:03}Z"),
    }
}

/// The time that a text means.
pub(crate) fn ms(text: &str) -> u64 {
    let time: jiff::Timestamp = text.parse().unwrap();
    u64::try_from(time.as_millisecond()).unwrap()
}

/// The present for the field `Date`.
pub(crate) fn date() -> String {
    let now = jiff::Timestamp::now();
    now.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}
