//! Loads that fit, loads that do not, and what people are told.

use std::time::Duration;

use dyno_scenario::{Arrivals, Profile, Rate};

use super::*;

const LOCAL: Route = Route {
    is_loopback: true,
    sources: 1,
    can_have_more: true,
};

fn machine() -> Sockets {
    Sockets {
        open_files: Some(20_000),
        ports: Some((32_768, 60_999)),
        reuse: Some(2),
        time_wait: Some(100),
    }
}

fn closed(connections: u32, keepalive: bool) -> Step {
    let until = Until::Elapsed(Duration::from_secs(60));
    step(Load::Closed { connections, until }, keepalive)
}

fn open(per_s: u64, connections: u32, length: u64, keepalive: bool) -> Step {
    let load = Load::Open {
        profile: Profile::Steady {
            rate: Rate {
                starts: per_s,
                per_ns: 1_000_000_000,
            },
            duration: Duration::from_secs(length),
        },
        arrivals: Arrivals::Constant,
        connections,
    };
    step(load, keepalive)
}

fn step(load: Load, keepalive: bool) -> Step {
    Step {
        id: "step".to_owned(),
        name: "step".to_owned(),
        load,
        search: None,
        warmup: Duration::ZERO,
        timeout: Duration::from_secs(20),
        keepalive,
    }
}

/// What people read: notes of a load that goes ahead, or the refusal.
fn told(steps: &[Step], route: Route, machine: &Sockets) -> Result<String, String> {
    match check(steps, Some(route), machine) {
        Ok(notes) => Ok(notes.join("\n")),
        Err(failure) => {
            assert_eq!(failure.exit, crate::exit::Exit::Input);
            Err(failure.render())
        }
    }
}

#[track_caller]
fn refused(steps: &[Step], route: Route, machine: &Sockets, words: &[&str]) {
    let told = told(steps, route, machine).unwrap_err();
    for word in words {
        assert!(told.contains(word), "{word:?} is not in {told}");
    }
}

#[test]
fn connections_need_open_files() {
    let fits = [closed(50, true), closed(19_936, true)];
    assert_eq!(told(&fits, LOCAL, &machine()), Ok(String::new()));
    let steps = [closed(25_000, true), closed(1, true)];
    let words = [
        "25,000 connections need 25,064 open files, and dyno may have 20,000 here",
        "ulimit -n 25064",
        "LimitNOFILE=25064",
        "at most 19936 connections",
    ];
    refused(&steps, LOCAL, &machine(), &words);
    refused(&[closed(19_937, true)], LOCAL, &machine(), &["20,001"]);
}

#[test]
fn connections_to_one_address_need_ports() {
    let machine = Sockets {
        open_files: Some(1_000_000),
        ..machine()
    };
    assert!(told(&[closed(28_232, true)], LOCAL, &machine).is_ok());
    let words = [
        "60,000 connections to one address need as many local ports, and there are 28,232 (32768 \
         to 60999)",
        "--source-ip 127.0.0.1-127.0.0.3)",
        "at most 28232 connections",
    ];
    refused(&[closed(60_000, true)], LOCAL, &machine, &words);
    let three = Route {
        sources: 3,
        ..LOCAL
    };
    assert!(told(&[closed(60_000, true)], three, &machine).is_ok());
    assert!(check(&[closed(60_000, true)], None, &machine).is_ok());
    let remote = Route {
        is_loopback: false,
        ..LOCAL
    };
    let words = ["3 addresses of this machine"];
    refused(&[closed(60_000, true)], remote, &machine, &words);
    let fixed = Route {
        can_have_more: false,
        ..LOCAL
    };
    let text = told(&[closed(60_000, true)], fixed, &machine).unwrap_err();
    assert!(!text.contains("--source-ip"), "{text}");
}

#[test]
fn both_are_told_at_once() {
    let words = ["30,064 open files", "local ports", "hint: `sudo sysctl"];
    refused(&[closed(30_000, true)], LOCAL, &machine(), &words);
}

#[test]
fn a_clock_that_uses_up_the_ports_is_refused_unless_they_are_used_again() {
    let step = [open(1000, 10, 60, false)];
    let note = told(&step, LOCAL, &machine()).unwrap();
    assert!(note.contains("tcp_tw_reuse = 2"), "{note}");
    let remote = Route {
        is_loopback: false,
        ..LOCAL
    };
    let words = [
        "1,000 new connections per second, each holding its port for 60 s, need 60,010 local ports",
        "a rate of at most 470/s",
    ];
    refused(&step, remote, &machine(), &words);
    let check = |step: Step, is_fine: bool| {
        let told = told(std::slice::from_ref(&step), remote, &machine());
        assert_eq!(told.is_ok(), is_fine, "{told:?}");
    };
    // 28,000 starts in all; 470/s for ever; with keep-alive any rate.
    check(open(1000, 10, 28, false), true);
    check(open(470, 10, 3600, false), true);
    check(open(471, 10, 3600, false), false);
    check(open(100_000, 10, 3600, true), true);
}

#[test]
fn where_answers_set_the_pace_a_note_has_to_do() {
    let never = Sockets {
        reuse: Some(0),
        ..machine()
    };
    let note = told(&[closed(50, false)], LOCAL, &never).unwrap();
    for word in ["28,232 ports, 100 of them held now", "about 470 a second"] {
        assert!(note.contains(word), "{note}");
    }
    let few = Load::Closed {
        connections: 50,
        until: Until::Requests(1000),
    };
    assert_eq!(told(&[step(few, false)], LOCAL, &never), Ok(String::new()));
}

#[test]
fn limits_that_the_kernel_does_not_show_refuse_nothing() {
    let steps = [closed(100_000, false)];
    let told = told(&steps, LOCAL, &Sockets::default());
    assert_eq!(told, Ok(String::new()));
}
