//! What the figures show and what to doubt in them, as sentences drawn from
//! the data alone.

use dyno_result::{Load, Summary, Target};

use crate::figures::{Figures, Row, StepFigures};
use crate::measured::Measured;
use crate::{number, open, text};

/// Connections that take this long were not refused and not served: the first
/// retransmission of a SYN comes after one second. Some room for clocks.
pub(crate) const RETRANSMIT_NS: u64 = 900_000_000;

/// What one step shows.
pub(crate) struct Finding {
    /// The step.
    pub(crate) title: String,
    /// Each target beside the reference.
    pub(crate) comparisons: Vec<String>,
    /// What went wrong, and why a figure looks as it does.
    pub(crate) causes: Vec<String>,
}

impl Finding {
    /// Everything there is to say.
    pub(crate) fn sentences(&self) -> impl Iterator<Item = &String> {
        self.comparisons.iter().chain(&self.causes)
    }
}

/// Step by step; steps with nothing to say are left out.
pub(crate) fn findings(figures: &Figures) -> Vec<Finding> {
    let steps = figures.steps.iter().map(|step| Finding {
        title: step.title(),
        comparisons: comparisons(figures, step),
        causes: causes(step),
    });
    steps
        .filter(|finding| !finding.comparisons.is_empty() || !finding.causes.is_empty())
        .collect()
}

fn comparisons(figures: &Figures, step: &StepFigures) -> Vec<String> {
    let Some(reference) = figures.reference.and_then(|index| step.rows.get(index)) else {
        return Vec::new();
    };
    let others = step.rows.iter().filter(|row| row.index != reference.index);
    let compare = match step.asked_per_s() {
        Some(_) => open::compare,
        None => compare,
    };
    others.filter_map(|row| compare(reference, row)).collect()
}

fn causes(step: &StepFigures) -> Vec<String> {
    let mut causes = Vec::new();
    for row in &step.rows {
        if let Some(measured) = row.measured() {
            causes.extend(losses(row, measured));
            causes.extend(slow_connections(row, measured));
            causes.extend(connection_for_each(step, row, measured));
        }
    }
    causes
}

/// The faster of two as a multiple of the slower.
fn compare(reference: &Row, row: &Row) -> Option<String> {
    let (base, other) = (reference.measured()?, row.measured()?);
    let ratio = other.ratio.filter(|ratio| *ratio > 0.0)?;
    let ((fast, a), (slow, b)) = if ratio >= 1.0 {
        ((row, other), (reference, base))
    } else {
        ((reference, base), (row, other))
    };
    let times = number::ratio(ratio.max(1.0 / ratio));
    let several = a.trials.len() > 1 && b.trials.len() > 1;
    if several && overlap(a.throughput, b.throughput) {
        return Some(format!(
            "{} and {}: no difference in throughput seen, their trials overlap ({times}).",
            fast.name, slow.name
        ));
    }
    let mut sentence = format!(
        "{} completes {times} as many requests per second as {}",
        fast.name, slow.name
    );
    let both = [
        (
            a.cpu_per_request,
            b.cpu_per_request,
            "the CPU time per request",
        ),
        (a.memory, b.memory, "the peak memory"),
    ];
    let costs = both.into_iter().filter_map(|(a, b, what)| {
        let (a, b) = (a?.median, b?.median);
        (b > 0.0).then(|| format!("{} {what}", number::ratio(a / b)))
    });
    let costs: Vec<String> = costs.collect();
    if !costs.is_empty() {
        sentence += &format!(", with {}", text::list(&costs));
    }
    Some(sentence + &classes(fast, slow) + ".")
}

/// A word where targets of different classes are compared.
pub(crate) fn classes(fast: &Row, slow: &Row) -> String {
    let (fast, slow) = (fast.target.class, slow.target.class);
    match fast == slow {
        true => String::new(),
        false => format!(" (classes differ: {} against {})", fast.word(), slow.word()),
    }
}

fn overlap(a: Summary, b: Summary) -> bool {
    a.low <= b.high && b.low <= a.high
}

fn losses(row: &Row, of: &Measured) -> Option<String> {
    (of.lost > 0).then(|| {
        format!(
            "{} gave no right answer to {} of {} requests ({}): {}.",
            row.name,
            number::count(of.lost),
            number::count(of.due),
            number::percent(of.lost_share()),
            of.losses().join(", ")
        )
    })
}

