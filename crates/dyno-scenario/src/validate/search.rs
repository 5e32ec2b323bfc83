//! The search of a step: from the keys of the file to what is meant.

use std::time::Duration;

use dyno_toml::Problem;

use super::step::Level;
use super::{Report, value};
use crate::model::{Load, Until};
use crate::profile::Profile;
use crate::{Bound, By, Clause, Rate, Search, defaults, print_duration, raw};

/// The search of a step whose requests fail after `timeout`.
pub(super) fn search(raw: &raw::Search, timeout: Duration, report: Report<'_>) -> Search {
    let search = Search {
        by: value(raw.by.as_ref(), By::default()),
        from: value(raw.from.as_ref(), 1.0),
        to: raw.to.as_ref().map(|to| to.value),
        limit: value(raw.limit.as_ref(), Vec::new()),
        precision: value(raw.precision.as_ref(), defaults::PRECISION),
        confirm: value(raw.confirm.as_ref(), defaults::CONFIRM),
    };
    if let (Some(from), Some(to)) = (&raw.from, &raw.to)
        && to.value <= from.value
    {
        let hint = "it is the highest level that may be asked; leave it out for no bound of yours";
        let message = "`step.search.to` must be above `step.search.from`";
        report(Problem::new(message, to.place.clone()).hint(hint));
    }
    let mut wrong = search
        .limit
        .iter()
        .filter_map(|clause| cannot_hold(clause, search.by, timeout));
    if let (Some((message, hint)), Some(limit)) = (wrong.next(), &raw.limit) {
        let message = format!("`step.search.limit`: {message}");
        report(Problem::new(message, limit.place.clone()).hint(hint));
    }
    search
}

/// Why a clause says nothing here, and the way out.
fn cannot_hold(clause: &Clause, by: By, timeout: Duration) -> Option<(String, String)> {
    match clause.bound {
        Bound::Time(time) if time > timeout => Some((
            format!(
                "{clause} cannot be seen, requests fail after {}",
                print_duration(timeout)
            ),
            format!("give the step a timeout above {}", print_duration(time)),
        )),
        Bound::Share(_) if clause.metric.is_more_better() && by == By::Connections => Some((
            format!("{clause} is a share of a rate, and connections have none"),
            "give it a rate, such as 500/s".to_owned(),
        )),
        Bound::Time(_) | Bound::Share(_) | Bound::Rate(_) => None,
    }
}

/// The load of the first probe.
pub(super) fn first(raw: &raw::Search, level: &Level) -> Load {
    let from = value(raw.from.as_ref(), 1.0);
    let duration = value(raw.duration.as_ref(), defaults::PROBE);
    match value(raw.by.as_ref(), By::default()) {
        By::Rate => Load::Open {
            profile: Profile::Steady {
                rate: Rate::per_second_of(from),
                duration,
            },
            arrivals: level.arrivals.unwrap_or(defaults::ARRIVALS),
            connections: level.connections.unwrap_or(defaults::OPEN_CONNECTIONS),
        },
        By::Connections => Load::Closed {
            connections: from as u32,
            until: Until::Elapsed(duration),
        },
    }
}
