//! `dyno hit` against a server of our own: many connections, too many, and the
//! view on a terminal.

#![expect(clippy::unwrap_used, reason = "a test may panic, helpers included")]

mod common;

use std::net::SocketAddr;
use std::process::{Command, Stdio};

use common::measured::{is_measured, is_measured_by_its_words};
use common::{Place, output};
use dyno_result::Run;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nhello\n";

/// Answers every request with [`ANSWER`] until the test process ends.
fn server() -> SocketAddr {
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    setrlimit(Resource::RLIMIT_NOFILE, hard, hard).unwrap();
    let (sender, address) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let socket = TcpSocket::new_v4().unwrap();
            socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
            let listener = socket.listen(16_384).unwrap();
            sender.send(listener.local_addr().unwrap()).unwrap();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(serve(stream));
            }
        });
    });
    address.recv().unwrap()
}

/// Requests are small and not pipelined: what comes in one piece is one.
async fn serve(mut stream: TcpStream) {
    let mut request = [0; 1024];
    while let Ok(1..) = stream.read(&mut request).await {
        if stream.write_all(ANSWER).await.is_err() {
            return;
        }
    }
}

/// All `connections` are opened and kept, nothing fails, and the result says so.
fn holds(connections: u64, time: &str) {
    let (place, address) = (Place::new(""), server());
    let (url, count) = (format!("http://{address}/"), connections.to_string());
    let arguments = ["hit", "-c", &count, "-z", time, "--json", &url];
    let (exit, stdout, stderr) = output(&mut place.dyno(&arguments));
    let run = Run::from_json("stdout", &stdout).unwrap();
    assert!(is_measured(exit, &run), "{exit} {stderr}");
    let step = &run.trials[0].steps[0];
    assert_eq!(step.connect.count, connections);
    assert_eq!(step.counts.failed, 0, "{:?}", step.failures);
    assert_eq!(step.counts.due, step.counts.succeeded);
    assert!(step.counts.succeeded >= connections);
}

/// The kernel hands the peak of a process down to those that it starts.
#[test]
fn the_memory_of_dyno_is_not_that_of_who_started_it() {
    let (place, address) = (Place::new(""), server());
    let large = std::hint::black_box(vec![1_u8; 300 << 20]);
    let url = format!("http://{address}/");
    let (_, stdout, _) = output(&mut place.dyno(&["hit", "-n", "100", "--json", &url]));
    let run = Run::from_json("stdout", &stdout).unwrap();
    let peak = run.trials[0].steps[0].generator.rss_peak_bytes;
    assert!(
        (1 << 20..100 << 20).contains(&peak),
        "{peak} with {}",
        large.len()
    );
}

#[test]
fn two_thousand_connections_are_opened_and_kept() {
    holds(2_000, "3s");
}

#[test]
#[ignore = "takes a minute and the whole machine; run by scripts/connections"]
fn ten_thousand_connections_are_held_for_a_minute() {
    holds(10_000, "60s");
}

/// `dyno` in a shell that may open `files` files.
fn limited(files: u32, arguments: &[&str]) -> (i32, String, String) {
    let script = format!("ulimit -n {files} && exec \"$@\"");
    let mut command = Command::new("sh");
    command
        .args(["-c", &script, "sh", env!("CARGO_BIN_EXE_dyno")])
        .args(arguments);
    output(&mut command)
}

#[test]
fn more_connections_than_files_are_refused_before_any_load() {
    let address = server();
    let url = format!("http://{address}/");
    let (exit, stdout, stderr) = limited(1000, &["hit", "-c", "2500", "-z", "5s", &url]);
    assert_eq!((exit, stdout.as_str()), (2, ""));
    let figures = "2,500 connections need 2,564 open files, and dyno may have 1,000 here";
    for words in [figures, "ulimit -n 2564", "at most 936 connections"] {
        assert!(stderr.contains(words), "{stderr}");
    }
    let fits = ["hit", "-c", "936", "-n", "936", &url];
    let (exit, stdout, stderr) = limited(1000, &fits);
    assert!(
        is_measured_by_its_words(exit, &stdout),
        "{exit} {stdout}{stderr}"
    );
    assert!(stdout.contains("936 opened"), "{stdout}");
    assert!(!stdout.contains("generator."), "{stdout}");
}

