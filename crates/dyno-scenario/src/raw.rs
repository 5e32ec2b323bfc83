//! The scenario file exactly as written.
//!
//! Each struct does two things: its JSON Schema is derived from it (the doc
//! comments become descriptions), and `read` fills it from the file, noting
//! wrong types, numbers out of range, missing and unknown keys. Whether the
//! values make sense together is left to `validate`. A field is `None` when it
//! is absent or when its problem has been noted.

use std::collections::BTreeMap;
use std::time::Duration;

use dyno_toml::Spanned;
use schemars::JsonSchema;

use crate::schema::{
    ArrivalsWord, ConnectionCount, DurationText, Levels, RateText, RequestCount, VariableForm,
    step_kinds, what_is_asked,
};
use crate::{Arrivals, Mode, Rate, defaults, print_duration};

mod capture;
mod data;
mod expect;
mod load;
mod node;
mod pattern;
mod read;
mod replay;
mod request;
mod search;
mod value;

pub(crate) use capture::Capture;
pub(crate) use data::{Data, Secret, Variables};
pub(crate) use expect::Expect;
pub(crate) use load::{Burst, Ramp, Stage};
pub(crate) use node::TYPES;
pub(crate) use replay::{MOST_SPEED, Replay};
pub(crate) use request::{Flow, Request};
pub(crate) use search::Search;

/// Most connections of one step.
pub(crate) const MOST_CONNECTIONS: i64 = 100_000;

/// The choices of `arrivals`.
pub(crate) const ARRIVALS: [Arrivals; 2] = [Arrivals::Constant, Arrivals::Poisson];

/// The choices of `sweep.mode`.
pub(crate) const MODES: [(&str, Mode); 2] = [("matrix", Mode::Matrix), ("zip", Mode::Zip)];

/// One question to servers: what is asked, of which targets, at what load.
#[derive(Debug, JsonSchema)]
#[schemars(
    deny_unknown_fields,
    title = "dyno scenario",
    extend("oneOf" = what_is_asked())
)]
pub(crate) struct Scenario {
    /// Names the run directory: a-z, 0-9 and -.
    #[schemars(required, regex(pattern = "^[a-z0-9-]+$"), extend("examples" = ["greet"]))]
    pub(crate) name: Option<Spanned<String>>,
    /// What every target promises and is checked against first.
    #[schemars(regex(pattern = "^[a-z0-9-]+/[0-9]+$"), extend("examples" = ["greet/1"]))]
    pub(crate) contract: Option<Spanned<String>>,
    /// Ids of the targets; the first is the one that the others are compared
    /// with. May be left out for `dyno run --url`.
    #[schemars(with = "Option<Vec<String>>", extend("uniqueItems" = true))]
    #[schemars(extend("examples" = [["greet-go", "greet-python"]]))]
    pub(crate) targets: Vec<Spanned<String>>,
    /// Trials of each target, interleaved.
    #[schemars(range(min = 1, max = 1000), extend("default" = defaults::REPEAT, "examples" = [5]))]
    pub(crate) repeat: Option<Spanned<u32>>,
    /// How long a started target is left alone before its first step.
    #[schemars(with = "Option<DurationText>", extend("default" = print_duration(defaults::IDLE)))]
    pub(crate) idle: Option<Spanned<Duration>>,
    /// Pause between steps, and between trials.
    #[schemars(with = "Option<DurationText>", extend("default" = print_duration(defaults::COOLDOWN)))]
    pub(crate) cooldown: Option<Spanned<Duration>>,
    /// How long each step plays its load before counting starts.
    #[schemars(with = "Option<DurationText>", extend("default" = print_duration(defaults::WARMUP)))]
    pub(crate) warmup: Option<Spanned<Duration>>,
    /// How long a request may take before it has failed; longer than 0s.
    #[schemars(with = "Option<DurationText>", extend("default" = print_duration(defaults::TIMEOUT)))]
    pub(crate) timeout: Option<Spanned<Duration>>,
    /// Whether connections are used for more than one request.
    #[schemars(extend("default" = defaults::KEEPALIVE, "examples" = [false]))]
    pub(crate) keepalive: Option<Spanned<bool>>,
    /// Values for placeholders: {{vars.size}}. A list is a sweep, a level for each
    /// value, each in trials of its own.
    #[schemars(with = "Option<BTreeMap<String, VariableForm>>", extend("examples" = [{ "size": [39, 10_240] }]))]
    pub(crate) vars: Variables,
    /// Variables for the environment of the targets; also {{env.WORKERS}}. A list is
    /// a sweep, a level for each value, each in trials of its own.
    #[schemars(with = "Option<BTreeMap<String, VariableForm>>", extend("examples" = [{ "WORKERS": ["1", "2"] }]))]
    pub(crate) env: Variables,
    /// How lists of levels go together.
    #[schemars(extend("examples" = [{ "mode": "zip" }]))]
    pub(crate) sweep: Option<Sweep>,
    /// Rows of values for placeholders, under a name: {{user.email}}.
    #[schemars(with = "Option<BTreeMap<String, Data>>")]
    #[schemars(extend("examples" = [{ "user": { "csv": "data/users.csv", "order": "shuffle" } }]))]
    pub(crate) data: Vec<(Spanned<String>, Data)>,
    /// Values for placeholders that are never written anywhere: {{secret.token}}.
    #[schemars(with = "Option<BTreeMap<String, Secret>>")]
    #[schemars(extend("examples" = [{ "token": { "env": "API_TOKEN" } }]))]
    pub(crate) secret: Vec<(Spanned<String>, Secret)>,
    /// Requests asked once a trial before its first step, in turn, and not measured.
    /// What they capture can be used everywhere.
    #[schemars(length(min = 1), extend("examples" = [[{ "method": "POST", "path": "/reset" }]]))]
    pub(crate) setup: Option<Vec<Request>>,
    /// Requests asked once a trial after its last step, in turn, and not measured.
    #[schemars(length(min = 1), extend("examples" = [[{ "method": "DELETE", "path": "/all" }]]))]
    pub(crate) teardown: Option<Vec<Request>>,
    /// What is asked: flows of one request, which take turns.
    #[schemars(length(min = 1), extend("examples" = [[{ "path": "/abc" }]]))]
    pub(crate) request: Option<Vec<Request>>,
    /// What is asked: ordered lists of requests, played at random by weight.
    #[schemars(length(min = 1))]
    #[schemars(extend("examples" = [[{ "name": "read", "weight": 8, "request": [{ "path": "/abc" }] }]]))]
    pub(crate) flow: Option<Vec<Flow>>,
    /// The loads, played one after the other.
    #[schemars(required, length(min = 1))]
    #[schemars(extend("examples" = [[{ "name": "steady", "duration": "10s", "rate": "500/s" }]]))]
    pub(crate) step: Option<Vec<Step>>,
}

