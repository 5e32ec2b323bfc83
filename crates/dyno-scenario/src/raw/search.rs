//! A step that looks for the highest level at which a limit holds, as written.

use std::time::Duration;

use dyno_toml::{Problem, Reader, Spanned};
use schemars::JsonSchema;
use toml_span::Value;

use super::value::{integer, positive_duration};
use super::{MOST_CONNECTIONS, load};
use crate::duration::decimal;
use crate::limit::{EXAMPLE, parse_limit};
use crate::schema::{DurationText, LevelForm, LimitText, PercentText, search_kinds};
use crate::{By, Clause, defaults, print_duration};

/// The choices of `by`.
const BY: [(&str, By); 2] = [("rate", By::Rate), ("connections", By::Connections)];

/// Most probes that must agree.
const MOST_CONFIRM: i64 = 20;

/// The highest level at which a limit holds: doubled until it breaks, then halved
/// between.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields, extend("oneOf" = search_kinds()))]
pub(crate) struct Search {
    /// What the levels are: `rate`, starts per second from a clock, or `connections`,
    /// each starting its next flow when its last one is over.
    #[schemars(with = "Option<String>")]
    #[schemars(extend("enum" = BY.map(|(word, _)| word), "default" = "rate"))]
    #[schemars(extend("examples" = ["connections"]))]
    pub(crate) by: Option<Spanned<By>>,
    /// The first level: a rate such as "50/s", or a number of connections.
    #[schemars(required, with = "Option<LevelForm>", extend("examples" = ["50/s", 10]))]
    pub(crate) from: Option<Spanned<f64>>,
    /// The highest level that may be asked, above `from`. If left out: as far as dyno
    /// can ask, or 4096 connections.
    #[schemars(with = "Option<LevelForm>", extend("examples" = ["5000/s", 1000]))]
    pub(crate) to: Option<Spanned<f64>>,
    /// What must hold of every probe: comparisons of p50, p90, p99, p99.9 (or any other
    /// percentile of the response time), max, mean, failed, throughput or goodput,
    /// joined by `and`.
    #[schemars(required, with = "Option<LimitText>", extend("examples" = [EXAMPLE]))]
    pub(crate) limit: Option<Spanned<Vec<Clause>>>,
    /// How long each probe is, longer than 0s; 30s and more for figures that are
    /// published.
    #[schemars(with = "Option<DurationText>", extend("default" = print_duration(defaults::PROBE)))]
    pub(crate) duration: Option<Spanned<Duration>>,
    /// How far the highest level that holds and the lowest that breaks may lie apart:
    /// from 1% to 50%.
    #[schemars(with = "Option<PercentText>", extend("default" = "5%", "examples" = ["2%"]))]
    pub(crate) precision: Option<Spanned<f64>>,
    /// How many probes must agree at either end.
    #[schemars(range(min = 1, max = MOST_CONFIRM))]
    #[schemars(extend("default" = defaults::CONFIRM, "examples" = [5]))]
    pub(crate) confirm: Option<Spanned<u32>>,
}

impl Search {
    pub(super) fn read(step: &mut Reader<'_, '_>) -> Option<Self> {
        let mut table = step.table("search")?;
        let said = table.has("by");
        let by = table.word("by", &BY);
        // Of a word that is none nothing more can be said.
        let kind = match &by {
            Some(by) => Some(by.value),
            None => (!said).then(By::default),
        };
        let search = Self {
            from: table.required("from", |table, key| level(table, key, kind, said)),
            to: level(&mut table, "to", kind, said),
            by,
            limit: table.required("limit", limit),
            duration: positive_duration(&mut table, "duration"),
            precision: precision(&mut table, "precision"),
            confirm: integer(&mut table, "confirm", 1..=MOST_CONFIRM),
        };
        table.finish();
        Some(search)
    }

    /// Whether the search of a step that is not yet read says so.
    pub(super) fn is_by_connections(step: &Reader<'_, '_>) -> bool {
        let by = || step.peek("search")?.as_table()?.get("by")?.as_str();
        by() == Some("connections")
    }
}

fn level(
    table: &mut Reader<'_, '_>,
    key: &'static str,
    by: Option<By>,
    is_said: bool,
) -> Option<Spanned<f64>> {
    let value = table.value(key)?;
    let name = table.name(key);
    match by? {
        By::Connections => {
            let count = table.as_integer(value, &name, 1..=MOST_CONNECTIONS)?;
            Some(Spanned {
                value: count.value as f64,
                place: count.place,
            })
        }
        By::Rate if !is_said && value.as_integer().is_some() => {
            let number = value.as_integer().unwrap_or_default();
            let message = format!("`{name}` must be a rate in quotes, found the number {number}");
            let hint = "for starts per second write \"500/s\"; for connections add \
                        by = \"connections\"";
            let place = value.span.start..value.span.end;
            table.problem(Problem::new(message, place).hint(hint));
            None
        }
        By::Rate => {
            let rate = load::rate(table, value, &name)?;
            Some(Spanned {
                value: rate.value.per_second(),
                place: rate.place,
            })
        }
    }
}

fn limit(table: &mut Reader<'_, '_>, key: &'static str) -> Option<Spanned<Vec<Clause>>> {
    let text = table.string(key)?;
    let name = table.name(key);
    match parse_limit(&text.value) {
        Ok(value) => Some(Spanned {
            value,
            place: text.place,
        }),
        Err(errors) => {
            // TOML's escapes would move the places.
            let is_plain = table.source().get(text.place.clone()) == Some(text.value.as_str());
            for error in errors {
                let place = match is_plain && !error.place.is_empty() {
                    true => {
                        text.place.start + error.place.start..text.place.start + error.place.end
                    }
                    false => text.place.clone(),
                };
                let message = format!("`{name}` {}", error.message);
                table.problem(Problem::new(message, place).hint(error.hint));
            }
            None
        }
    }
}

/// A percentage as a share.
fn precision(table: &mut Reader<'_, '_>, key: &'static str) -> Option<Spanned<f64>> {
    let value: Value<'_> = table.value(key)?;
    let name = table.name(key);
    let number = value.as_float().or(value.as_integer().map(|n| n as f64));
    let hint = "from \"1%\" to \"50%\"";
    if let Some(number) = number {
        let message = format!("`{name}` must be a share in quotes, found the number {number}");
        let place = value.span.start..value.span.end;
        table.problem(Problem::new(message, place).hint(hint));
        return None;
    }
    let text = table.as_string(value, &name)?;
    let percent = text
        .value
        .strip_suffix('%')
        .filter(|text| decimal(text).is_some());
    let share = percent
        .and_then(|text| text.parse::<f64>().ok())
        .map(|percent| percent / 100.0);
    match share.filter(|share| (0.01..=0.5).contains(share)) {
        Some(value) => Some(Spanned {
            value,
            place: text.place,
        }),
        None => {
            let message = format!("`{name}` cannot be {:?}", text.value);
            table.problem(Problem::new(message, text.place).hint(hint));
            None
        }
    }
}
