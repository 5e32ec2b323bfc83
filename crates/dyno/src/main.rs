//! The `dyno` command: parses, dispatches, turns errors into exit codes. The
//! only crate that prints, reads arguments and exits.

mod args;
mod around;
mod attach;
mod commands;
mod destination;
mod estimate;
mod exit;
mod failure;
mod generator;
mod interrupt;
mod live;
mod output;
mod preflight;
mod preparation;
mod progress;
mod record;
mod replay;
mod resume;
mod run_directory;
mod screen;
mod session;
mod source;
mod stock;
mod sweep;
mod trial;

use std::process::ExitCode;

use clap::Parser as _;

use crate::args::{Cli, Command};
use crate::exit::Exit;
use crate::failure::Failure;

fn main() -> ExitCode {
    // dyno also serves as the supervisor of the targets that it starts.
    if let Some(code) = dyno_target::hidden_command(std::env::args_os()) {
        return ExitCode::from(u8::try_from(code).unwrap_or(1));
    }
    // And as the server of `dyno self-test`.
    if let Some(code) = dyno_truth::hidden_command(std::env::args_os()) {
        return ExitCode::from(u8::try_from(code).unwrap_or(1));
    }
    // And as the keeper of the database of `dyno db`.
    if let Some(exit) = commands::db::hidden_command(std::env::args_os()) {
        return exit.into();
    }
    let command = Cli::parse().command;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let result = match runtime {
        Ok(runtime) => runtime.block_on(dispatch(command)),
        Err(error) => Err(Failure::dyno(error)),
    };
    match result {
        Ok(exit) => exit.into(),
        Err(failure) => {
            screen::talk(&failure.render());
            failure.exit.into()
        }
    }
}

async fn dispatch(command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Run(args) => commands::run::run(args).await,
        Command::Hit(args) => commands::hit::run(args).await,
        Command::Report(args) => commands::report::run(&args),
        Command::Check(args) => commands::check::run(&args),
        Command::Import(args) => commands::import::run(&args),
        Command::Targets(args) => commands::targets::run(args).await,
        Command::Db(args) => commands::db::run(args).await,
        Command::Doctor(args) => commands::doctor::run(&args),
        Command::SelfTest(args) => commands::self_test::run(&args).await,
        Command::Schema { name } => Ok(commands::schema::run(name)),
        Command::Completions { shell } => Ok(commands::man::completions(shell)),
        Command::Man { output } => commands::man::man(output.as_deref()),
    }
}
