//! What searches came to, in words: the ends of an answer, what broke the limit, how a
//! target fails beyond it and how long it takes to get over that.

use dyno_result::{
    LimitClause, OverloadMode, Probe, ProbeOutcome, Recovery, Search, SearchBy, SearchEnd,
    SearchPlan, Seen, Summary,
};

use crate::figures::{Row, StepFigures};
use crate::{number, text};

mod answer;

pub(crate) use answer::{compare, sentences};

/// A level of a search: `1,000/s`, `64 connections`.
pub fn level(by: SearchBy, level: f64) -> String {
    match by {
        SearchBy::Rate => format!("{}/s", number::plain(level)),
        SearchBy::Connections if level == 1.0 => "1 connection".to_owned(),
        SearchBy::Connections => format!("{} connections", number::plain(level)),
    }
}

/// What came of a probe, on one line: `to failure, 400/s: held p99 < 200ms (12.3 ms)`.
pub fn probe_line(name: &str, plan: &SearchPlan, probe: &Probe) -> String {
    let level = level(plan.by, probe.level);
    let recovery = match probe.recovery {
        Some(recovery) => format!("; {}", recovered(recovery)),
        None => String::new(),
    };
    let words = outcome(plan, probe);
    text::line(&format!("{name}, {level}: {words}{recovery}"))
}

/// Whether the limit held, and what was seen of it.
pub(crate) fn outcome(plan: &SearchPlan, probe: &Probe) -> String {
    let all = |holds: bool| {
        let pairs = plan.limit.iter().zip(&probe.clauses);
        let such = pairs.filter(move |(_, of)| of.holds == holds);
        such.map(|(clause, of)| format!("{} ({})", clause.text, seen(of.seen, probe)))
    };
    match probe.outcome {
        ProbeOutcome::Held => format!("held {}", text::list(&all(true).collect::<Vec<_>>())),
        ProbeOutcome::Broke => {
            let queue = probe.backlog.map(|of| {
                let count = number::count(of.waiting);
                format!("a queue that grew to {count} starts")
            });
            let broken: Vec<String> = all(false).chain(queue).collect();
            match broken.as_slice() {
                [] => "broke: there was no right answer".to_owned(),
                broken => format!("broke {}", text::list(broken)),
            }
        }
        ProbeOutcome::Void => {
            let reasons = probe.verdict.reasons.iter();
            let own = reasons.filter(|reason| reason.signal.is_of_generator());
            let own: Vec<String> = own.map(|reason| reason.signal.id().to_owned()).collect();
            match own.is_empty() {
                true => "says nothing".to_owned(),
                false => format!("says nothing, dyno was the limit ({})", own.join(", ")),
            }
        }
    }
}

/// Starts of a probe without a right answer, as a share.
pub(crate) fn lost_share(probe: &Probe) -> f64 {
    let counts = probe.counts;
    let lost = counts.due.saturating_sub(counts.succeeded);
    lost as f64 / counts.due.max(1) as f64
}

pub(crate) fn seen(seen: Seen, probe: &Probe) -> String {
    match seen {
        Seen::Time(value) => number::quantile(Some(value), lost_share(probe)),
        Seen::Fraction(share) => number::percent(share),
        Seen::PerS(per_s) => format!("{}/s", number::significant(per_s)),
    }
}

/// `held again after 2.10 s`.
pub(crate) fn recovered(recovery: Recovery) -> String {
    match recovery {
        Recovery::Recovered { after_ns } => {
            format!("held again after {}", number::time(after_ns as f64))
        }
        Recovery::NotWithin { watched_ns } => {
            format!(
                "did not hold again within {}",
                number::time(watched_ns as f64)
            )
        }
        Recovery::Died => "the target ended".to_owned(),
    }
}

/// What a target does, as a word.
pub(crate) fn mode(mode: OverloadMode) -> &'static str {
    match mode {
        OverloadMode::Crashes => "crashes",
        OverloadMode::Sheds => "sheds",
        OverloadMode::Refuses => "refuses",
        OverloadMode::Errs => "errs",
        OverloadMode::TimesOut => "times out",
        OverloadMode::Queues => "queues",
        OverloadMode::Holds => "holds",
    }
}

/// The limit as the scenario has it.
pub(crate) fn limit(plan: &SearchPlan) -> String {
    let clauses: Vec<&str> = plan
        .limit
        .iter()
        .map(|clause| clause.text.as_str())
        .collect();
    text::line(&clauses.join(" and "))
}

/// The load of a search in words.
pub(crate) fn heading(plan: &SearchPlan) -> String {
    let to = match plan.to {
        Some(to) => format!(" to {}", level(plan.by, to)),
        None => String::new(),
    };
    format!(
        "search from {}{to} for {}, probes of {}",
        level(plan.by, plan.from),
        limit(plan),
        number::seconds(plan.probe_s)
    )
}

