//! A folder with a cache of its own, and the processes that know of it.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use dyno_postgres::Installation;
use dyno_postgres::state::State;
use tempfile::TempDir;

/// The user and group `nobody` of every system.
pub(crate) const NOBODY: u32 = 65_534;

/// Settings with which a start takes half a second.
pub(crate) const QUICK: [&str; 6] = ["--profile", "memory", "--cost", "4", "--users", "100"];

/// A user's surroundings. Dropping them stops the database.
pub(crate) struct Machine {
    folder: TempDir,
    /// PostgreSQL as this user finds it, who may have it in a cache that is not used
    /// here.
    programs: PathBuf,
    /// Runs everything as `nobody`.
    is_nobody: bool,
}

impl Machine {
    pub(crate) fn new() -> Self {
        Self::of(false)
    }

    /// Of a user who is not root, if this is root.
    pub(crate) fn of_nobody() -> Self {
        Self::of(is_root())
    }

    fn of(is_nobody: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        // The server's user must come through.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        for name in ["cache", "tmp"] {
            fs::create_dir(folder.path().join(name)).unwrap();
            if is_nobody {
                chown(folder.path().join(name), Some(NOBODY), Some(NOBODY)).unwrap();
            }
        }
        Self {
            folder,
            programs: Installation::find().unwrap().bin,
            is_nobody,
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// `dyno ARGUMENTS` here.
    pub(crate) fn dyno(&self, arguments: &[&str]) -> Command {
        let dyno = env!("CARGO_BIN_EXE_dyno");
        let mut command = match self.is_nobody {
            false => Command::new(dyno),
            true => {
                let mut command = Command::new("setpriv");
                let id = NOBODY.to_string();
                command.args(["--reuid", &id, "--regid", &id, "--clear-groups", dyno]);
                command
            }
        };
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env("XDG_CACHE_HOME", self.path("cache"))
            .env("TMPDIR", self.path("tmp"))
            .env("DYNO_PG_BIN", &self.programs)
            .env("NO_COLOR", "1");
        command
    }

    /// Exit code, stdout and stderr of `dyno ARGUMENTS`.
    pub(crate) fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        output(&mut self.dyno(arguments))
    }

    /// `dyno db start` with quick settings.
    pub(crate) fn start(&self) -> State {
        let arguments = [&["db", "start", "--json"], QUICK.as_slice()].concat();
        let (code, text, talk) = self.run(&arguments);
        assert_eq!(code, 0, "{talk}");
        serde_json::from_str(&text).unwrap()
    }

    /// Whether this user can see PostgreSQL's programs at all.
    pub(crate) fn has_programs(&self) -> bool {
        let (_, text, _) = self.run(&["doctor"]);
        !text.contains("DYNO_PG_BIN")
    }

    pub(crate) fn state_file(&self) -> PathBuf {
        self.path("cache/dyno/db/state.json")
    }

    /// Every process of this machine, by pid and command. Those of dyno have its cache
    /// in their environment, those of the server work in its folders.
    pub(crate) fn processes(&self) -> Vec<(i32, String)> {
        let cache = self.path("cache").display().to_string();
        let tmp = self.path("tmp");
        let folders = self.folders();
        let mut found = Vec::new();
        for entry in fs::read_dir("/proc").unwrap().flatten() {
            let Ok(pid) = entry.file_name().to_string_lossy().parse() else {
                continue;
            };
            let text = |file: &str| {
                let bytes = fs::read(entry.path().join(file)).unwrap_or_default();
                String::from_utf8_lossy(&bytes).replace('\0', " ")
            };
            let dir = fs::read_link(entry.path().join("cwd")).unwrap_or_default();
            let within = |folder: &PathBuf| dir.starts_with(folder);
            let works_here = within(&tmp) || folders.iter().any(within);
            if works_here || text("environ").contains(&cache) {
                found.push((pid, text("cmdline")));
            }
        }
        found
    }

    /// The pid of the only process whose command has this word.
    pub(crate) fn pid(&self, word: &str) -> i32 {
        let processes = self.processes();
        let mut found = processes.iter().filter(|(_, line)| line.contains(word));
        let pid = found
            .next()
            .unwrap_or_else(|| panic!("{word}: {processes:?}"))
            .0;
        assert_eq!(found.next(), None, "{word}");
        pid
    }

    /// Folders of data that states have told of.
    fn folders(&self) -> Vec<PathBuf> {
        let known = fs::read_to_string(self.path("folders")).unwrap_or_default();
        known.lines().map(PathBuf::from).collect()
    }

    /// Remembers the folder of a state, whose processes are this machine's.
    pub(crate) fn remember(&self, state: &State) {
        let mut known = fs::read_to_string(self.path("folders")).unwrap_or_default();
        known += &format!("{}\n", state.folder.display());
        fs::write(self.path("folders"), known).unwrap();
    }

    pub(crate) fn is_quiet(&self) -> bool {
        self.processes().is_empty()
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _ = self.dyno(&["db", "stop"]).stderr(Stdio::null()).status();
    }
}

pub(crate) fn is_root() -> bool {
    nix::unistd::geteuid().is_root()
}

pub(crate) fn output(command: &mut Command) -> (i32, String, String) {
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let code = output.status.code().unwrap_or(-1);
    (code, text(output.stdout), text(output.stderr))
}

/// Waits for `done`, at most half a minute on a machine that does other things, too.
pub(crate) fn eventually(what: &str, mut done: impl FnMut() -> bool) {
    let limit = Instant::now() + Duration::from_secs(30);
    while !done() {
        assert!(Instant::now() < limit, "{what} takes more than 30 s");
        std::thread::yield_now();
    }
}

pub(crate) fn kill_9(pid: i32) {
    let pid = nix::unistd::Pid::from_raw(pid);
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGKILL).unwrap();
}

/// A command that runs while the test goes on.
pub(crate) fn in_background(mut command: Command) -> Child {
    let quiet = command.stdout(Stdio::null()).stderr(Stdio::null());
    quiet.spawn().unwrap()
}

/// A folder is gone, and its lock with it.
pub(crate) fn is_removed(folder: &Path) -> bool {
    !folder.exists() && !folder.with_extension("lock").exists()
}
