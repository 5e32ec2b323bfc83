//! The contracts that targets promise, and their checks from outside.
//!
//! A contract in words is `targets/contracts/<name>-<version>.md`; its checks
//! are one module here. Adding one is that module and a variant.
//! What a failed check means for a run is the caller's business.

mod greet;
mod http_date;
mod probe;

use std::net::SocketAddr;
use std::time::Duration;

use dyno_result::{Check, Conformance};
use thiserror::Error;
use tokio::time::timeout;

/// No check may take longer: a target that hangs fails, and dyno goes on.
const CHECK_LIMIT: Duration = Duration::from_secs(10);

/// A contract that dyno does not know.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("no contract is called {name:?}; known are {}", CONTRACTS.map(Contract::name).join(", "))]
pub struct UnknownContract {
    /// As it was asked for.
    pub name: String,
}

#[derive(Debug, Clone, Copy)]
enum Contract {
    Greet1,
    /// A free list of requests: nothing is promised but HTTP/1.1.
    Http1,
}

const CONTRACTS: [Contract; 2] = [Contract::Greet1, Contract::Http1];

impl Contract {
    fn named(name: &str) -> Result<Self, UnknownContract> {
        CONTRACTS
            .into_iter()
            .find(|contract| contract.name() == name)
            .ok_or_else(|| UnknownContract {
                name: name.to_owned(),
            })
    }

    fn name(self) -> &'static str {
        match self {
            Self::Greet1 => "greet/1",
            Self::Http1 => "http/1",
        }
    }

    fn checks(self) -> &'static [&'static str] {
        match self {
            Self::Greet1 => greet::CHECKS,
            Self::Http1 => &[],
        }
    }
}

/// The ids of a contract's checks, in the order of its result.
pub fn checks(contract: &str) -> Result<&'static [&'static str], UnknownContract> {
    Contract::named(contract).map(Contract::checks)
}

/// Checks the target at `address` against a contract. Takes about three seconds
/// with a good target and never longer than its checks may take together.
///
/// Random inputs come from `seed`. A failed check whose id is in `allowed` is
/// marked so.
pub async fn verify(
    contract: &str,
    address: SocketAddr,
    seed: u64,
    allowed: &[String],
) -> Result<Conformance, UnknownContract> {
    let contract = Contract::named(contract)?;
    let findings = match contract {
        Contract::Greet1 => greet::check(address, seed).await,
        Contract::Http1 => Vec::new(),
    };
    let checks = findings.into_iter().map(|finding| Check {
        id: finding.id.to_owned(),
        allowed: finding.problem.is_some() && allowed.iter().any(|id| id == finding.id),
        problem: finding.problem,
    });
    Ok(Conformance {
        contract: contract.name().to_owned(),
        seed,
        checks: checks.collect(),
    })
}

/// What one check saw: nothing wrong, or what was seen and what was wanted.
type Verdict = Result<(), String>;

struct Finding {
    id: &'static str,
    problem: Option<String>,
}

impl Finding {
    fn new(id: &'static str, verdict: Verdict) -> Self {
        Self {
            id,
            problem: verdict.err(),
        }
    }
}

/// The verdict of a check, or that it took too long.
async fn bounded(check: impl Future<Output = Verdict>) -> Verdict {
    timeout(CHECK_LIMIT, check)
        .await
        .unwrap_or_else(|_late| Err(format!("no verdict within {} s", CHECK_LIMIT.as_secs())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_contract_is_answered_with_the_known_ones() {
        assert_eq!(
            checks("greet/2").unwrap_err().to_string(),
            "no contract is called \"greet/2\"; known are greet/1, http/1"
        );
    }

    #[test]
    fn ids_of_checks_begin_with_their_contract_and_are_unique() {
        for contract in CONTRACTS {
            let (prefix, _version) = contract.name().split_once('/').unwrap();
            let mut ids = contract.checks().to_vec();
            for id in &ids {
                assert!(id.starts_with(&format!("{prefix}.")), "{id}");
            }
            ids.sort_unstable();
            ids.dedup();
            assert_eq!(ids.len(), contract.checks().len());
        }
    }

    #[tokio::test]
    async fn the_free_contract_asks_nothing() {
        let nowhere = SocketAddr::from(([127, 0, 0, 1], 1));
        let conformance = verify("http/1", nowhere, 7, &[]).await.unwrap();
        assert_eq!(conformance.checks, []);
    }
}
