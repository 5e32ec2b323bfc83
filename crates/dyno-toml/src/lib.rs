//! TOML files as people write them.
//!
//! Reads a file into values that remember their place, and collects *every*
//! problem found on the way instead of stopping at the first one. What the keys
//! mean is left to the callers (`dyno-scenario`, `dyno-target`); how a problem
//! is printed is left to the `dyno` command.

mod inherit;
mod problem;
mod reader;
mod schema;
mod setting;
mod source;

pub use problem::{Found, Problem, Problems};
use source::Sources;

pub use reader::{Reader, Spanned, suggestion};

/// Parses `text` and hands the root table to `read`.
///
/// `name` is the path shown in messages. `read` may push problems through its
/// [`Reader`]; the value it returns counts only when there were none, so a
/// reader may return whatever it likes (usually `None`) after a problem.
pub fn read<T>(
    name: &str,
    text: &str,
    read: impl FnOnce(&mut Reader<'_, '_>) -> Option<T>,
) -> Result<T, Problems> {
    read_with(name, text, &[], read)
}

/// As [`read`], after each of `settings`, `PATH=VALUE`, has been put over what the
/// file says. A path has keys and places in lists (`step[0].rate`), or names
/// instead of places (`step.steady.rate`, `step."10,000".rate`). A value is TOML or
/// else text. Problems with a setting are shown in it.
pub fn read_with<T>(
    name: &str,
    text: &str,
    settings: &[String],
    read: impl FnOnce(&mut Reader<'_, '_>) -> Option<T>,
) -> Result<T, Problems> {
    let sources = Sources::new(name, text, settings);
    let found = Found::over(&sources.text());
    let value = match toml_span::parse(text) {
        Ok(mut value) => {
            for (setting, offset) in sources.settings() {
                if let Err(problem) = setting::apply(&mut value, setting, offset) {
                    found.push(problem);
                }
            }
            Reader::over(&mut value, "", &found).and_then(|mut root| {
                let value = read(&mut root);
                root.finish();
                value
            })
        }
        Err(error) => {
            found.push(problem::syntax(&error, text));
            None
        }
    };
    let list = found.take();
    match value {
        Some(value) if list.is_empty() => Ok(value),
        _ => Err(Problems::new(name, text, settings, list)),
    }
}
