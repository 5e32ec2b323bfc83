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

pub use problem::{Found, Problem, Problems};
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
    let found = Found::over(text);
    let value = match toml_span::parse(text) {
        Ok(mut value) => Reader::over(&mut value, "", &found).and_then(|mut root| {
            let value = read(&mut root);
            root.finish();
            value
        }),
        Err(error) => {
            found.push(problem::syntax(&error));
            None
        }
    };
    let list = found.take();
    match value {
        Some(value) if list.is_empty() => Ok(value),
        _ => Err(Problems::new(name, text, list)),
    }
}
