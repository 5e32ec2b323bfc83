//! The summary of `dyno hit`: hey's blocks in hey's order, so that people and
//! scripts find their way, then what hey cannot tell.

use std::fmt::Write as _;

use dyno_result::{Distribution, Histogram, QuantileValue, Step, StepHistograms, Trial};

use crate::figures::{self, Figures};
use crate::{Error, blame, findings, notes, number, open, text, verdicts};

/// Bars of the histogram between the first, which is the fastest, and the last.
const BARS: usize = 10;

/// Length of the longest bar.
const BAR_WIDTH: u64 = 40;

/// Levels of the distribution: hey's, then two that show the tail.
const LEVELS: &[(f64, &str)] = &[
    (0.1, "10%"),
    (0.25, "25%"),
    (0.5, "50%"),
    (0.75, "75%"),
    (0.9, "90%"),
    (0.95, "95%"),
    (0.99, "99%"),
    (0.999, "99.9%"),
    (0.9999, "99.99%"),
];

/// Every trial and step; usually one of each.
pub(crate) fn render(figures: &Figures) -> Result<String, Error> {
    let mut page = String::new();
    for headline in verdicts::headlines(figures) {
        writeln!(page, "{}", headline.line)?;
    }
    for banner in notes::banners(figures) {
        writeln!(page, "\n!! {banner}")?;
    }
    let run = &figures.recording.run;
    let several = run.trials.len() > 1 || run.steps.len() > 1;
    for (index, trial) in run.trials.iter().enumerate() {
        let recorded = figures.recording.trials.get(index);
        for step in &trial.steps {
            if several {
                let (number, target) = (trial.number, text::line(&trial.target));
                writeln!(page, "\nTrial {number}, {target}, {}", text::line(&step.id))?;
            }
            let histograms = recorded.and_then(|recorded| recorded.histograms.get(&step.id));
            let plan = run.steps.iter().find(|plan| plan.id == step.id);
            let asked = plan.and_then(figures::asked_per_s);
            summary(&mut page, step, histograms, asked)?;
            if asked.is_some() {
                open::schedule(&mut page, step)?;
            }
            beyond_hey(&mut page, trial, step)?;
        }
    }
    let found = findings::findings(figures)
        .into_iter()
        .flat_map(|f| f.causes);
    let doubts = findings::doubts(figures);
    writeln!(page, "\nNotes:")?;
    for note in found.chain(doubts) {
        writeln!(page, "  {note}")?;
    }
    Ok(page)
}

fn summary(
    page: &mut String,
    step: &Step,
    histograms: Option<&StepHistograms>,
    asked: Option<f64>,
) -> Result<(), Error> {
    let response = &step.response;
    writeln!(page, "\nSummary:")?;
    writeln!(page, "  Total:\t{} secs", seconds(step.window_ns as f64))?;
    writeln!(
        page,
        "  Slowest:\t{}",
        some(response.max_ns.map(|ns| ns as f64))
    )?;
    writeln!(
        page,
        "  Fastest:\t{}",
        some(response.min_ns.map(|ns| ns as f64))
    )?;
    writeln!(page, "  Average:\t{}", some(response.mean_ns))?;
    writeln!(page, "  Requests/sec:\t{:.4}", step.throughput_per_s)?;
    if let Some(asked) = asked.filter(|asked| *asked > 0.0) {
        let share = number::percent(step.throughput_per_s / asked);
        writeln!(page, "  Asked/sec:\t{asked:.4} ({share} achieved)")?;
    }
    let answers: u64 = step.statuses.values().sum();
    if step.bytes.bodies > 0 {
        writeln!(page, "\n  Total data:\t{} bytes", step.bytes.bodies)?;
        if let Some(size) = step.bytes.bodies.checked_div(answers) {
            writeln!(page, "  Size/request:\t{size} bytes")?;
        }
    }
    let whole = histograms.map(|h| h.whole(|interval| &interval.response));
    if let Some(histogram) = whole.filter(|h| !h.is_empty()) {
        bars(page, &histogram)?;
    }
    distribution(page, response)?;

    writeln!(page, "\nDetails (average, fastest, slowest):")?;
    details(page, "connect", &step.connect)?;
    details(page, "first byte", &step.first_byte)?;
    details(page, "response time", response)?;
    if let Some(service) = &step.service {
        details(page, "service time", service)?;
    }

    writeln!(page, "\nStatus code distribution:")?;
    for (status, count) in &step.statuses {
        writeln!(page, "  [{status}]\t{count} responses")?;
    }
    let counts = step.counts;
    if counts.failed + counts.dropped + counts.unfinished > 0 {
        writeln!(page, "\nError distribution:")?;
        for failure in &step.failures {
            let fault = blame::side(failure.kind);
            writeln!(
                page,
                "  [{}]\t{}, by {fault}",
                failure.count,
                failure.kind.id()
            )?;
        }
        for (count, what) in [
            (counts.dropped, "dropped"),
            (counts.unfinished, "unfinished"),
        ] {
            if count > 0 {
                writeln!(page, "  [{count}]\t{what}")?;
            }
        }
    }
    Ok(())
}

