//! HAR files: one as Chromium's DevTools exported it (`fixtures/record-har.mjs`), and
//! ones that are odd.

use crate::common::{parsed, uncommented};
use dyno_import::{Assets, Error, Imported, Source, har};
use dyno_scenario::{Check, StatusRange, Think};
use std::time::Duration;

const SHOP: &str = include_str!("../fixtures/shop.har");

#[test]
fn a_visit_that_chromium_recorded() {
    let imported = har(Source::file("shop.har"), SHOP, Assets::LeaveOut).unwrap();
    insta::assert_snapshot!(imported.text);
    let scenario = parsed(&imported);
    assert_eq!(scenario.name, "shop");
    let [flow] = scenario.plan.flows.as_slice() else {
        panic!("{:?}", scenario.plan.flows);
    };
    assert!(flow.cookies);
    let seen: Vec<_> = flow.requests.iter().map(|r| r.name.as_str()).collect();
    let expected = [
        "GET /",
        "POST /api/login",
        "GET /api/items?tag=b%C3%BCcher&limit=20",
        "GET /api/items/404",
        "POST /api/cart",
        "DELETE /api/cart/17",
    ];
    assert_eq!(seen, expected);
    let login = &flow.requests[1];
    let body = r#"{"email":"ann@example.com","password":"it's \"{{secret}}\" \\o/"}"#;
    assert_eq!(login.body.as_fixed(), Some(body.as_bytes()));
    let form = flow.requests[4].body.as_fixed().unwrap();
    assert_eq!(form, b"item=17&note=gift+%26+card&count=2");
    let missing = &flow.requests[3];
    let status = StatusRange {
        low: 404,
        high: 404,
    };
    assert_eq!(missing.checks, [Check::Status(vec![status])]);
    // Recorded: from the end of the page to the login 834 ms, of which one slice is
    // the page's own work.
    let Think::Fixed(think) = login.think else {
        panic!("{:?}", login.think);
    };
    assert!((Duration::from_millis(500)..Duration::from_secs(2)).contains(&think));
    // The token that the login gives out is the one that is sent later.
    let token = &scenario.plan.slots[login.captures[0].slot];
    assert_eq!((token.as_str(), login.captures.len()), ("token", 1));
    assert!(!imported.text.contains("t0k3n"), "{}", imported.text);
    let gone = ["Connection", "Content-Length", "Cookie", "Host"];
    for (name, _) in flow.requests.iter().flat_map(|request| &request.headers) {
        assert!(
            gone.iter().all(|gone| !gone.eq_ignore_ascii_case(name)),
            "{name}"
        );
    }
    let kept = |name: &str| login.headers.iter().any(|(other, _)| other == name);
    assert!(
        ["Accept", "User-Agent", "sec-ch-ua", "Origin"]
            .into_iter()
            .all(kept)
    );
}

#[test]
fn assets_can_be_kept_and_the_recording_replayed() {
    let imported = har(Source::file("shop.har"), SHOP, Assets::Keep).unwrap();
    let scenario = parsed(&imported);
    let paths: Vec<_> = scenario.plan.requests().map(|r| r.name.clone()).collect();
    let assets = ["/style.css", "/logo.svg", "/shop.js", "/icon.svg"];
    assert_eq!(paths[1..5], assets.map(|path| format!("GET {path}")));
    parsed(&uncommented(&imported));
}

/// A HAR file with these entries.
fn file(entries: &[&str]) -> String {
    format!(
        "{{\"log\":{{\"version\":\"1.2\",\"entries\":[{}]}}}}",
        entries.join(",\n")
    )
}

fn entry(start: &str, time: &str, request: &str, response: &str) -> String {
    format!(
        "{{\"startedDateTime\":\"2026-01-01T00:00:{start}Z\",\"time\":{time},\
         \"request\":{request},\"response\":{response}}}"
    )
}

