//! Living trees.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

use super::*;

/// A shell in its own group, after it has printed its first line.
struct Shell(Child);

impl Shell {
    fn start(script: &str) -> Self {
        let mut child = Command::new("sh")
            .args(["-c", script])
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        output.read_line(&mut line).unwrap();
        Self(child)
    }

    fn pid(&self) -> i32 {
        i32::try_from(self.0.id()).unwrap()
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        let group = nix::unistd::Pid::from_raw(self.pid());
        let _ = nix::sys::signal::killpg(group, nix::sys::signal::Signal::SIGKILL);
        let _ = self.0.wait();
    }
}

#[test]
fn a_living_tree_is_walked_and_marked() {
    let shell = Shell::start("sleep 60 & echo ready; wait");
    let walked: Vec<i32> = tree(shell.pid()).iter().map(|stat| stat.pid).collect();
    let scanned = descendants(&everything(), shell.pid());
    assert_eq!(walked.len(), 2);
    assert_eq!(
        walked,
        scanned.iter().map(|stat| stat.pid).collect::<Vec<_>>()
    );
    let mark = mark(shell.pid()).unwrap();
    assert_eq!((mark.processes, mark.threads), (2, 2));
    assert!(mark.rss_bytes > 0 && mark.fds >= 6);
    assert!(mark.pss_bytes.is_some_and(|bytes| bytes > 0));
    assert!(mark.voluntary_switches.is_some() && mark.involuntary_switches.is_some());
}

#[test]
fn a_worker_whose_parent_has_ended_is_still_found() {
    nix::sys::prctl::set_child_subreaper(true).unwrap();
    let shell = Shell::start("(sleep 60 &); echo ready; read line");
    let walked = tree(shell.pid());
    assert_eq!(walked.len(), 2, "{walked:?}");
    assert_ne!(walked[1].ppid, shell.pid());
}

#[test]
fn the_cpu_time_of_a_reaped_child_is_kept() {
    let shell =
        Shell::start("(i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done); echo done; read line");
    let used = usage(shell.pid()).unwrap();
    assert_eq!(used.processes, 1);
    assert!(
        used.cpu_user_ns + used.cpu_system_ns >= 20_000_000,
        "{used:?}"
    );
}

#[test]
fn a_process_that_is_gone_is_not_found() {
    let mut shell = Shell::start("echo ready");
    shell.0.wait().unwrap();
    let error = usage(shell.pid()).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::NotFound);
}
