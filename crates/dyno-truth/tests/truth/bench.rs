//! Where the tests run: the server on one CPU, the generator on another, one
//! test at a time, and an eye on the machine.

use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use dyno_engine::Played;
use dyno_scenario::{Load, Profile};
use dyno_truth::{Server, Watch};
use nix::sched::{CpuSet, sched_getaffinity};
use nix::unistd::Pid;

use crate::client::{Ask, Client, at, response};
use crate::judge::Judge;

/// A server and a client, alone on the machine as far as these tests go.
pub(crate) struct Bench<'a> {
    pub(crate) server: Server,
    client: &'a dyn Client,
    cpus: [u32; 2],
}

/// Times of milliseconds do not bear a second test at the same time.
static ALONE: Mutex<()> = Mutex::new(());

/// Runs `test` with `client`, and judges. What went wrong while the machine itself
/// was in bad health is tried again (twice at most); what went wrong on a healthy
/// machine never is.
pub(crate) fn truth(client: &dyn Client, test: impl Fn(&Bench<'_>) -> Judge) {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    for repeats_left in (0..3).rev() {
        let bench = Bench::new(client);
        let watch = bench.watch();
        let judge = test(&bench);
        let health = watch.end();
        if judge.is_right() || health.is_good() || repeats_left == 0 {
            return judge.conclude(health);
        }
        judge.repeat(health);
    }
}

impl<'a> Bench<'a> {
    fn new(client: &'a dyn Client) -> Self {
        let allowed = sched_getaffinity(Pid::from_raw(0)).unwrap();
        let mut allowed = (0..CpuSet::count()).filter(|cpu| allowed.is_set(*cpu).unwrap());
        let first = allowed.next().unwrap() as u32;
        let cpus = [first, allowed.next().map_or(first, |cpu| cpu as u32)];
        let mut command = Command::new(env!("CARGO_BIN_EXE_dyno-truth"));
        let server = Server::start(command.arg(cpus[0].to_string())).unwrap();
        Self {
            server,
            client,
            cpus,
        }
    }

    /// Looks at the two CPUs from now on.
    pub(crate) fn watch(&self) -> Watch {
        Watch::begin(&self.cpus)
    }

    /// Plays `ask` from the generator's CPU, on a server that has forgotten
    /// what was before. The books must balance, whatever happens.
    pub(crate) fn play(&self, ask: &Ask) -> Played {
        self.play_by(self.client, ask)
    }

    fn play_by(&self, client: &dyn Client, ask: &Ask) -> Played {
        self.server.reset().unwrap();
        let cpus = match ask.cpus.is_empty() {
            true => vec![self.cpus[1]],
            false => ask.cpus.clone(),
        };
        let played = client.play(
            self.server.address,
            &Ask {
                cpus,
                ..ask.clone()
            },
        );
        let counts = played.step.counts;
        assert!(counts.balanced(), "{counts:?}");
        let kinds: u64 = played
            .step
            .failures
            .iter()
            .map(|failure| failure.count)
            .sum();
        assert_eq!(kinds, counts.failed);
        let slices = played.intervals.iter();
        let ended: u64 = slices.map(|slice| slice.succeeded + slice.failed).sum();
        assert_eq!(ended, counts.succeeded + counts.failed);
        assert_eq!(response(&played).len(), counts.succeeded);
        played
    }

    /// Plays `ask` and wants every start answered rightly.
    pub(crate) fn play_well(&self, ask: &Ask) -> Played {
        self.play_well_by(self.client, ask)
    }

    /// The same with another client.
    pub(crate) fn play_well_by(&self, client: &dyn Client, ask: &Ask) -> Played {
        let played = self.play_by(client, ask);
        let counts = played.step.counts;
        assert_eq!(counts.succeeded, counts.due, "{:?}", played.step.failures);
        assert_eq!(self.server.counts().unwrap().requests, counts.sent);
        played
    }

    /// The bare path, ms: the median response time under the same load of a
    /// server that answers at once. The closed forms are those of the server
    /// alone; what the loopback adds to every request is added to them.
    pub(crate) fn bare(&self, load: &Load) -> f64 {
        let mut load = load.clone();
        if let Load::Open {
            profile: Profile::Steady { duration, .. },
            ..
        } = &mut load
        {
            *duration = (*duration).min(Duration::from_secs(2));
        }
        at(&response(&self.play_well(&Ask::new("/ok", load))), 0.5)
    }
}
