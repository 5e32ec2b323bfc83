//! The command line, as clap reads it, and nothing else. How the values of flags are
//! read is in `args/values.rs`.

mod db;
mod values;

use std::net::IpAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

pub(crate) use self::db::{Db, DbCommand, DbStart};
use self::values::{duration, pacing, rate, without_password};
use crate::destination::{ConnectTo, parse_sources};

/// Load tests and fair comparisons of HTTP backends in any language.
#[derive(Debug, Parser)]
#[command(name = "dyno", version, max_term_width = 100, propagate_version = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Measure the targets of a scenario: build, start, verify, warm, load, stop
    Run(Run),
    /// Load one URL, without a file
    Hit(Hit),
    /// Render a stored run
    Report(Report),
    /// Check scenario and target files; all problems at once
    Check(Check),
    /// Make a scenario of a curl command, a HAR file, an OpenAPI description or a log
    Import(Import),
    /// List, build, verify or serve the targets
    Targets(Targets),
    /// The throw-away PostgreSQL: start it in the background, stop it, look at it
    Db(Db),
    /// What will distort a measurement on this machine, and the line that mends it
    Doctor(Doctor),
    /// Load a built-in server whose answers are known; how far off is dyno here?
    ///
    /// Takes less than a minute. The exit code is 0 when every figure lies within
    /// its tolerance, 1 when one does not although the machine was quiet, and 5
    /// when the machine was too noisy to tell.
    SelfTest(SelfTest),
    /// Print the JSON Schema of a file format
    Schema {
        /// Which file
        name: SchemaName,
    },
    /// Print the completion script of a shell
    Completions {
        /// Which shell
        shell: Shell,
    },
    /// Print the manual page, or write one page for each command to a folder
    Man {
        /// Folder for the pages of all commands
        #[arg(short, long, value_name = "DIR")]
        output: Option<PathBuf>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Run {
    /// Scenario file (TOML)
    #[arg(required_unless_present = "resume")]
    pub(crate) scenario: Option<PathBuf>,
    /// Put VALUE over what the scenario says at PATH, such as repeat=3 or
    /// step.NAME.rate=500/s (repeatable)
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub(crate) settings: Vec<String>,
    /// Measure only this target (repeatable); default: those of the scenario
    #[arg(long = "target", value_name = "ID", conflicts_with = "url")]
    pub(crate) targets: Vec<String>,
    /// Measure a server that somebody else runs instead of the targets
    #[arg(long, value_name = "URL")]
    pub(crate) url: Option<String>,
    #[command(flatten)]
    pub(crate) transport: Transport,
    /// Trials of each target instead of the scenario's `repeat`
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) repeat: Option<u32>,
    /// Seed of the order of trials and of the contract's random inputs
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// Short steps for a first look; the result is labelled
    #[arg(long)]
    pub(crate) quick: bool,
    /// Folder of the run [default: results/TIME-NAME beside targets/]
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
    /// Go on with the run in this folder, which was killed or interrupted: plays the
    /// trials that it lacks, with its own scenario, settings, order and seed
    #[arg(long, value_name = "DIR", conflicts_with = "output")]
    pub(crate) resume: Option<PathBuf>,
    /// Let target and generator share all CPUs (labelled, not comparable)
    #[arg(long)]
    pub(crate) shared_cpus: bool,
    /// How load threads wait for due times: sleep costs least CPU; hybrid sends
    /// within microseconds; spin never sleeps
    /// [default: hybrid if a CPU is left for the server, else sleep]
    #[arg(long, value_name = "MODE", value_parser = pacing)]
    pub(crate) pacing: Option<dyno_result::Pacing>,
    /// The database of targets that need one: durable commits wait for the disk, as in
    /// production; memory isolates the language [default: durable]
    #[arg(long, value_name = "PROFILE")]
    pub(crate) database_profile: Option<dyno_postgres::Profile>,
    /// A PostgreSQL that somebody else runs instead of a throw-away one; without a
    /// password, since results keep the command line
    #[arg(long, value_name = "URL", conflicts_with = "database_profile", value_parser = without_password)]
    pub(crate) database_url: Option<String>,
    /// Folder of the targets [default: the nearest targets/ above the scenario]
    #[arg(long, value_name = "DIR")]
    pub(crate) targets_dir: Option<PathBuf>,
    /// Print the result as one JSON object instead of the table
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Hit {
    /// http://host:port/path or https://host/path
    pub(crate) url: String,
    /// How many requests; ignored with -z, as in hey
    #[arg(short = 'n', long = "requests", value_name = "N", default_value_t = 200,
          value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) requests: u64,
    /// How long, instead of how many: 10s, 2m, 500ms
    #[arg(short = 'z', long = "duration", value_name = "TIME", value_parser = duration)]
    pub(crate) duration: Option<std::time::Duration>,
    /// Starts a second over all connections (or "30/m"), from a clock, whatever the answers
    /// do: the open model. hey's -q is per connection and waits for answers
    #[arg(short = 'q', long = "rate", value_name = "RATE", value_parser = rate)]
    pub(crate) rate: Option<dyno_scenario::Rate>,
    /// With -q: starts at random moments instead of equal distances
    #[arg(long, requires = "rate")]
    pub(crate) poisson: bool,
    /// For people coming from oha: nothing to turn on, response time always counts from
    /// the intended start
    #[arg(long, hide = true)]
    pub(crate) latency_correction: bool,
    /// Connections, each with one request at a time; with -q the most there are
    #[arg(short = 'c', long = "connections", value_name = "N", default_value_t = 50,
          value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) connections: u32,
    /// Method: GET, POST, PUT, …
    #[arg(short = 'm', long = "method", default_value = "GET")]
    pub(crate) method: String,
    /// Header field, "Name: value" (repeatable)
    #[arg(short = 'H', long = "header", value_name = "FIELD")]
    pub(crate) headers: Vec<String>,
    /// Body of every request
    #[arg(
        short = 'd',
        long = "data",
        value_name = "TEXT",
        conflicts_with = "data_file"
    )]
    pub(crate) data: Option<String>,
    /// Body from a file
    #[arg(short = 'D', long = "data-file", value_name = "FILE")]
    pub(crate) data_file: Option<PathBuf>,
    /// A request without a complete answer for this long has failed
    #[arg(short = 't', long = "timeout", value_name = "TIME", default_value = "20s", value_parser = duration)]
    pub(crate) timeout: std::time::Duration,
    /// A new connection for every request
    #[arg(long, conflicts_with = "http2")]
    pub(crate) disable_keepalive: bool,
    #[command(flatten)]
    pub(crate) transport: Transport,
    /// Load threads [default: the CPUs that dyno may use]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub(crate) threads: Option<u32>,
    /// How load threads wait for due times: sleep costs least CPU; hybrid sends
    /// within microseconds; spin never sleeps
    /// [default: hybrid if a CPU is left for the server, else sleep]
    #[arg(long, value_name = "MODE", value_parser = pacing)]
    pub(crate) pacing: Option<dyno_result::Pacing>,
    /// No live view (there is none without a terminal, with --json, CI or TERM=dumb)
    #[arg(long, visible_alias = "no-live")]
    pub(crate) no_tui: bool,
    /// Print the result as one JSON object on stdout instead of the summary
    #[arg(long)]
    pub(crate) json: bool,
}

