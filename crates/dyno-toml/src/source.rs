//! The texts that values come from, and in which of them a place is.

use crate::problem::{Located, Problem};

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

    /// Ties a problem to the text that has it.
    pub(crate) fn locate(&self, mut problem: Problem) -> Located {
        let starts = |(_, start): &(&str, usize)| *start <= problem.place.start;
        match self.settings().take_while(starts).last() {
            Some((setting, start)) => {
                let end = problem.place.end.max(problem.place.start);
                problem.place = problem.place.start - start..end - start;
                Located::in_setting(setting, problem)
            }
            None => Located::in_file(self.name, self.file, problem),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Problems;

    #[test]
    fn a_place_is_in_the_file_or_in_one_setting() {
        let settings = ["b=2".to_owned(), "c=3".to_owned()];
        for (place, expected) in [
            (0..1, "f.toml:1:1: m"),
            (6..7, "f.toml:2:1: m"),
            // Behind the last line, where a broken file ends.
            (7..7, "f.toml:2:2: m"),
            (8..9, "--set b=2: m"),
            (10..11, "--set b=2: m"),
            (12..99, "--set c=3: m"),
        ] {
            let problem = Problem::new("m", place.clone());
            let problems = Problems::new("f.toml", "a = 1\n#", &settings, vec![problem]);
            assert_eq!(problems.to_string(), expected, "{place:?}");
        }
    }
}
