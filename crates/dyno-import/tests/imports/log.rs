//! Access logs, and the mix that comes of them.

use crate::common::{parsed, uncommented};
use dyno_import::{Imported, MANY_PATHS, Source, log};

/// Lines of a combined log, each request so many times.
fn lines(requests: &[(&str, u16, usize)]) -> String {
    let mut text = String::new();
    for (index, (request, status, count)) in requests.iter().enumerate() {
        let second = index % 60;
        let line = format!(
            "127.0.0.1 - - [22/Nov/2026:10:00:{second:02} +0000] \"{request} HTTP/1.1\" \
             {status} 512 \"-\" \"Mozilla/5.0\"\n"
        );
        text.push_str(&line.repeat(*count));
    }
    text
}

fn imported(text: &str) -> Imported {
    log(Source::file("logs/access.log"), text, MANY_PATHS).unwrap()
}

#[test]
fn what_is_no_file_cannot_be_played_again() {
    let source = |file| Source {
        name: "access.log",
        file,
    };
    let text = |file| {
        let made = log(source(file), &lines(&[("GET /", 200, 1)]), MANY_PATHS);
        made.unwrap().text
    };
    let (with, without) = (text(Some("../logs/access.log")), text(None));
    assert!(
        with.contains("{ log = \"../logs/access.log\", speed = 1.0 }"),
        "{with}"
    );
    assert!(!without.contains("as recorded"), "{without}");
    assert!(with.starts_with(&without), "{with}");
}

#[test]
fn a_log_becomes_a_mix() {
    let mut requests = vec![
        ("GET /", 200, 50),
        ("GET /", 304, 10),
        ("GET /search?q=tea", 200, 4),
        ("GET /search?q=\\\"{{x}}", 200, 1),
        ("POST /orders", 201, 5),
        ("GET /slow", 500, 2),
        ("GET /slow", 200, 1),
        ("GET /users/7", 200, 1),
    ];
    let items: Vec<_> = (0..120)
        .map(|id| format!("GET /items/{id}/reviews?page=1"))
        .collect();
    requests.extend(items.iter().map(|item| (item.as_str(), 200, 1)));
    requests.push(("GET /items/7/reviews?page=1", 404, 2));
    let text = format!("{}\nnot a line\n", lines(&requests));
    let imported = imported(&text);
    let warnings: Vec<_> = imported.warnings.iter().map(ToString::to_string).collect();
    // Most of the hundred rows say nothing new.
    let row = |line: &&str| {
        !line.starts_with("    { items") || line.contains("\"7\"") || line.contains("\"98\"")
    };
    let text: Vec<_> = imported.text.lines().filter(row).collect();
    insta::assert_snapshot!(format!("{}\n---\n{}", text.join("\n"), warnings.join("\n")));
    let scenario = parsed(&imported);
    let seen: Vec<_> = scenario
        .plan
        .flows
        .iter()
        .map(|f| (f.name.as_str(), f.weight))
        .collect();
    let expected = [
        ("GET /items/{items}/reviews", 122),
        ("GET /", 60),
        ("GET /search", 5),
        ("POST /orders", 5),
        ("GET /slow", 3),
        ("GET /users/7", 1),
    ];
    assert_eq!(seen, expected);
    let dyno_scenario::Rows::Inline(columns, rows) = &scenario.plan.data[0].rows else {
        panic!("{:?}", scenario.plan.data);
    };
    assert_eq!(
        (columns.as_slice(), rows.len()),
        (&["items".to_owned()][..], 100)
    );
    assert_eq!(rows[0], ["7"]);
    parsed(&uncommented(&imported));
}

#[test]
fn json_lines_are_read_and_named_for_the_replay() {
    let text = "{\"time\":1,\"method\":\"GET\",\"path\":\"/a\",\"status\":200}\n";
    let imported = imported(&text.repeat(3));
    assert_eq!(parsed(&imported).plan.flows[0].weight, 3);
    assert!(
        imported.text.contains("format = \"jsonl\""),
        "{}",
        imported.text
    );
    parsed(&uncommented(&imported));
}

#[test]
fn weights_are_scaled_and_the_tail_is_cut() {
    let paths: Vec<_> = (0..250).map(|n| format!("GET /page-{n}-x")).collect();
    let mut requests: Vec<_> = paths.iter().map(|path| (path.as_str(), 200, 2)).collect();
    requests.push(("GET /hot", 200, 40_000));
    let imported = imported(&lines(&requests));
    let plan = parsed(&imported).plan;
    assert_eq!(plan.flows.len(), 200);
    assert_eq!((plan.flows[0].weight, plan.flows[1].weight), (10_000, 1));
    let warning = imported.warnings[0].to_string();
    assert_eq!(
        warning,
        "the 200 most frequent of 251 requests kept; the others were 0.3 % of all"
    );
}

#[test]
fn names_of_data_do_not_meet() {
    let mut requests = Vec::new();
    for id in 0..20 {
        for path in ["GET /env", "PUT /env", "GET /a/b", "GET /a/c/b", "GET "] {
            requests.push(format!("{path}/{id}"));
        }
        requests.push(format!("DELETE /a/b/{id}/{id}"));
    }
    let requests: Vec<_> = requests
        .iter()
        .map(|request| (request.as_str(), 200, 1))
        .collect();
    let plan = parsed(&imported(&lines(&requests))).plan;
    let names: Vec<_> = plan.data.iter().map(|data| data.name.as_str()).collect();
    assert_eq!(
        names,
        ["env_get", "env_put", "a_b", "a_c_b", "ids", "a_b_delete"]
    );
}

#[test]
fn what_is_no_log_says_so() {
    for (text, expected) in [
        ("", "the log is empty"),
        (
            "\n\nhello\nworld",
            "line 3: no line of the log has a request",
        ),
        ("{\"a\":1}", "line 1: no line of the log has a request"),
    ] {
        let error = log(Source::file("x"), text, MANY_PATHS).unwrap_err();
        assert_eq!(error.to_string(), expected);
        assert!(error.hint().contains("combined log format"));
    }
}

proptest::proptest! {
    #[test]
    fn any_path_of_a_log_parses(paths in proptest::collection::vec("/(\\PC|[0-9{}\"'\\\\/?&#%]){0,12}", 1..40), many in 0_usize..5) {
        let quoted: Vec<_> = paths.iter().map(|path| format!("GET {}", path.replace('\\', "\\\\").replace('"', "\\\""))).collect();
        let requests: Vec<_> = quoted.iter().map(|request| (request.as_str(), 200, 1)).collect();
        let imported = log(Source::file("access.log"), &lines(&requests), many).unwrap();
        let scenario = parsed(&imported);
        let weight: u32 = scenario.plan.flows.iter().map(|flow| flow.weight).sum();
        proptest::prop_assert_eq!(weight as usize, paths.len());
    }
}
