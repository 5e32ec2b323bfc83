//! `dyno db`, with the real server: start, stop, status, and every way in which a
//! part of it may die.

#![expect(clippy::unwrap_used, reason = "a test may panic, helpers included")]
#![expect(clippy::print_stderr, reason = "what is skipped is said")]

mod machine;

use std::fs;

use machine::{Machine, QUICK, eventually, in_background, is_removed, kill_9};

#[test]
fn every_command_works_twice() {
    let machine = Machine::new();
    assert_eq!(
        machine.run(&["db", "status"]),
        (0, "no database runs\n".to_owned(), String::new())
    );
    let state = machine.start();
    machine.remember(&state);
    assert_eq!(
        state.url,
        format!("postgres://dyno@127.0.0.1:{}/dyno_auth", state.port)
    );
    assert!(state.folder.join("data/PG_VERSION").is_file());
    let start = [&["db", "start"], QUICK.as_slice()].concat();
    let (code, url, talk) = machine.run(&start);
    assert_eq!((code, url.trim()), (0, state.url.as_str()));
    assert_eq!(talk, "the database runs already\n");
    let (code, text, _) = machine.run(&["db", "status"]);
    assert_eq!(code, 0);
    assert!(
        text.starts_with(&format!("{}\nPostgreSQL ", state.url)),
        "{text}"
    );
    assert!(
        text.contains("profile memory, 100 seed users of bcrypt cost 4"),
        "{text}"
    );
    for expected in ["stopped the database\n", "no database runs\n"] {
        let (code, _, talk) = machine.run(&["db", "stop"]);
        assert_eq!((code, talk.as_str()), (0, expected));
        assert_eq!(machine.processes(), []);
        assert!(is_removed(&state.folder));
        assert!(!machine.state_file().exists());
    }
    let (code, text, _) = machine.run(&["db", "status", "--json"]);
    let seen: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!((code, &seen["running"]), (0, &false.into()));
}

#[test]
fn other_settings_than_those_that_run_are_refused() {
    let machine = Machine::new();
    machine.start();
    let (code, _, talk) = machine.run(&["db", "start", "--profile", "memory", "--cost", "5"]);
    assert_eq!(code, 2);
    assert!(
        talk.contains("a database with other settings runs already"),
        "{talk}"
    );
    assert!(talk.contains("hint: `dyno db stop` stops it"), "{talk}");
}

#[test]
fn kill_9_of_the_keeper_leaves_nothing() {
    let machine = Machine::new();
    let state = machine.start();
    machine.remember(&state);
    kill_9(state.keeper.pid);
    eventually("the end of the server", || machine.is_quiet());
    assert!(is_removed(&state.folder), "by the supervisor");
    assert_eq!(machine.run(&["db", "status"]).1, "no database runs\n");
    let next = machine.start();
    assert_ne!(next.keeper, state.keeper);
}

#[test]
fn kill_9_of_keeper_and_supervisor_leaves_a_folder_that_the_next_start_removes() {
    let machine = Machine::new();
    let state = machine.start();
    machine.remember(&state);
    kill_9(machine.pid("__supervise"));
    kill_9(state.keeper.pid);
    eventually("the end of the server", || machine.is_quiet());
    // The keeper may have lived long enough to see to it.
    let next = machine.start();
    assert!(is_removed(&state.folder));
    assert!(next.folder.exists());
}

#[test]
fn a_server_that_ends_by_itself_is_told_of() {
    type Pid = fn(&Machine) -> i32;
    let cases: [(Pid, &str); 2] = [
        (|machine| machine.pid("bin/postgres "), "signal 9"),
        (
            |machine| machine.pid("__supervise"),
            "the loss of its supervisor",
        ),
    ];
    for (pid, end) in cases {
        let machine = Machine::new();
        let state = machine.start();
        machine.remember(&state);
        kill_9(pid(&machine));
        eventually("the end of the server", || machine.is_quiet());
        assert!(is_removed(&state.folder), "by the keeper");
        let (code, text, talk) = machine.run(&["db", "status"]);
        assert_eq!((code, text.as_str()), (6, ""), "{talk}");
        let headline = format!("error: the database ended by itself with {end}\n  | ");
        assert!(talk.starts_with(&headline), "{talk}");
        assert!(
            talk.contains("hint: `dyno db start` starts another"),
            "{talk}"
        );
        machine.start();
        assert_eq!(machine.run(&["db", "status"]).0, 0);
    }
}

#[test]
fn what_is_written_down_and_not_true_does_not_count() {
    let machine = Machine::new();
    let state = machine.start();
    machine.run(&["db", "stop"]);
    for stale in [
        String::new(),
        "{\"url\": 1".to_owned(),
        serde_json::to_string(&state).unwrap(),
    ] {
        fs::write(machine.state_file(), &stale).unwrap();
        assert_eq!(
            machine.run(&["db", "status"]).1,
            "no database runs\n",
            "{stale}"
        );
        let next = machine.start();
        assert_ne!(next.keeper, state.keeper);
        assert_eq!(machine.run(&["db", "stop"]).2, "stopped the database\n");
    }
}

