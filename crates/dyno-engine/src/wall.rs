//! The time of day, for `{{now}}` and the lifetime of cookies. The engine reads no
//! wall clock: it is told once what time it is, and counts on from there, so that a
//! step of the wall clock changes nothing.

use std::time::{Duration, Instant};

/// A moment on both clocks.
#[derive(Debug, Clone, Copy)]
pub struct Wall {
    /// On the clock that only goes forward.
    pub at: Instant,
    /// The same moment, since 1970 (UTC).
    pub since_1970: Duration,
}

impl Wall {
    /// Milliseconds since 1970, now.
    pub(crate) fn ms(&self) -> u64 {
        let now = self.since_1970 + self.at.elapsed();
        u64::try_from(now.as_millis()).unwrap_or(u64::MAX)
    }

    /// Now, as `2026-01-02T03:04:05.678Z`.
    pub(crate) fn text(&self) -> [u8; 24] {
        text(self.ms())
    }

    /// A clock that is at `ms` and goes on so slowly that tests do not see it.
    #[cfg(test)]
    pub(crate) fn at_ms(ms: u64) -> Self {
        let at = Instant::now() + Duration::from_secs(3600);
        let since_1970 = Duration::from_millis(ms);
        Self { at, since_1970 }
    }
}

fn text(ms: u64) -> [u8; 24] {
    let mut text = *b"0000-00-00T00:00:00.000Z";
    let seconds = ms / 1000;
    let (year, month, day) = civil(seconds / 86_400);
    let clock = seconds % 86_400;
    let mut put = |end: usize, width: usize, mut number: u64| {
        for at in (end - width..end).rev() {
            text[at] = b'0' + (number % 10) as u8;
            number /= 10;
        }
    };
    put(4, 4, year);
    put(7, 2, month);
    put(10, 2, day);
    put(13, 2, clock / 3600);
    put(16, 2, clock / 60 % 60);
    put(19, 2, clock % 60);
    put(23, 3, ms % 1000);
    text
}

/// Year, month and day of a number of days since 1970 (Hinnant, "chrono-compatible
/// low-level date algorithms": years begin in March, eras have 400 of them).
fn civil(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let leaps = day_of_era / 1_460 + day_of_era / 146_096 - day_of_era / 36_524;
    let year_of_era = (day_of_era - leaps) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    (year, month, day)
}

/// Days since 1970 of a date from then on: the inverse of [`civil`].
pub(crate) fn days(year: u64, month: u64, day: u64) -> u64 {
    let year = year - u64::from(month <= 2);
    let (era, year_of_era) = (year / 400, year % 400);
    let from_march = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * from_march + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    (era * 146_097 + day_of_era).saturating_sub(719_468)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn moments_are_written_as_people_write_them() {
        // Each from `date -u -d @SECONDS +%FT%TZ`.
        for (ms, expected) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_400_001, "2000-02-29T00:00:00.001Z"),
            (1_709_251_199_999, "2024-02-29T23:59:59.999Z"),
            (1_767_323_045_678, "2026-01-02T03:04:05.678Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        ] {
            assert_eq!(std::str::from_utf8(&text(ms)), Ok(expected));
        }
    }

    proptest! {
        #[test]
        fn every_day_has_one_date(number in 0_u64..1_000_000) {
            let (year, month, day) = civil(number);
            prop_assert_eq!(days(year, month, day), number);
            prop_assert!((1..=12).contains(&month) && (1..=31).contains(&day));
        }
    }
}
