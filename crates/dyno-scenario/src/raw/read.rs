//! Fills the raw structs from the tables of the file.

use dyno_toml::{Problem, Reader};
use toml_span::Value;

use super::data::{named, variables};
use super::value::{
    duration, duration_of, expect_key, integer, levels, narrow, positive_duration,
    positive_duration_of, refuse_both, tables,
};
use super::{
    ARRIVALS, Burst, Data, Flow, MODES, MOST_CONNECTIONS, Ramp, Replay, Request, Scenario, Search,
    Secret, Stage, Step, Sweep, load,
};

impl Scenario {
    /// Takes every known key of the root table; the caller finishes it.
    pub(crate) fn read(root: &mut Reader<'_, '_>) -> Self {
        refuse_both(root, "request", "flow", "a request alone is a flow, too");
        if !root.has("flow") && !only_replays(root) {
            expect_key(root, "request", "add a [[request]] with a `path`");
        }
        let hint = "add a [[step]] with a `name`, `connections`, and `requests` or `duration`";
        expect_key(root, "step", hint);
        Self {
            name: root.required("name", Reader::string),
            contract: root.string("contract"),
            targets: root.strings("targets"),
            repeat: integer(root, "repeat", 1..=1000),
            idle: duration(root, "idle"),
            cooldown: duration(root, "cooldown"),
            warmup: duration(root, "warmup"),
            timeout: positive_duration(root, "timeout"),
            keepalive: root.boolean("keepalive"),
            vars: variables(root, "vars"),
            env: variables(root, "env"),
            sweep: Sweep::read(root),
            data: named(root, "data", Data::read),
            secret: named(root, "secret", Secret::read),
            setup: tables(root, "setup", Request::read),
            teardown: tables(root, "teardown", Request::read),
            request: tables(root, "request", Request::read),
            flow: tables(root, "flow", Flow::read),
            step: tables(root, "step", Step::read),
        }
    }
}

/// Whether all that is asked comes from logs.
fn only_replays(root: &Reader<'_, '_>) -> bool {
    let steps = root.peek("step").and_then(Value::as_array);
    steps.is_some_and(|steps| {
        let replays = |step: &Value<'_>| step.has_key("replay");
        !steps.is_empty() && steps.iter().all(replays)
    })
}

impl Sweep {
    fn read(root: &mut Reader<'_, '_>) -> Option<Self> {
        let mut table = root.table("sweep")?;
        let mode = table.word("mode", &MODES);
        table.finish();
        Some(Self { mode })
    }
}

impl Step {
    fn read(table: &mut Reader<'_, '_>) -> Self {
        let later = refuse_later(table, &["soak"]);
        load::check_kind(table, later);
        let arrivals = ARRIVALS.map(|each| (each.word(), each));
        Self {
            name: table.required("name", Reader::string),
            requests: levels(table, "requests", |table, value, name| {
                narrow(table.as_integer(value, name, 1..=i64::MAX)?)
            }),
            duration: levels(table, "duration", positive_duration_of),
            rate: levels(table, "rate", load::rate),
            ramp: Ramp::read(table),
            stages: Stage::read_list(table),
            burst: Burst::read(table),
            replay: Replay::read(table),
            search: Search::read(table),
            arrivals: levels(table, "arrivals", |table, value, name| {
                table.as_word(value, name, &arrivals)
            }),
            connections: levels(table, "connections", |table, value, name| {
                narrow(table.as_integer(value, name, 1..=MOST_CONNECTIONS)?)
            }),
            warmup: levels(table, "warmup", duration_of),
            timeout: levels(table, "timeout", positive_duration_of),
            keepalive: levels(table, "keepalive", Reader::as_boolean),
        }
    }
}

/// Notes keys that are part of the format but not of this dyno yet, so that
/// nobody is sent looking for a typing mistake. Whether there were any.
fn refuse_later(table: &mut Reader<'_, '_>, keys: &[&str]) -> bool {
    let mut found = false;
    for key in keys {
        let Some(place) = table.key_place(key) else {
            continue;
        };
        let message = format!("`{}` is not supported yet by this dyno", table.name(key));
        table.problem(Problem::new(message, place));
        table.free_value(key);
        found = true;
    }
    found
}