/// hey's rows: up to the fastest, then ten equal slices up to the slowest.
fn bars(page: &mut String, histogram: &Histogram) -> Result<(), Error> {
    let (fastest, slowest) = (histogram.min(), histogram.max());
    let slice = (slowest - fastest) as f64 / BARS as f64;
    let mark = |index: usize| match index {
        BARS => slowest,
        _ => fastest + (slice * index as f64) as u64,
    };
    let mut counts = [0; BARS + 1];
    for value in histogram.iter_recorded() {
        let at = histogram.lowest_equivalent(value.value_iterated_to());
        let index = (0..BARS).find(|index| at <= mark(*index)).unwrap_or(BARS);
        counts[index] += value.count_at_value();
    }
    let most = counts.iter().copied().max().unwrap_or(0).max(1);
    writeln!(page, "\nResponse time histogram:")?;
    for (index, count) in counts.iter().enumerate() {
        // Rounded as hey does it: half a mark and more is one.
        let length = (count * BAR_WIDTH + most / 2) / most;
        let bar = "■".repeat(usize::try_from(length).unwrap_or(0));
        writeln!(page, "  {:.6} [{count}]\t|{bar}", mark(index) as f64 / 1e9)?;
    }
    Ok(())
}

fn distribution(page: &mut String, response: &Distribution) -> Result<(), Error> {
    writeln!(
        page,
        "\nResponse time distribution (failures count as slowest):"
    )?;
    let lost = response.total() - response.count;
    let share = lost as f64 / response.total().max(1) as f64;
    for (q, label) in LEVELS {
        match response.quantile(*q) {
            Some(QuantileValue::Ns(ns)) => {
                writeln!(page, "  {label} in {} secs", seconds(ns as f64))?;
            }
            Some(QuantileValue::AtLeastNs(ns)) => {
                writeln!(
                    page,
                    "  {label} in >= {} secs (timed out)",
                    seconds(ns as f64)
                )?;
            }
            Some(QuantileValue::Failed) => {
                writeln!(
                    page,
                    "  {label} FAILED ({} of all requests)",
                    number::percent(share)
                )?;
            }
            None => {}
        }
    }
    Ok(())
}

fn details(page: &mut String, name: &str, of: &Distribution) -> Result<(), Error> {
    let (min, max) = (of.min_ns.map(|ns| ns as f64), of.max_ns.map(|ns| ns as f64));
    if of.count > 0 {
        let (mean, min, max) = (some(of.mean_ns), some(min), some(max));
        writeln!(page, "  {name}:\t{mean}, {min}, {max}")?;
    }
    Ok(())
}

fn beyond_hey(page: &mut String, trial: &Trial, step: &Step) -> Result<(), Error> {
    writeln!(page, "\nWhat dyno adds:")?;
    let at = |of: &Distribution, q| number::quantile(of.quantile(q), 1.0);
    let pair = |of: &Distribution| format!("p50 {}, p99 {}", at(of, 0.5), at(of, 0.99));
    writeln!(
        page,
        "  Connections:\t{} opened, {}",
        number::count(step.connect.count),
        pair(&step.connect)
    )?;
    writeln!(page, "  First byte:\t{}", pair(&step.first_byte))?;
    writeln!(page, "  Goodput:\t{}", number::rate(step.goodput_per_s))?;
    let counts = step.counts;
    writeln!(
        page,
        "  Books:\t{} due = {} right + {} failed + {} dropped + {} unfinished",
        number::count(counts.due),
        number::count(counts.succeeded),
        number::count(counts.failed),
        number::count(counts.dropped),
        number::count(counts.unfinished)
    )?;
    let own = &step.generator;
    let cpu = own
        .cpu_per_request_ns
        .map_or(number::MISSING.to_owned(), number::time);
    writeln!(
        page,
        "  dyno itself:\t{cpu} CPU time per request, busy {} of the time",
        number::percent(own.busy_fraction)
    )?;
    if !trial.invalid_reasons.is_empty() {
        let reasons = text::line(&trial.invalid_reasons.join("; "));
        writeln!(page, "  INVALID:\t{reasons}")?;
    }
    Ok(())
}

fn seconds(ns: f64) -> String {
    format!("{:.6}", ns / 1e9)
}

fn some(ns: Option<f64>) -> String {
    match ns {
        Some(ns) => format!("{} secs", seconds(ns)),
        None => number::MISSING.to_owned(),
    }
}
