//! How a target is to be started: its command, its environment, its port.

use std::collections::BTreeMap;
use std::env;
use std::net::Ipv4Addr;
use std::path::Path;
use std::thread;

use crate::manifest::Manifest;
use crate::placeholder::Values;

/// Variables of dyno's own environment that a target gets too.
const PASSED_ON: &[&str] = &["PATH", "HOME", "LANG"];

/// How a target is to be started.
#[derive(Debug, Clone, Copy)]
pub struct Launch<'a> {
    /// What to start.
    pub manifest: &'a Manifest,
    /// Where it was built: [`crate::Built::work`].
    pub work: &'a Path,
    /// The executable of dyno, usually `std::env::current_exe()`; its `main`
    /// must call [`crate::hidden_command`] first.
    pub dyno: &'a Path,
    /// CPUs of the target; all of dyno's when empty.
    pub cpus: &'a [u32],
    /// Variables of its environment, over those of the manifest. `WORKERS` also is
    /// the number of workers wherever the manifest asks for it.
    pub env: &'a BTreeMap<String, String>,
    /// The port it shall listen on: [`crate::Port::free`].
    pub port: u16,
    /// The file that gets its stdout and stderr.
    pub log: &'a Path,
}

impl Launch<'_> {
    /// The command that serves, placeholders filled.
    pub fn command(&self) -> Vec<String> {
        self.values().fill_all(&self.manifest.run.command)
    }

    fn workers(&self) -> u32 {
        let asked = self.env.get("WORKERS").and_then(|count| count.parse().ok());
        asked.unwrap_or_else(|| self.manifest.run.workers.on(self.cpu_count()))
    }

    fn cpu_count(&self) -> usize {
        if self.cpus.is_empty() {
            thread::available_parallelism().map_or(1, usize::from)
        } else {
            self.cpus.len()
        }
    }

    fn values(&self) -> Values {
        self.manifest
            .values(self.work)
            .with("port", self.port)
            .with("host", Ipv4Addr::LOCALHOST)
            .with("cpus", self.cpu_count())
            .with("workers", self.workers())
    }

    pub(crate) fn environment(&self) -> BTreeMap<String, String> {
        let mut environment = base_environment();
        let values = self.values();
        let mut add = |name: &str, value: String| environment.insert(name.to_owned(), value);
        add("HOST", Ipv4Addr::LOCALHOST.to_string());
        add("PORT", self.port.to_string());
        add("WORKERS", self.workers().to_string());
        for (name, value) in &self.manifest.run.env {
            add(name, values.fill(value));
        }
        environment.extend(self.env.clone());
        environment
    }
}

/// What every target has in its environment, whoever runs dyno.
pub(crate) fn base_environment() -> BTreeMap<String, String> {
    let passed_on = PASSED_ON
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), env::var(name).ok()?)));
    let mut environment: BTreeMap<_, _> = passed_on.collect();
    environment.insert("TZ".to_owned(), "UTC".to_owned());
    environment
}
