//! Searches on servers whose capacity is known: the answer holds it, what happens
//! beyond it has a name, and the end of a search is told, whatever it is.

#![expect(clippy::unwrap_used, reason = "a test may panic, helpers included")]

mod common;
#[expect(
    dead_code,
    clippy::print_stdout,
    reason = "the rules of the ground-truth tests, of which some suffice; they tell what they saw"
)]
#[path = "../../dyno-truth/tests/truth/judge.rs"]
mod judge;

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::Instant;

use common::measured::is_measured;
use common::shop::{Answer, Asked, Shop};
use common::{Place, output, toy};
use dyno_result::{
    OverloadMode, ProbeOutcome, ProbeStage, Recovery, Run, Search, SearchEnding, Step,
};
use dyno_truth::{HIDDEN_COMMAND, Server, Watch};
use judge::{Judge, Tolerance};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// Times of milliseconds do not bear a second test at the same time.
static ALONE: Mutex<()> = Mutex::new(());

fn scenario(path: &str, search: &str) -> String {
    format!(
        "name = 'search'\nidle = '1ms'\ncooldown = '10ms'\nwarmup = '0s'\ntimeout = '3s'\n\
         [[request]]\npath = '{path}'\n\
         [[step]]\nname = 'to failure'\nsearch = {{ {search} }}\n"
    )
}

fn searches(run: &Run) -> Vec<(&Step, &Search)> {
    let steps = run.trials.iter().map(|trial| &trial.steps[0]);
    steps
        .map(|step| (step, step.search.as_ref().unwrap()))
        .collect()
}

/// Plays `search` three times on one queue of 6 ms. Every answer must hold `knee`, by
/// the rules of the ground-truth tests.
fn truth(name: &str, search: &str, knee: f64, percent: f64) {
    let _alone = ALONE
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    let watch = Watch::begin(&[0]);
    let mut command = Command::new(env!("CARGO_BIN_EXE_dyno"));
    let server = Server::start(command.arg(HIDDEN_COMMAND)).unwrap();
    let place = Place::new(&scenario("/queue?service=6ms", search));
    let url = format!("http://{}", server.address);
    let (code, table, talk) = output(&mut place.run(&["--url", &url, "--repeat", "3"]));
    let health = watch.end();
    let run = place.result();
    assert!(is_measured(code, &run), "{code} {talk}\n{table}");
    let mut judge = Judge::new(name);
    let (mut highest, mut lowest, mut without) = (0.0_f64, f64::INFINITY, 0);
    for (step, search) in searches(&run) {
        let (Some(held), Some(broken)) = (search.held, search.broken) else {
            without += 1;
            continue;
        };
        // No noise makes a server faster than it is.
        judge.exact("holds no more than it can", held.level <= 1.01 * knee, true);
        judge.near("holds", held.level, knee, Tolerance::Percent(percent));
        judge.near("breaks", broken.level, knee, Tolerance::Percent(percent));
        judge.below("knee, of what breaks", knee / broken.level, 1.01);
        (highest, lowest) = (highest.max(held.level), lowest.min(broken.level));
        without += i32::from(search.ending != SearchEnding::Found);
        // The figures of the step are those of the level that holds.
        let last = search.at(search.held).last().unwrap();
        assert_eq!((step.counts, &step.response), (last.counts, &last.response));
        if let Some(overload) = &search.overload {
            assert_eq!(overload.modes[0].mode, OverloadMode::Queues, "{overload:?}");
            let recovery = overload.probe.recovery;
            assert!(
                matches!(recovery, Some(Recovery::Recovered { .. })),
                "{recovery:?}"
            );
        }
    }
    judge.below("searches without an answer", f64::from(without), 1.0);
    judge.below(
        "highest that holds, of the lowest that breaks",
        highest / lowest,
        1.0,
    );
    judge.conclude(health);
}

/// A start at the time t waits for (load − 1)·t. After a second of it p99 is 60 ms at
/// 1.0545 times what the server can do, 166.7 a second.
#[test]
fn a_known_rate_lies_in_every_answer_and_three_of_them_overlap() {
    let search = "from = '100/s', limit = 'p99 < 60ms and failed < 0.1%', duration = '1s', \
                  precision = '10%', confirm = 2";
    let knee = (1.0 + (0.060 - 0.006) / 0.99) / 0.006;
    truth("search by rate", search, knee, 10.0);
}

/// So many connections wait for each other: a response takes their number of services.
#[test]
fn a_known_number_of_connections_lies_in_every_answer() {
    let search = "by = 'connections', from = 1, limit = 'p90 < 51ms', duration = '500ms', \
                  confirm = 2";
    // Between 8, which take 48 ms, and 9, which take 54.
    truth("search by connections", search, 8.5, 12.0);
}

/// When the first request came, and how many were served since.
static SERVED: Mutex<Option<(Instant, f64)>> = Mutex::new(None);