/// How a server is reached that somebody else runs.
#[derive(Debug, PartialEq, Eq, Args)]
#[group(requires = "url", multiple = true)]
pub(crate) struct Transport {
    /// Speak HTTP/2: with https agreed on in the handshake, with http at once
    #[arg(long)]
    pub(crate) http2: bool,
    /// Requests at a time on each HTTP/2 connection [default: 1]
    #[arg(short = 'p', long, value_name = "N", requires = "http2",
          value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) http2_streams: Option<u32>,
    /// Believe every TLS certificate
    #[arg(short = 'k', long, conflicts_with = "cacert")]
    pub(crate) insecure: bool,
    /// Believe certificates of the authorities in this PEM file, and no other
    #[arg(long, value_name = "FILE")]
    pub(crate) cacert: Option<PathBuf>,
    /// Connect to ADDR:PORT when the URL says HOST:PORT (repeatable; an empty
    /// HOST or PORT is any, an empty ADDR or PORT stays)
    #[arg(long, value_name = "HOST:PORT:ADDR:PORT", value_parser = ConnectTo::parse)]
    pub(crate) connect_to: Vec<ConnectTo>,
    /// Connect to this Unix socket; the URL gives path and host name
    #[arg(long, value_name = "PATH", conflicts_with_all = ["connect_to", "source_ip"])]
    pub(crate) unix_socket: Option<PathBuf>,
    /// Connect from these local addresses in turn: 127.0.0.1-127.0.0.8, or a list
    /// with commas. Each has ports of its own
    #[arg(long, value_name = "ADDRESSES", value_delimiter = ',', value_parser = parse_sources)]
    pub(crate) source_ip: Vec<Vec<IpAddr>>,
}

