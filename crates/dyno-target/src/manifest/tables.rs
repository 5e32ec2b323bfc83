//! The inner tables of a `target.toml`: each is read whole, with all its
//! problems.

use std::ops::Range;

use dyno_result::{Class, RateLimitScope};
use dyno_toml::{Problem, Reader, Spanned};

use super::{
    Behaviour, BuildPlan, Limits, Needs, Ready, Requirement, RunPlan, StopPlan, StopSignal, Workers,
};
use crate::placeholder::{self, OF_BUILD, OF_RUN};
use crate::requirement::Version;

pub(super) type Toml<'r, 'f, 'de> = &'r mut Reader<'f, 'de>;

pub(super) fn globs(root: Toml<'_, '_, '_>, key: &'static str) -> Option<Vec<String>> {
    if !root.has(key) {
        return None;
    }
    let texts = root.strings(key);
    for text in &texts {
        if let Err(error) = glob::Pattern::new(&text.value) {
            let message = format!("`{}`: {error}", root.name(key));
            root.problem(Problem::new(message, text.place.clone()));
        }
    }
    Some(
        texts
            .into_iter()
            .map(|text| all_files(text.value))
            .collect(),
    )
}

/// `src/**` means every file below, as people expect; for the `glob` crate it
/// would be folders only.
fn all_files(pattern: String) -> String {
    if pattern == "**" || pattern.ends_with("/**") {
        pattern + "/*"
    } else {
        pattern
    }
}

pub(super) fn requirement(mut table: Reader<'_, '_>) -> Option<Requirement> {
    finished(&mut table, |table| {
        let tool = table.required("tool", Reader::string);
        let min = table.parsed("min", |text| match Version::parse(text) {
            Some(version) if version.to_string() == text => Ok(text.to_owned()),
            _ => Err(format!("{text:?} is not a version, such as 1.24 or 3.11.2")),
        });
        Some(Requirement {
            tool: tool?.value,
            min: min.map(|min| min.value),
        })
    })
}

pub(super) fn build(table: Toml<'_, '_, '_>) -> Option<BuildPlan> {
    if !table.has("steps") {
        table.required("steps", |_, _| None::<()>);
    }
    let steps = table.values("steps").into_iter();
    let steps: Vec<_> = steps
        .filter_map(|value| {
            let argv = table.as_strings(value, &table.name("steps"))?;
            checked(table, &argv.value, &argv.place, "steps", OF_BUILD)
        })
        .collect();
    let inputs = table.required("inputs", globs);
    let artefacts = table.strings("artefacts").into_iter();
    let artefacts = artefacts
        .map(|path| {
            known(table, &path.value, &path.place, "artefacts", OF_BUILD);
            path.value
        })
        .collect();
    let network = table.boolean("network");
    let lockfile = table.string("lockfile");
    Some(BuildPlan {
        steps,
        inputs: inputs?,
        artefacts,
        network: network.is_some_and(|network| network.value),
        lockfile: lockfile.map(|lockfile| lockfile.value),
    })
}

pub(super) fn run_plan(table: Toml<'_, '_, '_>) -> Option<RunPlan> {
    let command = table.required("command", |table, key| argv(table, key, OF_RUN));
    let workers = workers(table);
    let env = table.string_map("env");
    for (name, value) in &env {
        known(
            table,
            &value.value,
            &value.place,
            &format!("env.{name}"),
            OF_RUN,
        );
    }
    let stop = optional(table, "stop", stop);
    let versions = argv(table, "versions", OF_BUILD);
    Some(RunPlan {
        command: command?,
        workers: workers?,
        env: pairs(env),
        stop: stop?,
        versions: versions.unwrap_or_default(),
    })
}

fn workers(table: Toml<'_, '_, '_>) -> Option<Workers> {
    let Some(value) = table.value("workers") else {
        return Some(Workers::default());
    };
    if value.as_str() == Some("cpus") {
        return Some(Workers::Cpus);
    }
    let name = table.name("workers");
    if let Some(text) = value.as_str() {
        let message = format!("`{name}` cannot be {text:?}");
        let place = value.span.start..value.span.end;
        table.problem(Problem::new(message, place).hint("\"cpus\" or a number"));
        return None;
    }
    let count = table.as_integer(value, &name, 1..=4096)?;
    u32::try_from(count.value).ok().map(Workers::Count)
}

fn stop(table: Toml<'_, '_, '_>) -> Option<StopPlan> {
    let plan = StopPlan::default();
    let signals = [("TERM", StopSignal::Term), ("INT", StopSignal::Int)];
    let signal = table.word("signal", &signals);
    let grace = table.integer("grace_s", 0..=3600);
    Some(StopPlan {
        signal: signal.map_or(plan.signal, |signal| signal.value),
        grace_s: number(grace).unwrap_or(plan.grace_s),
    })
}

