//! How much one load thread can do on this machine.

use std::time::Duration;

use dyno_report::{percent, rate, time};
use dyno_scenario::{Load, Until};
use serde_json::json;

use crate::failure::Failure;

use super::bench::Bench;

const CONNECTIONS: u32 = 64;

/// The speed of a closed loop on a server that answers at once.
pub(super) struct Speed {
    per_s: f64,
    cpu_per_request_ns: f64,
    /// Share of the time that the load thread was on its CPU.
    busy: f64,
}

impl Speed {
    /// Measures it.
    pub(super) async fn measure(bench: &Bench) -> Result<Self, Failure> {
        let load = Load::Closed {
            connections: CONNECTIONS,
            until: Until::Elapsed(Duration::from_secs(4)),
        };
        let paths = ["/ok".to_owned()];
        let step = bench.play(paths, load, Duration::from_secs(10)).await?.step;
        Ok(Self {
            per_s: step.throughput_per_s,
            cpu_per_request_ns: step.generator.cpu_per_request_ns.unwrap_or(0.0),
            busy: step.generator.busy_fraction,
        })
    }

    /// Who gave in first.
    fn limit(&self) -> &'static str {
        if self.busy > 0.95 {
            "dyno was the limit"
        } else {
            "the server was the limit"
        }
    }

    pub(super) fn text(&self, number: usize) -> String {
        format!(
            "\n{number}. top speed\n   \
             As much as goes over {CONNECTIONS} connections, from one load thread: {}, for which\n   \
             dyno used {} of CPU time a request. The thread was busy for {} of the\n   \
             time: {}.\n",
            rate(self.per_s),
            time(self.cpu_per_request_ns),
            percent(self.busy),
            self.limit()
        )
    }

    pub(super) fn json(&self) -> serde_json::Value {
        json!({
            "connections": CONNECTIONS,
            "threads": 1,
            "requests_per_s": self.per_s,
            "cpu_per_request_ns": self.cpu_per_request_ns,
            "busy_fraction": self.busy,
        })
    }
}