fn get(path: &str) -> String {
    format!("{{\"method\":\"GET\",\"url\":\"http://h{path}\"}}")
}

fn imported(entries: &[&str]) -> Imported {
    har(Source::file("x.har"), &file(entries), Assets::LeaveOut).unwrap()
}

#[test]
fn pauses_are_from_the_last_end_to_the_next_start() {
    let ok = r#"{"status":200}"#;
    let entries = [
        entry("00.000", "100.4", &get("/a"), ok),
        // Before the one above had ended.
        entry("00.050", "500", &get("/b"), ok),
        entry("00.200", "1", &get("/c"), ok),
        entry("01.550", "1", &get("/d"), ok),
        // Nine milliseconds: the browser's own work.
        entry("01.560", "-1", &get("/e"), ok),
        // Out of order in the file.
        entry("00.020", "1", &get("/z"), ok),
    ];
    let entries: Vec<_> = entries.iter().map(String::as_str).collect();
    let scenario = parsed(&imported(&entries));
    let seen: Vec<_> = scenario
        .plan
        .requests()
        .map(|r| (r.name.as_str(), r.think))
        .collect();
    let expected = [
        ("GET /a", Think::None),
        ("GET /z", Think::None),
        ("GET /b", Think::None),
        ("GET /c", Think::None),
        ("GET /d", Think::Fixed(Duration::from_secs(1))),
        ("GET /e", Think::None),
    ];
    assert_eq!(seen, expected);
}

