//! What targets promise, checked from outside.
//!
//! A contract in words is `targets/contracts/<name>-<version>.md`; its checks
//! are one module here. Adding one is that module and a variant of [`Contract`].
//! Starting the target, its database and its sink is the caller's business, and
//! so is what a failed check means for a run.

mod ask;
mod auth;
mod database;
mod finding;
mod greet;
mod http_date;
mod manners;
mod probe;
mod subject;

use std::net::SocketAddr;

use dyno_result::{Check, Conformance};
use thiserror::Error;

use finding::Finding;

pub use auth::LIMITER_ENVIRONMENT;
pub use database::{Database, Row, StandIn, Statement};
pub use subject::{Attempt, AuthBench, Mood, Pace, Sink, SinkHandle, Subject, Task};

/// Why nothing was checked.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Error {
    /// dyno does not know the contract.
    #[error("no contract is called {name:?}; known are {}", CONTRACTS.map(Contract::name).join(", "))]
    Unknown {
        /// As it was asked for.
        name: String,
    },
    /// The contract needs more than an address.
    #[error("{contract} is checked with a database and a sink, and none were given")]
    NoBench {
        /// The contract.
        contract: &'static str,
    },
}

#[derive(Debug, Clone, Copy)]
enum Contract {
    Greet1,
    Auth1,
    /// A free list of requests: nothing is promised but HTTP/1.1.
    Http1,
}

const CONTRACTS: [Contract; 3] = [Contract::Greet1, Contract::Auth1, Contract::Http1];

impl Contract {
    fn named(name: &str) -> Result<Self, Error> {
        CONTRACTS
            .into_iter()
            .find(|contract| contract.name() == name)
            .ok_or_else(|| Error::Unknown {
                name: name.to_owned(),
            })
    }

    fn name(self) -> &'static str {
        match self {
            Self::Greet1 => "greet/1",
            Self::Auth1 => "auth/1",
            Self::Http1 => "http/1",
        }
    }

    fn checks(self) -> Vec<&'static str> {
        match self {
            Self::Greet1 => greet::CHECKS.to_vec(),
            Self::Auth1 => auth::checks(),
            Self::Http1 => Vec::new(),
        }
    }

    fn bench(self, subject: &Subject) -> Result<&AuthBench, Error> {
        subject.auth.as_ref().ok_or(Error::NoBench {
            contract: self.name(),
        })
    }
}

/// The ids of a contract's checks, in the order of its result: those of
/// [`verify`], then those of [`limiter`].
pub fn checks(contract: &str) -> Result<Vec<&'static str>, Error> {
    Contract::named(contract).map(Contract::checks)
}

/// The environment that a contract wants for the process that [`limiter`]
/// checks, over that of a run; empty when it has no such checks.
pub fn limiter_environment(
    contract: &str,
) -> Result<&'static [(&'static str, &'static str)], Error> {
    Ok(match Contract::named(contract)? {
        Contract::Auth1 => LIMITER_ENVIRONMENT,
        Contract::Greet1 | Contract::Http1 => &[],
    })
}

/// Checks a target against a contract. Takes about three seconds with a good
/// target of greet/1, about fifteen with one of auth/1, and never longer than
/// its checks may take together.
///
/// Random inputs come from `seed`. A failed check whose id is in `allowed` is
/// marked so. With auth/1 the target's database must be freshly seeded.
pub async fn verify(
    contract: &str,
    subject: &Subject,
    seed: u64,
    allowed: &[String],
) -> Result<Conformance, Error> {
    let contract = Contract::named(contract)?;
    let address = subject.address;
    let (findings, work) = match contract {
        Contract::Greet1 => (greet::check(address, seed).await, Vec::new()),
        Contract::Auth1 => auth::check(address, contract.bench(subject)?, seed).await,
        Contract::Http1 => (Vec::new(), Vec::new()),
    };
    Ok(Conformance {
        contract: contract.name().to_owned(),
        seed,
        checks: into_checks(findings, allowed),
        work,
    })
}

/// The checks of a contract that want a process of their own, started with
/// [`limiter_environment`]: those of limits that would be in the way of all
/// others. They belong behind the checks of [`verify`].
pub async fn limiter(
    contract: &str,
    subject: &Subject,
    seed: u64,
    allowed: &[String],
) -> Result<Vec<Check>, Error> {
    let contract = Contract::named(contract)?;
    let findings = match contract {
        Contract::Auth1 => auth::limiter(subject.address, contract.bench(subject)?, seed).await,
        Contract::Greet1 | Contract::Http1 => Vec::new(),
    };
    Ok(into_checks(findings, allowed))
}

fn into_checks(findings: Vec<Finding>, allowed: &[String]) -> Vec<Check> {
    let findings = findings.into_iter();
    findings
        .map(|finding| finding.into_check(allowed))
        .collect()
}

impl From<SocketAddr> for Subject {
    fn from(address: SocketAddr) -> Self {
        Self {
            address,
            auth: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nowhere() -> Subject {
        SocketAddr::from(([127, 0, 0, 1], 1)).into()
    }

    #[test]
    fn an_unknown_contract_is_answered_with_the_known_ones() {
        assert_eq!(
            checks("greet/2").unwrap_err().to_string(),
            "no contract is called \"greet/2\"; known are greet/1, auth/1, http/1"
        );
    }

    #[test]
    fn ids_of_checks_begin_with_their_contract_and_are_unique() {
        for contract in CONTRACTS {
            let (prefix, _version) = contract.name().split_once('/').unwrap();
            let mut ids = contract.checks();
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
        let conformance = verify("http/1", &nowhere(), 7, &[]).await.unwrap();
        assert_eq!(conformance.checks, []);
        assert_eq!(limiter("http/1", &nowhere(), 7, &[]).await, Ok(Vec::new()));
    }

    #[tokio::test]
    async fn without_a_bench_auth_is_not_checked() {
        let contract = "auth/1";
        let error = Error::NoBench { contract };
        assert_eq!(
            verify(contract, &nowhere(), 7, &[]).await,
            Err(error.clone())
        );
        assert_eq!(limiter(contract, &nowhere(), 7, &[]).await, Err(error));
    }
}