pub(super) fn ready(table: Toml<'_, '_, '_>) -> Option<Ready> {
    let ready = Ready::default();
    let path = table.parsed("path", |path| {
        if path.starts_with('/') {
            Ok(path.to_owned())
        } else {
            Err(format!("{path:?} does not begin with /"))
        }
    });
    let status = table.integer("status", 100..=599);
    let timeout = table.integer("timeout_s", 1..=3600);
    Some(Ready {
        path: path.map_or(ready.path, |path| path.value),
        status: number(status).unwrap_or(ready.status),
        timeout_s: number(timeout).unwrap_or(ready.timeout_s),
    })
}

pub(super) fn needs(table: Toml<'_, '_, '_>) -> Option<Needs> {
    let mut asks = |key| table.boolean(key).is_some_and(|asks| asks.value);
    Some(Needs {
        postgres: asks("postgres"),
        sink: asks("sink"),
    })
}

pub(super) fn behaviour(
    table: Toml<'_, '_, '_>,
    class: Option<&Spanned<Class>>,
    contract: Option<&str>,
) -> Option<Behaviour> {
    let keepalive = table.boolean("keepalive");
    let processes = table.string("processes");
    let scope = table.word("rate_limit_scope", SCOPES);
    let server_timing = table.boolean("server_timing");
    let allowed_failures = table.strings("allowed_failures");
    for id in &allowed_failures {
        let problem = |message: String| Problem::new(message, id.place.clone());
        if let Some(class) = class.filter(|class| class.value != Class::Published) {
            let message = format!("class {} may fail no check", class.value.word());
            table.problem(problem(message).hint("only class published may"));
        } else if let Some((contract, _)) = contract.and_then(|name| name.split_once('/'))
            && !id.value.starts_with(&format!("{contract}."))
        {
            let message = format!("{:?} is no check of the contract", id.value);
            table.problem(problem(message).hint(format!("its checks begin with `{contract}.`")));
        }
    }
    Some(Behaviour {
        keepalive: keepalive.is_none_or(|keepalive| keepalive.value),
        processes: processes.map(|processes| processes.value),
        rate_limit_scope: scope.map(|scope| scope.value).unwrap_or_default(),
        server_timing: server_timing.is_some_and(|timing| timing.value),
        allowed_failures: allowed_failures.into_iter().map(|id| id.value).collect(),
    })
}

const SCOPES: &[(&str, RateLimitScope)] = &[
    ("global", RateLimitScope::Global),
    ("process", RateLimitScope::Process),
];

pub(super) fn limits(table: Toml<'_, '_, '_>) -> Option<Limits> {
    let nofile = table.integer("nofile", 64..=i64::from(u32::MAX));
    Some(Limits {
        nofile: number(nofile),
    })
}

/// A command: a list of texts, not empty, with known placeholders.
fn argv(table: Toml<'_, '_, '_>, key: &'static str, allowed: &[&str]) -> Option<Vec<String>> {
    let value = table.value(key)?;
    let argv = table.as_strings(value, &table.name(key))?;
    checked(table, &argv.value, &argv.place, key, allowed)
}

fn checked(
    table: &Reader<'_, '_>,
    argv: &[String],
    place: &Range<usize>,
    key: &str,
    allowed: &[&str],
) -> Option<Vec<String>> {
    if argv.is_empty() {
        let message = format!("`{}` has an empty command", table.name(key));
        table.problem(Problem::new(message, place.clone()));
        return None;
    }
    for text in argv {
        known(table, text, place, key, allowed);
    }
    Some(argv.to_vec())
}

fn known(table: &Reader<'_, '_>, text: &str, place: &Range<usize>, key: &str, allowed: &[&str]) {
    if let Some(name) = placeholder::unknown(text, allowed) {
        let message = format!(
            "`{}` has an unknown placeholder {{{name}}}",
            table.name(key)
        );
        let hint = format!("known here: {{{}}}", allowed.join("}, {"));
        table.problem(Problem::new(message, place.clone()).hint(hint));
    }
}

pub(super) fn optional<T: Default>(
    table: Toml<'_, '_, '_>,
    key: &'static str,
    read: impl FnOnce(Toml<'_, '_, '_>) -> Option<T>,
) -> Option<T> {
    match table.table(key) {
        Some(mut table) => finished(&mut table, read),
        None => Some(T::default()),
    }
}

pub(super) fn finished<T>(
    table: &mut Reader<'_, '_>,
    read: impl FnOnce(Toml<'_, '_, '_>) -> Option<T>,
) -> Option<T> {
    let value = read(table);
    table.finish();
    value
}

fn number<T: TryFrom<i64>>(value: Option<Spanned<i64>>) -> Option<T> {
    T::try_from(value?.value).ok()
}

pub(super) fn pairs<T: FromIterator<(String, String)>>(pairs: Vec<(String, Spanned<String>)>) -> T {
    let pairs = pairs.into_iter();
    pairs.map(|(name, text)| (name, text.value)).collect()
}
