//! How long a run will take, as far as the scenario says.

use std::time::Duration;

use dyno_scenario::{Scenario, Step};

use crate::search;

/// Start and stop of the target of one trial, roughly.
const OVERHEAD: Duration = Duration::from_secs(1);

/// A time that is not known better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Estimate {
    pub(crate) time: Duration,
    pub(crate) sense: Sense,
}

/// How a time is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sense {
    About,
    /// It can only be more: a step ends after a number of requests, and nobody knows
    /// how long they take.
    Least,
    /// It can only be less: a search ends when it has its answer.
    Most,
}

impl Estimate {
    /// Of one trial, in which a step of a fixed number of requests takes `fixed`.
    pub(crate) fn of_trial(scenario: &Scenario, fixed: Duration) -> Self {
        let steps = scenario.steps.iter();
        let played = steps.map(|step| match &step.search {
            Some(search) => search::most_time(step, search, scenario.cooldown),
            None => step.warmup + step.load.duration().unwrap_or(fixed),
        });
        let between = count(scenario.steps.len().saturating_sub(1));
        let pauses = scenario.cooldown.saturating_mul(between);
        let has = |is_such: fn(&Step) -> bool| scenario.steps.iter().any(is_such);
        let is_fixed = has(|step| step.load.duration().is_none());
        let is_search = has(|step| step.search.is_some());
        Self {
            time: OVERHEAD + scenario.idle + pauses + played.sum::<Duration>(),
            sense: match (is_fixed, is_search) {
                (true, false) => Sense::Least,
                (false, true) => Sense::Most,
                _ => Sense::About,
            },
        }
    }

    /// Of so many trials.
    pub(crate) fn of_trials(scenario: &Scenario, trials: usize) -> Self {
        let one = Self::of_trial(scenario, Duration::ZERO);
        let pauses = scenario
            .cooldown
            .saturating_mul(count(trials.saturating_sub(1)));
        Self {
            time: one
                .time
                .saturating_mul(count(trials))
                .saturating_add(pauses),
            ..one
        }
    }

    /// `about 3 min 10 s`, `at least 40 s`, `at most 20 min 0 s`.
    pub(crate) fn words(self) -> String {
        let word = match self.sense {
            Sense::About => "about",
            Sense::Least => "at least",
            Sense::Most => "at most",
        };
        format!("{word} {}", coarse(self.time))
    }
}

/// What is about to be played: `12 trials (2 targets x 3 variants x 2 rounds)`.
pub(crate) fn trials(targets: usize, variants: usize, rounds: u32) -> String {
    let all = targets * variants * rounds as usize;
    let of = |count: usize, word: &str| match count {
        1 => format!("1 {word}"),
        _ => format!("{count} {word}s"),
    };
    let variants = match variants {
        1 => String::new(),
        _ => format!(" x {}", of(variants, "variant")),
    };
    let (targets, rounds) = (of(targets, "target"), of(rounds as usize, "round"));
    format!("{} ({targets}{variants} x {rounds})", of(all, "trial"))
}

/// `45 s`, `3 min 10 s`: no finer than it is known.
pub(crate) fn coarse(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60 / 10 * 10),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_no_finer_than_known() {
        let cases = [
            (5, "5 s"),
            (59, "59 s"),
            (61, "1 min 0 s"),
            (199, "3 min 10 s"),
            (7300, "2 h 1 min"),
        ];
        for (seconds, text) in cases {
            assert_eq!(coarse(Duration::from_secs(seconds)), text);
        }
    }

    #[test]
    fn everything_that_the_scenario_says_counts() {
        let check = |steps: &str, trials: usize, expected: &str| {
            let text = format!(
                "name = 'x'\nidle = '2s'\ncooldown = '3s'\nwarmup = '5s'\n[[request]]\n\
                 path = '/'\n{steps}"
            );
            let scenario = dyno_scenario::parse("x.toml", &text).unwrap();
            let seen = Estimate::of_trials(&scenario, trials).words();
            assert_eq!(seen, expected, "{steps}");
        };
        let timed = "[[step]]\nname = 't'\nduration = '10s'\nconnections = [1, 2]\n";
        let fixed = "[[step]]\nname = 'f'\nrequests = 9\nconnections = 1\n";
        // Start and stop, idle, twice warm-up and step, a pause between.
        check(timed, 1, "about 36 s");
        // Three of those, two pauses between.
        check(timed, 3, "about 1 min 50 s");
        check(fixed, 1, "at least 8 s");
        check(&format!("{timed}{fixed}"), 1, "at least 44 s");
        // 50, 100, 200 and 300, or seven down; four between, twelve to be sure, one
        // beyond; each warmed up, drained twice, and followed by a pause; recovery.
        let search = "[[step]]\nname = 's'\ntimeout = '1s'\n\
                      search = { from = '50/s', to = '300/s', limit = 'p99 < 1s' }\n";
        let probe = 5 + 10 + 2 + 3;
        let most = Duration::from_secs(3 + (7 + 4 + 12 + 1) * probe + 60);
        check(search, 1, &format!("at most {}", coarse(most)));
    }

    #[test]
    fn trials_are_counted_by_what_they_are_made_of() {
        for (targets, variants, rounds, expected) in [
            (1, 1, 1, "1 trial (1 target x 1 round)"),
            (2, 1, 3, "6 trials (2 targets x 3 rounds)"),
            (2, 3, 2, "12 trials (2 targets x 3 variants x 2 rounds)"),
        ] {
            assert_eq!(trials(targets, variants, rounds), expected);
        }
    }
}