#[test]
fn a_scenario_with_too_many_connections_is_refused_before_anything_is_built() {
    let step = "[[step]]\nname = \"many\"\nrequests = 5000\nconnections = 2500\n";
    let place = Place::new(&common::toy("\"toy\"", step));
    let targets = common::fixtures();
    let (exit, stdout, stderr) = limited(
        1000,
        &[
            "run",
            place.path("scenario.toml").to_str().unwrap(),
            "-o",
            place.path("out").to_str().unwrap(),
            "--targets-dir",
            targets.to_str().unwrap(),
        ],
    );
    assert_eq!((exit, stdout.as_str()), (2, ""));
    assert!(stderr.contains("2,564 open files"), "{stderr}");
    assert!(!place.path("out").exists());
}

/// Runs a command on a terminal of 80 columns, presses Ctrl-C once figures have
/// been shown if asked to, and hands everything out that the terminal got.
const TERMINAL: &str = r#"
import fcntl, os, pty, struct, sys, termios
press, command = sys.argv[1] == "press", sys.argv[2:]
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(command[0], command)
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
seen = b""
while True:
    try:
        part = os.read(terminal, 65536)
    except OSError:
        break
    if not part:
        break
    seen += part
    if press and b"response p99" in seen:
        os.write(terminal, b"\x03")
        press = False
sys.stdout.buffer.write(seen)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"#;

fn on_terminal(press: &str, arguments: &[&str], environment: &[(&str, &str)]) -> (i32, String) {
    let mut command = Command::new("python3");
    command
        .args(["-c", TERMINAL, press, env!("CARGO_BIN_EXE_dyno"), "hit"])
        .args(arguments)
        .env_remove("CI")
        .env("TERM", "xterm")
        .envs(environment.iter().copied())
        .stdin(Stdio::null());
    let (exit, stdout, stderr) = output(&mut command);
    assert_eq!(stderr, "");
    (exit, stdout.replace("\r\n", "\n"))
}

/// What stays on a screen that is as long as needed.
fn screen(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = vec![String::new()];
    for (index, piece) in text.split('\n').enumerate() {
        if index > 0 {
            lines.push(String::new());
        }
        for part in piece.split_inclusive("\x1b[J") {
            match part.rsplit_once("\r\x1b[") {
                Some((_, erase)) if erase.ends_with("A\x1b[J") => {
                    let up: usize = erase.trim_end_matches("A\x1b[J").parse().unwrap();
                    lines.truncate(lines.len() - 1 - up);
                    lines.push(String::new());
                }
                _ => lines.last_mut().unwrap().push_str(part),
            }
        }
    }
    lines
}

#[test]
fn the_live_view_comes_and_goes() {
    let url = format!("http://{}/", server());
    let (exit, text) = on_terminal("wait", &["-z", "2500ms", "-q", "200", &url], &[]);
    assert!(is_measured_by_its_words(exit, &text), "{exit} {text}");
    for words in [
        "opening connections",
        "200 starts/s",
        "service, so far",
        "send lag",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let left = screen(&text);
    assert!(left.iter().any(|line| line == "Summary:"), "{left:#?}");
    let is_view = |line: &String| line.contains('░') || line.starts_with("answers/s");
    assert!(!left.iter().any(is_view), "{left:#?}");
}

#[test]
fn ctrl_c_leaves_a_clean_terminal_and_a_summary() {
    let url = format!("http://{}/", server());
    let (exit, text) = on_terminal("press", &["-z", "60s", "-q", "200", &url], &[]);
    assert_eq!(exit, 130, "{text}");
    let left = screen(&text);
    let first = left[0].trim_start_matches("^C");
    assert!(first.starts_with("interrupted: finishing"), "{left:#?}");
    let interrupted = |line: &String| line.starts_with("!! INTERRUPTED");
    assert!(left.iter().any(interrupted), "{left:#?}");
    assert!(!left.iter().any(|line| line.contains('░')), "{left:#?}");
}

#[test]
fn no_view_where_nobody_wants_it() {
    let url = format!("http://{}/", server());
    let check = |arguments: &[&str], environment: &[(&str, &str)]| {
        let arguments = [arguments, &["-n", "10", &url]].concat();
        let (exit, text) = on_terminal("wait", &arguments, environment);
        assert_eq!(exit, 0, "{text}");
        assert!(!text.contains('\x1b'), "{text}");
    };
    check(&["--no-tui"], &[]);
    check(&["--json"], &[]);
    check(&[], &[("TERM", "dumb")]);
    check(&[], &[("CI", "true")]);
}
