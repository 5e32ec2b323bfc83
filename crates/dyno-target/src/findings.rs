//! What on this machine will distort a measurement, and the line that mends it.
//!
//! Pure: the machine is looked at in `host`, printing is for the command.

mod limit;
mod speed;
mod tool;

use dyno_result::Environment;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// As it should be, or not visible and of no consequence.
    Ok,
    /// Figures are usable but wider, or not comparable with other machines.
    Warn,
    /// Figures will be wrong, or something will not work.
    Problem,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How much it matters.
    pub level: Level,
    /// What was looked at.
    pub topic: &'static str,
    /// What was seen, with its unit.
    pub seen: String,
    /// What follows for a measurement.
    pub meaning: &'static str,
    /// A line for the shell; none when nothing is wrong or no line can help.
    pub remedy: Option<String>,
}

/// Everything that can be judged, always in the same order. What the kernel
/// does not show is left out, except the frequency of the CPUs.
pub fn findings(env: &Environment) -> Vec<Finding> {
    let single = [
        speed::cpus(env),
        speed::governor(env),
        speed::turbo(env),
        speed::clock(env),
        speed::load(env),
        speed::pressure(env),
        speed::steal(env),
        limit::huge_pages(env),
        limit::open_files(env),
        limit::ports(env),
        limit::listen_queue(env),
        limit::loopback(env),
        limit::control_groups(env),
    ];
    single
        .into_iter()
        .flatten()
        .chain(tool::tools(env))
        .collect()
}

impl Finding {
    fn ok(topic: &'static str, seen: impl Into<String>, meaning: &'static str) -> Self {
        let (level, seen, remedy) = (Level::Ok, seen.into(), None);
        Self {
            level,
            topic,
            seen,
            meaning,
            remedy,
        }
    }

    fn at(self, level: Level) -> Self {
        Self { level, ..self }
    }

    fn mended_by(self, line: impl Into<String>) -> Self {
        Self {
            remedy: Some(line.into()),
            ..self
        }
    }
}

#[cfg(test)]
mod tests;
