//! The sentences around the tables: what the run is, what must be known before
//! a figure is quoted, and how to read it. Words only; markup is the formats'.

use dyno_result::{RunKind, Status, Variant};

use crate::figures::Figures;
use crate::measured::Played;
use crate::{facts, number, text};

/// Trials below which small differences are not worth a word.
const ENOUGH_TRIALS: usize = 6;

/// One line: when, how it ended, how many trials, by which dyno.
pub(crate) fn summary(figures: &Figures) -> Vec<String> {
    let run = &figures.recording.run;
    vec![
        text::moment(&run.created_at),
        status(run.status).to_owned(),
        trials(figures),
        text::line(&format!("{} {}", run.tool.name, run.tool.version)),
    ]
}

/// How the run ended, in a word.
pub(crate) fn status(status: Status) -> &'static str {
    match status {
        Status::Complete => "complete",
        Status::Interrupted => "interrupted",
        Status::Unfinished => "unfinished",
        Status::Failed => "failed",
    }
}

/// What must be read before any figure.
pub(crate) fn banners(figures: &Figures) -> Vec<String> {
    let run = &figures.recording.run;
    let mut banners = Vec::new();
    let played = format!("{} of {} trials played", run.trials.len(), run.order.len());
    match run.status {
        Status::Complete => {}
        Status::Interrupted => banners.push(format!(
            "INTERRUPTED: stopped by a signal, {played}. What was measured until then is below."
        )),
        Status::Unfinished => banners.push(format!(
            "UNFINISHED: still running or killed, {played}. Figures may change."
        )),
        Status::Failed => banners.push(format!(
            "FAILED: dyno could not go on, {played}. What was measured until then is below."
        )),
    }
    if run.quick {
        banners
            .push("QUICK: short steps for a first look. Do not publish these figures.".to_owned());
    }
    if run.layout.shared {
        banners.push(format!(
            "SHARED CPU: target and dyno ran on the same CPUs ({}) and took time from each \
             other. Figures are not comparable with other layouts.",
            cpus(&run.layout.target_cpus)
        ));
    }
    banners
}

/// How many trials stand behind the figures.
fn trials(figures: &Figures) -> String {
    let run = &figures.recording.run;
    let subjects = figures.subjects.iter();
    let measured = subjects.filter(|subject| subject.target.excluded.is_none());
    let valid = run.trials.iter().filter(|t| t.invalid_reasons.is_empty());
    let counts: Vec<usize> = measured
        .map(|subject| valid.clone().filter(|trial| subject.has(trial)).count())
        .collect();
    let each = each(figures);
    let (low, high) = (counts.iter().min(), counts.iter().max());
    match (low, high) {
        (Some(1), Some(1)) if run.kind == RunKind::Hit => "1 trial".to_owned(),
        (Some(1), Some(1)) => format!("1 trial {each}"),
        (Some(low), Some(high)) if low == high => format!("{low} trials {each}"),
        (Some(low), Some(high)) => format!("{low} to {high} valid trials {each}"),
        _ => "no trials".to_owned(),
    }
}

/// What there are so many trials of.
pub(crate) fn each(figures: &Figures) -> &'static str {
    match figures.recording.run.variants.is_empty() {
        true => "of each target",
        false => "of each target in each variant",
    }
}

/// What the variants stand for: only what differs between them.
fn variants(figures: &Figures) -> Vec<String> {
    /// Variants that are told one by one.
    const MOST: usize = 24;
    let variants = &figures.recording.run.variants;
    let values = |variant: &Variant| -> Vec<(String, String)> {
        let named = |table: &'static str| {
            move |(name, value): (&String, &String)| (format!("{table}.{name}"), value.clone())
        };
        let vars = variant.vars.iter().map(named("vars"));
        vars.chain(variant.env.iter().map(named("env"))).collect()
    };
    let Some(first) = variants.first().map(values) else {
        return Vec::new();
    };
    let is_common = |pair: &(String, String)| {
        first.contains(pair) && variants.iter().all(|other| values(other).contains(pair))
    };
    let one = |variant: &Variant| {
        let swept = values(variant).into_iter().filter(|pair| !is_common(pair));
        let swept = swept.map(|(name, value)| format!("{name} = {}", text::shorten(&value, 60)));
        let swept: Vec<String> = swept.collect();
        format!("{} is {}", variant.id, text::list(&swept))
    };
    let told: Vec<String> = variants.iter().take(MOST).map(one).collect();
    let mut line = format!("Variants: {}", told.join("; "));
    if variants.len() > MOST {
        line += &format!("; and {} more", variants.len() - MOST);
    }
    vec![text::line(&format!("{line}."))]
}

/// What the machine is, as far as it can be known.
pub(crate) fn machine(figures: &Figures) -> String {
    let environment = &figures.recording.run.environment;
    let mut parts = Vec::new();
    if let Some(model) = &environment.cpu_model {
        parts.push(model.clone());
    }
    if environment.cpus_online > 0 {
        parts.push(format!("{} CPUs online", environment.cpus_online));
    }
    if environment.memory_bytes > 0 {
        parts.push(number::bytes(environment.memory_bytes as f64));
    }
    if let Some(hypervisor) = &environment.hypervisor {
        parts.push(format!("virtual ({hypervisor})"));
    }
    parts.extend(environment.os.clone());
    if !environment.kernel.is_empty() {
        parts.push(environment.kernel.clone());
    }
    match parts.is_empty() {
        true => "not recorded".to_owned(),
        false => text::line(&parts.join(", ")),
    }
}

