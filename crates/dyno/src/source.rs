//! A scenario and the file that it came from.

use std::cell::Cell;
use std::ops::Range;
use std::path::Path;

use dyno_scenario::Scenario;
use dyno_toml::{Problem, Problems};

use crate::failure::Failure;

/// A scenario and the file that it came from.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    /// As given on the command line.
    pub(crate) file: String,
    /// The whole file.
    pub(crate) text: String,
    /// What was put over it, `PATH=VALUE` each, in this order.
    pub(crate) settings: Vec<String>,
    pub(crate) scenario: Scenario,
}

impl Source {
    /// Reads and checks a scenario file.
    pub(crate) fn read(path: &Path, settings: &[String]) -> Result<Self, Failure> {
        let file = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|error| {
            let message = format!("could not read {file}: {error}");
            let hint = "give the path of a scenario file, e.g. scenarios/greet.toml";
            Failure::input(message, hint)
        })?;
        Ok(Self::parse(file, text, settings.to_vec())?)
    }

    /// Checks the text of a scenario file.
    pub(crate) fn parse(
        file: String,
        text: String,
        settings: Vec<String>,
    ) -> Result<Self, Problems> {
        let scenario = dyno_scenario::parse_with(&file, &text, &settings)?;
        Ok(Self {
            file,
            text,
            settings,
            scenario,
        })
    }

    /// What relative paths in it count from; empty for the current folder.
    pub(crate) fn folder(&self) -> &Path {
        Path::new(&self.file).parent().unwrap_or(Path::new(""))
    }

    /// Where it has a value: the keys from the root, and in lists of tables the
    /// `name`. The beginning of the file if it is not there.
    pub(crate) fn place(&self, path: &[&str]) -> Range<usize> {
        let place = Cell::new(0..0);
        let (file, text, settings) = (&self.file, &self.text, &self.settings);
        // What else is in the file has been read and is no problem.
        let _ = dyno_toml::read_with(file, text, settings, |root| -> Option<()> {
            let mut value = root.peek(path.first()?)?;
            for key in &path[1..] {
                value = match value.as_array() {
                    Some(list) => list.iter().find(|entry| {
                        let name = entry.as_table().and_then(|table| table.get("name"));
                        name.and_then(|name| name.as_str()) == Some(*key)
                    })?,
                    None => value.as_table()?.get(*key)?,
                };
            }
            place.set(value.span.start..value.span.end);
            None
        });
        place.take()
    }

    /// Ties a problem that only reading other files can show to this one.
    pub(crate) fn problem(&self, problem: Problem) -> Problems {
        self.problems(vec![problem])
    }

    /// The same of several.
    pub(crate) fn problems(&self, problems: Vec<Problem>) -> Problems {
        Problems::new(&self.file, &self.text, &self.settings, problems)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_found_by_keys_and_names() {
        let text = "name = 'x'\n[[request]]\npath = '/'\n[secret.a]\nenv = 'E'\n[[step]]\n\
                    name = 's'\nrequests = 1\nconnections = 1\n";
        let settings = vec!["step.s.connections=7".to_owned()];
        let source = Source::parse("f.toml".to_owned(), text.to_owned(), settings).unwrap();
        let check = |path: &[&str], expected: &str| {
            let all = format!("{text}\nstep.s.connections=7");
            assert_eq!(&all[source.place(path)], expected, "{path:?}");
        };
        check(&["secret", "a", "env"], "E");
        check(&["step", "s", "requests"], "1");
        check(&["step", "s", "connections"], "7");
        check(&["step", "t", "requests"], "");
        check(&["secret", "b"], "");
    }
}
