//! The command line of `dyno db`.

use clap::{Args, Subcommand};

use super::values::{Cpus, cpus};

#[derive(Debug, Args)]
pub(crate) struct Db {
    #[command(subcommand)]
    pub(crate) command: DbCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DbCommand {
    /// Start it in the background and print the URL of a database with seed users
    Start(DbStart),
    /// Stop it and remove its data
    Stop,
    /// Say whether it runs, where, and how it is set up
    Status {
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Get PostgreSQL's programs through pip, without root, and print their folder
    Install {
        /// Only if no usable PostgreSQL is found
        #[arg(long)]
        needed: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct DbStart {
    /// durable: commits wait for the disk, as in production; memory: nothing does
    #[arg(long, value_name = "PROFILE", default_value = "durable")]
    pub(crate) profile: dyno_postgres::Profile,
    /// Bcrypt cost of the seed users' passwords
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(4..=14))]
    pub(crate) cost: u32,
    /// Seed users
    #[arg(long, value_name = "N", default_value_t = dyno_postgres::SEED_USERS,
          value_parser = clap::value_parser!(u32).range(0..=999_999))]
    pub(crate) users: u32,
    /// Connections that targets may have in total
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) pool: u32,
    /// CPUs of the server, such as 1 or 0-1,4 [default: those of dyno]
    #[arg(long, value_name = "LIST", value_parser = cpus)]
    pub(crate) cpus: Option<Cpus>,
    /// Print one JSON object instead of the URL
    #[arg(long)]
    pub(crate) json: bool,
}
