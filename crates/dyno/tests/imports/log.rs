//! An access log.

use std::collections::BTreeSet;

use crate::common::Place;
use crate::common::shop::{Answer, Asked, Shop};
use crate::{SHORT, STARTS, as_recorded, import, play, succeeded};

/// A second of a server: what was asked, and how often.
const MIX: [(&str, usize); 4] = [
    ("/", 24),
    ("/search?q=tea", 8),
    ("/gone", 4),
    ("/items/ID", 4),
];

fn mix() -> Vec<String> {
    let mix = MIX.iter().flat_map(|(path, count)| {
        (0..*count).map(|id| format!("GET {}", path.replace("ID", &id.to_string())))
    });
    mix.collect()
}

#[test]
fn a_log_becomes_its_mix_or_is_played_again() {
    let place = Place::new("");
    let status = |line: &str| if line == "GET /gone" { 404 } else { 200 };
    let line = |line: &String| {
        let time = "22/Nov/2026:10:00:00 +0000";
        format!(
            "::1 - - [{time}] \"{line} HTTP/1.1\" {} 12 \"-\" \"x\"\n",
            status(line)
        )
    };
    let log: String = mix().iter().map(line).collect();
    std::fs::write(place.path("access.log"), log).unwrap();
    import(&place, &["log", "access.log", "--many", "3"]);
    let shop = || Shop::open(move |asked| Answer::json(status(&asked.line()), "{}"));
    let first = shop();
    let (step, asked) = play(&place, &first, &SHORT);
    succeeded(&step);
    let flows = step.requests.iter();
    let names: Vec<_> = flows.map(|request| request.flow.as_str()).collect();
    assert_eq!(
        names,
        ["GET /", "GET /search", "GET /gone", "GET /items/{items}"]
    );
    let all = STARTS as f64;
    for (flow, (_, weight)) in step.requests.iter().zip(MIX) {
        let share = weight as f64 / 40.0;
        let error = (all * share * (1.0 - share)).sqrt();
        let away = flow.counts.due as f64 - all * share;
        assert!(away.abs() < 5.0 * error, "{flow:?} of {all}");
    }
    let seen: BTreeSet<_> = asked.iter().map(Asked::line).collect();
    assert_eq!(seen, mix().into_iter().collect());
    as_recorded(&place);
    let second = shop();
    let (step, asked) = play(&place, &second, &["step[0].replay.speed=4"]);
    succeeded(&step);
    let mut seen: Vec<_> = asked.iter().map(Asked::line).collect();
    let mut recorded = mix();
    recorded.sort();
    seen.sort();
    assert_eq!(seen, recorded);
}
