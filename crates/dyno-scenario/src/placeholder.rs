//! Text as written: where its placeholders stand, what they say. Which value a
//! name means is left to `validate::names`.

use std::ops::Range;

use dyno_toml::{Problem, Spanned, suggestion};

use crate::Escape;

/// A text of the file, taken apart at its placeholders.
#[derive(Debug, Clone, Default)]
pub(crate) struct Written {
    /// As it stands in the file, but for TOML's own quotes and escapes.
    pub(crate) text: String,
    /// Where it stands.
    pub(crate) place: Range<usize>,
    /// What goes out, in order.
    pub(crate) pieces: Vec<Piece>,
}

/// A part of a text.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Piece {
    /// Goes out as it is.
    Text(String),
    /// Is filled in.
    Placeholder(Placeholder),
}

/// What stands between `{{` and `}}`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Placeholder {
    /// `user.email`, `random_int`.
    pub(crate) name: String,
    /// What stands in its parentheses, if it has some.
    pub(crate) arguments: Option<String>,
    /// How the value is written here.
    pub(crate) escape: Escape,
    /// From its first brace to its last.
    pub(crate) place: Range<usize>,
}

/// Takes texts apart and notes what is wrong with their placeholders.
pub(crate) struct Scanner<'a> {
    /// The whole file, in which places count.
    pub(crate) source: &'a str,
    /// The key that the text belongs to, for messages.
    pub(crate) key: &'a str,
    /// Takes notice of a problem.
    pub(crate) report: &'a dyn Fn(Problem),
}

impl Scanner<'_> {
    /// Takes `text` apart; its values are written with `escape`.
    pub(crate) fn scan(&self, text: Spanned<String>, escape: Escape) -> Written {
        Written {
            pieces: self.pieces(&text, escape),
            text: text.value,
            place: text.place,
        }
    }

    /// The pieces of `text`, no two texts side by side, none of them empty.
    pub(crate) fn pieces(&self, text: &Spanned<String>, escape: Escape) -> Vec<Piece> {
        let mut places = Places::of(self.source, &text.place);
        let mut pieces = Vec::new();
        let mut plain = String::new();
        let mut rest = text.value.as_str();
        while let Some(start) = rest.find("{{") {
            plain.push_str(&rest[..start]);
            rest = &rest[start..];
            if let Some(behind) = rest.strip_prefix("{{{{") {
                places.next("{{{{");
                plain.push_str("{{");
                rest = behind;
                continue;
            }
            let Some(end) = rest.find("}}") else {
                let hint = "for the braces themselves write {{{{";
                let message = format!("`{}`: `{{{{` is never closed", self.key);
                (self.report)(Problem::new(message, places.next("{{")).hint(hint));
                rest = "";
                break;
            };
            let (whole, behind) = rest.split_at(end + 2);
            let alone = whole.len() == text.value.len();
            let place = places.next(whole);
            rest = behind;
            if let Some(placeholder) = self.placeholder(whole, place, escape, alone) {
                if !plain.is_empty() {
                    pieces.push(Piece::Text(std::mem::take(&mut plain)));
                }
                pieces.push(Piece::Placeholder(placeholder));
            }
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            pieces.push(Piece::Text(plain));
        }
        pieces
    }

    /// Notes a name in a body that looks as if it were filled in.
    pub(crate) fn refuse_key(&self, name: &str, place: Range<usize>) {
        if name.contains("{{") {
            let message = format!("`{}`: the name {name:?} is not filled in", self.key);
            let hint = "placeholders stand in values; a body with other names is written as `body`";
            (self.report)(Problem::new(message, place).hint(hint));
        }
    }

    /// Reads `{{ name(arguments) | number }}`. `alone` says that it makes up the
    /// whole text.
    fn placeholder(
        &self,
        whole: &str,
        place: Range<usize>,
        escape: Escape,
        alone: bool,
    ) -> Option<Placeholder> {
        let problem = |what: &str, hint: &str| {
            let message = format!("`{}`: `{whole}` {what}", self.key);
            (self.report)(Problem::new(message, place.clone()).hint(hint));
        };
        let inner = &whole[2..whole.len() - 2];
        let (said, filter) = match inner.split_once('|') {
            Some((said, filter)) => (said.trim(), Some(filter.trim())),
            None => (inner.trim(), None),
        };
        let mut escape = escape;
        match filter {
            None => {}
            Some("number") if escape == Escape::JsonString && alone => {
                escape = Escape::JsonNumber;
            }
            Some("number") => {
                let hint =
                    "`number` is for a string inside `json` that is nothing but the placeholder";
                problem("cannot be a number here", hint);
                return None;
            }
            Some(other) => {
                let what = format!("has no filter {other:?}");
                problem(&what, &suggestion(other, &["number"]));
                return None;
            }
        }
        let (name, arguments) = match said.split_once('(') {
            Some((name, arguments)) => {
                let Some(arguments) = arguments.strip_suffix(')') else {
                    problem("has an open parenthesis", "such as {{random_int(1, 100)}}");
                    return None;
                };
                (name.trim(), Some(arguments.trim().to_owned()))
            }
            None => (said, None),
        };
        if name.is_empty() || name.contains(['{', '}', '(', ')', '"', '\n']) {
            let hint =
                "a name, such as {{token}} or {{user.email}}; for the braces themselves write {{{{";
            problem("is no placeholder", hint);
            return None;
        }
        Some(Placeholder {
            name: name.to_owned(),
            arguments,
            escape,
            place,
        })
    }
}

