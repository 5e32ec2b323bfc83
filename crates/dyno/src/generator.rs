//! What dyno puts into a step: its load threads and how they wait.

use dyno_result::{Layout, Pacing};

/// The load threads.
#[derive(Debug, Clone)]
pub(crate) struct Generator {
    /// Each on its CPU, or wherever the kernel likes for `None`.
    pub(crate) threads: Vec<Option<u32>>,
    pub(crate) pacing: Pacing,
}

impl Generator {
    /// A pinned thread for each CPU that `layout` gives to dyno.
    pub(crate) fn pinned(layout: &Layout, pacing: Option<Pacing>) -> Self {
        Self {
            threads: layout.generator_cpus.iter().copied().map(Some).collect(),
            pacing: pacing.unwrap_or_else(|| default_pacing(!layout.shared)),
        }
    }

    /// So many threads, free to move over the CPUs of this machine.
    pub(crate) fn free(threads: usize, cpus: u32, pacing: Option<Pacing>) -> Self {
        Self {
            threads: vec![None; threads],
            pacing: pacing.unwrap_or_else(|| default_pacing(threads < cpus as usize)),
        }
    }
}

/// A thread that polls takes its CPU from whoever else is there: only where
/// another one is left for the server.
fn default_pacing(server_has_a_cpu: bool) -> Pacing {
    if server_has_a_cpu {
        Pacing::Hybrid
    } else {
        Pacing::Sleep
    }
}