/// Serves 120 a second, a tenth of a second in advance, and says so to the others.
fn busy(_: &Asked) -> Answer {
    let mut served = SERVED.lock().unwrap();
    let (begin, count) = served.get_or_insert_with(|| (Instant::now(), -12.0));
    let allowed = 120.0 * begin.elapsed().as_secs_f64();
    *count = count.max(allowed - 12.0);
    if *count > allowed {
        return Answer::new(503, "text/plain", "too much");
    }
    *count += 1.0;
    Answer::new(200, "text/plain", "served")
}

#[test]
fn a_server_that_sheds_is_said_to_do_so() {
    let _alone = ALONE
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    let search = "from = '50/s', limit = 'failed < 1%', duration = '1s', precision = '20%', \
                  confirm = 1";
    let place = Place::new(&scenario("/", search));
    let shop = Shop::open(busy);
    let (code, table, talk) = output(&mut place.run(&["--url", &shop.url()]));
    let run = place.result();
    assert!(is_measured(code, &run), "{code} {talk}\n{table}");
    let (_, search) = searches(&run)[0];
    let Some(overload) = &search.overload else {
        assert_ne!(search.ending, SearchEnding::Found, "{search:?}");
        return;
    };
    // At 1.5 times what holds, some are too many.
    assert_eq!(overload.modes[0].mode, OverloadMode::Sheds, "{overload:?}");
    assert!(overload.probe.statuses[&503] > 0);
    let recovery = overload.probe.recovery;
    assert!(
        matches!(recovery, Some(Recovery::Recovered { .. })),
        "{recovery:?}"
    );
    assert!(search.held.unwrap().level < 150.0, "{search:?}");
    for words in ["sheds", "failed < 1%", "recovered"] {
        assert!(table.contains(words), "{words}: {table}");
    }
    for file in ["report.html", "charts/search.svg", "charts/search.png"] {
        assert!(place.path("out").join(file).is_file(), "{file}");
    }
    let (_, again, _) = output(&mut place.dyno(&["report", "out"]));
    assert_eq!(again, table);
}

#[test]
fn a_target_that_ends_is_an_answer() {
    let step = "[[step]]\nname = 'to failure'\n\
                search = { from = '200/s', limit = 'p99 < 1s', duration = '1s' }\n";
    let place = Place::new(&toy("'toy-dies-in-mid-run'", step));
    let (code, table, talk) = output(&mut place.run(&[]));
    let run = place.result();
    assert!(is_measured(code, &run), "{code} {talk}\n{table}");
    let (_, search) = searches(&run)[0];
    assert_eq!(search.ending, SearchEnding::Died { level: 200.0 });
    assert_eq!(search.probes[0].outcome, ProbeOutcome::Broke);
    assert_eq!(search.probes[0].recovery, Some(Recovery::Died));
    assert!(table.contains("Its process ended at 200/s"), "{table}");
    // Where others wait for their turn it is none.
    let more = format!("{step}[[step]]\nname = 'after'\nrequests = 1\nconnections = 1\n");
    let place = Place::new(&toy("'toy-dies-in-mid-run'", &more));
    let (code, ..) = output(&mut place.run(&[]));
    assert_eq!(code, 5);
    assert!(!place.result().trials[0].invalid_reasons.is_empty());
}

#[test]
fn a_search_that_is_interrupted_keeps_what_it_has() {
    let search = "from = '1/s', to = '2/s', limit = 'p99 < 1s', duration = '300ms', confirm = 20";
    let place = Place::new(&scenario("/", search));
    let shop = Shop::open(|_| Answer::new(200, "", "ok"));
    let mut run = place.run(&["--url", &shop.url()]);
    let mut dyno = run
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let talk = BufReader::new(dyno.stderr.take().unwrap());
    let mut lines = talk.lines().map(Result::unwrap);
    // Each probe is told.
    let is_told = |line: &String| line.starts_with("to failure, 1/s: held p99 < 1s");
    assert!(lines.any(|line| is_told(&line)));
    let pid = Pid::from_raw(dyno.id().try_into().unwrap());
    kill(pid, Signal::SIGINT).unwrap();
    lines.for_each(drop);
    assert_eq!(dyno.wait().unwrap().code(), Some(130));
    let run = place.result();
    assert!(run.trials[0].interrupted);
    let (_, search) = searches(&run)[0];
    assert_eq!(search.ending, SearchEnding::Interrupted);
    assert_eq!(search.probes[0].stage, ProbeStage::Doubling);
    assert!(search.probes.len() < 21 && search.overload.is_none());
}

#[test]
fn a_run_says_before_how_long_a_search_takes_at_most() {
    let search = "from = '100/s', to = '200/s', limit = 'p99 < 1s', duration = '100ms', \
                  precision = '50%', confirm = 1";
    let place = Place::new(&scenario("/", search));
    let shop = Shop::open(|_| Answer::new(200, "", "ok"));
    let (code, _, talk) = output(&mut place.run(&["--url", &shop.url()]));
    let run = place.result();
    assert!(is_measured(code, &run), "{code} {talk}");
    assert!(
        talk.contains("1 trial (1 target x 1 round): at most 2 min"),
        "{talk}"
    );
    let (_, search) = searches(&run)[0];
    let is_known = matches!(
        search.ending,
        SearchEnding::NotReached | SearchEnding::Generator { .. }
    );
    assert!(is_known, "{search:?}");
}
