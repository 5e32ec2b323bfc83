//! The end of a log: what a person needs to see of it.

use std::fmt;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// Lines kept of a log.
const LINES: usize = 40;
/// Bytes looked at: enough for the lines of any sane log.
const BYTES: u64 = 64 * 1024;

/// The last lines of a log. Its `Display` is the lines themselves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tail {
    /// The whole log.
    pub path: PathBuf,
    /// Its last 40 lines, or fewer.
    pub lines: Vec<String>,
}

impl Tail {
    /// Reads the end of what was written to `path` after the byte `from`. A log
    /// that cannot be read has no lines.
    pub fn read(path: &Path, from: u64) -> Self {
        let text = last(path, from).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<&str> = text.lines().collect();
        let first = lines.len().saturating_sub(LINES);
        Self {
            path: path.to_owned(),
            lines: lines[first..]
                .iter()
                .map(|line| (*line).to_owned())
                .collect(),
        }
    }

    /// Whether a line says that the port is taken: the words of strerror(3),
    /// of Python, Node, Go and the JVM.
    pub fn says_port_in_use(&self) -> bool {
        self.lines.iter().any(|line| {
            let line = line.to_ascii_lowercase();
            line.contains("address already in use")
                || line.contains("eaddrinuse")
                || line.contains("address in use")
        })
    }
}

impl fmt::Display for Tail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.lines.join("\n"))
    }
}

fn last(path: &Path, from: u64) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(from.max(length.saturating_sub(BYTES))))?;
    let mut text = Vec::new();
    file.take(BYTES).read_to_end(&mut text)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn keeps_the_last_forty_lines_of_this_trial() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let text: String = (0..60).map(|number| format!("line {number}\n")).collect();
        fs::write(&path, format!("before\n{text}")).unwrap();
        let tail = Tail::read(&path, 7);
        assert_eq!(tail.lines.len(), 40);
        assert_eq!(tail.lines[39], "line 59");
        fs::write(&path, "before\nafter\n").unwrap();
        assert_eq!(Tail::read(&path, 7).lines, ["after"]);
        assert!(Tail::read(&folder.path().join("none"), 0).lines.is_empty());
    }

    #[test]
    fn knows_a_taken_port_in_many_tongues() {
        for (line, expected) in [
            ("OSError: [Errno 98] Address already in use", true),
            ("listen tcp :80: bind: address already in use", true),
            ("Error: listen EADDRINUSE: :::80", true),
            ("listening on 80", false),
        ] {
            let tail = Tail {
                path: PathBuf::new(),
                lines: vec![line.to_owned()],
            };
            assert_eq!(tail.says_port_in_use(), expected, "{line}");
        }
    }
}
