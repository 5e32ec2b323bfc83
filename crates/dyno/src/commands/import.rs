//! `dyno import`: a scenario from what people already have.

mod names;

use std::io::Read as _;
use std::path::Path;

use dyno_import::{Assets, Imported, Source};

use crate::args::{Import, ImportFrom};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::{output, screen};

/// What stands for standard input.
const STDIN: &str = "-";

/// Prints the scenario or writes it to a file, and says what was left out or guessed.
pub(crate) fn run(args: &Import) -> Result<Exit, Failure> {
    if let Some(path) = &args.output {
        is_free(path)?;
    }
    let (source, imported) = imported(&args.from, args.output.as_deref())?;
    let imported =
        imported.map_err(|error| Failure::input(format!("{source}: {error}"), error.hint()))?;
    for warning in &imported.warnings {
        screen::talk(&format!("warning: {source}: {warning}"));
    }
    let Some(path) = &args.output else {
        screen::data(&imported.text);
        return Ok(Exit::Done);
    };
    output::write(path, imported.text.as_bytes())?;
    let path = path.display();
    screen::talk(&format!(
        "{path}: written; next: dyno check {path}, dyno run {path} --url http://…"
    ));
    Ok(Exit::Done)
}

/// Where it came from, for people, and what became of it.
fn imported(
    from: &ImportFrom,
    output: Option<&Path>,
) -> Result<(String, Result<Imported, dyno_import::Error>), Failure> {
    Ok(match from {
        ImportFrom::Curl { commands } => {
            let script = match commands.as_slice() {
                [only] if only == STDIN => text(Path::new(STDIN))?.1,
                commands => commands.join("\n"),
            };
            ("curl".to_owned(), dyno_import::curl(&script))
        }
        ImportFrom::Har { file, assets } => {
            let (name, text) = text(file)?;
            let assets = match assets {
                true => Assets::Keep,
                false => Assets::LeaveOut,
            };
            let recording = recording(file, output);
            let source = Source {
                name: &name,
                file: recording.as_deref(),
            };
            let imported = dyno_import::har(source, &text, assets);
            (name, imported)
        }
        ImportFrom::Openapi { file } => {
            let (name, text) = text(file)?;
            let imported = dyno_import::openapi(&name, &text);
            (name, imported)
        }
        ImportFrom::Log { file, many } => {
            let (name, text) = text(file)?;
            let recording = recording(file, output);
            let source = Source {
                name: &name,
                file: recording.as_deref(),
            };
            let imported = dyno_import::log(source, &text, *many);
            (name, imported)
        }
    })
}

/// What the scenario calls a recording; standard input cannot be read again.
fn recording(file: &Path, output: Option<&Path>) -> Option<String> {
    (file.as_os_str() != STDIN).then(|| names::beside(output, file).display().to_string())
}

/// The name of a file and its text. Bytes that are not UTF-8, as attackers leave them
/// in logs, become U+FFFD.
fn text(path: &Path) -> Result<(String, String), Failure> {
    let mut bytes = Vec::new();
    let (name, read) = if path.as_os_str() == STDIN {
        let read = std::io::stdin().lock().read_to_end(&mut bytes).map(|_| ());
        ("standard input".to_owned(), read)
    } else {
        let read = std::fs::read(path).map(|read| bytes = read);
        (path.display().to_string(), read)
    };
    match read {
        Ok(()) => Ok((name, String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) => Err(Failure::input(
            format!("could not read {name}: {error}"),
            "give the name of a file, or - for standard input",
        )),
    }
}

/// An imported scenario is meant to be edited: none is written over.
fn is_free(path: &Path) -> Result<(), Failure> {
    if let Some(file) = path.ancestors().skip(1).find(|above| above.is_file()) {
        return Err(Failure::input(
            format!("{} is a file, not a folder", file.display()),
            "give another name with -o",
        ));
    }
    match path.try_exists() {
        Ok(true) => Err(Failure::input(
            format!("{} is there already", path.display()),
            "give another name with -o, or remove it",
        )),
        _ => Ok(()),
    }
}
