//! The keys of a step that say what its load is, and which go together.

use std::time::Duration;

use dyno_toml::{Problem, Reader, Spanned};
use schemars::JsonSchema;
use toml_span::Value;

use super::Search;
use super::value::{expect_key, integer, positive_duration, refuse_both, tables};
use crate::rate::RateError;
use crate::schema::{DurationText, RateOrZeroText};
use crate::{Rate, parse_rate, parse_rate_or_zero};

/// Most starts of one burst.
const MOST_STARTS: i64 = 1_000_000;

/// A rate that moves evenly. The ends differ; one of them may be 0/s.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct Ramp {
    /// The rate at the beginning.
    #[schemars(required, with = "Option<RateOrZeroText>")]
    pub(crate) from: Option<Spanned<Rate>>,
    /// The rate at the end.
    #[schemars(required, with = "Option<RateOrZeroText>")]
    pub(crate) to: Option<Spanned<Rate>>,
}

/// A time in which the rate is held or moves: either `rate` or `to`.
#[derive(Debug, JsonSchema)]
#[schemars(
    deny_unknown_fields,
    extend("oneOf" = [{ "required": ["rate"] }, { "required": ["to"] }])
)]
pub(crate) struct Stage {
    /// How long it lasts; longer than 0s.
    #[schemars(required, with = "Option<DurationText>")]
    pub(crate) duration: Option<Spanned<Duration>>,
    /// Held throughout; from the rate before, it is a jump. May be 0/s.
    #[schemars(with = "Option<RateOrZeroText>")]
    pub(crate) rate: Option<Spanned<Rate>>,
    /// Reached at the end, evenly from the rate before. May be 0/s.
    #[schemars(with = "Option<RateOrZeroText>")]
    pub(crate) to: Option<Spanned<Rate>>,
}

/// Starts that are all due at the same instant.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct Burst {
    /// Starts of one burst.
    #[schemars(required, range(min = 1, max = MOST_STARTS), extend("examples" = [100]))]
    pub(crate) starts: Option<Spanned<u64>>,
    /// From one burst to the next; longer than 0s. The first is at the beginning.
    #[schemars(required, with = "Option<DurationText>")]
    pub(crate) every: Option<Spanned<Duration>>,
}

impl Ramp {
    pub(super) fn read(step: &mut Reader<'_, '_>) -> Option<Self> {
        let mut table = step.table("ramp")?;
        let ramp = Self {
            from: table.required("from", rate_or_zero),
            to: table.required("to", rate_or_zero),
        };
        table.finish();
        Some(ramp)
    }
}

impl Stage {
    pub(super) fn read_list(step: &mut Reader<'_, '_>) -> Option<Vec<Self>> {
        tables(step, "stages", |table| {
            let choice = "a stage holds a rate, or moves to one from the rate before it";
            refuse_both(table, "rate", "to", choice);
            if !table.has("rate") && !table.has("to") {
                let (rate, to) = (table.name("rate"), table.name("to"));
                let message = format!("`{rate}` or `{to}` is missing");
                table.problem(Problem::new(message, table.place()).hint(choice));
            }
            Self {
                duration: table.required("duration", positive_duration),
                rate: rate_or_zero(table, "rate"),
                to: rate_or_zero(table, "to"),
            }
        })
    }
}

impl Burst {
    pub(super) fn read(step: &mut Reader<'_, '_>) -> Option<Self> {
        let mut table = step.table("burst")?;
        let burst = Self {
            starts: table.required("starts", |table, key| integer(table, key, 1..=MOST_STARTS)),
            every: table.required("every", positive_duration),
        };
        table.finish();
        Some(burst)
    }
}

/// The keys that say what the load is, each with how the step is ended.
const OPEN: [(&str, &str); 6] = [
    (
        "rate",
        "a step with a rate ends after a time, such as duration = \"10s\"",
    ),
    (
        "ramp",
        "a step with a ramp ends after a time, such as duration = \"10s\"",
    ),
    ("stages", "a step with stages ends after the last of them"),
    (
        "burst",
        "a step with bursts ends after a time, such as duration = \"10s\"",
    ),
    ("replay", "a replay ends with its log"),
    ("search", "a search ends with its answer"),
];

