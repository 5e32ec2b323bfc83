//! Tidy rows for other programs: one for each trial, step and metric, RFC 4180.
//! Values are unrounded; what is unknown has no row.

use ::csv::{Terminator, WriterBuilder};
use dyno_result::{QuantileValue, Recording, Step, Trial};

use crate::{Error, text};

const HEADER: &[&str] = &[
    "run_id", "round", "position", "target", "class", "step", "metric", "value", "unit", "valid",
];

/// The quantiles worth a row, with their names.
const QUANTILES: &[(f64, &str)] = &[
    (0.5, "response_p50"),
    (0.9, "response_p90"),
    (0.95, "response_p95"),
    (0.99, "response_p99"),
    (0.999, "response_p999"),
    (0.9999, "response_p9999"),
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
    for trial in &run.trials {
        let target = run.targets.iter().find(|t| t.id == trial.target);
        let class = target.map_or("", |t| t.class.word());
        let valid = trial.invalid_reasons.is_empty().to_string();
        let steps = trial.steps.iter().map(|s| (s.id.as_str(), values(s)));
        let whole = std::iter::once(("", of_process(trial)));
        for (step, values) in whole.chain(steps) {
            for (metric, value, unit) in values {
                writer.write_record([
                    &cell(&run.run_id),
                    &trial.round.to_string(),
                    &trial.position.to_string(),
                    &cell(&trial.target),
                    class,
                    &cell(step),
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

fn of_process(trial: &Trial) -> Vec<Value> {
    let start = trial.start.iter().flat_map(|start| {
        [
            ("start_listen".to_owned(), start.listen_ns.to_string(), "ns"),
            ("start_ready".to_owned(), start.ready_ns.to_string(), "ns"),
        ]
    });
    start.collect()
}

fn values(step: &Step) -> Vec<Value> {
    let mut values: Vec<Value> = Vec::new();
    let mut add = |metric: &str, value: Option<String>, unit| {
        values.extend(value.map(|value| (metric.to_owned(), value, unit)));
    };
    let whole = |value: u64| Some(value.to_string());
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
    for (q, metric) in QUANTILES {
        // A bound is not a time: its unit says so, and a failure is later than any.
        match step.response.quantile(*q) {
            Some(QuantileValue::Ns(ns)) => add(metric, whole(ns), "ns"),
            Some(QuantileValue::AtLeastNs(ns)) => add(metric, whole(ns), "ns (at least)"),
            Some(QuantileValue::Failed) => add(metric, Some("inf".to_owned()), "ns"),
            None => {}
        }
    }
    let real = |value: Option<f64>| value.map(|value| value.to_string());
    add("response_mean", real(step.response.mean_ns), "ns");
    add(
        "response_max",
        step.response.max_ns.map(|ns| ns.to_string()),
        "ns",
    );
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
