//! Where the time goes, in rows.

use dyno_result::{AttributedPart, Attribution, Step};

use super::{Value, cell};

/// The rows of a step or a request.
pub(super) fn values(attribution: Option<&Attribution>) -> Vec<Value> {
    let Some(told) = attribution else {
        return Vec::new();
    };
    let mut values = vec![
        ("time_answers".to_owned(), told.answers.to_string(), "1"),
        ("time_service".to_owned(), told.service_ns.to_string(), "ns"),
    ];
    for part in &told.parts {
        values.extend(figures(&format!("time_{}", part.name), part));
    }
    for other in &told.others {
        values.extend(figures(&format!("time_told.{}", cell(&other.name)), other));
    }
    let doubts = told.doubts;
    let doubts = [
        ("without_app", doubts.without_app),
        ("app_exceeded", doubts.app_exceeded),
        ("service_exceeded", doubts.service_exceeded),
        ("unreadable", doubts.unreadable),
        ("left_out", doubts.left_out),
    ];
    let doubts = doubts.into_iter().filter(|(_, count)| *count > 0);
    values
        .extend(doubts.map(|(name, count)| (format!("time_doubt.{name}"), count.to_string(), "1")));
    values
}

fn figures(name: &str, part: &AttributedPart) -> Vec<Value> {
    let ns = |ns: u64| ns.to_string();
    let figures = [
        ("total", Some(ns(part.total_ns)), "ns"),
        ("share", part.share.map(|share| share.to_string()), "1"),
        ("p50", part.p50_ns.map(ns), "ns"),
        ("p99", part.p99_ns.map(ns), "ns"),
    ];
    let figures = figures.into_iter();
    figures
        .filter_map(|(what, value, unit)| Some((format!("{name}_{what}"), value?, unit)))
        .collect()
}

/// What the database says of a step.
pub(super) fn database(step: &Step) -> Vec<Value> {
    let Some(used) = &step.database else {
        return Vec::new();
    };
    let whole =
        |name: &str, value: u64, unit| (format!("database_{name}"), value.to_string(), unit);
    let mut values = vec![
        whole("active_time", used.active_time_ns, "ns"),
        whole("commits", used.commits, "1"),
        whole("rollbacks", used.rollbacks, "1"),
        whole("backends", used.backends.into(), "1"),
        whole("wal", used.wal_bytes, "B"),
        whole("wal_syncs", used.wal_syncs, "1"),
    ];
    let sync = used.wal_sync_time_ns;
    values.extend(sync.map(|ns| whole("wal_sync_time", ns, "ns")));
    if let Some(check) = step.database_check() {
        let gap = (check.gap_percent / 100.0).to_string();
        values.push(("database_gap".to_owned(), gap, "1"));
    }
    values
}