/// Which CPUs served whom.
pub(crate) fn layout(figures: &Figures) -> String {
    let layout = &figures.recording.run.layout;
    let (target, generator) = (&layout.target_cpus, &layout.generator_cpus);
    match (layout.shared, target.is_empty(), generator.is_empty()) {
        (true, ..) => format!("target and dyno shared {}", cpus(target)),
        (_, true, true) => "not pinned".to_owned(),
        (_, true, false) => format!("dyno on {}, target not pinned by dyno", cpus(generator)),
        (_, false, true) => format!("target on {}, dyno not pinned", cpus(target)),
        _ => format!("target on {}, dyno on {}", cpus(target), cpus(generator)),
    }
}

fn cpus(cpus: &[u32]) -> String {
    let numbers: Vec<String> = cpus.iter().map(u32::to_string).collect();
    match numbers.len() {
        1 => format!("CPU {}", numbers[0]),
        _ => format!("CPUs {}", numbers.join(", ")),
    }
}

/// How to read the tables, in plain words.
pub(crate) fn legend(figures: &Figures) -> Vec<String> {
    let mut lines = vec![
        "A figure is the median over n trials, each on a freshly started process; below it \
         stand the lowest and the highest trial. Never the best of them."
            .to_owned(),
        times(figures),
        "Failed requests count as slower than every answer; max is the slowest right answer."
            .to_owned(),
    ];
    if figures.has_open() {
        lines.insert(2, SCHEDULE.to_owned());
    }
    let has_flows = |played: &Played| !played.step.flows.is_empty();
    if figures
        .measured()
        .any(|(_, _, m)| m.trials.iter().any(has_flows))
    {
        lines.push(FLOWS.to_owned());
    }
    lines.extend(variants(figures));
    let too_few = figures
        .measured()
        .any(|(_, _, m)| m.quantile(0.999).is_none());
    if too_few {
        lines.push(format!(
            "{} means: not known. For a percentile: fewer than 10 requests of a trial lie beyond it.",
            number::MISSING
        ));
    }
    lines.push(
        "CPU/request is user and system time of the target's processes for each answer; \
         peak memory their resident set; start-up from exec to the first good answer."
            .to_owned(),
    );
    lines.extend(facts::legend(figures));
    let fewest = figures.measured().map(|(_, _, m)| m.trials.len()).min();
    if let Some(n) = fewest.filter(|n| *n < ENOUGH_TRIALS) {
        lines.push(format!(
            "With n = {n}, small differences may be chance: {ENOUGH_TRIALS} trials and more can tell."
        ));
    }
    lines
}

/// What the columns of an open step mean.
const SCHEDULE: &str = "starts/s is what a clock asked for, req/s what was achieved. Pool wait is \
    how long due starts waited for an idle connection; lag is how late dyno itself sent while one \
    was idle. Dropped starts were never sent; unfinished ones had no answer when the step ended.";

/// What flows and their requests are measured by.
const FLOWS: &str = "A flow counts from its intended start to the end of its last answer, thinking \
    included; its later requests each from the end of the answer before, plus the time to think. \
    What comes behind a request that failed never came due. req/s counts requests, starts/s flows.";

/// From when to when a response time counts, by model.
fn times(figures: &Figures) -> String {
    const OPEN: &str = "response time counts from the intended start, so a queue shows; service \
        time (from the actual send) is what most tools print.";
    let closed = |model| {
        format!(
            "from the moment the connection was free to the end of the answer. In {model} a slow \
             answer also holds back the next request, so a queue of waiting people would see \
             longer times."
        )
    };
    let mut words = "req/s is throughput: answers per second, right or wrong; ".to_owned();
    let reference = match figures.recording.run.variants.is_empty() {
        true => "the first measured target",
        false => "the first measured target in the same variant",
    };
    words += &match (figures.has_closed(), figures.has_open()) {
        (true, false) => format!("ratio is its multiple of the reference, {reference}. "),
        (true, true) => format!(
            "ratio is its multiple of the reference, {reference}, but not where a clock sets \
             the rate. "
        ),
        _ => "a clock set its rate, so there is no ratio to the reference. ".to_owned(),
    };
    words += "p50 to p99.9 are percentiles of the response time";
    words += &match (figures.has_closed(), figures.has_open()) {
        (true, false) => format!(": {}", closed("this closed model")),
        (true, true) => format!(
            ". In closed steps it counts {} In open steps {OPEN}",
            closed("this model")
        ),
        _ => format!(". In this open model {OPEN}"),
    };
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpus_are_named() {
        assert_eq!(cpus(&[0]), "CPU 0");
        assert_eq!(cpus(&[1, 3]), "CPUs 1, 3");
    }
}
