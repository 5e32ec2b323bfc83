//! What the templates of a scenario are filled with, read before any load. What is
//! missing is shown where the scenario names it.

use std::ops::Range;
use std::time::{Instant, SystemTime};

use dyno_engine::{DataError, Stock, StockError, Wall};
use dyno_scenario::{Part, Request, Rows};
use dyno_toml::{Problem, Problems, suggestion};

use crate::source::Source;

/// Reads rows of data, secrets and variables of the environment.
pub(crate) fn read(source: &Source) -> Result<Stock, Problems> {
    let wall = Wall {
        at: Instant::now(),
        since_1970: SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default(),
    };
    let scenario = &source.scenario;
    let variant = scenario.variants.first().cloned().unwrap_or_default();
    let stock = Stock::read(&scenario.plan, &variant, source.folder(), wall);
    stock.map_err(|error| source.problem(problem(source, error)))
}

fn problem(source: &Source, error: StockError) -> Problem {
    let (place, hint) = match &error {
        StockError::Env { name, place } => (place.clone(), nearest_variable(name)),
        StockError::SecretEnv { name, variable } => {
            let place = source.place(&["secret", name, "env"]);
            (place, nearest_variable(variable))
        }
        StockError::SecretFile { name, .. } => (source.place(&["secret", name, "file"]), None),
        StockError::Data {
            name,
            place,
            source: why,
        } => {
            let place = match why {
                DataError::Column { column, .. } => {
                    column_place(source, name, column).unwrap_or_else(|| place.clone())
                }
                _ => rows_place(source, name),
            };
            (place, None)
        }
        StockError::Unfit { place, .. } | StockError::Unknown { place, .. } => {
            (place.clone(), None)
        }
    };
    let problem = Problem::new(format!("{:#}", anyhow::Error::new(error)), place);
    match hint {
        Some(hint) => problem.hint(hint),
        None => problem,
    }
}

/// A variable that is there and called nearly so.
fn nearest_variable(name: &str) -> Option<String> {
    let names: Vec<String> = std::env::vars_os()
        .filter_map(|(name, _)| name.into_string().ok())
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let hint = suggestion(name, &names);
    // All variables there are would help nobody.
    hint.starts_with("did you mean").then_some(hint)
}

/// Where the file of some rows is named.
fn rows_place(source: &Source, name: &str) -> Range<usize> {
    let data = source.scenario.plan.data.iter();
    let key = match data
        .clone()
        .find(|data| data.name == name)
        .map(|data| &data.rows)
    {
        Some(Rows::JsonLines(_)) => "jsonl",
        Some(Rows::Inline(..)) => "rows",
        Some(Rows::Csv(_)) | None => "csv",
    };
    source.place(&["data", name, key])
}

/// Where a template first names a column.
fn column_place(source: &Source, name: &str, column: &str) -> Option<Range<usize>> {
    let plan = &source.scenario.plan;
    let data = plan.data.iter().position(|data| data.name == name)?;
    let wanted = dyno_scenario::Source::Column {
        data,
        column: column.to_owned(),
    };
    let requests = plan.setup.iter().chain(plan.requests());
    let mut parts = requests.chain(&plan.teardown).flat_map(parts);
    parts.find_map(|part| match part {
        Part::Value { source, place, .. } if *source == wanted => Some(place.clone()),
        Part::Value { .. } | Part::Text(_) => None,
    })
}

fn parts(request: &Request) -> impl Iterator<Item = &Part> {
    let headers = request.headers.iter().map(|(_, value)| value);
    let templates = headers.chain([&request.path, &request.body]);
    templates.flat_map(|template| &template.parts)
}
