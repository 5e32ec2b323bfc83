//! What Chromium recorded of a page on localhost.

use std::collections::BTreeMap;

use crate::common::shop::{Answer, Asked, Shop};
use crate::common::{Place, root};
use crate::{SHORT, STARTS, as_recorded, import, play, succeeded};

/// The server of `record-har.mjs`.
fn recorded_shop(asked: &Asked) -> Answer {
    let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\"></svg>";
    match asked.line().split('?').next().unwrap() {
        "GET /" => Answer::new(200, "text/html; charset=utf-8", "<!doctype html>")
            .with("Set-Cookie", "session=abc; Path=/; HttpOnly"),
        "GET /style.css" => Answer::new(200, "text/css", "h1 { color: teal }"),
        "GET /shop.js" => Answer::new(200, "text/javascript", "1"),
        "GET /logo.svg" | "GET /icon.svg" => Answer::new(200, "image/svg+xml", svg),
        "POST /api/login" => Answer::json(200, "{\"token\":\"an0ther\"}"),
        "GET /api/items" => Answer::json(200, "{\"items\":[{\"id\":17,\"name\":\"tea\"}]}"),
        "POST /api/cart" => Answer::json(201, "{\"id\":17}").with("Location", "/api/cart/17"),
        "DELETE /api/cart/17" => Answer::new(204, "", ""),
        _ => Answer::json(404, "{\"error\":\"not found\"}"),
    }
}

/// What `--assets` keeps.
const ASSETS: [&str; 4] = [
    "GET /style.css",
    "GET /logo.svg",
    "GET /shop.js",
    "GET /icon.svg",
];

#[test]
fn a_visit_recorded_by_a_browser_is_made_again() {
    let har = root().join("crates/dyno-import/tests/fixtures/shop.har");
    let har = har.to_str().unwrap();
    let ways = [
        (None, &[][..], &[1, 2, 4][..]),
        (Some("--assets"), &ASSETS, &[1, 4, 5, 6, 8]),
    ];
    for (flag, assets, pauses) in ways {
        let place = Place::new("");
        let arguments: Vec<_> = ["har", har].into_iter().chain(flag).collect();
        let warnings = import(&place, &arguments);
        assert!(
            warnings[0].starts_with(&format!("warning: {har}: ")),
            "{warnings:?}"
        );
        // The visitor thought for three seconds in all.
        let thinks = pauses
            .iter()
            .map(|at| format!("flow.visit.request[{at}].think=1ms"));
        let thinks: Vec<_> = thinks.collect();
        let settings = SHORT.into_iter().chain(thinks.iter().map(String::as_str));
        let settings: Vec<_> = settings.collect();
        let shop = Shop::open(recorded_shop);
        let (step, asked) = play(&place, &shop, &settings);
        succeeded(&step);
        assert_eq!(step.flows[0].counts.succeeded, STARTS);
        let mut visits: BTreeMap<usize, Vec<&Asked>> = BTreeMap::new();
        for asked in &asked {
            visits.entry(asked.connection).or_default().push(asked);
        }
        let mut whole = vec!["GET /"];
        whole.extend(assets);
        whole.extend([
            "POST /api/login",
            "GET /api/items?tag=b%C3%BCcher&limit=20",
            "GET /api/items/404",
            "POST /api/cart",
            "DELETE /api/cart/17",
        ]);
        for visit in visits.values().flat_map(|asked| asked.chunks(whole.len())) {
            let seen: Vec<_> = visit.iter().map(|asked| asked.line()).collect();
            assert_eq!(seen, whole);
            for (number, asked) in visit.iter().enumerate() {
                let cookie = (number > 0).then_some("session=abc");
                assert_eq!(asked.header("Cookie"), cookie, "{asked:?}");
                let login = assets.len() + 1;
                let bearer = (number > login).then_some("Bearer an0ther");
                assert_eq!(asked.header("Authorization"), bearer, "{asked:?}");
                let body = match asked.line().as_str() {
                    "POST /api/login" => {
                        r#"{"email":"ann@example.com","password":"it's \"{{secret}}\" \\o/"}"#
                    }
                    "POST /api/cart" => "item=17&note=gift+%26+card&count=2",
                    _ => "",
                };
                assert_eq!(asked.body, body);
            }
        }
        as_recorded(&place);
        let again = Shop::open(recorded_shop);
        let (step, asked) = play(&place, &again, &["step[0].replay.speed=10"]);
        succeeded(&step);
        let mut seen: Vec<_> = asked.iter().map(Asked::line).collect();
        let mut recorded = [&whole[..1], &ASSETS, &whole[assets.len() + 1..]].concat();
        recorded.sort_unstable();
        seen.sort();
        assert_eq!(seen, recorded);
        let token = |asked: &&Asked| asked.header("Authorization") == Some("Bearer t0k3n");
        assert_eq!(asked.iter().filter(token).count(), 4);
    }
}
