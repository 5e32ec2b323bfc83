//! Short-lived tools, run for what they print.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::command::exit_words;

/// Runs `command` in `dir` and returns its stdout. Blocks until it ends.
///
/// # Errors
/// A phrase that goes on after the command's name: it could not be run, or ended
/// with another code than 0, with the last line that it wrote to stderr.
pub fn output<S: AsRef<OsStr>>(command: &[S], dir: &Path) -> Result<String, String> {
    let Some((program, arguments)) = command.split_first() else {
        return Err("is empty".to_owned());
    };
    let output = Command::new(program)
        .args(arguments)
        .current_dir(dir)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("could not be run: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let last = said.lines().rfind(|line| !line.trim().is_empty());
    let why = last.map_or(String::new(), |line| format!(": {}", line.trim()));
    Err(format!("ended with {}{why}", exit_words(output.status)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_tool_prints_or_why_it_does_not() {
        let run = |script| output(&["sh", "-c", script], Path::new("/"));
        assert_eq!(run("pwd").as_deref(), Ok("/\n"));
        let silent = run("exit 3").unwrap_err();
        assert_eq!(silent, "ended with exit 3");
        let told = run("echo one >&2; echo 'two ' >&2; echo >&2; kill -9 $$").unwrap_err();
        assert_eq!(told, "ended with signal 9: two");
        let missing = output(&["/no/such/tool"], Path::new("/")).unwrap_err();
        assert!(missing.starts_with("could not be run: No such file"));
        assert!(output::<&str>(&[], Path::new("/")).is_err());
    }
}