/// The searches of the valid trials of a target.
pub(crate) struct Sought<'a> {
    pub(crate) plan: &'a SearchPlan,
    pub(crate) trials: Vec<&'a Search>,
}

impl<'a> Sought<'a> {
    pub(crate) fn of(step: &StepFigures<'a>, row: &Row<'a>) -> Option<Self> {
        let plan = step.plan.search.as_ref()?;
        let trials = row.measured()?.trials.iter();
        let trials: Vec<&Search> = trials.filter_map(|p| p.step.search.as_ref()).collect();
        (!trials.is_empty()).then_some(Self { plan, trials })
    }

    /// The highest level that holds, over trials.
    pub(crate) fn held(&self) -> Option<Summary> {
        self.ends(|search| search.held)
    }

    /// The lowest level that breaks, over trials.
    pub(crate) fn broken(&self) -> Option<Summary> {
        self.ends(|search| search.broken)
    }

    fn ends(&self, end: fn(&Search) -> Option<SearchEnd>) -> Option<Summary> {
        let ends = self.trials.iter().filter_map(|search| end(search));
        Summary::of(&ends.map(|end| end.level).collect::<Vec<_>>())
    }

    /// Whether each trial that has this end is sure of it.
    pub(crate) fn is_sure(&self, end: fn(&Search) -> Option<SearchEnd>) -> bool {
        let mut ends = self.trials.iter().filter_map(|search| end(search));
        ends.all(|end| end.probes >= self.plan.confirm)
    }

    /// What broke the limit where it breaks, the most frequent first: the clause, or
    /// none for a queue; with the last probe of it.
    pub(crate) fn breaches(&self) -> Vec<(Option<&'a LimitClause>, &'a Probe)> {
        let mut found: Vec<(usize, Option<usize>, &Probe)> = Vec::new();
        let mut note = |clause: Option<usize>, probe: &'a Probe| match found
            .iter_mut()
            .find(|(_, other, _)| *other == clause)
        {
            Some((count, _, last)) => (*count, *last) = (*count + 1, probe),
            None => found.push((1, clause, probe)),
        };
        for search in &self.trials {
            for probe in search.at(search.broken) {
                let clauses = probe.clauses.iter().enumerate();
                for (index, _) in clauses.filter(|(_, clause)| !clause.holds) {
                    note(Some(index), probe);
                }
                if probe.backlog.is_some() {
                    note(None, probe);
                }
            }
        }
        found.sort_by_key(|(count, clause, _)| (std::cmp::Reverse(*count), *clause));
        let clause = |index: Option<usize>| index.and_then(|index| self.plan.limit.get(index));
        found
            .into_iter()
            .map(|(_, index, probe)| (clause(index), probe))
            .collect()
    }

    /// What became of the starts beyond the limit: the median share over trials, the
    /// largest first, behind the end of the process.
    pub(crate) fn modes(&self) -> Vec<(OverloadMode, f64)> {
        let overloads = || {
            self.trials
                .iter()
                .filter_map(|search| search.overload.as_ref())
        };
        let mut modes: Vec<OverloadMode> = Vec::new();
        for of in overloads().flat_map(|overload| &overload.modes) {
            if !modes.contains(&of.mode) {
                modes.push(of.mode);
            }
        }
        let share = |mode: OverloadMode| {
            let shares = overloads().map(|overload| {
                let found = overload.modes.iter().find(|of| of.mode == mode);
                found.map_or(0.0, |of| of.fraction)
            });
            Summary::of(&shares.collect::<Vec<_>>()).map_or(0.0, |of| of.median)
        };
        let is_first = |mode| matches!(mode, OverloadMode::Crashes | OverloadMode::Holds);
        let mut shares: Vec<_> = modes.into_iter().map(|mode| (mode, share(mode))).collect();
        shares.retain(|(mode, share)| *share > 0.0 || is_first(*mode));
        shares.sort_by(|(a, x), (b, y)| is_first(*b).cmp(&is_first(*a)).then(y.total_cmp(x)));
        shares
    }

    /// How it got over the overload, over trials: the worst, or else the median.
    pub(crate) fn recovery(&self) -> Option<Recovery> {
        let overloads = self
            .trials
            .iter()
            .filter_map(|search| search.overload.as_ref());
        let all: Vec<Recovery> = overloads.filter_map(|of| of.probe.recovery).collect();
        let worst = all.iter().find(|of| **of == Recovery::Died).or_else(|| {
            let is_late = |of: &&Recovery| matches!(of, Recovery::NotWithin { .. });
            all.iter().find(is_late)
        });
        let times = all.iter().filter_map(|of| match of {
            Recovery::Recovered { after_ns } => Some(*after_ns as f64),
            Recovery::NotWithin { .. } | Recovery::Died => None,
        });
        let median = Summary::of(&times.collect::<Vec<_>>()).map(|of| Recovery::Recovered {
            after_ns: of.median as u64,
        });
        worst.copied().or(median)
    }
}
