//! What must have come of each recipe of the cookbook.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use dyno_result::{Load, ProbeOutcome, QuantileValue, SearchEnding, Shape};

use crate::common::shop::{Answer, Asked};
use crate::{FLOWS, Played, TOKEN, USERS, play};

pub(crate) fn signed_in(played: &Played) {
    let mut tokens = HashMap::new();
    for asked in &played.asked {
        if asked.line() == "POST /auth/login" {
            let token = format!("Bearer t{}", asked.number);
            assert_eq!(tokens.insert(asked.connection, token), None);
        } else {
            assert_eq!(asked.line(), "GET /users/me");
            let token = tokens.remove(&asked.connection).unwrap();
            assert_eq!(asked.header("Authorization"), Some(token.as_str()));
        }
    }
    assert_eq!((played.asked.len() as u64, tokens.len()), (2 * FLOWS, 0));
}

pub(crate) fn mixed(played: &Played) {
    let arrived = |method: &str| {
        let of_method = played.asked.iter().filter(|asked| asked.method == method);
        of_method.map(Asked::line).collect::<Vec<_>>()
    };
    let (reads, writes) = (arrived("GET"), arrived("POST"));
    let figures = played.step().requests.iter();
    let figures: Vec<_> = figures
        .map(|request| (request.flow.as_str(), request.counts.due))
        .collect();
    let counted = [("read", reads.len() as u64), ("write", writes.len() as u64)];
    assert_eq!(figures, counted);
    // 320 of 360 are expected, with a standard error of 6.
    assert!(reads.len().abs_diff(320) <= 24, "{figures:?}");
    let pages: BTreeSet<_> = reads.iter().collect();
    assert!((30..=50).contains(&pages.len()), "{pages:?}");
    let titles = played.asked.iter().map(|asked| asked.field("title"));
    let titles: BTreeSet<_> = titles.filter(|title| title.starts_with("item ")).collect();
    assert_eq!(titles.len(), writes.len());
}

pub(crate) fn a_user_each(played: &Played) {
    let users = played.distinct(|asked| asked.field("email"));
    assert_eq!(
        (users.len() as u64, played.step().counts.due),
        (USERS, USERS)
    );
    // In the order of the file, the numbers of each connection would go up.
    let mut last = HashMap::new();
    let mut goes_back = |asked: &Asked| {
        let email = asked.field("email");
        let user: u64 = email[1..]
            .strip_suffix("@example.org")
            .unwrap()
            .parse()
            .unwrap();
        let before = last.insert(asked.connection, user);
        before.is_some_and(|before| user < before)
    };
    let back = played.asked.iter().filter(|asked| goes_back(asked)).count();
    assert!(back > 10, "{back}");
}

pub(crate) fn signed_up(played: &Played) {
    let emails = played.distinct(|asked| asked.field("email"));
    assert_eq!(emails.len() as u64, FLOWS);
    let passwords = played.distinct(|asked| asked.field("password"));
    assert!(passwords.iter().all(|password| password.len() == 12));
}

pub(crate) fn thought(played: &Played) {
    let step = played.step();
    let half = |of: &dyno_result::Distribution| {
        let mut quantiles = of.quantiles.iter();
        match quantiles.find(|quantile| quantile.q == 0.5).unwrap().value {
            Some(QuantileValue::Ns(ns)) => ns,
            other => panic!("{other:?}"),
        }
    };
    let [list, item] = &step.requests[..] else {
        panic!("two requests");
    };
    // Half of all pauses are longer than 30 ms x ln 2.
    let flow = half(&step.flows[0].time);
    assert!(flow > 15_000_000, "{flow}");
    let responses = [
        half(&list.response),
        half(&item.response),
        half(&step.response),
    ];
    assert!(
        responses.iter().all(|ns| ns * 3 < flow),
        "{responses:?} {flow}"
    );
}

pub(crate) fn not_found(played: &Played) {
    let step = played.step();
    assert_eq!(step.statuses.get(&404), Some(&FLOWS));
    assert_eq!((step.response.count, step.response.failed), (FLOWS, 0));
}

pub(crate) fn sampled(played: &Played) {
    let scenario = std::fs::read_to_string(played.place.path("scenario.toml")).unwrap();
    let failed = |answer| play(&scenario, answer).step().counts.failed;
    let empty = failed(|_| Answer::json(200, "{\"items\":[]}"));
    // 36 of 360 are expected, with a standard error of 5.7.
    assert!(empty.abs_diff(36) <= 24, "{empty}");
    // What is not the body is looked at in every answer.
    let wrong = failed(|asked| match asked.number % 2 {
        0 => Answer::json(500, "{}"),
        _ => Answer::new(200, "text/plain", "{}"),
    });
    assert_eq!(wrong, FLOWS);
}

