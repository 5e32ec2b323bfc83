//! How to read the tables of what stands beside speed: start, memory, size, cost, hashes.

use crate::figures::Figures;
use crate::table::{chapters, hashing};
use crate::{number, text};

/// A line for each table that there is.
pub(crate) fn legend(figures: &Figures) -> Vec<String> {
    let tables: Vec<&str> = chapters(figures)
        .iter()
        .flat_map(|chapter| chapter.tables.iter().map(|table| table.what))
        .collect();
    let has = |what: &str| tables.contains(&what);
    let mut lines = Vec::new();
    if figures
        .steps
        .iter()
        .any(|step| hashing(figures, step).is_some())
    {
        lines.push(HASHES.to_owned());
    }
    if has("start") {
        lines.push(START.to_owned());
    }
    if has("memory") {
        lines.push(MEMORY.to_owned());
    }
    if has("size") {
        lines.push(SIZE.to_owned());
    }
    if has("cost") {
        lines.push(cost(figures));
    }
    lines
}

const HASHES: &str = "A login or a registration needs the hash of a password, so no language can do \
    more of them than its CPUs can do hashes: the ceiling is CPUs divided by the time of one hash, \
    which dyno itself took on the target's CPU before it was started (bcrypt in Rust, which \
    Python's bcrypt is, too). hashes/s counts right answers that needed one.";

const START: &str = "A target listens when it takes a connection, is ready when its readiness probe \
    is answered, and gave its first answer to a request of the contract itself, sent then: all \
    since exec. It stops in the time from the signal to the end of its last process.";

const MEMORY: &str = "RSS is the resident set summed over processes, with shared pages once for \
    each; PSS has them once. Idle is before the first step, peak the most in any, after is behind \
    the last one, when all was answered.";

const SIZE: &str = "Code lines are those of the target's own source without comments, documentation \
    and blank lines. Dependencies are all that it runs with; direct ones it names itself. The \
    build is with nothing compiled before and then again, or with the caches that it found.";

fn cost(figures: &Figures) -> String {
    let prices = figures.prices;
    let layout = &figures.recording.run.layout;
    let cpus = match layout.target_cpus.len() {
        1 => "1 CPU".to_owned(),
        n => format!("{n} CPUs"),
    };
    let mut line = format!(
        "Cost is by prices of {} ({}), which may have changed: `dyno report --prices FILE` takes \
         others. An instance runs as many copies of the target as it was measured ({cpus}, peak \
         memory) as it has room for, and is planned to carry {} of what they can do: the most \
         right answers a second in a closed step, unknown where that step is INVALID or more than \
         0.1 % failed. It takes a vCPU for a CPU of this machine. Databases and traffic cost \
         more.",
        prices.date,
        prices.source,
        number::percent(prices.load)
    );
    for instance in &prices.instances {
        if let Some(credits) = instance.credits {
            line += &format!(
                " {} is burstable: what it uses beyond {} of its vCPUs is in the price at {} USD \
                 per vCPU-hour.",
                instance.name,
                number::percent(credits.baseline),
                number::plain(credits.usd_per_vcpu_h)
            );
        }
    }
    text::line(&line)
}
