//! Flows of requests over every protocol.

use std::path::Path;
use std::time::{Duration, Instant};

use dyno_engine::{Protocol, Stock, Trust, Wall};
use dyno_scenario::{
    Capture, Check, Escape, Flow, Part, Place, Plan, Request, Source, Text, Variant,
};

use crate::case::{Case, HTTP2, address, encrypted, failures, file};
use crate::speaker::{Speaker, Speaks, certificate};

/// What one answer gives goes into the next request, whatever is spoken.
#[tokio::test]
async fn flows_are_played_over_every_protocol() {
    let certified = certificate();
    let (_folder, ca) = file(&certified.cert.pem());
    for (speaks, protocol) in [(Speaks::Http1, Protocol::Http1), (Speaks::Http2, HTTP2)] {
        let server = Speaker::start(speaks, Some(&certified));
        let mut first = Request::new("GET", "/ok");
        let from = |from| Capture { slot: 0, from };
        first.captures = vec![from(Place::Regex("o.".to_owned()))];
        first.checks = vec![Check::Header("content-length".to_owned(), Text::Exists)];
        let mut second = Request::new("GET", "/");
        second.path.parts.push(Part::Value {
            source: Source::Slot(0),
            escape: Escape::Url,
            place: 0..0,
        });
        second.headers = vec![("X-Ok".to_owned(), second.path.clone())];
        second.checks = vec![Check::BodyEquals(b"ok".to_vec())];
        let plan = Plan {
            flows: vec![Flow {
                name: "both".to_owned(),
                weight: 1,
                cookies: true,
                requests: vec![first, second],
            }],
            slots: vec!["word".to_owned()],
            ..Plan::default()
        };
        let folder = Path::new("");
        let wall = Wall {
            at: Instant::now(),
            since_1970: Duration::ZERO,
        };
        let stock = Stock::read(&plan, &Variant::default(), folder, wall).unwrap();
        let trust = Trust::File(ca.clone());
        let address = encrypted(server.address, protocol, "localhost", trust);
        let case = Case::default();
        let played = case.try_play_plan(&plan, &stock, &address).await.unwrap();
        assert_eq!(failures(&played), [], "{speaks:?}");
        assert_eq!(played.step.flows[0].counts.succeeded, 40, "{speaks:?}");
        assert_eq!(
            (server.requests(), server.connections()),
            (80, 2),
            "{speaks:?}"
        );
    }
}

/// What answers tell of their times is the same in every protocol.
#[tokio::test]
async fn times_are_told_over_every_protocol() {
    for (speaks, protocol) in [(Speaks::Http1, Protocol::Http1), (Speaks::Http2, HTTP2)] {
        let server = Speaker::start(speaks, None);
        let case = Case {
            path: "/timing",
            ..Case::default()
        };
        let played = case.play(&address(server.address, protocol)).await;
        let told = played.step.attribution.unwrap();
        let parts = ["own", "pool", "db", "hashq", "hash"];
        let parts = parts.map(|name| told.part(name).unwrap().total_ns / 40);
        assert_eq!(
            (told.answers, parts),
            (40, [1_000, 0, 2_000, 0, 1_000]),
            "{speaks:?}"
        );
        assert_eq!(told.whole_ns(), told.service_ns, "{speaks:?}");
    }
}