/// How lists of levels go together.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct Sweep {
    /// `matrix`: every value of one list with every value of the others. `zip`: the
    /// first values of all lists together, then the second ones, and so on; the lists
    /// of one step are equally long, and so are those of vars and env together.
    #[schemars(with = "Option<String>")]
    #[schemars(extend("enum" = MODES.map(|(word, _)| word), "default" = "matrix"))]
    #[schemars(extend("examples" = ["zip"]))]
    pub(crate) mode: Option<Spanned<Mode>>,
}

/// A part of the scenario with one kind of load. With a rate, a ramp, stages, bursts
/// or a replay, starts come from a clock and it ends after a time; without any of
/// them, a start waits for an answer and it ends either after a number of
/// requests or after a duration. A search plays either kind until it has its answer.
/// A list of values gives a level for each.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields, extend("oneOf" = step_kinds()))]
pub(crate) struct Step {
    /// Name in reports, unlike all other steps.
    #[schemars(required, extend("examples" = ["closed loop"]))]
    pub(crate) name: Option<Spanned<String>>,
    /// End after exactly so many starts of a flow.
    #[schemars(with = "Option<Levels<RequestCount>>", extend("examples" = [10_000]))]
    pub(crate) requests: Option<Vec<Spanned<u64>>>,
    /// Start nothing after this time; longer than 0s. Stages have their own.
    #[schemars(with = "Option<Levels<DurationText>>", extend("examples" = ["10s"]))]
    pub(crate) duration: Option<Vec<Spanned<Duration>>>,
    /// Starts of a flow come from a clock, so many per second, minute or hour,
    /// whatever the answers do.
    #[schemars(with = "Option<Levels<RateText>>", extend("examples" = ["500/s", ["100/s", "1000/s"]]))]
    pub(crate) rate: Option<Vec<Spanned<Rate>>>,
    /// Starts come from a clock, at a rate that moves evenly from one to another
    /// over the duration.
    #[schemars(extend("examples" = [{ "from": "10/s", "to": "500/s" }]))]
    pub(crate) ramp: Option<Ramp>,
    /// Starts come from a clock, at a rate that goes through these stages, each
    /// with a duration of its own: one with a `rate` holds it, one with `to` moves
    /// evenly from the rate before it, the first from 0/s.
    #[schemars(length(min = 1), extend("examples" = [[{ "duration": "30s", "to": "500/s" }]]))]
    pub(crate) stages: Option<Vec<Stage>>,
    /// Starts come from a clock, many at the same instant, again and again over
    /// the duration.
    #[schemars(extend("examples" = [{ "starts": 100, "every": "1s" }]))]
    pub(crate) burst: Option<Burst>,
    /// Starts come when a log says, and ask what it says.
    #[schemars(extend("examples" = [{ "log": "access.log", "speed": 2.0 }]))]
    pub(crate) replay: Option<Replay>,
    /// The load is played at one level after another, to find the highest at which a
    /// limit holds.
    #[schemars(extend("examples" = [{ "from": "50/s", "limit": "p99 < 200ms and failed < 0.1%" }]))]
    pub(crate) search: Option<Search>,
    /// How the starts of a rate, a ramp, stages or a search by rate lie in time: at
    /// equal distances (of a rate that moves: in turn with it), or at random and
    /// independent of each other. Not with bursts.
    #[schemars(with = "Option<Levels<ArrivalsWord>>")]
    #[schemars(extend("default" = defaults::ARRIVALS.word(), "examples" = ["poisson"]))]
    pub(crate) arrivals: Option<Vec<Spanned<Arrivals>>>,
    /// Connections, each starting its next flow when its last one is over. With
    /// starts from a clock: how many may carry the starts, 256 if left out.
    #[schemars(with = "Option<Levels<ConnectionCount>>", extend("examples" = [100, [1, 100]]))]
    pub(crate) connections: Option<Vec<Spanned<u32>>>,
    /// As `warmup` at the top, for this step. A ramp and stages are warmed up at
    /// the rate they begin with, and not at all when that is 0/s; a replay is not.
    #[schemars(with = "Option<Levels<DurationText>>", extend("examples" = ["5s"]))]
    pub(crate) warmup: Option<Vec<Spanned<Duration>>>,
    /// As `timeout` at the top, for this step.
    #[schemars(with = "Option<Levels<DurationText>>", extend("examples" = ["2s"]))]
    pub(crate) timeout: Option<Vec<Spanned<Duration>>>,
    /// As `keepalive` at the top, for this step.
    #[schemars(with = "Option<Levels<bool>>", extend("examples" = [false, [true, false]]))]
    pub(crate) keepalive: Option<Vec<Spanned<bool>>>,
}