pub(crate) fn around(played: &Played) {
    let asked: Vec<_> = played.asked.iter().map(Asked::line).collect();
    assert_eq!(asked.len() as u64, FLOWS + 2);
    assert_eq!(
        (asked[0].as_str(), played.asked[0].field("title").as_str()),
        ("POST /items", "measured")
    );
    assert_eq!(asked.last().unwrap(), "DELETE /items/4711");
    assert!(
        asked[1..asked.len() - 1]
            .iter()
            .all(|line| line == "GET /items/4711")
    );
}

pub(crate) fn secret(played: &Played) {
    let wanted = format!("Bearer {TOKEN}");
    assert_eq!(played.asked.len() as u64, FLOWS);
    let mut headers = played
        .asked
        .iter()
        .map(|asked| asked.header("Authorization"));
    assert!(headers.all(|header| header == Some(&wanted)));
    assert!(!played.said.contains(TOKEN), "{}", played.said);
    let files = files(&played.place.path("out"));
    let have = |word: &str| {
        let has = |(_, bytes): &&(String, Vec<u8>)| {
            bytes
                .windows(word.len())
                .any(|part| part == word.as_bytes())
        };
        let found = files.iter().filter(has).map(|(name, _)| name.as_str());
        found.collect::<Vec<_>>()
    };
    assert_eq!(have(TOKEN), Vec::<&str>::new());
    // The search finds what is there.
    assert_ne!(have("API_TOKEN"), Vec::<&str>::new());
}

/// The names and bytes of all files below a folder.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = std::fs::read_dir(folder).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let files = paths.flat_map(|path| match path.is_dir() {
        true => files(&path),
        false => vec![(path.display().to_string(), std::fs::read(&path).unwrap())],
    });
    files.collect()
}

pub(crate) fn swept(played: &Played) {
    let variants = played.run.variants.iter();
    let variants = variants.map(|variant| {
        (
            variant.vars["size"].as_str(),
            variant.env["WORKERS"].as_str(),
            &variant.id,
        )
    });
    let mut sent = HashMap::new();
    for (size, workers, id) in variants {
        let trials: Vec<_> = played
            .run
            .trials
            .iter()
            .filter(|trial| trial.variant == *id)
            .collect();
        assert_eq!(trials.len(), 1, "{id}");
        sent.insert((size, workers), trials[0].steps[0].bytes.sent);
    }
    // The larger number has three digits more in every request.
    assert_eq!(sent.len(), 4);
    for workers in ["1", "2"] {
        assert_eq!(
            sent[&("10240", workers)] - sent[&("39", workers)],
            3 * FLOWS
        );
    }
}

pub(crate) fn replayed(played: &Played) {
    let lines: Vec<_> = played.asked.iter().map(Asked::line).collect();
    let recorded: Vec<_> = (0..12).map(|n| format!("GET /old/{n}?n={n}")).collect();
    assert_eq!(lines, recorded);
    let Load::Open {
        shape: Some(Shape::Recorded { speed, .. }),
        duration_s,
        ..
    } = &played.run.steps[0].load
    else {
        panic!("{:?}", played.run.steps);
    };
    assert!(
        (speed - 2.0).abs() < 1e-9 && (duration_s - 0.44).abs() < 0.001,
        "{duration_s}"
    );
}

pub(crate) fn sought(played: &Played) {
    let search = played.step().search.as_ref().unwrap();
    let levels: Vec<f64> = search.probes.iter().map(|probe| probe.level).collect();
    // A busy machine spoils one or breaks its limit.
    assert_eq!(levels[0], 1.0, "{levels:?}");
    assert!(levels.iter().all(|level| *level <= 4.0), "{levels:?}");
    let undisturbed = search.probes.iter();
    let mut undisturbed = undisturbed.map(|probe| probe.outcome == ProbeOutcome::Held);
    if undisturbed.all(|is_held| is_held) {
        assert_eq!(levels, [1.0, 2.0, 4.0, 4.0, 4.0]);
        assert_eq!(search.ending, SearchEnding::NotReached);
    }
    assert!(
        played
            .asked
            .iter()
            .all(|asked| asked.line() == "GET /items")
    );
}
