//! Commands and their ends, in words for messages and results.

use std::process::ExitStatus;

use nix::sys::wait::WaitStatus;

/// A command as one line, quoted where a shell would need it.
pub(crate) fn line(argv: &[String]) -> String {
    let quoted = argv.iter().map(|text| {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_=+./:,@%{}".contains(c);
        if !text.is_empty() && text.chars().all(plain) {
            text.clone()
        } else {
            format!("'{}'", text.replace('\'', r"'\''"))
        }
    });
    quoted.collect::<Vec<_>>().join(" ")
}

/// `exit 1` or `signal 15`.
pub(crate) fn exit_words(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt;
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit {code}"),
        (None, Some(signal)) => format!("signal {signal}"),
        (None, None) => status.to_string(),
    }
}

/// The same for a process that was waited for by hand; `None` while it lives.
pub(crate) fn ended(status: WaitStatus) -> Option<(i32, String)> {
    match status {
        WaitStatus::Exited(pid, code) => Some((pid.as_raw(), format!("exit {code}"))),
        WaitStatus::Signaled(pid, signal, _) => {
            Some((pid.as_raw(), format!("signal {}", signal as i32)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_can_be_pasted_into_a_shell() {
        let argv = ["python3", "-c", "print('a b')", ""].map(str::to_owned);
        assert_eq!(line(&argv), r"python3 -c 'print('\''a b'\'')' ''");
    }
}
