//! `dyno run` and `dyno hit` from start to stop, on real processes.

#![expect(clippy::unwrap_used, reason = "a test may panic, helpers included")]

mod common;

use common::measured::{is_measured, is_measured_by_its_words};
use common::{Place, SHORT, output, root, toy};
use dyno_result::{Run, Status};

#[test]
fn a_run_measures_every_target_freshly_and_its_page_can_be_made_again() {
    let steps = r#"
[[step]]
name = "levels"
requests = 101
connections = [1, 3]
[[step]]
name = "timed"
duration = "300ms"
connections = 2
warmup = "50ms"
"#;
    let place = Place::new(&toy(r#""toy", "toy-forks""#, steps));
    let (code, table, talk) = output(&mut place.run(&["--repeat", "2"]));
    let run = place.result();
    assert!(is_measured(code, &run), "{code} {talk}");
    assert_eq!(
        (run.status, run.trials.len(), run.seed),
        (Status::Complete, 4, 1)
    );
    for trial in &run.trials {
        let ids: Vec<_> = trial.steps.iter().map(|step| step.id.as_str()).collect();
        assert_eq!(ids, ["levels-c1", "levels-c3", "timed-c2"]);
        for step in &trial.steps {
            assert!(step.counts.balanced());
            assert_eq!(step.counts.failed, 0);
            let resources = step.resources.as_ref().unwrap();
            assert!(resources.cpu_user_ns + resources.cpu_system_ns > 0);
            assert!(resources.rss_peak_bytes > 1 << 20);
        }
        assert_eq!(trial.steps[0].counts.due, 101);
        assert_eq!(trial.invalid_reasons, Vec::<String>::new());
        assert!(!trial.stop.as_ref().unwrap().killed);
    }
    let forks = run
        .trials
        .iter()
        .find(|trial| trial.target == "toy-forks")
        .unwrap();
    assert!(
        forks.idle.as_ref().unwrap().processes >= 2,
        "workers are counted"
    );
    assert!(forks.stop.as_ref().unwrap().leftover_processes >= 1);
    let rounds: Vec<_> = run.trials.iter().map(|trial| trial.round).collect();
    assert_eq!(rounds, [1, 1, 2, 2]);
    let order: Vec<_> = run.order.iter().map(|place| &place.target).collect();
    let played: Vec<_> = run.trials.iter().map(|trial| &trial.target).collect();
    assert_eq!(order, played);
    // Slices and histograms belong to the steps and add up to them.
    let recording = place.recording();
    for (trial, seen) in run.trials.iter().zip(&recording.trials) {
        assert!(!seen.series.samples.is_empty());
        for step in &trial.steps {
            let whole = seen.histograms[&step.id].whole(|interval| &interval.response);
            assert_eq!(whole.len(), step.counts.succeeded);
        }
    }
    for file in [
        "report.html",
        "command.txt",
        "report.md",
        "charts/throughput.svg",
        "charts/throughput.png",
    ] {
        assert!(place.path("out").join(file).is_file(), "{file}");
    }
    // Every printed number is a pure function of the run directory.
    let (code, again, _) = output(&mut place.dyno(&["report", "out"]));
    assert_eq!((code, again), (0, table));
    let page = std::fs::read(place.path("out/report.html")).unwrap();
    let (code, ..) = output(&mut place.dyno(&["report", "out", "-f", "html", "-o", "again"]));
    assert_eq!(code, 0);
    assert_eq!(
        std::fs::read(place.path("again/report.html")).unwrap(),
        page
    );
    for (format, name) in [
        ("markdown", "Toy that forks"),
        ("csv", "toy-forks"),
        ("json", "toy-forks"),
    ] {
        let (code, text, _) = output(&mut place.dyno(&["report", "out", "--format", format]));
        assert_eq!(code, 0);
        assert!(text.contains(name), "{format}");
    }
}

#[test]
fn a_step_with_a_rate_sends_what_was_asked() {
    let steps = r#"
[[step]]
name = "open"
duration = "500ms"
rate = ["200/s", "400/s"]
arrivals = "constant"
connections = 8
"#;
    let place = Place::new(&toy(r#""toy""#, steps));
    let (code, table, talk) = output(&mut place.run(&[]));
    let run = place.result();
    assert!(is_measured(code, &run), "{code} {talk}");
    let sent: Vec<_> = run.trials[0]
        .steps
        .iter()
        .map(|s| (s.id.as_str(), s.counts.sent))
        .collect();
    assert_eq!(sent, [("open-r200", 100), ("open-r400", 200)]);
    let step = &run.trials[0].steps[0];
    assert!(step.service.is_some() && step.send_lag.is_some() && step.pool_wait.is_some());
    assert!(table.contains("service"), "{table}");
    assert!(place.path("out/report.html").is_file());
}

#[test]
fn the_counts_agree_with_the_server_s_own() {
    let scenario = r#"
name = "count"
contract = "greet/1"
targets = ["greet-go-counted"]
idle = "0s"
cooldown = "0s"
[[request]]
path = "/abc"
expect = { status = 200, body = "Hello, visitor! You've requested: /abc\n" }
[[step]]
name = "count"
requests = 10_007
connections = 100
warmup = "100ms"
[[step]]
name = "time"
duration = "500ms"
connections = 7
warmup = "0s"
"#;
    let place = Place::new(scenario);
    let (code, _, talk) = output(&mut place.run(&[]));
    let run = place.result();
    assert!(is_measured(code, &run), "{code} {talk}");
    let trial = &run.trials[0];
    let steps = trial.steps.iter();
    let of_step = |step: &dyno_result::Step| {
        step.counts.sent + step.warmup.as_ref().map_or(0, |w| w.counts.sent)
    };
    let sent: u64 = steps.map(of_step).sum::<u64>() + trial.start.as_ref().unwrap().probes;
    assert_eq!(trial.steps[0].counts.sent, 10_007);
    let log = std::fs::read_to_string(place.path("out/logs/001-greet-go-counted.log")).unwrap();
    let served = log
        .lines()
        .find_map(|line| line.strip_prefix("requests served: "));
    assert_eq!(served.unwrap().parse::<u64>().unwrap(), sent);
}

#[test]
fn the_44_ms_trap_fails_conformance_by_name() {
    let scenario = r#"
name = "nagle"
contract = "greet/1"
targets = ["greet-python-nagle"]
[[request]]
path = "/abc"
[[step]]
name = "never played"
requests = 10
connections = 1
"#;
    let place = Place::new(scenario);
    let (code, table, talk) = output(&mut place.run(&[]));
    assert_eq!(code, 6, "{talk}");
    assert!(talk.contains("greet.keepalive-fast"), "{talk}");
    assert!(table.contains("greet.keepalive-fast"), "{table}");
    let run = place.result();
    let conformance = run.targets[0].conformance.as_ref().unwrap();
    let failed: Vec<_> = conformance
        .failures()
        .map(|check| check.id.as_str())
        .collect();
    assert_eq!(failed, ["greet.keepalive-fast"]);
    assert!(run.trials.is_empty());
}

#[test]
fn a_server_that_somebody_else_runs() {
    let place = Place::new(&toy("", SHORT));
    let address = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let mut server = std::process::Command::new("python3")
        .arg(common::fixtures().join("toy/toy.py"))
        .env("HOST", "127.0.0.1")
        .env("PORT", address.port().to_string())
        .spawn()
        .unwrap();
    while std::net::TcpStream::connect(address).is_err() {
        assert!(server.try_wait().unwrap().is_none(), "the server has ended");
    }
    let url = format!("http://{address}/");
    let run = output(&mut place.run(&["--url", &url]));
    let hit = output(&mut place.dyno(&["hit", "-n", "207", "-c", "10", &url]));
    let json = output(&mut place.dyno(&[
        "hit",
        "-z",
        "200ms",
        "-c",
        "2",
        "--json",
        "--disable-keepalive",
        &url,
    ]));
    let post =
        output(&mut place.dyno(&["hit", "-n", "3", "-c", "1", "-m", "POST", "-d", "x", &url]));
    server.kill().unwrap();
    server.wait().unwrap();
    assert_eq!(run.0, 0, "{}", run.2);
    assert_eq!(place.result().trials[0].steps[0].counts.succeeded, 100);
    assert_eq!(hit.0, 0, "{}", hit.2);
    assert!(hit.1.contains("[200]\t207 responses"), "{}", hit.1);
    let result = Run::from_json("stdout", &json.1).unwrap();
    let step = &result.trials[0].steps[0];
    assert_eq!(
        step.connect.count, step.counts.due,
        "a connection for each request"
    );
    // http.server has no POST: 501, so nothing succeeded.
    assert_eq!(post.0, 5, "{}", post.1);
    assert!(!is_measured_by_its_words(post.0, &post.1), "{}", post.1);
    assert!(post.1.contains("status.5xx"), "{}", post.1);
}

#[test]
fn help_schema_completions_and_manual_are_there() {
    let place = Place::new("");
    for arguments in [
        &["--help"][..],
        &["--version"],
        &["schema", "scenario"],
        &["schema", "target"],
        &["schema", "result"],
        &["completions", "bash"],
        &["completions", "zsh"],
        &["man"],
        &["doctor"],
        &["doctor", "--json"],
    ] {
        let (code, text, talk) = output(&mut place.dyno(arguments));
        assert_eq!(code, 0, "{arguments:?}: {talk}");
        assert!(text.len() > 8, "{arguments:?}");
    }
    let (code, ..) = output(&mut place.dyno(&["man", "-o", "pages"]));
    assert_eq!(code, 0);
    assert!(place.path("pages/dyno-run.1").is_file());
}

#[test]
fn the_committed_files_are_in_order() {
    let place = Place::new("");
    let scenarios = std::fs::read_dir(root().join("scenarios")).unwrap();
    let targets = std::fs::read_dir(root().join("targets")).unwrap();
    let files = scenarios
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "toml"));
    let manifests = targets
        .map(|entry| entry.unwrap().path().join("target.toml"))
        .filter(|path| path.is_file());
    let files: Vec<_> = files.chain(manifests).collect();
    assert!(files.len() >= 6);
    let mut command = place.dyno(&["check"]);
    let (code, _, talk) = output(command.args(&files));
    assert_eq!(code, 0, "{talk}");
}
