//! A server of dyno's own: a fresh folder of data, and PostgreSQL in the foreground
//! below a supervisor.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use dyno_result::Stop;
use dyno_target::{Port, Program, Scratch, Supervised};
use nix::sys::signal::Signal;
use tokio::time::{sleep, timeout};

use crate::access::{Access, USER};
use crate::owner::{ServerUser, server_user};
use crate::programs::{OpenCopy, unreachable};
use crate::settings::options;
use crate::{Error, Installation, Profile, Settings, disk, ground};

/// Tries of a start when somebody else takes the port first.
const PORT_TRIES: u32 = 5;

/// How long a start may take: a slow disk makes it slow.
const START: Duration = Duration::from_secs(60);

/// Between two tries to connect to a server that starts.
const AGAIN: Duration = Duration::from_millis(5);

/// How long one that never answered may take to end.
const QUIT: Duration = Duration::from_secs(5);

/// How long a server may take to write down what it knows, before it is killed.
const GRACE: Duration = Duration::from_secs(30);

/// A running server. Dropping it ends it and removes its data, without waiting.
#[derive(Debug)]
pub(crate) struct Server {
    // Dropped before its folder.
    pub(crate) process: Supervised,
    scratch: Scratch,
    _programs: Option<OpenCopy>,
    pub(crate) profile: Profile,
    pub(crate) port: u16,
    pub(crate) installation: Installation,
    pub(crate) cpus: Vec<u32>,
    pub(crate) in_memory: bool,
    pub(crate) disk_sync_p50_ns: Option<u64>,
}

impl Server {
    /// Starts one and returns when it answers.
    pub(crate) async fn start(
        installation: Installation,
        settings: &Settings<'_>,
    ) -> Result<Self, Error> {
        ground::clear();
        let base = ground::base(settings.profile);
        let place = Place::make(&base, installation, settings.log)?;
        place.initdb(settings.dyno).await?;
        let disk_sync_p50_ns = match settings.profile {
            Profile::Durable => {
                let folder = place.scratch.folder();
                let time = disk::sync_p50_ns(folder);
                Some(time.map_err(|source| Error::file(folder, source))?)
            }
            Profile::Memory => None,
        };
        let (process, port) = place.serve(settings).await?;
        Ok(Self {
            in_memory: ground::is_in_memory(&base),
            process,
            scratch: place.scratch,
            _programs: place.copy,
            profile: settings.profile,
            port,
            installation: place.installation,
            cpus: settings.cpus.to_vec(),
            disk_sync_p50_ns,
        })
    }

    /// Its folder, which goes with it.
    pub(crate) fn folder(&self) -> &Path {
        self.scratch.folder()
    }

    /// Ends it in good order, and removes its data.
    pub(crate) async fn stop(mut self) -> Result<Stop, Error> {
        Ok(self.process.end(Some(Signal::SIGINT), GRACE).await?)
    }
}

/// Where a server will live.
struct Place {
    scratch: Scratch,
    user: Option<ServerUser>,
    installation: Installation,
    copy: Option<OpenCopy>,
    log: PathBuf,
}

impl Place {
    fn make(base: &Path, installation: Installation, log: Option<&Path>) -> Result<Self, Error> {
        let user = server_user()?;
        let scratch =
            Scratch::create(base, ground::PREFIX).map_err(|error| Error::file(base, error))?;
        let folder = scratch.folder();
        let mut copy = None;
        if let Some(user) = &user {
            user.own(folder)
                .map_err(|source| Error::file(folder, source))?;
            if !user.reaches(folder) {
                return Err(unreachable(user, base));
            }
            if !user.reaches(&installation.bin) {
                copy = Some(OpenCopy::of(&installation.bin, user)?);
            }
        }
        Ok(Self {
            log: log.map_or_else(|| folder.join("log"), Path::to_owned),
            scratch,
            user,
            installation,
            copy,
        })
    }

    fn data(&self) -> PathBuf {
        self.scratch.folder().join("data")
    }

