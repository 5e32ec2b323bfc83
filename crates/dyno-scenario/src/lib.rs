//! What to ask and at what load.
//!
//! [`parse`] turns the text of a scenario file into a [`Scenario`], or into
//! every problem found. Plain data only: reading the file, running it and
//! printing problems are left to others.

mod check;
pub mod defaults;
mod duration;
mod id;
mod json;
mod limit;
mod model;
mod placeholder;
mod plan;
mod profile;
mod question;
mod quick;
mod rate;
mod raw;
mod recording;
mod schema;
mod search;
mod template;
mod validate;

use dyno_toml::Problems;

pub use check::{Check, JsonType, Node, StatusRange, Text};
pub use duration::{DurationError, LONGEST_DURATION, parse_duration, print_duration};
pub use id::{slug, step_id};
pub use limit::{Bound, Clause, Metric};
pub(crate) use model::Mode;
pub use model::{Arrivals, Load, Rate, Scenario, Step, Until, Variant};
pub use plan::{
    Capture, Data, End, Flow, Mix, Order, Place, Plan, Request, Rows, Secret, SecretPlace, Think,
};
pub use profile::{Profile, Stage};
pub use quick::apply_quick;
pub use rate::{RateError, parse_rate, parse_rate_or_zero, print_rate};
pub use recording::{Entry, LogFormat, Recording};
pub use schema::schema;
pub use search::{By, Search};
pub use template::{Escape, Part, Source, Template};
pub use validate::is_token;
pub(crate) use validate::percent_encoded;

/// Reads a scenario file. `name` is the path shown in messages.
///
/// On failure the answer holds every problem of the file, each with its line,
/// its column and, where we know it, the way out.
pub fn parse(name: &str, text: &str) -> Result<Scenario, Problems> {
    parse_with(name, text, &[])
}

/// As [`parse`], after each of `settings`, such as `step.steady.rate=500/s`, has
/// been put over what the file says. A path has keys and places in lists
/// (`step[0].rate`), or names instead of places; a value is TOML or else text.
/// Problems with a setting are shown in it.
pub fn parse_with(name: &str, text: &str, settings: &[String]) -> Result<Scenario, Problems> {
    dyno_toml::read_with(name, text, settings, |root| {
        let raw = raw::Scenario::read(root);
        let question = question::question(text);
        Some(validate::scenario(raw, question, &|problem| {
            root.problem(problem);
        }))
    })
}
