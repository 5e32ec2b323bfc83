//! What holds when a scenario file does not say otherwise.
//!
//! The schema and the validation both take their defaults from here.

use std::time::Duration;

use crate::Arrivals;

/// Trials of each target.
pub const REPEAT: u32 = 1;
/// Rest between the start of a target and the first step.
pub const IDLE: Duration = Duration::from_secs(2);
/// Pause between steps.
pub const COOLDOWN: Duration = Duration::from_secs(1);
/// Uncounted load at the start of each step.
pub const WARMUP: Duration = Duration::from_secs(1);
/// How long a request may take before it has failed.
pub const TIMEOUT: Duration = Duration::from_secs(10);
/// Whether connections are used again.
pub const KEEPALIVE: bool = true;
/// Connections that may carry the starts of a step with a rate.
pub const OPEN_CONNECTIONS: u32 = 256;
/// How the starts of a step with a rate lie in time.
pub const ARRIVALS: Arrivals = Arrivals::Constant;
/// How long a probe of a search is.
pub const PROBE: Duration = Duration::from_secs(10);
/// How far the ends of a search's answer may lie apart, as a share.
pub const PRECISION: f64 = 0.05;
/// How many probes of a search must agree at either end.
pub const CONFIRM: u32 = 3;
/// The method of a request.
pub const METHOD: &str = "GET";
