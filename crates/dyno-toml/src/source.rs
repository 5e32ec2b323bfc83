//! The texts that values come from, and in which of them a place is.

use crate::problem::{Located, Problem, Problems};

/// A file and the settings put over it. Places count in all of them together, one
/// behind the other, a line each.
pub(crate) struct Sources<'a> {
    name: &'a str,
    file: &'a str,
    settings: &'a [String],
}

impl<'a> Sources<'a> {
    pub(crate) fn new(name: &'a str, file: &'a str, settings: &'a [String]) -> Self {
        Self {
            name,
            file,
            settings,
        }
    }

    /// All of them together.
    pub(crate) fn text(&self) -> String {
        let mut text = self.file.to_owned();
        for setting in self.settings {
            text.push('\n');
            text.push_str(setting);
        }
        text
    }

    /// The settings, each with where it begins.
    pub(crate) fn settings(&self) -> impl Iterator<Item = (&'a str, usize)> {
        let mut end = self.file.len();
        self.settings.iter().map(move |setting| {
            let start = end + 1;
            end = start + setting.len();
            (setting.as_str(), start)
        })
    }

    /// Ties problems to the texts that have them.
    pub(crate) fn problems(&self, list: Vec<Problem>) -> Problems {
        let locate = |mut problem: Problem| {
            let starts = |(_, start): &(&str, usize)| *start <= problem.place.start;
            match self.settings().take_while(starts).last() {
                Some((setting, start)) => {
                    let end = problem.place.end.max(problem.place.start);
                    problem.place = problem.place.start - start..end - start;
                    Located::in_setting(setting, problem)
                }
                None => Located::in_file(self.name, self.file, problem),
            }
        };
        Problems::new(list.into_iter().map(locate).collect())
    }
}
