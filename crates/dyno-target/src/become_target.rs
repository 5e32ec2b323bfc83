//! The last steps before the exec of a target, or of a database, taken inside its
//! own process: what `pre_exec` would do, without unsafe code.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt;
use std::process::Command;

use nix::errno::Errno;
use nix::sys::prctl::set_pdeathsig;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::signal::{SigSet, Signal};
use nix::unistd::{Gid, Uid, dup2_stdout, getppid, setgid, setgroups, setuid};

use crate::layout::pin_current_thread;
use crate::protocol::{Owner, Setup, now_ns};

/// The hidden command that makes dyno a target.
pub(crate) const BECOME: &str = "__become";

/// Becomes the target: `setup` is a [`Setup`] in JSON, `command` what to exec.
/// Returns only when that is impossible, with the exit code.
///
/// stdout must be the supervisor's pipe and stderr the log. The pipe gets the
/// monotonic time just before the exec, which closes it; a second line says why
/// there was no exec.
pub(crate) fn become_target(setup: &str, command: &[OsString]) -> i32 {
    let Ok(pipe) = io::stdout().as_fd().try_clone_to_owned() else {
        return 1;
    };
    let mut pipe = File::from(pipe);
    let problem = match prepare(setup) {
        Ok(()) => exec(command, &mut pipe),
        Err(problem) => problem,
    };
    let _ = writeln!(pipe, "{problem}");
    127
}

fn prepare(setup: &str) -> Result<(), String> {
    let setup: Setup = serde_json::from_str(setup).map_err(|error| error.to_string())?;
    let failed = |what: &str, error: Errno| format!("could not {what}: {}", error.desc());
    if !setup.cpus.is_empty() {
        pin_current_thread(&setup.cpus)
            .map_err(|error| format!("could not use CPUs {:?}: {error}", setup.cpus))?;
    }
    for entrance in &setup.groups {
        // dyno looks whether it worked, and reads /proc instead.
        let _ = std::fs::write(entrance, "0");
    }
    if let Some(files) = setup.nofile {
        open_files(files)?;
    }
    if let Some(owner) = setup.owner {
        change_owner(owner).map_err(|error| failed("change the user", error))?;
    }
    // After the change of user, which would undo it.
    Signal::try_from(setup.death_signal)
        .and_then(set_pdeathsig)
        .map_err(|error| failed("follow the supervisor", error))?;
    if getppid().as_raw() != setup.parent {
        return Err("the supervisor is gone".to_owned());
    }
    SigSet::all()
        .thread_unblock()
        .map_err(|error| failed("unblock signals", error))?;
    let stderr = io::stderr();
    dup2_stdout(stderr.as_fd()).map_err(|error| failed("join stdout and stderr", error))
}

/// Groups first: the user may not change them afterwards.
fn change_owner(owner: Owner) -> Result<(), Errno> {
    setgroups(&[])?;
    setgid(Gid::from_raw(owner.gid))?;
    setuid(Uid::from_raw(owner.uid))
}

fn open_files(files: u64) -> Result<(), String> {
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE).map_err(|error| error.to_string())?;
    if files > hard {
        return Err(format!("{files} open files are asked for, {hard} allowed"));
    }
    setrlimit(Resource::RLIMIT_NOFILE, files, hard)
        .map_err(|error| format!("could not allow {files} open files: {error}"))
}

fn exec(command: &[OsString], pipe: &mut File) -> String {
    let Some((program, arguments)) = command.split_first() else {
        return "the command is empty".to_owned();
    };
    let mut command = Command::new(program);
    command.args(arguments);
    if let Err(error) = writeln!(pipe, "{}", now_ns()) {
        return error.to_string();
    }
    command.exec().to_string()
}
