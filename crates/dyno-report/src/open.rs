//! What only the open model has to say: response times beside each other
//! instead of rates that a clock set, and how service times hide a queue.

use std::fmt::Write as _;

use dyno_result::{Distribution, QuantileValue, Step};

use crate::figures::Row;
use crate::measured::QuantileSpread;
use crate::{Error, findings, number};

/// Response times of two targets, the faster at p99 first.
pub(crate) fn compare(reference: &Row, row: &Row) -> Option<String> {
    let at = |row: &Row, q| row.measured()?.quantile(q);
    let (q, label) = [(0.99, "p99"), (0.5, "p50")]
        .into_iter()
        .find(|(q, _)| at(reference, *q).is_some() && at(row, *q).is_some())?;
    let (base, other) = (at(reference, q)?, at(row, q)?);
    let is_faster = match (ns(base.median), ns(other.median)) {
        (Some(base), Some(other)) => other < base,
        (None, Some(_)) => true,
        (Some(_), None) => false,
        (None, None) => return None,
    };
    let ((fast, a), (slow, b)) = match is_faster {
        true => ((row, other), (reference, base)),
        false => ((reference, base), (row, other)),
    };
    let (x, y) = (fast.measured()?, slow.measured()?);
    let Some(times) = ratio(a, b) else {
        let slow_at = number::quantile(Some(b.median), y.lost_share());
        return Some(format!(
            "{} answers in {} at {label}, {} does not: {slow_at}{}.",
            fast.name,
            number::quantile(Some(a.median), x.lost_share()),
            slow.name,
            findings::classes(fast, slow)
        ));
    };
    if x.trials.len() > 1 && y.trials.len() > 1 && overlap(a, b) {
        return Some(format!(
            "{} and {}: no difference in response time seen at {label}, their trials overlap \
             ({times}).",
            fast.name, slow.name
        ));
    }
    let mut sentence = format!(
        "{} answers in {times} the time of {} at {label}",
        fast.name, slow.name
    );
    let median = x.quantile(0.5).zip(y.quantile(0.5));
    if let Some(times) = median.and_then(|(a, b)| ratio(a, b)).filter(|_| q > 0.5) {
        sentence += &format!(" and in {times} at p50");
    }
    if let (Some(a), Some(b)) = (x.cpu_per_request, y.cpu_per_request)
        && b.median > 0.0
    {
        let times = number::ratio(a.median / b.median);
        sentence += &format!(", with {times} the CPU time per request");
    }
    Some(sentence + &findings::classes(fast, slow) + ".")
}

/// A measured time; none for limits and failures.
fn ns(value: QuantileValue) -> Option<f64> {
    match value {
        QuantileValue::Ns(ns) => Some(ns as f64),
        QuantileValue::AtLeastNs(_) | QuantileValue::Failed => None,
    }
}

fn ratio(a: QuantileSpread, b: QuantileSpread) -> Option<String> {
    let (a, b) = (ns(a.median)?, ns(b.median)?);
    (b > 0.0).then(|| number::ratio(a / b))
}

/// Whether the slowest trial of the faster reaches the fastest of the slower;
/// a trial at a limit or with failures there is slower than any time.
fn overlap(fast: QuantileSpread, slow: QuantileSpread) -> bool {
    match (ns(fast.high), ns(slow.low)) {
        (Some(high), Some(low)) => low <= high,
        (high, _) => high.is_none(),
    }
}

/// Response and service time side by side, and how the schedule was kept.
pub(crate) fn schedule(page: &mut String, step: &Step) -> Result<(), Error> {
    let show = |of: Option<&Distribution>, q| {
        let Some(of) = of else {
            return number::MISSING.to_owned();
        };
        let lost = (of.total() - of.count) as f64 / of.total().max(1) as f64;
        number::quantile(of.quantile(q), lost)
    };
    let max = |of: Option<&Distribution>| {
        let max = of.and_then(|of| of.max_ns);
        max.map_or(number::MISSING.to_owned(), |ns| number::time(ns as f64))
    };
    let (response, service) = (Some(&step.response), step.service.as_ref());
    writeln!(page, "\nResponse time and service time:")?;
    writeln!(page, "  {:5}  {:>16}  {:>16}", "", "response", "service")?;
    for (q, label) in [(0.5, "p50"), (0.9, "p90"), (0.99, "p99"), (0.999, "p99.9")] {
        let (response, service) = (show(response, q), show(service, q));
        writeln!(page, "  {label:5}  {response:>16}  {service:>16}")?;
    }
    let (response, service) = (max(response), max(service));
    writeln!(page, "  {:5}  {response:>16}  {service:>16}", "max")?;
    writeln!(
        page,
        "  Response time counts from the intended start, so a queue shows; service time (from \
         the actual send) is what most tools print."
    )?;
    let (lag, wait) = (step.send_lag.as_ref(), step.pool_wait.as_ref());
    let (p50, p99) = (show(lag, 0.5), show(lag, 0.99));
    writeln!(page, "  Send lag:\tp50 {p50}, p99 {p99}")?;
    writeln!(page, "  Pool wait:\tp99 {}", show(wait, 0.99))?;
    Ok(())
}
