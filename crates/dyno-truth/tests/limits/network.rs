//! A network of one's own: the test starts itself again in a network namespace,
//! root there, whoever it is here.

use std::process::Command;

/// Set for the test that runs there.
const INSIDE: &str = "DYNO_TEST_NETWORK";

/// Loopback is down in a new network; SIOCSIFFLAGS, IFF_UP and IFF_RUNNING.
const UP: &str = "import fcntl, socket, struct
fcntl.ioctl(socket.socket(), 0x8914, struct.pack('16sh22x', b'lo', 0x41))";

/// True inside. Outside runs the test of that name inside, which must pass.
pub(crate) fn is_own(test: &str) -> bool {
    if std::env::var_os(INSIDE).is_some() {
        let up = Command::new("python3").args(["-c", UP]).status();
        assert!(up.unwrap().success(), "loopback stays down");
        return true;
    }
    let mut inside = Command::new("unshare");
    inside
        .args(["--user", "--map-root-user", "--net"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(INSIDE, "1");
    let output = inside.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let is_passed = output.status.success() && text.contains("1 passed");
    assert!(
        is_passed,
        "{text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    false
}
