//! The server as a child of dyno, and load on it.

use std::process::Command;
use std::time::Duration;

use dyno_engine::{Address, Play, Played, Stock, Stop};
use dyno_result::{Histogram, Pacing};
use dyno_scenario::{Arrivals, Load, Plan, Profile, Rate, Request, Step};
use dyno_truth::{HIDDEN_COMMAND, Server, Watch};

use crate::failure::Failure;

/// Server and generator, each on a CPU of its own where there are two.
pub(super) struct Bench {
    pub(super) server: Server,
    server_cpu: u32,
    generator_cpu: u32,
}

impl Bench {
    /// Starts the server. It ends with dyno, however dyno ends.
    pub(super) fn start() -> Result<Self, Failure> {
        let _ = dyno_target::host::raise_open_files();
        let allowed = dyno_target::layout::allowed_cpus().map_err(Failure::dyno)?;
        let server_cpu = allowed.first().copied().unwrap_or(0);
        let generator_cpu = allowed.get(1).copied().unwrap_or(server_cpu);
        let program = std::env::current_exe().map_err(Failure::dyno)?;
        let mut command = Command::new(program);
        command.args([HIDDEN_COMMAND, &server_cpu.to_string()]);
        Ok(Self {
            server: Server::start(&mut command).map_err(Failure::dyno)?,
            server_cpu,
            generator_cpu,
        })
    }

    /// Looks at the machine from now on.
    pub(super) fn watch(&self) -> Watch {
        Watch::begin(&[self.server_cpu, self.generator_cpu])
    }

    /// Who runs where.
    pub(super) fn places(&self) -> String {
        let (server, generator) = (self.server_cpu, self.generator_cpu);
        if server == generator {
            format!("Both share CPU {server}: expect less.")
        } else {
            format!("Server on CPU {server}, load on CPU {generator}.")
        }
    }

    /// Plays `load` on `paths`, which take turns.
    pub(super) async fn play(
        &self,
        paths: impl IntoIterator<Item = String>,
        load: Load,
        timeout: Duration,
    ) -> Result<Played, Failure> {
        self.server.reset().map_err(Failure::dyno)?;
        let request = |path: String| Request::new("GET", &path);
        let plan = Plan::of(paths.into_iter().map(request).collect());
        let step = Step {
            id: "self-test".to_owned(),
            name: "self-test".to_owned(),
            load,
            search: None,
            warmup: Duration::ZERO,
            timeout,
            keepalive: true,
        };
        let address = Address::plain(self.server.address, self.server.address.to_string());
        let play = Play {
            step: &step,
            plan: &plan,
            stock: &Stock::default(),
            address: &address,
            threads: &[Some(self.generator_cpu)],
            seed: 1,
            pacing: self.pacing(),
            stop: &Stop::default(),
        };
        Ok(dyno_engine::play(play, &mut |_| {}).await?)
    }

    /// A thread that polls would take the CPU from the server.
    fn pacing(&self) -> Pacing {
        match self.server_cpu == self.generator_cpu {
            true => Pacing::Sleep,
            false => Pacing::Hybrid,
        }
    }

    /// The bare path, ns: the median response time of a server that answers at
    /// once, under the same load. What is true of the server alone is true of it
    /// plus this.
    pub(super) async fn bare(&self, rate: u64, connections: u32) -> Result<f64, Failure> {
        let load = open(
            rate,
            Arrivals::Constant,
            connections,
            Duration::from_secs(1),
        );
        let played = self
            .play(["/ok".to_owned()], load, Duration::from_secs(5))
            .await?;
        Ok(response(&played).value_at_quantile(0.5) as f64)
    }
}

/// Starts from a clock.
pub(super) fn open(
    per_second: u64,
    arrivals: Arrivals,
    connections: u32,
    duration: Duration,
) -> Load {
    let rate = Rate {
        starts: per_second,
        per_ns: 1_000_000_000,
    };
    Load::Open {
        profile: Profile::Steady { rate, duration },
        arrivals,
        connections,
    }
}

/// Response times of right answers.
pub(super) fn response(played: &Played) -> Histogram {
    played.histograms.whole(|interval| &interval.response)
}
