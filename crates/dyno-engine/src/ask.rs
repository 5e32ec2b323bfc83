//! Requests around the load: the setup of a trial before its first step, and what
//! is to be done after its last. Each is asked once, in turn, over the same path
//! as the load; none is measured.

use std::time::Duration;

use dyno_result::{Example, FailureKind, Pacing};
use dyno_scenario::{Flow, Load, Mix, Plan, Request, Step, Until};

use crate::address::Address;
use crate::crew::Crew;
use crate::figures::examples;
use crate::play::Play;
use crate::redact::Redactor;
use crate::stock::Stock;
use crate::{Error, Stop};

/// What is to be asked.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// What, in this order: the setup or the teardown of `plan`.
    pub requests: &'a [Request],
    /// The plan that they are a part of.
    pub plan: &'a Plan,
    /// Where.
    pub address: &'a Address,
    /// A request without a complete answer for this long has failed.
    pub timeout: Duration,
    /// Seed of random values.
    pub seed: u64,
    /// Ends it early.
    pub stop: &'a Stop,
}

/// A request around the load has failed.
#[derive(Debug, Clone, PartialEq)]
pub struct Unanswered {
    /// Its name.
    pub request: String,
    /// What went wrong.
    pub kind: FailureKind,
    /// Its answer, if there was one.
    pub example: Option<Box<Example>>,
}

/// Asks each request once. What they capture goes into `stock` and can be used in
/// every template from then on. Cookies are kept from one to the next. The first
/// that fails is the last one asked, and the answer tells which.
pub async fn ask(ask: Ask<'_>, stock: &mut Stock) -> Result<Option<Unanswered>, Error> {
    if ask.requests.is_empty() {
        return Ok(None);
    }
    let load = Load::Closed {
        connections: 1,
        until: Until::Requests(1),
    };
    let step = Step {
        id: "around".to_owned(),
        name: "around".to_owned(),
        load,
        search: None,
        warmup: Duration::ZERO,
        timeout: ask.timeout,
        keepalive: true,
    };
    let flow = Flow {
        name: "around".to_owned(),
        weight: 1,
        cookies: true,
        requests: ask.requests.to_vec(),
    };
    let plan = Plan {
        flows: vec![flow],
        mix: Mix::Turns,
        ..ask.plan.clone()
    };
    let play = Play {
        step: &step,
        plan: &plan,
        stock,
        address: ask.address,
        threads: &[None],
        seed: ask.seed,
        pacing: Pacing::Sleep,
        stop: ask.stop,
    };
    let mut crew = Crew::start(&play)?;
    crew.is_curious = true;
    crew.ready().await?;
    let played = crew.phase(&step.id, &step.load, true, &mut |_| {}).await?;
    let totals = &played.totals;
    let parts = totals.parts.as_deref();
    let failed = parts.and_then(|parts| {
        let mut requests = ask.requests.iter().zip(&parts.requests);
        requests.find(|(_, part)| part.failed > 0)
    });
    if let Some((request, part)) = failed {
        let kinds = FailureKind::ALL.iter().zip(&part.failures);
        let mut kind = kinds
            .filter(|(_, count)| **count > 0)
            .map(|(kind, _)| *kind);
        let mut examples = examples(&plan, &totals.examples, &Redactor::new(stock));
        return Ok(Some(Unanswered {
            request: request.name.clone(),
            kind: kind.next().unwrap_or(FailureKind::ReceiveOther),
            example: examples.pop().map(Box::new),
        }));
    }
    drop(crew);
    for request in ask.requests {
        for capture in &request.captures {
            let captured = played
                .captured
                .as_ref()
                .and_then(|all| all.get(capture.slot));
            if let Some(value) = captured {
                stock.keep(capture.slot, value.clone());
            }
        }
    }
    Ok(None)
}
