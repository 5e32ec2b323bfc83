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

use crate::schema::{Connections, DurationText, Rates, step_kinds};
use crate::{Arrivals, Rate, defaults, print_duration};

mod load;
mod read;

pub(crate) use load::{Burst, Ramp, Stage};

/// Most connections of one step.
pub(crate) const MOST_CONNECTIONS: i64 = 100_000;

/// The choices of `arrivals`.
pub(crate) const ARRIVALS: [Arrivals; 2] = [Arrivals::Constant, Arrivals::Poisson];

/// One question to servers: what is asked, of which targets, at what load.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields, title = "dyno scenario")]
pub(crate) struct Scenario {
    /// Names the run directory: a-z, 0-9 and -.
    #[schemars(required, regex(pattern = "^[a-z0-9-]+$"))]
    pub(crate) name: Option<Spanned<String>>,
    /// What every target promises and is checked against first, such as greet/1.
    #[schemars(regex(pattern = "^[a-z0-9-]+/[0-9]+$"))]
    pub(crate) contract: Option<Spanned<String>>,
    /// Ids of the targets; the first is the one that the others are compared
    /// with. May be left out for `dyno run --url`.
    #[schemars(with = "Option<Vec<String>>", extend("uniqueItems" = true))]
    pub(crate) targets: Vec<Spanned<String>>,
    /// Trials of each target, interleaved.
    #[schemars(range(min = 1, max = 1000), extend("default" = defaults::REPEAT))]
    pub(crate) repeat: Option<Spanned<u32>>,
    /// How long a started target is left alone before its first step.
    #[schemars(with = "Option<DurationText>", extend("default" = print_duration(defaults::IDLE)))]
    pub(crate) idle: Option<Spanned<Duration>>,
    /// Pause between steps.
    #[schemars(with = "Option<DurationText>", extend("default" = print_duration(defaults::COOLDOWN)))]
    pub(crate) cooldown: Option<Spanned<Duration>>,
    /// How long each step plays its load before counting starts.
    #[schemars(with = "Option<DurationText>", extend("default" = print_duration(defaults::WARMUP)))]
    pub(crate) warmup: Option<Spanned<Duration>>,
    /// How long a request may take before it has failed; longer than 0s.
    #[schemars(with = "Option<DurationText>", extend("default" = print_duration(defaults::TIMEOUT)))]
    pub(crate) timeout: Option<Spanned<Duration>>,
    /// Whether connections are used for more than one request.
    #[schemars(extend("default" = defaults::KEEPALIVE))]
    pub(crate) keepalive: Option<Spanned<bool>>,
    /// What is asked. Several take turns.
    #[schemars(required, length(min = 1))]
    pub(crate) request: Option<Vec<Request>>,
    /// The loads, played one after the other.
    #[schemars(required, length(min = 1))]
    pub(crate) step: Option<Vec<Step>>,
}

/// One request and what a right answer to it looks like.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields, extend("not" = { "required": ["body", "json"] }))]
pub(crate) struct Request {
    /// Name in reports; method and path if left out.
    pub(crate) name: Option<Spanned<String>>,
    /// Sent as written.
    #[schemars(extend("default" = defaults::METHOD))]
    pub(crate) method: Option<Spanned<String>>,
    /// Path and query, percent-encoded.
    #[schemars(required, regex(pattern = "^/[!-\"$-~]*$"))]
    pub(crate) path: Option<Spanned<String>>,
    /// Added to every request. Content-Length and Transfer-Encoding are set by dyno.
    #[schemars(with = "Option<BTreeMap<String, String>>")]
    pub(crate) headers: Vec<(String, Spanned<String>)>,
    /// The body, sent as written.
    pub(crate) body: Option<Spanned<String>>,
    /// The body as a value, sent as JSON; Content-Type is application/json unless
    /// the headers say otherwise.
    #[schemars(with = "Option<serde_json::Value>")]
    pub(crate) json: Option<Spanned<String>>,
    /// What a right answer looks like. Without it any status from 200 to 399 is right.
    pub(crate) expect: Option<Expect>,
}

/// Everything given must hold, in every answer.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct Expect {
    /// The status.
    #[schemars(range(min = 100, max = 599))]
    pub(crate) status: Option<Spanned<u16>>,
    /// The whole body.
    pub(crate) body: Option<Spanned<String>>,
}

/// A part of the scenario with one kind of load. With a rate, a ramp, stages or
/// bursts, starts come from a clock and it ends after a time; without any of
/// them, a start waits for an answer and it ends either after a number of
/// requests or after a duration.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields, extend("oneOf" = step_kinds()))]
pub(crate) struct Step {
    /// Name in reports, unlike all other steps.
    #[schemars(required)]
    pub(crate) name: Option<Spanned<String>>,
    /// End after exactly so many requests.
    #[schemars(range(min = 1))]
    pub(crate) requests: Option<Spanned<u64>>,
    /// Start no request after this time; longer than 0s. Stages have their own.
    #[schemars(with = "Option<DurationText>")]
    pub(crate) duration: Option<Spanned<Duration>>,
    /// Starts come from a clock, so many per second, minute or hour, whatever
    /// the answers do. A list gives a level for each value.
    #[schemars(with = "Option<Rates>")]
    pub(crate) rate: Option<Vec<Spanned<Rate>>>,
    /// Starts come from a clock, at a rate that moves evenly from one to another
    /// over the duration.
    pub(crate) ramp: Option<Ramp>,
    /// Starts come from a clock, at a rate that goes through these stages, each
    /// with a duration of its own: one with a `rate` holds it, one with `to` moves
    /// evenly from the rate before it, the first from 0/s.
    #[schemars(length(min = 1))]
    pub(crate) stages: Option<Vec<Stage>>,
    /// Starts come from a clock, many at the same instant, again and again over
    /// the duration.
    pub(crate) burst: Option<Burst>,
    /// How the starts of a rate, a ramp or stages lie in time: at equal distances
    /// (of a rate that moves: in turn with it), or at random and independent of
    /// each other. Not with bursts.
    #[schemars(with = "Option<String>", extend("enum" = ARRIVALS.map(Arrivals::word)))]
    #[schemars(extend("default" = defaults::ARRIVALS.word()))]
    pub(crate) arrivals: Option<Spanned<Arrivals>>,
    /// Connections, each sending its next request when its last answer is
    /// complete. A list gives a level for each value. With starts from a clock:
    /// one number, how many may carry the starts, 256 if left out.
    #[schemars(with = "Option<Connections>")]
    pub(crate) connections: Option<Vec<Spanned<u32>>>,
    /// As `warmup` at the top, for this step. A ramp and stages are warmed up at
    /// the rate they begin with, and not at all when that is 0/s.
    #[schemars(with = "Option<DurationText>")]
    pub(crate) warmup: Option<Spanned<Duration>>,
    /// As `timeout` at the top, for this step.
    #[schemars(with = "Option<DurationText>")]
    pub(crate) timeout: Option<Spanned<Duration>>,
    /// As `keepalive` at the top, for this step.
    pub(crate) keepalive: Option<Spanned<bool>>,
}
