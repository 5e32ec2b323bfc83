//! The throw-away PostgreSQL that targets are measured with.
//!
//! Found ([`Source`], or got by [`install()`]) → started ([`Cluster::start`]) → filled
//! once ([`Cluster::prepare_template`]) → copied for each trial
//! ([`Cluster::clone_template`]) → watched ([`Cluster::statements`],
//! [`Cluster::activity`]) → stopped ([`Cluster::stop`]). Nothing of it outlives dyno:
//! processes hang below a supervisor of `dyno-target`, data lies in a scratch folder.
//! A server that somebody else runs takes part in all but its start, its stop and
//! what its processes use.

mod access;
mod activity;
mod cache;
mod cluster;
mod disk;
mod error;
mod facts;
mod ground;
mod hash;
mod hint;
mod install;
mod local;
mod owner;
mod programs;
mod seed;
mod settings;
mod source;
pub mod state;
mod statements;
mod template;

pub use cache::folder as cache_folder;
pub use cluster::Cluster;
pub use error::Error;
pub use install::{install, installed};
pub use seed::{SEED_USERS, seed_email, seed_name, seed_password};
pub use settings::{Profile, Settings};
pub use source::{Installation, Origin, Source};
pub use state::State;
pub use template::{AUTH_SCHEMA, Database, Template};