/// Adds a text behind others.
pub(crate) fn push_text(pieces: &mut Vec<Piece>, text: &str) {
    match pieces.last_mut() {
        _ if text.is_empty() => {}
        Some(Piece::Text(last)) => last.push_str(text),
        _ => pieces.push(Piece::Text(text.to_owned())),
    }
}

/// Where the parts of a text stand in the file. TOML's escapes may lie between
/// the two; a part that cannot be found stands where the whole text does.
struct Places<'a> {
    raw: &'a str,
    whole: Range<usize>,
    from: usize,
}

impl<'a> Places<'a> {
    fn of(source: &'a str, whole: &Range<usize>) -> Self {
        Self {
            raw: source.get(whole.clone()).unwrap_or_default(),
            whole: whole.clone(),
            from: 0,
        }
    }

    /// Of the next part that reads like this.
    fn next(&mut self, part: &str) -> Range<usize> {
        let behind = self.raw.get(self.from..).unwrap_or_default();
        let Some(at) = behind.find(part) else {
            return self.whole.clone();
        };
        let start = self.whole.start + self.from + at;
        self.from += at + part.len();
        start..start + part.len()
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    /// The pieces of the only value of a file, written with their places, and
    /// the problems.
    fn scan(file: &str, escape: Escape) -> (Vec<String>, Vec<String>) {
        let value = toml_span::parse(file).unwrap();
        let value = value.pointer("/v").unwrap();
        let text = Spanned {
            value: value.as_str().unwrap().to_owned(),
            place: value.span.start..value.span.end,
        };
        let problems = RefCell::default();
        let scanner = Scanner {
            source: file,
            key: "v",
            report: &|problem| {
                let Problem { message, place, .. } = problem;
                Vec::push(
                    &mut problems.borrow_mut(),
                    format!("{}: {message}", place.start),
                );
            },
        };
        let pieces = scanner.pieces(&text, escape).into_iter();
        let pieces = pieces
            .map(|piece| match piece {
                Piece::Text(text) => text,
                Piece::Placeholder(one) => {
                    let said = one.arguments.map_or(String::new(), |a| format!("({a})"));
                    let seen = &file[one.place];
                    format!("<{}{said} {:?} at {seen}>", one.name, one.escape)
                }
            })
            .collect();
        (pieces, problems.take())
    }

    #[test]
    fn texts_are_taken_apart_with_the_place_of_each_placeholder() {
        let check = |file: &str, expected: &[&str]| {
            assert_eq!(scan(file, Escape::Url).0, expected, "{file}");
        };
        check("v = ''", &[]);
        check("v = 'plain } { text'", &["plain } { text"]);
        check("v = '/a/{{id}}'", &["/a/", "<id Url at {{id}}>"]);
        check(
            "v = '{{ user.First Name }}{{seq}}!'",
            &[
                "<user.First Name Url at {{ user.First Name }}>",
                "<seq Url at {{seq}}>",
                "!",
            ],
        );
        check(
            "v = '{{random_int( 1, 2 )}}'",
            &["<random_int(1, 2) Url at {{random_int( 1, 2 )}}>"],
        );
        check("v = 'a{{{{b}}{{{{'", &["a{{b}}{{"]);
        check("v = '{{{{{{x}}}}'", &["{{", "<x Url at {{x}}>", "}}"]);
        // The escape before it moves the place, the one within hides it.
        check(r#"v = "\n{{x}}""#, &["\n", "<x Url at {{x}}>"]);
        check(r#"v = "{{\u0078}}""#, &[r"<x Url at {{\u0078}}>"]);
        check("v = '{{x}}{{x}}'", &["<x Url at {{x}}>"; 2]);
    }

    #[test]
    fn a_number_stands_alone_in_json() {
        let (pieces, problems) = scan("v = '{{ age | number }}'", Escape::JsonString);
        assert_eq!(pieces, ["<age JsonNumber at {{ age | number }}>"]);
        assert_eq!(problems, [""; 0]);
        for (file, escape) in [
            ("v = '{{age|number}}'", Escape::None),
            ("v = '{{age|number}} '", Escape::JsonString),
        ] {
            let (_, problems) = scan(file, escape);
            let expected = "5: `v`: `{{age|number}}` cannot be a number here";
            assert_eq!(problems, [expected], "{file}");
        }
    }

    #[test]
    fn what_is_no_placeholder_is_said_with_its_place() {
        for (text, expected) in [
            ("ab{{c", "7: `v`: `{{` is never closed"),
            ("{{}}", "5: `v`: `{{}}` is no placeholder"),
            ("{{ }}", "5: `v`: `{{ }}` is no placeholder"),
            ("{{{a}}}", "5: `v`: `{{{a}}` is no placeholder"),
            ("{{(1)}}", "5: `v`: `{{(1)}}` is no placeholder"),
            ("{{f(1}}", "5: `v`: `{{f(1}}` has an open parenthesis"),
            (
                "{{a|upper}}",
                "5: `v`: `{{a|upper}}` has no filter \"upper\"",
            ),
        ] {
            let (_, problems) = scan(&format!("v = '{text}'"), Escape::None);
            assert_eq!(problems, [expected], "{text}");
        }
    }
}
