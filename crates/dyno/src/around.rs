//! What is around the steps of a trial: the values of its templates, and requests
//! before the first step and after the last.

use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use dyno_engine::{Address, Ask, Stock, StockError, Stop, Wall};
use dyno_scenario::{Plan, Request, Scenario, Variant};

use crate::failure::Failure;
use crate::record::Source;

/// A request around the load without an answer for this long has failed.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Reads what the templates of a scenario are filled with.
pub(crate) fn stock(source: &Source) -> Result<Stock, Failure> {
    let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let wall = Wall {
        at: Instant::now(),
        since_1970: since_1970.unwrap_or_default(),
    };
    let folder = Path::new(&source.file).parent().unwrap_or(Path::new(""));
    Stock::read(
        &source.scenario.plan,
        &variant(&source.scenario),
        folder,
        wall,
    )
    .map_err(|error| unreadable(&error, source))
}

/// The same for one trial: each begins with the first row and the first number.
pub(crate) fn fresh(stock: &Stock, scenario: &Scenario) -> Stock {
    stock.fresh(&variant(scenario))
}

fn variant(scenario: &Scenario) -> Variant {
    scenario.variants.first().cloned().unwrap_or_default()
}

/// Asks the setup or the teardown. Returns why the trial is of no use, if it failed.
pub(crate) async fn ask(
    what: &str,
    requests: &[Request],
    plan: &Plan,
    address: &Address,
    (seed, stock): (u64, &mut Stock),
) -> Result<Option<String>, Failure> {
    let asked = Ask {
        requests,
        plan,
        address,
        timeout: TIMEOUT,
        seed,
        stop: &Stop::default(),
    };
    let unanswered = dyno_engine::ask(asked, stock).await?;
    Ok(unanswered.map(|unanswered| {
        let (request, kind) = (&unanswered.request, unanswered.kind.id());
        let answer = unanswered.example.map_or(String::new(), |example| {
            let status = example.head.lines().next().unwrap_or_default().to_owned();
            format!(": {status} {}", example.body.trim())
        });
        format!("the {what} failed: {request:?}: {kind}{answer}")
    }))
}

/// The error with its place in the file, where it has one.
fn unreadable(error: &StockError, source: &Source) -> Failure {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(why) = cause {
        text += &format!(": {why}");
        cause = why.source();
    }
    let at = error.place().filter(|place| !place.is_empty());
    if let Some(before) = at.and_then(|place| source.text.get(..place.start)) {
        let line = before.lines().count().max(1) + usize::from(before.ends_with('\n'));
        let column = before
            .rsplit('\n')
            .next()
            .unwrap_or_default()
            .chars()
            .count()
            + 1;
        text = format!("{}:{line}:{column}: {text}", source.file);
    }
    Failure::input(
        text,
        "see what the scenario names under [data], [secret] and {{env.…}}",
    )
}
