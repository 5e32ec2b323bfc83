//! Limits as people write them, and what is wrong with others.

use proptest::prelude::*;

use super::*;

fn printed(text: &str) -> String {
    let clauses = parse_limit(text).unwrap_or_else(|errors| panic!("{text}: {errors:?}"));
    let clauses: Vec<String> = clauses.iter().map(Clause::to_string).collect();
    clauses.join(" and ")
}

#[test]
fn limits_are_read_however_they_are_spaced() {
    for (text, expected) in [
        (EXAMPLE, EXAMPLE),
        ("p99<200ms and failed<0.1%", EXAMPLE),
        ("  p99  <\t200ms\nand failed < 0.100% ", EXAMPLE),
        ("p99.9 <= 1500ms", "p99.9 <= 1.5s"),
        ("p5 < 1ms and p95 < 2ms", "p5 < 1ms and p95 < 2ms"),
        ("max < 1s and mean <= 20ms", "max < 1s and mean <= 20ms"),
        ("failed <= 0%", "failed <= 0%"),
        (
            "throughput >= 99.5% and goodput > 30/m",
            "throughput >= 99.5% and goodput > 0.5/s",
        ),
    ] {
        assert_eq!(printed(text), expected, "{text}");
    }
    let clauses = parse_limit("p99.9 < 1s and failed < 0.1%").unwrap();
    assert_eq!(clauses[0].metric, Metric::Quantile(0.999));
    assert_eq!(clauses[1].bound, Bound::Share(0.001));
}

/// The bytes that are wrong, and why.
#[test]
fn everything_wrong_is_said_with_its_place() {
    let check = |text: &str, expected: &[(&str, &str)]| {
        let errors = parse_limit(text).unwrap_err();
        let seen: Vec<(&str, &str)> = errors
            .iter()
            .map(|error| (&text[error.place.clone()], error.message.as_str()))
            .collect();
        assert_eq!(seen, expected, "{text}");
    };
    check("", &[("", "has nothing to compare")]);
    check("p99", &[("p99", "compares p99 with nothing")]);
    check("p99 <", &[("<", "compares p99 with nothing")]);
    check("p99 < 200ms and", &[("", "has nothing to compare")]);
    check("p100 < 1s", &[("p100", "has no metric \"p100\"")]);
    check("p0 < 1s", &[("p0", "has no metric \"p0\"")]);
    check("q99 < 1s", &[("q99", "has no metric \"q99\"")]);
    check("p99 == 1s", &[("==", "cannot compare p99 by \"==\"")]);
    check("p99 > 1s", &[(">", "cannot compare p99 by \">\"")]);
    check("goodput < 1/s", &[("<", "cannot compare goodput by \"<\"")]);
    check("p99 < 200", &[("200", "cannot compare p99 with \"200\"")]);
    check(
        "p99 < 0s",
        &[("0s", "wants p99 below 0s, which never holds")],
    );
    check(
        "failed < 0%",
        &[("0%", "wants failed below 0%, which never holds")],
    );
    check(
        "failed < 101%",
        &[("101%", "cannot compare failed with \"101%\"")],
    );
    check(
        "p99 < 1s or failed < 1%",
        &[("or", "has \"or\" behind p99 < 1s")],
    );
    check(
        "p99 < 1s and p99 < 2s and größe < 1",
        &[
            ("p99", "has p99 twice"),
            ("größe", "has no metric \"größe\""),
        ],
    );
}

proptest! {
    #[test]
    fn any_text_is_answered(text in "\\PC*") {
        if let Err(errors) = parse_limit(&text) {
            for error in errors {
                prop_assert!(text.get(error.place).is_some());
            }
        }
    }

    #[test]
    fn parse_after_print_is_identity(
        ms in 1..100_000_u64,
        percentile in 1..999_999_u32,
        failed in 0..10_000_u32,
        or_equal in any::<bool>(),
    ) {
        let level: f64 = format!("0.{percentile:06}").parse().unwrap();
        let clauses = vec![
            Clause {
                metric: Metric::Quantile(level),
                or_equal,
                bound: Bound::Time(Duration::from_millis(ms)),
            },
            Clause {
                metric: Metric::Failed,
                or_equal: true,
                bound: Bound::Share(f64::from(failed) / 100.0 / 100.0),
            },
        ];
        let text = format!("{} and {}", clauses[0], clauses[1]);
        prop_assert_eq!(parse_limit(&text), Ok(clauses));
    }
}
