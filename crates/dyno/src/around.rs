//! What is asked around the load of a trial: the setup before its first step, the
//! teardown after its last.

use std::time::Duration;

use dyno_engine::{Address, Ask, Stock, Stop, Unanswered, ask};
use dyno_scenario::{Request, Scenario};

use crate::failure::Failure;
use crate::interrupt::Interrupt;

/// Longest part of a wrong answer that is told.
const LENGTH: usize = 200;

/// Asks the requests of a setup; what they capture goes into `stock`. Why that
/// failed, if it did. `at` is the address, and the seed of the trial.
pub(crate) async fn set_up(
    scenario: &Scenario,
    at: (&Address, u64),
    stock: &mut Stock,
    interrupt: &Interrupt,
) -> Result<Option<String>, Failure> {
    let stop = Stop::default();
    let asked = ask_all(scenario, &scenario.plan.setup, at, stock, &stop);
    tokio::pin!(asked);
    let failed = tokio::select! {
        failed = &mut asked => failed?,
        () = interrupt.asked() => {
            stop.set();
            asked.await?
        }
    };
    Ok(failed.map(|failed| words("setup", &failed)))
}

/// Asks those of a teardown, also when the end has been asked for.
pub(crate) async fn tear_down(
    scenario: &Scenario,
    at: (&Address, u64),
    stock: &mut Stock,
) -> Result<Option<String>, Failure> {
    let (requests, stop) = (&scenario.plan.teardown, Stop::default());
    let failed = ask_all(scenario, requests, at, stock, &stop).await?;
    Ok(failed.map(|failed| words("teardown", &failed)))
}

async fn ask_all(
    scenario: &Scenario,
    requests: &[Request],
    (address, seed): (&Address, u64),
    stock: &mut Stock,
    stop: &Stop,
) -> Result<Option<Unanswered>, Failure> {
    let timeouts = scenario.steps.iter().map(|step| step.timeout);
    let what = Ask {
        requests,
        plan: &scenario.plan,
        address,
        timeout: timeouts.max().unwrap_or(Duration::from_secs(10)),
        seed,
        stop,
    };
    Ok(ask(what, stock).await?)
}

/// `the setup request "login" failed: status.4xx (HTTP/1.1 401 Unauthorized: no)`
fn words(what: &str, failed: &Unanswered) -> String {
    let Unanswered {
        request,
        kind,
        example,
    } = failed;
    let mut words = format!("the {what} request {request:?} failed: {}", kind.id());
    if let Some(example) = example {
        let status = example.head.lines().next().unwrap_or_default();
        let body: String = example.body.chars().take(LENGTH).collect();
        let check = match example.check.as_str() {
            "" => String::new(),
            check => format!("{check}; "),
        };
        words += &format!(" ({check}{status}: {})", body.trim());
    }
    words.replace(['\n', '\r'], " ")
}
