//! A truth server of one's own: in a thread, or better as a process, which can
//! be stopped by signals and ends when its starter does.

use std::ffi::OsString;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;

use nix::sched::{CpuSet, sched_setaffinity};
use nix::sys::prctl::set_pdeathsig;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::signal::Signal;
use nix::unistd::Pid;

use crate::books::{Counts, Logged};
use crate::server::serve;

/// A running server. Dropping it ends it.
#[derive(Debug)]
pub struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    life: Life,
}

#[derive(Debug)]
enum Life {
    Process(Child),
    Thread {
        until: Option<UnixStream>,
        thread: Option<JoinHandle<io::Result<()>>>,
    },
}

impl Server {
    /// Starts one in a thread of this process.
    ///
    /// # Errors
    /// No port, no thread.
    pub fn in_thread() -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let (until, end) = UnixStream::pair()?;
        let thread = std::thread::Builder::new()
            .name("truth".to_owned())
            .spawn(move || serve(listener, end))?;
        let life = Life::Thread {
            until: Some(until),
            thread: Some(thread),
        };
        Ok(Self { address, life })
    }

    /// Starts `command`, which must call [`run`] or [`hidden_command`], as a process.
    ///
    /// # Errors
    /// The command cannot be started, or does not say where it listens.
    pub fn start(command: &mut Command) -> io::Result<Self> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        if let Some(stdout) = child.stdout.take() {
            BufReader::new(stdout).read_line(&mut line)?;
        }
        let mut server = Self {
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            life: Life::Process(child),
        };
        server.address = line.trim().parse().map_err(|_| {
            io::Error::other(format!(
                "the truth server said {line:?} instead of its address"
            ))
        })?;
        Ok(server)
    }

    /// Its process; `None` for a thread.
    pub fn pid(&self) -> Option<Pid> {
        match &self.life {
            Life::Process(child) => i32::try_from(child.id()).ok().map(Pid::from_raw),
            Life::Thread { .. } => None,
        }
    }

    /// What it has counted since the last reset.
    ///
    /// # Errors
    /// It does not answer.
    pub fn counts(&self) -> io::Result<Counts> {
        let text = self.ask("/truth/counts")?;
        Counts::parse(&text).ok_or_else(|| io::Error::other(format!("no counts: {text:?}")))
    }

    /// The requests whose answers took a time of their own, in the order of
    /// their arrival since the last reset.
    ///
    /// # Errors
    /// It does not answer.
    pub fn log(&self) -> io::Result<Vec<Logged>> {
        let text = self.ask("/truth/log")?;
        let lines = text.lines().map(Logged::parse);
        lines
            .collect::<Option<_>>()
            .ok_or_else(|| io::Error::other("no log"))
    }

    /// Forgets counts, log and queues; stall windows begin now. Returns now,
    /// CLOCK_MONOTONIC ns. Not for while load is on its way.
    ///
    /// # Errors
    /// It does not answer.
    pub fn reset(&self) -> io::Result<u64> {
        let text = self.ask("/truth/reset")?;
        text.trim()
            .parse()
            .map_err(|_| io::Error::other(format!("no time: {text:?}")))
    }

    /// Lets it poll instead of sleep from now on: arrivals are logged within a
    /// microsecond or two. Takes the whole of its CPU.
    ///
    /// # Errors
    /// It does not answer.
    pub fn stay_awake(&self) -> io::Result<()> {
        self.ask("/truth/awake").map(drop)
    }

    fn ask(&self, path: &str) -> io::Result<String> {
        let mut stream = TcpStream::connect(self.address)?;
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: truth\r\nConnection: close\r\n\r\n"
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (_, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
        Ok(body.to_owned())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        match &mut self.life {
            Life::Process(child) => {
                // It may be stopped or gone; in both cases nothing is left.
                let _ = child.kill();
                let _ = child.wait();
            }
            Life::Thread { until, thread } => {
                drop(until.take());
                let _ = thread.take().map(JoinHandle::join);
            }
        }
    }
}

/// The hidden command of a program that can become a truth server.
pub const HIDDEN_COMMAND: &str = "__truth";

/// Becomes a truth server if `arguments` (the program's name first) are
/// [`HIDDEN_COMMAND`] and perhaps a CPU: returns the exit code to end with. `None`
/// for people's commands.
pub fn hidden_command(arguments: impl IntoIterator<Item = OsString>) -> Option<i32> {
    let mut arguments = arguments.into_iter().skip(1);
    if arguments.next()? != HIDDEN_COMMAND {
        return None;
    }
    let cpu = arguments
        .next()
        .and_then(|text| text.to_str()?.parse().ok());
    Some(i32::from(run(cpu).is_err()))
}

/// Is a truth server until stdin ends: the whole life of the process that
/// [`Server::start`] starts. Says its address on stdout. Stays on `cpu`, if given.
///
/// # Errors
/// No port, no CPU of that number, nobody to tell.
pub fn run(cpu: Option<u32>) -> io::Result<()> {
    // A stopped process would not notice that stdin has ended.
    set_pdeathsig(Signal::SIGKILL)?;
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    setrlimit(Resource::RLIMIT_NOFILE, hard, hard)?;
    if let Some(cpu) = cpu {
        let mut set = CpuSet::new();
        set.set(cpu as usize)?;
        sched_setaffinity(Pid::from_raw(0), &set)?;
    }
    let listener = TcpListener::bind("127.0.0.1:0")?;
    writeln!(io::stdout(), "{}", listener.local_addr()?)?;
    io::stdout().flush()?;
    serve(listener, io::stdin())
}
