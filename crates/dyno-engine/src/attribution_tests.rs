//! Durations that answers tell, and the parts that come of them.

use super::*;

/// Sums of the parts, and the doubts, of answers with these lines and service times
/// (ms).
fn heard(answers: &[(&str, u64)]) -> Attribution {
    let mut timings = Timings::new(1);
    for (lines, ms) in answers {
        timings.note(0, lines.as_bytes(), Duration::from_millis(*ms));
    }
    timings.whole().unwrap()
}

fn totals_ms(attribution: &Attribution) -> Vec<u64> {
    let parts = attribution.parts.iter();
    parts.map(|part| part.total_ns / 1_000_000).collect()
}

#[test]
fn a_service_time_is_split_without_rest() {
    let told = "pool;dur=1, db;dur=4, hashq;dur=2, hash;dur=20, app;dur=30\n";
    let seen = heard(&[(told, 32), (told, 40)]);
    assert_eq!((seen.answers, seen.service_ns), (2, 72_000_000));
    assert_eq!(totals_ms(&seen), [12, 6, 2, 8, 4, 40]);
    assert_eq!(seen.whole_ns(), seen.service_ns);
    assert_eq!(seen.doubts, AttributionDoubts::default());
    assert_eq!(seen.part("hash").unwrap().share, Some(40.0 / 72.0));
    let [app] = &seen.others[..] else {
        panic!("{:?}", seen.others)
    };
    assert_eq!((app.name.as_str(), app.total_ns), ("app", 60_000_000));
    assert_eq!(seen.part("hash").unwrap().p99_ns, None, "of two answers");
}

#[test]
fn what_does_not_go_together_is_counted() {
    let check = |lines: &str, totals: [u64; 6], doubts: [u64; 3]| {
        let seen = heard(&[(lines, 10)]);
        assert_eq!(totals_ms(&seen), totals, "{lines}");
        let found = seen.doubts;
        let found = [
            found.without_app,
            found.app_exceeded,
            found.service_exceeded,
        ];
        assert_eq!(found, doubts, "{lines}");
    };
    check("app;dur=10\n", [0, 10, 0, 0, 0, 0], [0, 0, 0]);
    check("app;dur=0\n", [10, 0, 0, 0, 0, 0], [0, 0, 0]);
    check("db;dur=4\n", [6, 0, 0, 4, 0, 0], [1, 0, 0]);
    check(
        "app;dur=5, db;dur=3, db;dur=4\n",
        [3, 0, 0, 7, 0, 0],
        [0, 1, 0],
    );
    check("app;dur=12, db;dur=3\n", [0, 9, 0, 3, 0, 0], [0, 0, 1]);
    check("app;dur=5, db;dur=11\n", [0, 0, 0, 11, 0, 0], [0, 1, 1]);
}

#[test]
fn other_names_are_sums_and_no_parts() {
    let seen = heard(&[
        ("app;dur=5, render;dur=2\n", 10),
        ("app;dur=5, render;dur=1, cache;dur=9\n", 10),
        // Without a known name the answer is not one of these.
        ("cache;dur=4\n", 10),
        ("app;dur=x\n", 10),
    ]);
    assert_eq!((seen.answers, seen.doubts.unreadable), (2, 1));
    assert_eq!(totals_ms(&seen), [10, 10, 0, 0, 0, 0]);
    let others = seen.others.iter();
    let others: Vec<_> = others
        .map(|o| (o.name.as_str(), o.total_ns / 1_000_000))
        .collect();
    assert_eq!(others, [("app", 10), ("cache", 13), ("render", 3)]);

    let many: Vec<String> = (0..12).map(|n| format!("n{n};dur=1, ")).collect();
    let long = format!("{};dur=1\n", "x".repeat(LONGEST_NAME + 1));
    let seen = heard(&[(&many.concat(), 10), (&long, 10), ("n3;dur=1\n", 10)]);
    assert_eq!((seen.answers, seen.others.len()), (0, MOST_OTHERS));
    assert_eq!(seen.doubts.left_out, 5);
    assert_eq!((seen.others[0].name.as_str(), seen.whole_ns()), ("n3", 0));
    assert_eq!(seen.others[0].share, None);
}

#[test]
fn quantiles_are_over_answers_and_nothing_is_zero() {
    let answers: Vec<String> = (1..=2_000)
        .map(|n| match n % 2 {
            0 => format!("db;dur={n}, app;dur={n}\n"),
            _ => "app;dur=0\n".to_owned(),
        })
        .collect();
    let answers: Vec<(&str, u64)> = answers
        .iter()
        .map(|lines| (lines.as_str(), 3_000))
        .collect();
    let seen = heard(&answers);
    let near = |seen: Option<u64>, ms: u64| {
        let ns = ms * 1_000_000;
        assert!(seen.unwrap().abs_diff(ns) <= ns / 100, "{seen:?} {ms}");
    };
    let db = seen.part("db").unwrap();
    assert_eq!(db.p50_ns, Some(0));
    near(db.p99_ns, 1_960);
    near(seen.part("outside").unwrap().p50_ns, 3_000);
    assert_eq!(seen.part("pool").unwrap().p99_ns, Some(0));
}

#[test]
fn requests_and_threads_add_up() {
    let (mut one, mut two) = (Timings::new(3), Timings::new(3));
    let told = |ms: u64| format!("app;dur={ms}, db;dur=1, extra;dur=1\n");
    one.note(0, told(2).as_bytes(), Duration::from_millis(5));
    two.note(0, told(3).as_bytes(), Duration::from_millis(5));
    two.note(2, told(4).as_bytes(), Duration::from_millis(5));
    one.add(&two);
    assert_eq!(totals_ms(&one.of(0).unwrap()), [5, 3, 0, 2, 0, 0]);
    assert_eq!(one.of(1), None);
    assert_eq!(totals_ms(&one.of(2).unwrap()), [1, 3, 0, 1, 0, 0]);
    let whole = one.whole().unwrap();
    assert_eq!(totals_ms(&whole), [6, 6, 0, 3, 0, 0]);
    assert_eq!((whole.answers, whole.others[1].total_ns), (3, 3_000_000));
    // More requests than are told apart go together.
    let mut all = Timings::new(0);
    all.note(120, told(2).as_bytes(), Duration::from_millis(5));
    assert_eq!(all.whole().unwrap().answers, 1);
    assert_eq!(Timings::new(2).whole(), None);
}
