//! What a search looks for: from the scenario to what is stored.

use dyno_result::{LimitClause, LimitMetric, LimitUnit, SearchBy, SearchPlan};
use dyno_scenario::{Bound, By, Clause, Metric, Search, Step};

/// What a step looks for, as it is stored.
pub(crate) fn plan(step: &Step, search: &Search) -> SearchPlan {
    SearchPlan {
        by: match search.by {
            By::Rate => SearchBy::Rate,
            By::Connections => SearchBy::Connections,
        },
        from: search.from,
        to: search.to,
        limit: search.limit.iter().map(clause).collect(),
        probe_s: step.load.duration().unwrap_or_default().as_secs_f64(),
        precision_fraction: search.precision,
        confirm: search.confirm,
    }
}

fn clause(clause: &Clause) -> LimitClause {
    let (metric, quantile) = match clause.metric {
        Metric::Quantile(q) => (LimitMetric::Quantile, Some(q)),
        Metric::Max => (LimitMetric::Max, None),
        Metric::Mean => (LimitMetric::Mean, None),
        Metric::Failed => (LimitMetric::Failed, None),
        Metric::Throughput => (LimitMetric::Throughput, None),
        Metric::Goodput => (LimitMetric::Goodput, None),
    };
    let (bound, unit) = match clause.bound {
        Bound::Time(time) => (time.as_nanos() as f64, LimitUnit::Ns),
        Bound::Share(share) => (share, LimitUnit::Fraction),
        Bound::Rate(rate) => (rate.per_second(), LimitUnit::PerS),
    };
    LimitClause {
        text: clause.to_string(),
        metric,
        quantile,
        bound,
        or_equal: clause.or_equal,
        unit,
    }
}
