//! Logs, and how their requests lie in time.

use super::*;

fn source(replay: &str, file: &str, text: &str) -> (tempfile::TempDir, Source) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(file), text).unwrap();
    let scenario = format!("name = 'x'\n[[step]]\nname = 's'\nreplay = {replay}\n");
    let path = folder.path().join("s.toml").display().to_string();
    (folder, Source::parse(path, scenario, Vec::new()).unwrap())
}

fn recordings(source: &Source) -> Vec<&Recording> {
    let mut found = Vec::new();
    for step in &source.scenario.steps {
        if let Load::Open {
            profile: Profile::Recorded(recording),
            ..
        } = &step.load
        {
            found.push(recording);
        }
    }
    found
}

#[test]
fn whole_seconds_are_spread_by_the_seed_and_keep_their_order() {
    let line = |second: u64, path: &str| {
        format!("- - - [22/Nov/2026:10:00:{second:02} +0000] \"GET {path} HTTP/1.1\" 200 0\n")
    };
    let text = [(7, "/c"), (0, "/a"), (0, "/b"), (0, "/a"), (2, "/a")]
        .map(|(second, path)| line(second, path))
        .concat();
    let text = format!("{text}nothing\n\n- - - [soon] \"GET /d HTTP/1.1\" 200 0\n");
    let (_folder, read) = source("{ log = 'a.log', speed = [1.0, 2.0] }", "a.log", &text);
    let filled = |seed| {
        let mut source = read.clone();
        let notes = fill(&mut source, seed).unwrap();
        assert_eq!(
            notes,
            ["a.log: 2 lines without a request or a time passed over, the first is line 6"]
        );
        source
    };
    let source = filled(7);
    let [once, twice] = recordings(&source)[..] else {
        panic!("two levels");
    };
    let paths: Vec<_> = once.requests.iter().map(|r| r.name.as_str()).collect();
    assert_eq!(paths, ["GET /c", "GET /a", "GET /b"]);
    let asked: Vec<u32> = once.entries.iter().map(|entry| entry.request).collect();
    assert_eq!(asked, [1, 2, 1, 1, 0]);
    let at: Vec<Duration> = once.entries.iter().map(|entry| entry.at).collect();
    assert!(
        at.is_sorted() && at[0].is_zero() && at[2] < Duration::from_secs(1),
        "{at:?}"
    );
    assert!(at[1] > Duration::ZERO && at[3] > Duration::from_secs(1));
    let whole = |at: &Duration| at.subsec_nanos() == 0;
    assert!(!at[1..].iter().any(whole), "{at:?}");
    for (slow, fast) in once.entries.iter().zip(twice.entries.iter()) {
        assert!(slow.at.abs_diff(fast.at * 2) <= Duration::from_nanos(2));
    }
    assert_eq!(recordings(&filled(7)), recordings(&source));
    assert_ne!(recordings(&filled(8)), recordings(&source));
}

#[test]
fn a_har_file_is_the_requests_to_its_first_server() {
    let entry = |time: &str, rest: &str| format!("{{\"startedDateTime\": \"{time}\", {rest}}}");
    let entries = [
        entry(
            "2026-11-22T10:00:00.250Z",
            r#""request": {"method": "GET", "url": "http://h:1/a?b"}, "response": {"status": 200}"#,
        ),
        entry(
            "2026-11-22T10:00:00.100Z",
            r#""request": {"method": "POST", "url": "http://h:1/p", "headers": [
                {"name": "Host", "value": "h:1"}, {"name": ":path", "value": "/p"},
                {"name": "X-A", "value": "1"}, {"name": "Cookie", "value": "s=1"}],
                "postData": {"mimeType": "text/plain", "text": "ü"}}, "response": {"status": 401}"#,
        ),
        entry(
            "2026-11-22T10:00:00Z",
            r#""request": {"method": "GET", "url": "http://other/"}, "response": {"status": 200}"#,
        ),
        entry(
            "2026-11-22T10:00:00Z",
            r#""_fromCache": "disk", "request": {"method": "GET", "url": "http://h:1/"}, "response": {"status": 200}"#,
        ),
        entry(
            "2026-11-22T10:00:00Z",
            r#""request": {"method": "GET", "url": "http://h:1/x"}, "response": {"status": 0}"#,
        ),
    ];
    let text = format!("{{\"log\": {{\"entries\": [{}]}}}}", entries.join(", "));
    let (_folder, mut source) = source("{ log = 'a.har' }", "a.har", &text);
    fill(&mut source, 1).unwrap();
    let [recording] = recordings(&source)[..] else {
        panic!("one level");
    };
    let at: Vec<_> = recording
        .entries
        .iter()
        .map(|e| (e.at.as_millis(), e.request))
        .collect();
    assert_eq!(at, [(0, 1), (150, 0)]);
    let post = &recording.requests[1];
    assert_eq!(post.name, "POST /p");
    let header = |name: &str, value| (name.to_owned(), Template::fixed(value));
    let headers = [header("X-A", "1"), header("Content-Type", "text/plain")];
    assert_eq!(post.headers, headers);
    assert_eq!(post.body, Template::fixed("ü"));
    let right = Check::Status(vec![
        StatusRange {
            low: 200,
            high: 399,
        },
        StatusRange {
            low: 401,
            high: 401,
        },
    ]);
    assert_eq!(post.checks, [right]);
}

#[test]
fn what_cannot_be_replayed_is_said_before_the_load() {
    let check = |replay: &str, text: &str, expected: &str| {
        let (folder, mut source) = source(replay, "a.log", text);
        let seen = fill(&mut source, 1).unwrap_err().to_string();
        let seen = seen.replace(&format!("{}/", folder.path().display()), "");
        assert_eq!(seen, expected);
    };
    check(
        "{ log = 'b.log', speed = [1.0, 2.0] }",
        "",
        "s.toml:4:19: b.log: could not read it: No such file or directory (os error 2)",
    );
    check(
        "{ log = 'a.log' }",
        "hello\n",
        "s.toml:4:19: a.log: no request is in it: wanted are lines as Apache and nginx write \
         them; else say `format`",
    );
    check(
        "{ log = 'a.log', format = 'har' }",
        "hello\n",
        "s.toml:4:19: a.log: line 1: this is no HAR file: expected value (column 1)",
    );
}
