//! What the environment of targets may be swept over, and where.

use dyno_scenario::Variant;
use dyno_toml::{Problem, Problems};

use crate::source::Source;

/// Refuses a sweep of what only a target of ours can be given.
pub(crate) fn without_env(source: &Source) -> Result<(), Problems> {
    let variants = &source.scenario.variants;
    let first = variants.first().map(|variant| &variant.env);
    if variants.iter().all(|variant| Some(&variant.env) == first) {
        return Ok(());
    }
    let message = "`env` is swept, but --url measures a server that dyno does not start";
    let problem = Problem::new(message, source.place(&["env"]));
    Err(source.problem(problem.hint("measure targets, or give each variable one value")))
}

/// Refuses to take from targets what dyno itself must give them.
pub(crate) fn own_env(source: &Source) -> Result<(), Problems> {
    let env = |variant: &Variant, name| variant.env.contains_key(name);
    let taken = ["HOST", "PORT"].into_iter();
    let mut taken = taken.filter(|name| {
        source
            .scenario
            .variants
            .iter()
            .any(|variant| env(variant, *name))
    });
    let Some(name) = taken.next() else {
        return Ok(());
    };
    let message = format!("`env.{name}` is for dyno to give: it says where a target listens");
    let problem = Problem::new(message, source.place(&["env", name]));
    Err(source.problem(problem.hint("leave it out")))
}
