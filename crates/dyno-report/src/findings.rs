//! What the figures show and what to doubt in them, as sentences drawn from
//! the data alone.

use dyno_result::{Summary, Target};

use crate::figures::{Figures, Measured, Row, StepFigures};
use crate::{number, text};

/// Connections that take this long were not refused and not served: the first
/// retransmission of a SYN comes after one second. Some room for clocks.
pub(crate) const RETRANSMIT_NS: u64 = 900_000_000;

/// Each target beside the reference, step by step.
pub(crate) fn findings(figures: &Figures) -> Vec<String> {
    let mut findings = Vec::new();
    for step in &figures.steps {
        let Some(reference) = figures.reference.and_then(|index| step.rows.get(index)) else {
            continue;
        };
        for row in step.rows.iter().filter(|row| row.index != reference.index) {
            if let Some(sentence) = compare(reference, row) {
                findings.push(format!("{}: {sentence}", step.title()));
            }
        }
    }
    for (step, row, measured) in figures.measured() {
        if measured.lost > 0 {
            findings.push(format!(
                "{}: {} gave no right answer to {} of {} requests ({}).",
                step.title(),
                row.name,
                number::count(measured.lost),
                number::count(measured.due),
                number::percent(measured.lost_share())
            ));
        }
    }
    findings
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
    let several = a.trials.len() > 1 && b.trials.len() > 1;
    if several && overlap(a.throughput, b.throughput) {
        return Some(format!(
            "{} and {}: no difference in throughput seen, their trials overlap ({}).",
            fast.name,
            slow.name,
            number::ratio(ratio.max(1.0 / ratio))
        ));
    }
    let mut sentence = format!(
        "{} completes {} as many requests per second as {}",
        fast.name,
        number::ratio(ratio.max(1.0 / ratio)),
        slow.name
    );
    let mut costs = Vec::new();
    let both = [
        (
            a.cpu_per_request,
            b.cpu_per_request,
            "the CPU time per request",
        ),
        (a.memory, b.memory, "the peak memory"),
    ];
    for (a, b, what) in both {
        if let (Some(a), Some(b)) = (a, b)
            && b.median > 0.0
        {
            costs.push(format!("{} {what}", number::ratio(a.median / b.median)));
        }
    }
    if !costs.is_empty() {
        sentence += &format!(", with {}", text::list(&costs));
    }
    if fast.target.class != slow.target.class {
        let (fast, slow) = (fast.target.class.word(), slow.target.class.word());
        sentence += &format!(" (classes differ: {fast} against {slow})");
    }
    Some(sentence + ".")
}

fn overlap(a: Summary, b: Summary) -> bool {
    a.low <= b.high && b.low <= a.high
}

/// What to know before quoting a figure.
pub(crate) fn doubts(figures: &Figures) -> Vec<String> {
    let run = &figures.recording.run;
    let mut doubts: Vec<String> = Vec::new();
    for (step, row, measured) in figures.measured() {
        doubts.extend(connections(step, row, measured));
    }
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
    let killed = run
        .trials
        .iter()
        .filter(|t| t.stop.as_ref().is_some_and(|s| s.killed));
    for trial in killed {
        doubts.push(format!(
            "Trial {}: {} did not stop when asked and was killed.",
            trial.number,
            name_of(&run.targets, &trial.target)
        ));
    }
    doubts.extend(run.warnings.iter().map(|warning| text::line(warning)));
    doubts
}

/// What opening connections cost, where it is more than nothing.
fn connections(step: &StepFigures, row: &Row, of: &Measured) -> Vec<String> {
    let mut lines = Vec::new();
    let subject = format!("{}, {}", row.name, step.title());
    let (opened, sent) = (of.opened(), of.sent());
    let slowest = of.slowest_connect().unwrap_or(0);
    if slowest >= RETRANSMIT_NS {
        let histogram = of.merged(|interval| &interval.connect);
        let slow = histogram.count_between(RETRANSMIT_NS, slowest.max(histogram.max()));
        let how_many = match slow {
            0 => "connections".to_owned(),
            1 => "1 connection".to_owned(),
            n => format!("{} connections", number::count(n)),
        };
        lines.push(format!(
            "{subject}: {how_many} took 1 s and more to open (slowest {}): SYN retransmits because \
             the listen backlog overflowed.",
            number::time(slowest as f64)
        ));
    }
    if step.plan.keepalive && sent >= 100 && opened as f64 >= 0.9 * sent as f64 {
        lines.push(format!(
            "{subject}: a new connection for every request ({} opened for {} requests), although \
             dyno offered to keep them.",
            number::count(opened),
            number::count(sent)
        ));
    }
    lines
}

/// The checks that a target fails by leave of its class.
fn allowed_failures(target: &Target) -> Option<String> {
    let conformance = target.conformance.as_ref()?;
    let failed: Vec<String> = conformance
        .checks
        .iter()
        .filter(|check| check.allowed && check.problem.is_some())
        .map(|check| match &check.problem {
            Some(problem) => format!("{} ({})", check.id, problem),
            None => check.id.clone(),
        })
        .collect();
    (!failed.is_empty()).then(|| {
        text::line(&format!(
            "{} does not keep all of contract {}, as class {} may: {}.",
            target.name,
            conformance.contract,
            target.class.word(),
            failed.join("; ")
        ))
    })
}

fn name_of(targets: &[Target], id: &str) -> String {
    let target = targets.iter().find(|target| target.id == id);
    text::line(target.map_or(id, |target| target.name.as_str()))
}

/// What dyno itself used, so that nobody has to trust it.
pub(crate) fn generator(figures: &Figures) -> Option<String> {
    let steps = || {
        figures
            .measured()
            .flat_map(|(_, _, m)| m.trials.iter().map(|p| &p.step.generator))
    };
    let busy = steps().map(|g| g.busy_fraction).max_by(f64::total_cmp)?;
    let cpu: Vec<f64> = steps().filter_map(|g| g.cpu_per_request_ns).collect();
    let cpu = Summary::of(&cpu).map_or(String::new(), |cpu| {
        format!(
            ", {} of CPU time per request",
            number::time_range(cpu.low, cpu.high)
        )
    });
    Some(format!(
        "dyno itself: its busiest load thread was on a CPU {} of the time at most{cpu}.",
        number::percent(busy)
    ))
}
