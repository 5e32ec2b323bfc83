//! What the figures show and what to doubt in them, as sentences drawn from
//! the data alone.

use dyno_result::{Load, Summary, Target, Trial, delayed_acks, syn_retries};

use crate::figures::{Figures, Row, StepFigures};
use crate::measured::Measured;
use crate::{blame, number, open, search, text, verdicts};

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
        comparisons: comparisons(step),
        causes: causes(step),
    });
    steps
        .filter(|finding| !finding.comparisons.is_empty() || !finding.causes.is_empty())
        .collect()
}

fn comparisons(step: &StepFigures) -> Vec<String> {
    let others = step.rows.iter().filter(|row| !row.is_reference());
    let compare = |reference: &Row, row: &Row| match (&step.plan.search, step.asked_per_s()) {
        (Some(_), _) => search::compare(step, reference, row),
        (None, Some(_)) => open::compare(reference, row),
        (None, None) => compare(reference, row),
    };
    others
        .filter_map(|row| compare(step.reference(row)?, row))
        .collect()
}

fn causes(step: &StepFigures) -> Vec<String> {
    let mut causes = Vec::new();
    for row in &step.rows {
        if let Some(measured) = row.measured() {
            causes.extend(search::sentences(step, row));
            causes.extend(losses(row, measured));
            causes.extend(verdicts::limits(step, row, measured));
            causes.extend(slow_connections(row, measured));
            causes.extend(held_back(row, measured));
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
            blamed(of)
        )
    })
}

/// What was lost by kind, and on whose side it arose.
fn blamed(of: &Measured) -> String {
    let parts = blame::SIDES.into_iter().filter_map(|side| {
        let kinds = of.failures.iter();
        let kinds = kinds.filter(|(kind, count)| blame::side(*kind) == side && *count > 0);
        let kinds = kinds.map(|(kind, count)| format!("{} {}", kind.id(), number::count(*count)));
        let kinds: Vec<String> = kinds.collect();
        (!kinds.is_empty()).then(|| format!("{}, by {side}", kinds.join(", ")))
    });
    let rest = [("dropped", of.dropped), ("unfinished", of.unfinished)];
    let rest = rest.into_iter().filter(|(_, count)| *count > 0);
    let rest = rest.map(|(what, count)| format!("{what} {}", number::count(count)));
    parts.chain(rest).collect::<Vec<_>>().join("; ")
}

/// The mark of a listen backlog that overflowed.
fn slow_connections(row: &Row, of: &Measured) -> Option<String> {
    let retried = syn_retries(&of.merged(|interval| &interval.connect))?;
    let how_many = match retried.connections {
        1 => "1 connection".to_owned(),
        n => format!("{} connections", number::count(n)),
    };
    let after = retried.after.iter();
    let after: Vec<String> = after.map(|(seconds, _)| format!("{seconds} s")).collect();
    Some(format!(
        "{}: {how_many} took about {} to open (slowest {}): SYN retransmits because the listen \
         backlog overflowed; a longer backlog (listen(), net.core.somaxconn) takes them away.",
        row.name,
        text::list(&after),
        number::time(retried.slowest_ns as f64)
    ))
}

/// The mark of delayed acknowledgements.
fn held_back(row: &Row, of: &Measured) -> Option<String> {
    let response = of.merged(|interval| &interval.response);
    let first_byte = of.merged(|interval| &interval.first_byte);
    let count = delayed_acks(&response, &first_byte)?;
    Some(format!(
        "{}: {} answers ended about 40 ms after their first byte: Nagle's algorithm held back the \
         rest until a delayed ACK came; write head and body at once, or set TCP_NODELAY.",
        row.name,
        number::count(count)
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
    let mut doubts = verdicts::others(figures);
    let resumed = run.resumed_at.iter();
    doubts.extend(resumed.map(|moment| {
        let moment = text::moment(moment);
        format!("The run ended in the middle and was taken up again at {moment}.")
    }));
    for trial in run.trials.iter().filter(|t| !t.invalid_reasons.is_empty()) {
        doubts.push(format!(
            "Trial {} ({}, round {}) is INVALID and not used: {}.",
            trial.number,
            name_of(figures, trial),
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
            name_of(figures, trial)
        ));
    }
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

fn name_of(figures: &Figures, trial: &Trial) -> String {
    let subject = figures.subjects.iter().find(|subject| subject.has(trial));
    subject.map_or_else(|| text::line(&trial.target), |subject| subject.name.clone())
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