    async fn initdb(&self, dyno: &Path) -> Result<(), Error> {
        let mut command = self.command("initdb");
        let options = "-A trust -E UTF8 --locale=C.UTF-8 --no-sync --no-instructions";
        command.extend(["-U", USER].map(str::to_owned));
        command.extend(options.split(' ').map(str::to_owned));
        let program = self.program(command, "init", &[], Signal::SIGKILL);
        let mut process = Supervised::start(dyno, program).await?;
        let exit = process.exited().await;
        process.end(None, Duration::ZERO).await?;
        if exit == "exit 0" {
            return Ok(());
        }
        let log = process.log_tail();
        Err(Error::Init { exit, log })
    }

    /// Starts the server on a free port, and waits until it answers.
    async fn serve(&self, settings: &Settings<'_>) -> Result<(Supervised, u16), Error> {
        let mut tries = 0;
        loop {
            tries += 1;
            // Held until the server listens.
            let port = Port::free().map_err(|error| Error::file("a loopback port", error))?;
            match self.serve_on(port.number, settings).await {
                Err(Error::Ended { log, .. }) if log.says_port_in_use() && tries < PORT_TRIES => {}
                done => return done.map(|process| (process, port.number)),
            }
        }
    }

    async fn serve_on(&self, port: u16, settings: &Settings<'_>) -> Result<Supervised, Error> {
        let mut command = self.command("postgres");
        let addresses = [
            ("listen_addresses", "127.0.0.1".to_owned()),
            ("port", port.to_string()),
            // Only the server's user may enter this folder.
            (
                "unix_socket_directories",
                self.scratch.folder().display().to_string(),
            ),
        ];
        for (name, value) in addresses
            .into_iter()
            .chain(options(settings.profile, settings.pool_total))
        {
            command.extend(["-c".to_owned(), format!("{name}={value}")]);
        }
        // At SIGQUIT the server ends its processes and gives back its shared memory,
        // which a killed one leaves behind.
        let group = format!("db-{port}");
        let program = self.program(command, &group, settings.cpus, Signal::SIGQUIT);
        let mut process = Supervised::start(settings.dyno, program).await?;
        let mut seen = String::new();
        let answers = tokio::select! {
            biased;
            exit = process.exited() => Err(Some(exit)),
            answers = timeout(START, answers(port, &mut seen)) => answers.map_err(|_late| None),
        };
        let Err(exit) = answers else {
            return Ok(process);
        };
        // The failure itself is told; how the rest went down is not.
        let _ = process.end(Some(Signal::SIGQUIT), QUIT).await;
        let log = process.log_tail();
        Err(match exit {
            Some(exit) => Error::Ended { exit, log },
            None => Error::NeverReady {
                seconds: START.as_secs(),
                seen,
                log,
            },
        })
    }

    /// A program on the folder of data.
    fn command(&self, program: &str) -> Vec<String> {
        let bin = &self.installation.bin;
        let bin = self.copy.as_ref().map_or(bin, |copy| &copy.bin);
        let paths = [bin.join(program), PathBuf::from("-D"), self.data()];
        paths.map(|path| path.display().to_string()).to_vec()
    }

    fn program(
        &self,
        command: Vec<String>,
        group: &str,
        cpus: &[u32],
        death_signal: Signal,
    ) -> Program<'_> {
        let path = std::env::var("PATH").unwrap_or_default();
        // Messages in English, which hints are looked up for.
        let env = [("PATH", path.as_str()), ("LC_ALL", "C"), ("TZ", "UTC")];
        let env = env.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Program {
            command,
            env: BTreeMap::from(env),
            dir: self.scratch.folder().to_owned(),
            log: self.log.clone(),
            cpus: cpus.to_vec(),
            nofile: None,
            owner: self.user.as_ref().map(|user| user.owner),
            death_signal,
            scratch: Some(&self.scratch),
            group: format!("dyno-{}-{group}", std::process::id()),
        }
    }
}

/// Waits until a server answers; `seen` is why it did not before.
async fn answers(port: u16, seen: &mut String) {
    let access = Access::local(port);
    loop {
        match access.connect(None).await {
            Ok(connection) => return connection.close().await,
            Err(error) => *seen = error.to_string(),
        }
        sleep(AGAIN).await;
    }
}
