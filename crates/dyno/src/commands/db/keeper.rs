//! The process that keeps the database while no command runs: dyno's own executable
//! as a hidden command. When it ends, by whatever signal, the database does too.

use std::ffi::OsString;
use std::path::PathBuf;

use dyno_postgres::state::{Keeper, State, forget};
use dyno_postgres::{AUTH_SCHEMA, Cluster, Error, Installation, Profile, Settings, Source};
use dyno_target::detached::Starter;
use serde::{Deserialize, Serialize};
use tokio::signal::unix::{SignalKind, signal};

use crate::exit::Exit;
use crate::failure::{Failure, Told};

/// The hidden command that makes dyno a keeper.
pub(super) const KEEP: &str = "__keep_database";

/// The database that is ready to be used, without its prefix.
const DATABASE: &str = "auth";

/// What to keep.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Order {
    pub(super) installation: Installation,
    pub(super) profile: Profile,
    pub(super) cost: u32,
    pub(super) users: u32,
    pub(super) pool_total: u32,
    pub(super) cpus: Vec<u32>,
    pub(super) state: PathBuf,
    pub(super) log: PathBuf,
}

/// What became of it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Answer {
    Ready(State),
    Failed(Told),
}

/// Keeps the database, if `arguments` (the program's name first) say so; `None` for
/// people's commands.
pub(crate) fn hidden_command(arguments: impl IntoIterator<Item = OsString>) -> Option<Exit> {
    (arguments.into_iter().nth(1)? == KEEP).then(keep)
}

fn keep() -> Exit {
    let Some((order, starter)) = Starter::meet() else {
        return Exit::Input;
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let kept = match runtime {
        Ok(runtime) => runtime.block_on(serve(order, starter)),
        Err(error) => Err(Failure::dyno(error)),
    };
    kept.unwrap_or_else(|failure| {
        // Its stderr is the database's log.
        crate::screen::talk(&failure.render());
        failure.exit
    })
}

/// Starts the database, tells of it, and keeps it until it ends or is to end.
async fn serve(order: Order, mut starter: Starter) -> Result<Exit, Failure> {
    let mut terminate = signal(SignalKind::terminate()).map_err(Failure::dyno)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(Failure::dyno)?;
    let started = tokio::select! {
        started = start(&order) => started,
        // Nobody would ever know of it.
        () = starter.gone() => return Ok(Exit::Interrupted),
        _ = terminate.recv() => return Ok(Exit::Interrupted),
        _ = interrupt.recv() => return Ok(Exit::Interrupted),
    };
    let (cluster, mut state) = match started {
        Ok(started) => started,
        Err(error) => {
            starter.answer(&Answer::Failed(Failure::database(error).told()));
            return Ok(Exit::Failed);
        }
    };
    starter.answer(&Answer::Ready(state.clone()));
    let exited = async {
        match cluster.process() {
            Some(process) => process.exited().await,
            None => std::future::pending().await,
        }
    };
    let exit = tokio::select! {
        exit = exited => Some(exit),
        _ = terminate.recv() => None,
        _ = interrupt.recv() => None,
    };
    match exit {
        None => {
            cluster.stop().await.map_err(Failure::database)?;
            forget(&order.state).map_err(Failure::database)?;
        }
        Some(_) => {
            state.ended = exit;
            state.write(&order.state).map_err(Failure::database)?;
        }
    }
    Ok(Exit::Done)
}

async fn start(order: &Order) -> Result<(Cluster, State), Error> {
    // The file that the link stands for may be replaced while the database runs.
    let dyno = PathBuf::from("/proc/self/exe");
    let cluster = Cluster::start(Settings {
        source: Source::Local(order.installation.clone()),
        profile: order.profile,
        pool_total: order.pool_total,
        cpus: &order.cpus,
        dyno: &dyno,
        log: Some(&order.log),
    })
    .await?;
    let template = cluster
        .prepare_template(AUTH_SCHEMA, order.users, order.cost)
        .await?;
    let database = cluster.clone_template(&template, DATABASE).await?;
    cluster.checkpoint().await?;
    let server = cluster.describe().await?;
    let state = State {
        url: database.url,
        port: cluster.port().unwrap_or(0),
        profile: order.profile,
        cost: order.cost,
        users: order.users,
        pool_total: order.pool_total,
        cpus: order.cpus.clone(),
        version: server.version,
        folder: cluster.folder().map(PathBuf::from).unwrap_or_default(),
        in_memory: server.in_memory.unwrap_or(false),
        log: order.log.clone(),
        keeper: Keeper::this()?,
        ended: None,
    };
    state.write(&order.state)?;
    Ok((cluster, state))
}
