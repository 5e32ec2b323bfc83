//! `dyno check`: all problems of all files at once.

use std::path::Path;

use dyno_target::catalogue;

use crate::args::Check;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::source::Source;
use crate::{replay, screen, stock, sweep};

/// Checks scenario files and manifests.
pub(crate) fn run(args: &Check) -> Result<Exit, Failure> {
    let mut problems = Vec::new();
    for path in &args.files {
        match check(path, &args.settings) {
            Ok(()) => screen::data(&format!("{}: ok", path.display())),
            Err(CheckError::Problems(found)) => problems.push(found),
            Err(CheckError::Other(failure)) => return Err(failure),
        }
    }
    if problems.is_empty() {
        return Ok(Exit::Done);
    }
    Err(problems.into())
}

enum CheckError {
    Problems(dyno_toml::Problems),
    Other(Failure),
}

fn check(path: &Path, settings: &[String]) -> Result<(), CheckError> {
    if path.file_name().is_some_and(|name| name == catalogue::FILE) {
        return manifest(path);
    }
    let file = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|error| {
        let hint = "give scenario files and target.toml files";
        CheckError::Other(Failure::input(
            format!("could not read {file}: {error}"),
            hint,
        ))
    })?;
    let mut source = Source::parse(file, text, settings.to_vec()).map_err(CheckError::Problems)?;
    sweep::own_env(&source).map_err(CheckError::Problems)?;
    let notes = replay::fill(&mut source, 0).map_err(CheckError::Problems)?;
    for note in notes {
        screen::talk(&format!("note: {note}"));
    }
    stock::read(&source)
        .map(|_| ())
        .map_err(CheckError::Problems)
}

fn manifest(path: &Path) -> Result<(), CheckError> {
    match dyno_target::Manifest::read(path) {
        Ok(_) => Ok(()),
        Err(dyno_target::Error::Manifest(problems)) => Err(CheckError::Problems(problems)),
        Err(error) => Err(CheckError::Other(Failure::target(error))),
    }
}
