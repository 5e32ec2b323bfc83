//! What a run saw.
//!
//! Plain data and its stored form: the tree [`Run`] → [`Trial`] → [`Step`],
//! histograms, kinds of failure, and the rules by which a sample of trials
//! becomes one printed number. No I/O, no clock, no async: `dyno` writes the
//! files, `dyno-report` decides how they look.

mod attribution;
mod database;
mod distribution;
mod environment;
mod failure;
mod histogram;
mod json_schema;
mod packer;
mod part;
mod pattern;
mod rank;
mod recording;
mod schema;
mod summary;
mod target;
mod trial;
mod verdict;
mod version;

pub use attribution::{AttributedPart, Attribution, AttributionDoubts, PARTS};
pub use database::{DatabaseCheck, DatabaseServer, DatabaseUse, Statement};
pub use distribution::{Distribution, QUANTILES, Quantile, QuantileValue};
pub use environment::{Environment, Layout, Noise};
pub use failure::{FailureCount, FailureKind, Fault};
pub use histogram::{
    Histogram, Packed, StoredHistogramError, coarse_histogram, merge, new_histogram,
    resident_histogram,
};
pub use json_schema::schema;
pub use packer::Packer;
pub use part::{Example, FlowFigures, PartCounts, RequestFigures};
pub use pattern::{FIRST_RETRY_NS, SynRetries, delayed_acks, syn_retries};
pub use recording::{IntervalHistograms, ReadError, Recording, StepHistograms, TrialRecording};
pub use schema::{
    Arrivals, Load, PlannedTrial, Run, RunKind, ScenarioRecord, Shape, Stage, Status, StepPlan,
    Tool, Variant,
};
pub use summary::Summary;
pub use target::{Build, Check, Class, Conformance, RateLimitScope, Start, Stop, Target, Work};
pub use trial::{
    Bytes, Counts, Generator, Interval, KernelView, Mark, Pacing, Resources, Sample, Series, Step,
    Trial, Warmup,
};
pub use verdict::{
    Evidence, Level, Limits, Reason, Signal, Surroundings, Thresholds, Unit, Verdict, verdict,
};
pub use version::{SCHEMA, SCHEMA_VERSION, VersionError};