/// Notes keys of a step that do not go together or are missing. Beside a key of
/// a `later` dyno nothing is missing.
pub(super) fn check_kind(table: &Reader<'_, '_>, later: bool) {
    let kinds: Vec<_> = OPEN.iter().filter(|(key, _)| table.has(key)).collect();
    let Some((kind, end)) = kinds.first() else {
        check_closed(table, later);
        return;
    };
    for (other, _) in &kinds[1..] {
        refuse_both(table, kind, other, "a step has one load");
    }
    refuse_both(table, "requests", kind, end);
    if *kind == "stages" {
        let hint = "each stage has a duration of its own";
        refuse_both(table, "duration", kind, hint);
    } else if *kind == "replay" {
        refuse_both(table, "duration", kind, end);
    } else if *kind == "search" {
        let hint = "its probes have one of their own: search = { duration = \"10s\", … }";
        refuse_both(table, "duration", kind, hint);
    } else if !later && !table.has("requests") {
        expect_key(table, "duration", end);
    }
    if *kind == "burst" {
        let hint = "all starts of a burst are due at the same instant";
        refuse_both(table, "arrivals", kind, hint);
    }
    if *kind == "replay" {
        refuse_both(table, "arrivals", kind, "starts come when the log says");
    }
    if *kind == "search" && Search::is_by_connections(table) {
        let hint = "a start waits for an answer when connections are searched for";
        refuse_both(table, "arrivals", kind, hint);
        refuse_both(table, "connections", kind, "the search says how many");
    }
}

/// Which keys go together in a step without starts from a clock.
fn check_closed(table: &Reader<'_, '_>, later: bool) {
    let end = "a step ends after a number of requests or after a time";
    refuse_both(table, "requests", "duration", end);
    if later {
        return;
    }
    if let Some(place) = table.key_place("arrivals") {
        let message = "`step.arrivals` needs `step.rate`, `step.ramp` or `step.stages`";
        let hint = "add how many start, such as rate = \"500/s\"";
        table.problem(Problem::new(message, place).hint(hint));
    }
    if !table.has("requests") && !table.has("duration") {
        let message = "`step.requests` or `step.duration` is missing";
        table.problem(Problem::new(message, table.place()).hint(end));
    }
    let hint = "how many are open at once, such as 100 or [1, 10, 100]";
    expect_key(table, "connections", hint);
}

/// A rate that may be none at all.
fn rate_or_zero(table: &mut Reader<'_, '_>, key: &'static str) -> Option<Spanned<Rate>> {
    let value = table.value(key)?;
    rate_of(table, value, &table.name(key), parse_rate_or_zero)
}

/// A rate above none.
pub(super) fn rate<'de>(
    table: &Reader<'_, 'de>,
    value: Value<'de>,
    name: &str,
) -> Option<Spanned<Rate>> {
    rate_of(table, value, name, parse_rate)
}

fn rate_of(
    table: &Reader<'_, '_>,
    value: Value<'_>,
    name: &str,
    parse: fn(&str) -> Result<Rate, RateError>,
) -> Option<Spanned<Rate>> {
    let seconds = value.as_integer().map(|number| number as f64);
    if let Some(number) = value.as_float().or(seconds) {
        let message = format!("`{name}` must be a rate in quotes, found the number {number}");
        let place = value.span.start..value.span.end;
        let hint = "for starts per second write \"500/s\"";
        table.problem(Problem::new(message, place).hint(hint));
        return None;
    }
    let Spanned { value, place } = table.as_string(value, name)?;
    match parse(&value) {
        Ok(value) => Some(Spanned { value, place }),
        Err(error) => {
            table.problem(Problem::new(format!("`{name}`: {error}"), place));
            None
        }
    }
}