#[derive(Debug, Args)]
pub(crate) struct Report {
    /// Folder of a run (or its run.json)
    pub(crate) run: PathBuf,
    /// terminal, markdown, csv and json go to stdout; html, svg and png into the folder
    #[arg(short, long, default_value = "terminal")]
    pub(crate) format: ReportFormat,
    /// Folder for html, svg and png [default: the run's]
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    Terminal,
    Markdown,
    Csv,
    Json,
    Html,
    Svg,
    Png,
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    /// Scenario files and target.toml files
    #[arg(required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// Put VALUE over what the scenarios say at PATH, as `dyno run --set` does (repeatable)
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub(crate) settings: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Import {
    #[command(subcommand)]
    pub(crate) from: ImportFrom,
    /// File of the scenario [default: standard output]
    #[arg(short, long, value_name = "FILE", global = true)]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ImportFrom {
    /// curl commands, as a browser copies them: each a flow of one request
    Curl {
        /// The whole command in quotes, "curl …" (repeatable); - reads a script from
        /// standard input
        #[arg(required = true, value_name = "COMMAND")]
        commands: Vec<String>,
    },
    /// A recording of a browser (HAR): a flow of what one page asked its server for
    Har {
        /// The HAR file; - is standard input
        file: PathBuf,
        /// Ask for images, styles and scripts, too
        #[arg(long)]
        assets: bool,
    },
    /// An OpenAPI 3 description, JSON or YAML: a flow for each operation, to be filled in
    Openapi {
        /// The description; - is standard input
        file: PathBuf,
    },
    /// An access log (Common or Combined): its mix of requests by their shares. To play
    /// a log at its own times, write `replay = { log = "FILE" }` in a step instead
    Log {
        /// The log; - is standard input
        file: PathBuf,
        /// Paths that differ in an id only become one when they are more than this
        #[arg(long, value_name = "N", default_value_t = dyno_import::MANY_PATHS)]
        many: usize,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Targets {
    #[command(subcommand)]
    pub(crate) command: Option<TargetsCommand>,
    /// Folder of the targets [default: the nearest targets/ above here]
    #[arg(long, value_name = "DIR", global = true)]
    pub(crate) targets_dir: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TargetsCommand {
    /// List them (the default)
    List {
        /// Only those whose tools are installed, one id a line
        #[arg(long)]
        available: bool,
    },
    /// Build some or all
    Build {
        /// Target ids; none for all
        ids: Vec<String>,
    },
    /// Start some or all and check them against their contract
    Verify {
        /// Target ids; none for all
        ids: Vec<String>,
        /// Seed of the random inputs
        #[arg(long)]
        seed: Option<u64>,
    },
    /// Start one and keep it up until Ctrl-C
    Serve {
        /// Target id
        id: String,
        /// Port; default: any free one
        #[arg(long)]
        port: Option<u16>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// Print the findings as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct SelfTest {
    /// Print the figures as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaName {
    Scenario,
    Target,
    Result,
}