#[test]
fn the_main_origin_is_that_of_the_first_page() {
    let html = r#","content":{"mimeType":"text/html"}}"#;
    let page = format!(r#"{{"status":200{html}"#);
    let moved = format!(r#"{{"status":301{html}"#);
    let entries = [
        entry("00", "1", &get("/"), &moved),
        entry("01", "1", r#"{"method":"GET","url":"https://h/"}"#, &page),
        entry(
            "02",
            "1",
            r#"{"method":"GET","url":"https://h:443/data"}"#,
            r#"{"status":204}"#,
        ),
    ];
    let entries: Vec<_> = entries.iter().map(String::as_str).collect();
    let imported = imported(&entries);
    assert!(
        imported.text.contains("--url https://h\n"),
        "{}",
        imported.text
    );
    assert_eq!(parsed(&imported).plan.requests().count(), 2);
}

#[test]
fn what_is_left_out_is_said() {
    let ok = r#"{"status":200,"headers":[]}"#;
    let asked = r#"{"method":"POST","url":"http://h/p?{{x}}","bodySize":5,"headers":[
        {"name":":authority","value":"h"},{"name":"cookie","value":"a=b"},
        {"name":"Connection","value":"close"},{"name":"TE","value":"x"},
        {"name":"authorization","value":"Bearer abc"},{"name":"a b","value":"c"},
        {"name":"Accept","value":"x"},{"name":"accept","value":"y"}]}"#;
    let entries = [
        entry("00", "1", asked, ok),
        entry("01", "1", r#"{"method":"GET","url":"https://cdn/x"}"#, ok),
        entry(
            "02",
            "1",
            r#"{"method":"GET","url":"data:text/plain,x"}"#,
            ok,
        ),
        entry("03", "1", &get("/aborted"), r#"{"status":0}"#),
        entry(
            "04",
            "1",
            r#"{"method":"GET","url":"ws://h/live"}"#,
            r#"{"status":101}"#,
        ),
        entry(
            "05",
            "1",
            &get("/x.png"),
            r#"{"status":200,"content":{"mimeType":"image/png"}}"#,
        ),
        entry(
            "06",
            "1",
            &get("/cached"),
            r#"{"status":200},"_fromCache":"disk""#,
        ),
    ];
    let entries: Vec<_> = entries.iter().map(String::as_str).collect();
    let imported = imported(&entries);
    let scenario = parsed(&imported);
    assert_eq!(scenario.plan.requests().count(), 1);
    let warnings: Vec<_> = imported.warnings.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(format!("{}\n---\n{}", imported.text, warnings.join("\n")));
}

#[test]
fn what_was_sent_is_sent_again() {
    let asked = r#"{"method":"POST","url":"http://h/f","headers":[
        {"name":"accept-encoding","value":"br"},{"name":"If-None-Match","value":"x"},
        {"name":"Host","value":"h"},{"name":"Upgrade","value":"h2c"},
        {"name":"X","value":"\ufdd0env.HOME\ufdd1"}],
        "postData":{"mimeType":"application/x-www-form-urlencoded",
        "params":[{"name":"a","value":"1%202"},{"name":"b"}]}}"#;
    let entries = [
        entry("01", "1", asked, r#"{"status":304}"#),
        entry("00", "1", &get("/x.css"), r#"{"status":101}"#),
    ];
    let text = file(&entries.each_ref().map(String::as_str));
    let [line] = &dyno_import::recorded::har(&text).unwrap()[..] else {
        panic!("one was answered");
    };
    // date -u -d '2026-01-01 00:00:01' +%s
    assert_eq!(line.at, Some(1_767_225_601_000_000_000));
    assert_eq!(line.status, Some(304));
    assert_eq!(line.asked.body, "a=1%202&b=");
    let headers = line.asked.headers.iter().map(|(name, _)| name.as_str());
    let kept = ["accept-encoding", "If-None-Match", "X", "Content-Type"];
    assert_eq!(headers.collect::<Vec<_>>(), kept);
    // Letters that stand for placeholders inside of dyno are nothing but letters there.
    let scenario = parsed(&imported(&entries.each_ref().map(String::as_str)));
    let request = scenario.plan.requests().next().unwrap();
    assert_eq!(request.body.as_fixed(), Some(&b"a=1%202&b="[..]));
    let (_, value) = request
        .headers
        .iter()
        .find(|(name, _)| name == "X")
        .unwrap();
    let sent = "\u{fffd}env.HOME\u{fffd}";
    assert_eq!(value.as_fixed(), Some(sent.as_bytes()));
}

#[test]
fn malformed_files_say_so() {
    let check = |text: &str, expected: &str| {
        let error = har(Source::file("x.har"), text, Assets::LeaveOut).unwrap_err();
        assert!(error.to_string().starts_with(expected), "{error}");
        assert!(!error.hint().is_empty());
    };
    check("", "line 1: this is no HAR file: EOF");
    check(
        "\n\n{\"log\": 5}",
        "line 3: this is no HAR file: invalid type: integer `5`, expected an object (column 9)",
    );
    check(
        "{\"log\":{\n\"entries\":[{}]}}",
        "line 2: this is no HAR file: missing field",
    );
    check(
        "{\"log\":{\"entries\":{}}}",
        "line 1: this is no HAR file: invalid type: object, expected a list (column 18)",
    );
    let status = r#"{"status":"200"}"#;
    check(
        &file(&[&entry("00", "1", &get("/"), status)]),
        "line 1: this is no HAR file: invalid type: string \"200\", expected a number (column ",
    );
    check(&SHOP[..SHOP.len() / 2], "line ");
    check(&file(&[]), "no entry of the HAR file has an address");
    let elsewhere = entry(
        "00",
        "1",
        r#"{"method":"GET","url":"chrome-extension://x/y"}"#,
        r#"{"status":200}"#,
    );
    check(
        &file(&[&elsewhere]),
        "no entry of the HAR file has an address",
    );
    let unanswered = entry("00", "1", &get("/"), r#"{"status":0}"#);
    check(&file(&[&unanswered]), "nothing is left to ask of http://h");
    let is_malformed = matches!(
        har(Source::file("x"), "[]", Assets::Keep),
        Err(Error::Malformed { line: 1, .. })
    );
    assert!(is_malformed);
}
