//! Tidy rows for other programs: one for each trial, step and metric, RFC 4180.
//! Values are unrounded; what is unknown has no row.

mod whole;

use ::csv::{Terminator, WriterBuilder};
use dyno_result::{Distribution, Level, PartCounts, QuantileValue, Recording, Step, Unit};

use crate::{Error, reasons, text};

const HEADER: &[&str] = &[
    "run_id", "round", "position", "target", "class", "variant", "step", "flow", "request",
    "metric", "value", "unit", "valid",
];

/// The quantiles worth a row, with the ends of their names.
const QUANTILES: &[(f64, &str)] = &[
    (0.5, "p50"),
    (0.9, "p90"),
    (0.95, "p95"),
    (0.99, "p99"),
    (0.999, "p999"),
    (0.9999, "p9999"),
];

/// A measured value: metric, value and unit.
type Value = (String, String, &'static str);

/// All trials, valid or not, in time order.
pub(crate) fn render(recording: &Recording) -> Result<String, Error> {
    let run = &recording.run;
    let mut writer = WriterBuilder::new()
        .terminator(Terminator::Any(b'\n'))
        .from_writer(Vec::new());
    writer.write_record(HEADER)?;
    for target in &run.targets {
        for (metric, value, unit) in whole::of_target(target) {
            let id = cell(&target.id);
            writer.write_record([
                &cell(&run.run_id),
                "",
                "",
                &id,
                target.class.word(),
                "",
                "",
                "",
                "",
                &metric,
                &value,
                unit,
                "true",
            ])?;
        }
    }
    for trial in &run.trials {
        let target = run.targets.iter().find(|t| t.id == trial.target);
        let class = target.map_or("", |t| t.class.word());
        let is_valid = trial.invalid_reasons.is_empty();
        let steps = trial.steps.iter().flat_map(|step| {
            let valid = is_valid && can_be_used(step);
            let parts = std::iter::once((["", ""], values(step))).chain(parts(step));
            parts.map(move |(part, values)| (step.id.as_str(), part, valid, values))
        });
        let whole = std::iter::once(("", ["", ""], is_valid, whole::of_process(trial, run)));
        for (step, [flow, request], valid, values) in whole.chain(steps) {
            let valid = valid.to_string();
            for (metric, value, unit) in values {
                writer.write_record([
                    &cell(&run.run_id),
                    &trial.round.to_string(),
                    &trial.position.to_string(),
                    &cell(&trial.target),
                    class,
                    &cell(&trial.variant),
                    &cell(step),
                    &cell(flow),
                    &cell(request),
                    &metric,
                    &value,
                    unit,
                    &valid,
                ])?;
            }
        }
    }
    let bytes = writer
        .into_inner()
        .map_err(|e| Error::Csv(e.into_error().into()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Text that a spreadsheet must not take for a formula.
fn cell(value: &str) -> String {
    let value = text::line(value);
    match value.chars().next() {
        Some('=' | '+' | '-' | '@') => format!("'{value}"),
        _ => value,
    }
}

fn can_be_used(step: &Step) -> bool {
    let verdict = step.verdict.as_ref();
    verdict.is_none_or(|verdict| verdict.level < Level::Invalid)
}

fn values(step: &Step) -> Vec<Value> {
    let mut values: Vec<Value> = Vec::new();
    let mut add = |metric: &str, value: Option<String>, unit| {
        values.extend(value.map(|value| (metric.to_owned(), value, unit)));
    };
    let whole = |value: u64| Some(value.to_string());
    if let Some(verdict) = &step.verdict {
        add("verdict", Some(reasons::word(verdict.level).to_owned()), "");
        for reason in &verdict.reasons {
            let metric = format!("verdict.{}", reason.signal.id());
            let unit = match reason.unit {
                Unit::Ns => "ns",
                Unit::Fraction | Unit::Count | Unit::Probability => "1",
            };
            add(&metric, Some(reason.value.to_string()), unit);
        }
    }
    add("throughput", Some(step.throughput_per_s.to_string()), "1/s");
    add("goodput", Some(step.goodput_per_s.to_string()), "1/s");
    add("window", whole(step.window_ns), "ns");
    add("due", whole(step.counts.due), "1");
    add("succeeded", whole(step.counts.succeeded), "1");
    add("failed", whole(step.counts.failed), "1");
    add("dropped", whole(step.counts.dropped), "1");
    add("unfinished", whole(step.counts.unfinished), "1");
    for failure in &step.failures {
        add(
            &format!("failed.{}", failure.kind.id()),
            whole(failure.count),
            "1",
        );
    }
    times("response", &step.response, &mut add);
    let open = [
        ("service", &step.service),
        ("send_lag", &step.send_lag),
        ("pool_wait", &step.pool_wait),
    ];
    if open.iter().any(|(_, of)| of.is_some()) {
        add("sent", whole(step.counts.sent), "1");
    }
    for (name, of) in open {
        if let Some(of) = of {
            times(name, of, &mut add);
        }
    }
    let real = |value: Option<f64>| value.map(|value| value.to_string());
    add("connections_opened", whole(step.connect.count), "1");
    add(
        "connect_max",
        step.connect.max_ns.map(|ns| ns.to_string()),
        "ns",
    );
    if let Some(resources) = &step.resources {
        add("cpu_per_request", real(resources.cpu_per_request_ns), "ns");
        add("rss_peak", whole(resources.rss_peak_bytes), "B");
        add("rss_mean", whole(resources.rss_mean_bytes), "B");
    }
    add(
        "generator_cpu_per_request",
        real(step.generator.cpu_per_request_ns),
        "ns",
    );
    add(
        "generator_busy",
        Some(step.generator.busy_fraction.to_string()),
        "1",
    );
    values
}

/// What flows and requests of a step have for themselves, by their names.
fn parts(step: &Step) -> impl Iterator<Item = ([&str; 2], Vec<Value>)> {
    let flows = step.flows.iter().map(|flow| {
        let mut values = counts(&flow.counts);
        times("flow_time", &flow.time, &mut |metric, value, unit| {
            values.extend(value.map(|value| (metric.to_owned(), value, unit)));
        });
        ([flow.name.as_str(), ""], values)
    });
    let requests = step.requests.iter().map(|request| {
        let mut values = counts(&request.counts);
        for failure in &request.failures {
            let metric = format!("failed.{}", failure.kind.id());
            values.push((metric, failure.count.to_string(), "1"));
        }
        times("response", &request.response, &mut |metric, value, unit| {
            values.extend(value.map(|value| (metric.to_owned(), value, unit)));
        });
        ([request.flow.as_str(), request.name.as_str()], values)
    });
    flows.chain(requests)
}

fn counts(counts: &PartCounts) -> Vec<Value> {
    let all = [
        ("due", counts.due),
        ("succeeded", counts.succeeded),
        ("failed", counts.failed),
        ("dropped", counts.dropped),
        ("unfinished", counts.unfinished),
    ];
    all.map(|(metric, count)| (metric.to_owned(), count.to_string(), "1"))
        .to_vec()
}

/// The quantiles, the mean and the largest of some times.
fn times(name: &str, of: &Distribution, add: &mut impl FnMut(&str, Option<String>, &'static str)) {
    for (q, level) in QUANTILES {
        let metric = format!("{name}_{level}");
        // A bound is not a time: its unit says so, and a failure is later than any.
        match of.quantile(*q) {
            Some(QuantileValue::Ns(ns)) => add(&metric, Some(ns.to_string()), "ns"),
            Some(QuantileValue::AtLeastNs(ns)) => {
                add(&metric, Some(ns.to_string()), "ns (at least)");
            }
            Some(QuantileValue::Failed) => add(&metric, Some("inf".to_owned()), "ns"),
            None => {}
        }
    }
    let (mean, max) = (of.mean_ns, of.max_ns);
    add(&format!("{name}_mean"), mean.map(|ns| ns.to_string()), "ns");
    add(&format!("{name}_max"), max.map(|ns| ns.to_string()), "ns");
}
