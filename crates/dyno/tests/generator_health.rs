//! dyno says so when it was itself what made the answers late: T10, T10b of the
//! ground-truth tests.

#![expect(clippy::unwrap_used, reason = "a test may panic, helpers included")]

use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use dyno_result::{Level, QuantileValue, Run, Signal, Step};
use dyno_truth::{HIDDEN_COMMAND, Server};
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::sys::signal::{Signal as Kill, kill};
use nix::unistd::Pid;

const DYNO: &str = env!("CARGO_BIN_EXE_dyno");

/// Is killed when the test ends, however it ends.
struct Mortal(Child);

impl Drop for Mortal {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn server() -> Server {
    Server::start(Command::new(DYNO).arg(HIDDEN_COMMAND)).unwrap()
}

/// The arguments that load `server` at a fixed rate.
fn hit(server: &Server) -> Vec<String> {
    let url = format!("http://{}/ok", server.address);
    let words = [
        "hit",
        &url,
        "-q",
        "1000",
        "-z",
        "3s",
        "-c",
        "50",
        "--threads",
        "1",
        "--json",
    ];
    words.map(str::to_owned).to_vec()
}

/// The only step of the run that dyno printed.
fn step(output: &Output) -> Step {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let run = Run::from_json("stdout", &text).unwrap();
    run.trials[0].steps[0].clone()
}

fn is_invalid_for(step: &Step, signal: Signal) {
    let verdict = step.verdict.as_ref().unwrap();
    assert_eq!(verdict.level, Level::Invalid, "{verdict:?}");
    let mut reasons = verdict.reasons.iter();
    let found = reasons.find(|reason| reason.signal == signal && reason.level == Level::Invalid);
    assert!(found.is_some(), "{verdict:?}");
}

/// T10: dyno stood still, the server did not.
#[test]
fn t10_a_frozen_generator_blames_itself() {
    const STOP: Duration = Duration::from_millis(205);
    let server = server();
    let mut command = Command::new(DYNO);
    command
        .args(hit(&server))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    let pid = Pid::from_raw(child.id().try_into().unwrap());
    // The load has begun when the server has seen some of it.
    let limit = Instant::now() + Duration::from_secs(10);
    while server.counts().unwrap().requests < 500 {
        assert!(Instant::now() < limit, "no load after 10 s");
        std::thread::sleep(Duration::from_millis(1));
    }
    kill(pid, Kill::SIGSTOP).unwrap();
    std::thread::sleep(STOP);
    kill(pid, Kill::SIGCONT).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(5), "{output:?}");
    let step = step(&output);
    let lag = step.send_lag.as_ref().unwrap().max_ns.unwrap();
    assert!(lag >= 200_000_000, "{lag}");
    assert!(step.response.max_ns.unwrap() >= lag);
    let service = step.service.as_ref().unwrap().quantile(0.99);
    assert!(
        matches!(service, Some(QuantileValue::Ns(ns)) if ns < 50_000_000),
        "{service:?}"
    );
    is_invalid_for(&step, Signal::SendLag);
}

/// T10b: another process has the CPU, and the better claim to it.
#[test]
fn t10b_a_starved_generator_says_so() {
    let server = server();
    let allowed = sched_getaffinity(Pid::from_raw(0)).unwrap();
    let last = (0..CpuSet::count()).rfind(|cpu| allowed.is_set(*cpu).unwrap());
    let arguments = hit(&server);
    // Children inherit the CPU of the thread that starts them.
    let starve = move || {
        let mut one = CpuSet::new();
        one.set(last.unwrap()).unwrap();
        sched_setaffinity(Pid::from_raw(0), &one).unwrap();
        let spin = Command::new("sh")
            .args(["-c", "while :; do :; done"])
            .spawn();
        let _spinning = Mortal(spin.unwrap());
        let mut command = Command::new("nice");
        command
            .args(["-n", "19", DYNO])
            .args(arguments)
            .output()
            .unwrap()
    };
    let output = std::thread::spawn(starve).join().unwrap();
    assert_eq!(output.status.code(), Some(5), "{output:?}");
    let step = step(&output);
    let delay = step.generator.kernel.as_ref().unwrap().run_delay_fraction;
    assert!(delay.unwrap() > 0.05, "{delay:?}");
    is_invalid_for(&step, Signal::RunDelay);
}
