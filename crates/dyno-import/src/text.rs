//! Text as it stands in a scenario: with `{{placeholders}}`, and real braces doubled.

use std::borrow::Cow;
use std::fmt;

/// Text in the syntax of the scenario's templates.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Text(String);

/// Stand around the name of a placeholder in text that is not yet a [`Text`], so
/// that it can pass through parsers and encoders. Unicode sets these two aside for
/// such inner use; no text has them (see [`without_marks`]).
const OPEN: char = '\u{FDD0}';
const CLOSE: char = '\u{FDD1}';

impl Text {
    /// Goes out as it is, but for marked placeholders.
    pub(crate) fn literal(text: &str) -> Self {
        let text = text.replace("{{", "{{{{");
        Self(text.replace(OPEN, "{{").replace(CLOSE, "}}"))
    }

    /// Is in the syntax of templates already.
    pub(crate) fn template(text: String) -> Self {
        Self(text)
    }

    /// As it is written.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// As it goes out, if it has no placeholders.
    pub(crate) fn plain(&self) -> String {
        self.0.replace("{{{{", "{{")
    }

    /// Adds `between` and `next`; the former may not end with a brace.
    pub(crate) fn join(&mut self, between: &str, next: &Self) {
        self.0.push_str(between);
        self.0.push_str(&next.0);
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A placeholder, for [`Text::literal`]: `env.TOKEN` becomes `{{env.TOKEN}}`.
pub(crate) fn mark(name: &str) -> String {
    format!("{OPEN}{name}{CLOSE}")
}

/// Text with marked variables as the shell has them, for messages and comments.
/// `{:?}` of it must come after.
pub(crate) fn shown(text: &str) -> String {
    text.replace("\u{FDD0}env.", "$").replace(is_mark, "")
}

/// Whether `letter` stands around the name of a placeholder.
pub(crate) fn is_mark(letter: char) -> bool {
    [OPEN, CLOSE].contains(&letter)
}

/// Whether a template can say `text`: not a single brace right before a placeholder.
pub(crate) fn is_sayable(text: &str) -> bool {
    let mut before = text.split(OPEN);
    before.next_back();
    before.all(|text| (text.len() - text.trim_end_matches('{').len()).is_multiple_of(2))
}

/// The text of a file, without characters that would be taken for marks.
pub(crate) fn without_marks(text: &str) -> Cow<'_, str> {
    if text.contains(is_mark) {
        Cow::Owned(text.replace(is_mark, "\u{FFFD}"))
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn braces_are_doubled_and_placeholders_are_not() {
        let token = mark("env.T");
        for (text, expected, sayable) in [
            (token.clone(), "{{env.T}}", true),
            (format!("Bearer {token}"), "Bearer {{env.T}}", true),
            (format!("{{{{{token}"), "{{{{{{env.T}}", true),
            (format!("{{{token}"), "{{{env.T}}", false),
            (format!("{{x}}}}{token}{{"), "{x}}{{env.T}}{", true),
            ("{{{".to_owned(), "{{{{{", true),
        ] {
            assert_eq!(Text::literal(&text).as_str(), expected);
            assert_eq!(is_sayable(&text), sayable, "{expected}");
        }
        assert_eq!(without_marks(&token), "\u{FFFD}env.T\u{FFFD}");
    }
}
