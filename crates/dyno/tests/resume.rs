//! Runs that are killed or interrupted and taken up again: at the end the result
//! has the trials of one that was not.

#![expect(clippy::unwrap_used, reason = "a test may panic, helpers included")]

mod common;

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use common::measured::is_measured;
use common::{Place, fixtures, output, toy};
use dyno_result::{Run, Status};

/// Two targets in three variants, twice: twelve trials.
fn swept() -> String {
    let steps = "[env]\nLEVEL = [\"1\", \"2\", \"3\"]\n[[step]]\nname = \"short\"\n\
                 requests = 100\nconnections = [1, 4]\n";
    toy(r#""toy", "toy-forks""#, steps).replace("idle =", "repeat = 2\nidle =")
}

const TRIALS: usize = 12;

/// What must be the same, whatever happened on the way.
fn trials(run: &Run) -> Vec<String> {
    let trial = |trial: &dyno_result::Trial| {
        let steps = trial.steps.iter();
        let steps: Vec<_> = steps.map(|step| (&step.id, step.counts.due)).collect();
        let (target, variant) = (&trial.target, &trial.variant);
        let place = (trial.number, trial.round, trial.position);
        format!(
            "{place:?} {target} {variant} {steps:?} {:?}",
            trial.invalid_reasons
        )
    };
    run.trials.iter().map(trial).collect()
}

fn resume(place: &Place) -> Command {
    let mut command = place.dyno(&["run", "--resume", "out"]);
    command.args(["--targets-dir", fixtures().to_str().unwrap()]);
    command
}

fn spawn(command: &mut Command) -> Child {
    let command = command.stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().unwrap()
}

fn signal(child: &Child, name: &str) {
    let pid = child.id().to_string();
    let done = Command::new("kill").args([name, &pid]).status();
    assert!(done.unwrap().success());
}

/// Trials in the result so far; none while there is no result.
fn played(place: &Place) -> Option<usize> {
    let text = std::fs::read_to_string(place.path("out/run.json")).ok()?;
    Some(Run::from_json("run.json", &text).unwrap().trials.len())
}

/// Waits until so many trials are in the result, or dyno has ended.
fn until_played(place: &Place, child: &mut Child, trials: usize) {
    let limit = Instant::now() + Duration::from_secs(120);
    while played(place).is_none_or(|played| played < trials) {
        assert!(Instant::now() < limit, "no {trials} trials");
        if child.try_wait().unwrap().is_some() {
            return;
        }
        std::thread::yield_now();
    }
}

fn kill(mut child: Child) {
    // It may have ended by itself a moment ago.
    if child.try_wait().unwrap().is_none() {
        signal(&child, "-KILL");
        child.wait().unwrap();
    }
}

fn unbroken() -> Run {
    let place = Place::new(&swept());
    let (code, _, talk) = output(&mut place.run(&[]));
    assert!(is_measured(code, &place.result()), "{talk}");
    assert!(
        talk.contains("12 trials (2 targets x 3 variants x 2 rounds): at least 12 s"),
        "{talk}"
    );
    let run = place.result();
    assert_eq!((run.trials.len(), run.status), (TRIALS, Status::Complete));
    assert_eq!(run.resumed_at, Vec::<String>::new());
    run
}

/// What is on the disk belongs to the trials, and to nothing else.
fn check_files(place: &Place) {
    let run = place.result();
    let recording = place.recording();
    for (trial, seen) in run.trials.iter().zip(&recording.trials) {
        assert!(trial.file_stem().ends_with(&trial.variant) && !trial.variant.is_empty());
        for step in &trial.steps {
            let whole = seen.histograms[&step.id].whole(|interval| &interval.response);
            assert_eq!(whole.len(), step.counts.succeeded);
        }
        let log = format!("out/logs/{}.log", trial.file_stem());
        assert_eq!(
            std::fs::metadata(place.path(&log)).unwrap().len(),
            trial.log_bytes
        );
    }
    for (folder, each) in [("histograms", 2), ("series", 1), ("logs", 1)] {
        let files = std::fs::read_dir(place.path("out").join(folder)).unwrap();
        assert_eq!(files.count(), each * TRIALS, "{folder}");
    }
}

#[test]
fn a_run_that_is_killed_again_and_again_has_the_trials_of_an_unbroken_one() {
    let expected = unbroken();
    let place = Place::new(&swept());
    let mut child = spawn(&mut place.run(&[]));
    until_played(&place, &mut child, 0);
    kill(child);
    for trials in [1, 2, 7, TRIALS] {
        let mut child = spawn(&mut resume(&place));
        until_played(&place, &mut child, trials);
        kill(child);
    }
    // At the last of these all were played, but nobody had said so.
    let (code, _, talk) = output(&mut resume(&place));
    assert!(is_measured(code, &place.result()), "{talk}");
    let run = place.result();
    assert_eq!((run.status, run.seed), (Status::Complete, expected.seed));
    assert_eq!(run.order, expected.order);
    assert_eq!(trials(&run), trials(&expected));
    assert!(!run.resumed_at.is_empty());
    check_files(&place);
}

#[test]
fn moments_of_chance_are_no_other_ones() {
    let place = Place::new(&swept());
    let mut child = spawn(&mut place.run(&[]));
    until_played(&place, &mut child, 0);
    let mut random = fastrand::Rng::new();
    for _ in 0..6 {
        // What is tested is any moment: nothing waits for anything here.
        let time = Duration::from_millis(random.u64(..2500));
        std::thread::sleep(time);
        kill(child);
        let before = place.result();
        child = spawn(&mut resume(&place));
        // A trial that was whole stays as it was measured.
        let kept = before.trials.len();
        until_played(&place, &mut child, (kept + 1).min(TRIALS));
        assert_eq!(place.result().trials[..kept], before.trials[..], "{time:?}");
    }
    child.wait().unwrap();
    let (code, _, talk) = output(&mut resume(&place));
    assert!(is_measured(code, &place.result()), "{talk}");
    assert_eq!(place.result().trials.len(), TRIALS);
    check_files(&place);
}

#[test]
fn an_interrupted_run_goes_on_and_plays_the_half_trial_again() {
    let steps = "[[step]]\nname = \"timed\"\nduration = \"2s\"\nconnections = 2\n";
    let place = Place::new(&toy(r#""toy""#, steps).replace("idle =", "repeat = 3\nidle ="));
    let mut child = spawn(&mut place.run(&[]));
    until_played(&place, &mut child, 1);
    signal(&child, "-INT");
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let run = place.result();
    assert_eq!(run.status, Status::Interrupted);
    let whole = run.trials.iter().filter(|trial| !trial.interrupted).count();
    let (code, table, talk) = output(&mut resume(&place));
    assert!(is_measured(code, &place.result()), "{talk}");
    let missing = format!("{} of 3 trials are missing: about", 3 - whole);
    assert!(talk.contains(&missing), "{talk}");
    assert!(table.contains("taken up again at"), "{table}");
    let run = place.result();
    assert_eq!((run.status, run.trials.len()), (Status::Complete, 3));
    for trial in &run.trials {
        assert!(!trial.interrupted && trial.steps[0].window_ns >= 2_000_000_000);
    }
    // Nothing is missing any more; the exit code is still that of the run.
    let before = std::fs::read(place.path("out/run.json")).unwrap();
    let (again, table, talk) = output(&mut resume(&place));
    assert_eq!((again, table.as_str()), (code, ""));
    assert_eq!(talk.trim_end(), "out is complete: no trial is missing");
    assert_eq!(std::fs::read(place.path("out/run.json")).unwrap(), before);
}

#[test]
fn what_is_asked_must_be_what_was_begun() {
    let place = Place::new(&swept());
    let mut child = spawn(&mut place.run(&["--set", "step.short.requests=200"]));
    until_played(&place, &mut child, 1);
    let check = |arguments: &[&str], expected: &str| {
        let (code, _, talk) = output(resume(&place).args(arguments));
        assert_eq!(talk.trim_end(), expected);
        assert_eq!(code, 2, "{talk}");
    };
    check(
        &[],
        "error: another dyno is at work on out\n\n\
         hint: wait for its end, or end it with Ctrl-C",
    );
    kill(child);
    let other = std::fs::read_to_string(place.path("scenario.toml")).unwrap();
    std::fs::write(place.path("other.toml"), other.replace("4]", "5]")).unwrap();
    check(
        &["other.toml"],
        "error: other.toml is not the scenario of out: line 16 differs\n\n\
         hint: leave it out: the run has its own copy; or begin anew without --resume",
    );
    for (arguments, flag) in [
        (&["--set", "repeat=3"][..], "--set"),
        (&["--seed", "2"], "--seed"),
        (&["--repeat", "5"], "--repeat"),
        (&["--target", "toy"], "--target"),
        (&["--quick"], "--quick"),
    ] {
        let expected = format!(
            "error: out was begun with another {flag}\n\n\
             hint: leave it out: --resume takes what the run was begun with"
        );
        check(arguments, &expected);
    }
    let nowhere = place
        .dyno(&["run", "--resume", "nowhere"])
        .output()
        .unwrap();
    assert_eq!(nowhere.status.code(), Some(2));
    // The same as before is no contradiction.
    let same = [
        "scenario.toml",
        "--seed",
        "1",
        "--set",
        "step.short.requests=200",
    ];
    let (code, _, talk) = output(resume(&place).args(same));
    assert!(is_measured(code, &place.result()), "{talk}");
    let run = place.result();
    assert_eq!(run.scenario.settings, ["step.short.requests=200"]);
    let due = run.trials.iter().flat_map(|trial| &trial.steps);
    assert!(
        due.clone().count() == 2 * TRIALS && due.into_iter().all(|step| step.counts.due == 200)
    );
}
