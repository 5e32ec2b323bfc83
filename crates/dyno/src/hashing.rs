//! Which contracts make a target hash passwords, at what cost, and how long a hash takes
//! on its CPU: the ceiling of a login, whatever the language.

use dyno_result::HashTime;

use crate::failure::Failure;
use crate::preparation::{Bench, Env, Prepared};

/// The variable that says how costly a hash is.
const COST: &str = "BCRYPT_COST";

/// The cost where nobody says one: that of targets/contracts/auth-1.
const DEFAULT: u32 = 10;

/// Times a hash on the first CPU of the target, which must not run yet. `None` where its
/// contract needs none.
pub(crate) async fn measure(
    bench: &Bench,
    prepared: &Prepared,
    env: &Env,
) -> Result<Option<HashTime>, Failure> {
    let manifest = &prepared.manifest;
    let Some(cost) = cost(&manifest.contract, env, &manifest.run.env) else {
        return Ok(None);
    };
    let cpu = bench.layout.target_cpus.first().copied();
    let time = dyno_target::hash_time(cpu, cost).await;
    time.map(Some).map_err(Failure::dyno)
}

/// The cost in the environment of a target: the variant's before the manifest's.
fn cost(contract: &str, variant: &Env, manifest: &Env) -> Option<u32> {
    if contract != "auth/1" {
        return None;
    }
    let said = variant.get(COST).or_else(|| manifest.get(COST));
    let cost = said.map_or(Some(DEFAULT), |cost| cost.parse().ok());
    // What the contract allows; more would take minutes.
    cost.filter(|cost| (4..=14).contains(cost))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cost_is_the_one_that_the_target_is_started_with() {
        let env = |cost: &str| match cost {
            "" => Env::new(),
            cost => Env::from([(COST.to_owned(), cost.to_owned())]),
        };
        for (contract, variant, manifest, expected) in [
            ("auth/1", "", "", Some(10)),
            ("auth/1", "4", "", Some(4)),
            ("auth/1", "", "12", Some(12)),
            ("auth/1", "4", "12", Some(4)),
            ("auth/1", "31", "", None),
            ("auth/1", "many", "", None),
            ("greet/1", "10", "", None),
        ] {
            let seen = cost(contract, &env(variant), &env(manifest));
            assert_eq!(seen, expected, "{contract} {variant:?} {manifest:?}");
        }
    }
}