/// The mark of a listen backlog that overflowed.
fn slow_connections(row: &Row, of: &Measured) -> Option<String> {
    let slowest = of.slowest_connect().filter(|ns| *ns >= RETRANSMIT_NS)?;
    let histogram = of.merged(|interval| &interval.connect);
    let how_many = match histogram.count_between(RETRANSMIT_NS, slowest.max(histogram.max())) {
        0 => "connections".to_owned(),
        1 => "1 connection".to_owned(),
        n => format!("{} connections", number::count(n)),
    };
    Some(format!(
        "{}: {how_many} took 1 s and more to open (slowest {}): SYN retransmits because the listen \
         backlog overflowed.",
        row.name,
        number::time(slowest as f64)
    ))
}

fn connection_for_each(step: &StepFigures, row: &Row, of: &Measured) -> Option<String> {
    let (opened, sent) = (of.opened(), of.sent());
    // Those opened before the first request would have been enough.
    let (Load::Closed { connections, .. } | Load::Open { connections, .. }) = step.plan.load;
    let again = opened.saturating_sub(of.trials.len() as u64 * u64::from(connections));
    let is_each = step.plan.keepalive && sent >= 100 && again as f64 >= 0.9 * sent as f64;
    is_each.then(|| {
        format!(
            "{}: a new connection for every request ({} opened for {} requests), although dyno \
             offered to keep them.",
            row.name,
            number::count(opened),
            number::count(sent)
        )
    })
}

/// What to know of the whole run before quoting a figure.
pub(crate) fn doubts(figures: &Figures) -> Vec<String> {
    let run = &figures.recording.run;
    let mut doubts: Vec<String> = Vec::new();
    for trial in run.trials.iter().filter(|t| !t.invalid_reasons.is_empty()) {
        doubts.push(format!(
            "Trial {} ({}, round {}) is INVALID and not used: {}.",
            trial.number,
            name_of(&run.targets, &trial.target),
            trial.round,
            text::line(&trial.invalid_reasons.join("; "))
        ));
    }
    doubts.extend(run.targets.iter().filter_map(allowed_failures));
    let killed = |stop: &dyno_result::Stop| stop.killed;
    for trial in run
        .trials
        .iter()
        .filter(|t| t.stop.as_ref().is_some_and(killed))
    {
        doubts.push(format!(
            "Trial {}: {} did not stop when asked and was killed.",
            trial.number,
            name_of(&run.targets, &trial.target)
        ));
    }
    doubts.extend(open::doubts(figures));
    doubts.extend(run.warnings.iter().map(|warning| text::line(warning)));
    doubts.extend(generator(figures));
    doubts
}

/// The checks that a target fails by leave of its class.
fn allowed_failures(target: &Target) -> Option<String> {
    let conformance = target.conformance.as_ref()?;
    let allowed = conformance.checks.iter().filter(|check| check.allowed);
    let failed: Vec<String> = allowed
        .filter(|check| check.problem.is_some())
        .map(|check| check.id.clone())
        .collect();
    (!failed.is_empty()).then(|| {
        text::line(&format!(
            "{} does not keep all of contract {}, as class {} may: {}.",
            target.name,
            conformance.contract,
            target.class.word(),
            failed.join(", ")
        ))
    })
}

fn name_of(targets: &[Target], id: &str) -> String {
    let target = targets.iter().find(|target| target.id == id);
    text::line(target.map_or(id, |target| target.name.as_str()))
}

/// What dyno itself used, so that nobody has to trust it.
fn generator(figures: &Figures) -> Option<String> {
    let measured = || figures.measured().flat_map(|(_, _, m)| &m.trials);
    let own = || measured().map(|played| &played.step.generator);
    let busy = own().map(|g| g.busy_fraction).max_by(f64::total_cmp)?;
    let cpu: Vec<f64> = own().filter_map(|g| g.cpu_per_request_ns).collect();
    let cpu = Summary::of(&cpu).map_or(String::new(), |cpu| {
        let range = number::time_range(cpu.low, cpu.high);
        format!(" and it used {range} of CPU time per request")
    });
    Some(format!(
        "dyno itself: its busiest load thread was on a CPU {} of the time at most{cpu}.",
        number::percent(busy)
    ))
}
