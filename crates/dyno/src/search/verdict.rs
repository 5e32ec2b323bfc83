//! What to think of the answer of a search.

use dyno_result::{Level, Reason, SearchEnd, SearchEnding, Signal, Unit, Verdict};

/// What to think of the figures where a level holds, and of the end of
/// the search. That a level cannot be borne is no fault of its figures.
pub(super) fn of_answer(judged: Verdict, ending: SearchEnding, held: Option<SearchEnd>) -> Verdict {
    let is_fault = |reason: &Reason| {
        held.is_some() || reason.signal.is_of_generator() || reason.signal == Signal::NoAnswer
    };
    let mut reasons = judged.reasons;
    reasons.retain(is_fault);
    let doubt = match ending {
        SearchEnding::Generator { level } => Some((Level::Invalid, level)),
        SearchEnding::Exhausted | SearchEnding::RanOut => Some((Level::Warn, 0.0)),
        SearchEnding::Found
        | SearchEnding::NotReached
        | SearchEnding::Below
        | SearchEnding::NotRecovered { .. }
        | SearchEnding::Died { .. }
        | SearchEnding::Interrupted => None,
    };
    reasons.extend(doubt.map(|(level, value)| Reason {
        signal: Signal::Search,
        level,
        value,
        limit: held.map_or(0.0, |held| held.level),
        unit: Unit::Count,
        quantile: None,
    }));
    Verdict::of(reasons)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(signal: Signal, level: Level) -> Reason {
        Reason {
            signal,
            level,
            value: 0.5,
            limit: 0.1,
            unit: Unit::Fraction,
            quantile: None,
        }
    }

    #[track_caller]
    fn check(judged: &[Reason], ending: SearchEnding, held: Option<f64>, expected: &[&str]) {
        let held = held.map(|level| SearchEnd { level, probes: 3 });
        let seen = of_answer(Verdict::of(judged.to_vec()), ending, held);
        let ids: Vec<&str> = seen.reasons.iter().map(|of| of.signal.id()).collect();
        assert_eq!(ids, expected);
        let worst = seen.reasons.iter().map(|of| of.level).max();
        assert_eq!(seen.level, worst.unwrap_or_default());
    }

    #[test]
    fn what_a_target_cannot_bear_is_no_fault_of_its_figures() {
        let dropped = [reason(Signal::Dropped, Level::Invalid)];
        check(&dropped, SearchEnding::Found, Some(5.0), &["dropped"]);
        check(&dropped, SearchEnding::Below, None, &[]);
        // But a server that never answers serves something else.
        let nothing = [reason(Signal::NoAnswer, Level::Invalid)];
        check(&nothing, SearchEnding::Below, None, &["no_answer"]);
        let steal = [reason(Signal::Steal, Level::Warn)];
        check(&steal, SearchEnding::Below, None, &["steal"]);
    }

    #[test]
    fn a_search_without_its_answer_is_doubtful() {
        let wall = SearchEnding::Generator { level: 800.0 };
        check(&[], wall, Some(400.0), &["search"]);
        check(&[], SearchEnding::Exhausted, Some(400.0), &["search"]);
        check(&[], SearchEnding::NotReached, Some(400.0), &[]);
        check(&[], SearchEnding::Died { level: 800.0 }, None, &[]);
        let seen = of_answer(Verdict::default(), wall, None);
        assert_eq!(seen.level, Level::Invalid);
        let seen = of_answer(Verdict::default(), SearchEnding::RanOut, None);
        assert_eq!(seen.level, Level::Warn);
    }
}
