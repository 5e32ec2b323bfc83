//! On whose side failures arose, and the way out where it was not the target's.

use dyno_result::{FailureCount, FailureKind, Fault, Step};

use crate::number;

/// All that [`side`] gives, in the order in which they are told.
pub(crate) const SIDES: [&str; 4] = [
    "the target",
    "the network",
    "dyno's own limits",
    "the scenario's own values",
];

const DOCTOR: &str = "see `dyno doctor`";

/// On whose side failures of a kind arose.
pub(crate) fn side(kind: FailureKind) -> &'static str {
    let [target, network, limits, scenario] = SIDES;
    match kind.fault() {
        Fault::Target => target,
        Fault::Network => network,
        Fault::Generator if way_out(kind) == DOCTOR => limits,
        Fault::Generator => scenario,
    }
}

/// Of a kind that is on dyno's side.
fn way_out(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::GeneratorData => {
            "the rows of data were used up or could not be read; give more rows or \
             `end = \"repeat\"`, or mend the file"
        }
        FailureKind::GeneratorTemplate => {
            "a value cannot be written where its placeholder stands; mend the value or the \
             scenario"
        }
        _ => DOCTOR,
    }
}

/// Why there was no right answer, without a full stop.
pub(crate) fn no_answer(step: &Step) -> String {
    let (counts, failures) = (step.counts, &step.failures);
    match (counts.due, step.ran_out, &step.warmup) {
        (0, true, Some(_)) => "nothing was asked: the rows of data were used up before the step, \
                               by its warm-up or a step before it; give more rows, \
                               `end = \"repeat\"` or `warmup = \"0s\"`"
            .to_owned(),
        (0, true, None) => "nothing was asked: the rows of data were used up before the step; \
                            give more rows or `end = \"repeat\"`"
            .to_owned(),
        (0, false, _) => "nothing was asked: the step ended before its first start".to_owned(),
        _ if counts.sent == 0 && own_kinds(failures).next().is_some() => {
            format!("nothing was asked: requests {}", own(failures))
        }
        _ => "there was no right answer: see the failures, and whether the target serves what \
              was asked"
            .to_owned(),
    }
}

/// `failed by …`: what failed on dyno's side, by kind, and the ways out.
pub(crate) fn own(failures: &[FailureCount]) -> String {
    let of_side = |of: &str| {
        let kinds = own_kinds(failures).filter(|(kind, _)| side(*kind) == of);
        let counts = kinds.map(|(kind, count)| format!("{} {}", kind.id(), number::count(count)));
        let counts: Vec<String> = counts.collect();
        (!counts.is_empty()).then(|| format!("{of} ({})", counts.join(", ")))
    };
    let sides: Vec<String> = SIDES.into_iter().filter_map(of_side).collect();
    let mut ways: Vec<&str> = own_kinds(failures).map(|(kind, _)| way_out(kind)).collect();
    ways.sort_unstable();
    ways.dedup();
    format!("failed by {}: {}", sides.join(" and "), ways.join("; "))
}

fn own_kinds(failures: &[FailureCount]) -> impl Iterator<Item = (FailureKind, u64)> {
    let own = failures
        .iter()
        .filter(|failure| failure.kind.fault() == Fault::Generator);
    own.map(|failure| (failure.kind, failure.count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_on_dyno_s_side_has_its_way_out() {
        let check = |failures: &[(FailureKind, u64)], expected: &str| {
            let count = |&(kind, count)| FailureCount { kind, count };
            let failures: Vec<_> = failures.iter().map(count).collect();
            assert_eq!(own(&failures), expected);
        };
        let data = (FailureKind::GeneratorData, 360);
        let ports = (FailureKind::GeneratorPorts, 2);
        check(
            &[data],
            "failed by the scenario's own values (generator.data 360): the rows of data were \
             used up or could not be read; give more rows or `end = \"repeat\"`, or mend the file",
        );
        check(
            &[(FailureKind::GeneratorTemplate, 1)],
            "failed by the scenario's own values (generator.template 1): a value cannot be \
             written where its placeholder stands; mend the value or the scenario",
        );
        let of_dyno = "failed by dyno's own limits (generator.ports 2): see `dyno doctor`";
        check(&[(FailureKind::Status5xx, 7), ports], of_dyno);
        check(
            &[data, ports],
            "failed by dyno's own limits (generator.ports 2) and the scenario's own values \
             (generator.data 360): see `dyno doctor`; the rows of data were used up or could not \
             be read; give more rows or `end = \"repeat\"`, or mend the file",
        );
    }

    #[test]
    fn every_kind_is_on_one_of_the_sides() {
        for &kind in FailureKind::ALL {
            assert!(SIDES.contains(&side(kind)), "{}", kind.id());
        }
    }
}
