//! `dyno man` and `dyno completions`: what clap knows, for other readers.

use std::path::Path;

use clap::CommandFactory as _;
use clap_complete::Shell;

use crate::args::Cli;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::screen;

/// Prints the manual page, or writes one page for each command to a folder.
pub(crate) fn man(folder: Option<&Path>) -> Result<Exit, Failure> {
    let command = Cli::command();
    match folder {
        None => {
            let mut page = Vec::new();
            clap_mangen::Man::new(command)
                .render(&mut page)
                .map_err(Failure::dyno)?;
            screen::data(&String::from_utf8_lossy(&page));
        }
        Some(folder) => {
            std::fs::create_dir_all(folder)
                .and_then(|()| clap_mangen::generate_to(command, folder))
                .map_err(|error| {
                    let message = format!("could not write to {}: {error}", folder.display());
                    Failure::input(message, "choose another folder")
                })?;
        }
    }
    Ok(Exit::Done)
}

/// Prints the completion script of a shell.
pub(crate) fn completions(shell: Shell) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "dyno", &mut script);
    screen::data(&String::from_utf8_lossy(&script));
    Exit::Done
}