#[test]
fn a_start_that_is_given_up_leaves_nothing() {
    let machine = Machine::new();
    // Hashes of this cost take long enough to be in the middle of them.
    let slow = ["db", "start", "--profile", "memory", "--cost", "14"];
    let mut start = in_background(machine.dyno(&slow));
    let serves = || {
        let processes = machine.processes();
        processes
            .iter()
            .any(|(_, line)| line.contains("__supervise"))
    };
    eventually("the start", serves);
    kill_9(i32::try_from(start.id()).unwrap());
    start.wait().unwrap();
    eventually("the end of all", || machine.is_quiet());
    assert!(!machine.state_file().exists());
    assert_eq!(fs::read_dir(machine.path("tmp")).unwrap().count(), 0);
}

#[test]
fn a_user_who_is_not_root_needs_nobody_else() {
    let machine = Machine::of_nobody();
    if !machine.has_programs() {
        eprintln!("SKIPPED: PostgreSQL lies where only root can go");
        return;
    }
    let state = machine.start();
    machine.remember(&state);
    assert!(machine.processes().len() >= 5);
    assert_eq!(machine.run(&["db", "stop"]).2, "stopped the database\n");
    assert_eq!(machine.processes(), []);
    assert!(is_removed(&state.folder));
}

#[test]
fn the_durable_profile_lies_where_temporary_files_do() {
    let machine = Machine::new();
    let start = ["db", "start", "--cost", "4", "--users", "1", "--json"];
    let (code, text, talk) = machine.run(&start);
    assert_eq!(code, 0, "{talk}");
    let state: dyno_postgres::State = serde_json::from_str(&text).unwrap();
    assert!(state.folder.starts_with(machine.path("tmp")), "{text}");
    assert_eq!(state.in_memory, talk.contains("warning: "), "{talk}");
}

#[test]
fn places_that_cannot_be_used_are_named() {
    let machine = Machine::new();
    let file = machine.path("file");
    fs::write(&file, "").unwrap();
    let start = ["db", "start", "--cost", "4", "--users", "1"];
    let check = |variable: &str, value: &str, code: i32, expected: &str| {
        let mut command = machine.dyno(&start);
        let (seen, _, talk) = machine::output(command.env(variable, value));
        assert_eq!(seen, code, "{talk}");
        assert!(talk.contains(expected), "{expected:?} is not in\n{talk}");
        assert_eq!(machine.processes(), [], "{variable}");
    };
    let file = file.to_str().unwrap();
    check("XDG_CACHE_HOME", file, 1, "file/dyno/db: Not a directory");
    check(
        "TMPDIR",
        "/no/such/folder",
        1,
        "could not use /no/such/folder: No such file",
    );
    check(
        "DYNO_PG_BIN",
        "/no/programs",
        2,
        "DYNO_PG_BIN is /no/programs, which has no initdb",
    );
}

#[test]
fn a_full_folder_is_named_and_left_empty() {
    let machine = Machine::new();
    let tmp = machine.path("tmp");
    let tmp = tmp.to_str().unwrap();
    let small = ["-t", "tmpfs", "-o", "size=20m,mode=755", "none", tmp];
    let mounted = std::process::Command::new("mount").args(small).output();
    if !mounted.is_ok_and(|done| done.status.success()) {
        eprintln!("SKIPPED: no right to mount a small file system");
        return;
    }
    let (code, _, talk) = machine.run(&["db", "start", "--cost", "4"]);
    let left = fs::read_dir(tmp).unwrap().count();
    let unmounted = std::process::Command::new("umount").arg(tmp).status();
    assert!(unmounted.unwrap().success());
    assert_eq!(code, 6, "{talk}");
    assert!(talk.contains("No space left on device"), "{talk}");
    assert!(
        talk.contains("hint: make room in the folder for temporary files"),
        "{talk}"
    );
    assert_eq!(left, 0);
}

#[test]
fn the_doctor_has_found_postgresql() {
    let machine = Machine::new();
    let (code, text, _) = machine.run(&["doctor", "--json"]);
    assert_eq!(code, 0);
    let seen: serde_json::Value = serde_json::from_str(&text).unwrap();
    let findings = seen["findings"].as_array().unwrap();
    let found = findings
        .iter()
        .find(|found| found["topic"] == "PostgreSQL")
        .unwrap();
    assert_eq!(found["level"], "ok", "{found}");
    let mut named = machine.dyno(&["doctor"]);
    let (_, text, _) = machine::output(named.env("DYNO_PG_BIN", "/no/programs"));
    assert!(text.contains("mend: unset DYNO_PG_BIN"), "{text}");
}
