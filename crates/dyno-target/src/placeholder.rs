//! `{port}` and its like in commands and variables: found, checked, filled.
//!
//! A placeholder is a lower-case word in braces. Other braces, such as those
//! of JSON, are ordinary text.

use std::collections::BTreeMap;
use std::fmt::Display;

/// What may stand in a build step, an artefact and the versions command.
pub(crate) const OF_BUILD: &[&str] = &["work", "dir"];

/// What may stand in the command that serves and its environment.
pub(crate) const OF_RUN: &[&str] = &["port", "host", "cpus", "workers", "work", "dir"];

/// What placeholders stand for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Values(BTreeMap<&'static str, String>);

impl Values {
    /// Adds one.
    pub(crate) fn with(mut self, name: &'static str, value: impl Display) -> Self {
        self.0.insert(name, value.to_string());
        self
    }

    /// `text` with every known placeholder filled; unknown ones stay, since
    /// the manifest's reader has refused them before.
    pub(crate) fn fill(&self, text: &str) -> String {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, name, after)) = next(rest) {
            filled.push_str(before);
            match self.0.get(name) {
                Some(value) => filled.push_str(value),
                None => filled.push_str(&rest[before.len()..rest.len() - after.len()]),
            }
            rest = after;
        }
        filled + rest
    }

    /// A whole command, filled.
    pub(crate) fn fill_all(&self, texts: &[String]) -> Vec<String> {
        texts.iter().map(|text| self.fill(text)).collect()
    }
}

/// The first placeholder of `text` that is not among `known`.
pub(crate) fn unknown<'t>(text: &'t str, known: &[&str]) -> Option<&'t str> {
    let mut rest = text;
    while let Some((_, name, after)) = next(rest) {
        if !known.contains(&name) {
            return Some(name);
        }
        rest = after;
    }
    None
}

/// Splits at the first placeholder: the text before, its name, the text after.
fn next(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    while let Some(open) = text[from..].find('{').map(|at| from + at) {
        let inside = &text[open + 1..];
        let length = inside
            .find(|c: char| !c.is_ascii_lowercase() && c != '_')
            .unwrap_or(inside.len());
        if length > 0 && inside[length..].starts_with('}') {
            return Some((&text[..open], &inside[..length], &inside[length + 1..]));
        }
        from = open + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fills_words_in_braces_and_nothing_else() {
        let values = Values::default().with("port", 8080).with("host", "::1");
        for (text, expected) in [
            ("--port={port}", "--port=8080"),
            ("{host}:{port}", "::1:8080"),
            ("{\"port\": {port}}", "{\"port\": 8080}"),
            ("{{port}}", "{8080}"),
            ("{nobody} {} {PORT} {port", "{nobody} {} {PORT} {port"),
            ("", ""),
        ] {
            assert_eq!(values.fill(text), expected, "{text}");
        }
    }

    #[test]
    fn finds_the_first_unknown_one() {
        for (text, expected) in [
            ("{port} {host}", None),
            ("{port} {prot} {x}", Some("prot")),
            ("{\"a\": 1} {}", None),
        ] {
            assert_eq!(unknown(text, OF_RUN), expected, "{text}");
        }
    }
}
