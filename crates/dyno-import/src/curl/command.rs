//! A script cut into its commands, as a shell would: where each ends, what `$'…'`
//! and `$NAME` mean. Splitting a command into words is left to `shell_words`.

use crate::Error;
use crate::text::mark;

use super::ansi;

/// One command.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Command {
    /// Where it begins, from 1.
    pub(super) line: usize,
    /// The program and its arguments. Variables of the shell are marked placeholders.
    pub(super) words: Vec<String>,
    /// Whether it reads what the one before it writes.
    pub(super) is_piped: bool,
}

/// The commands of `script`, without redirections and comments.
pub(super) fn commands(script: &str) -> Result<Vec<Command>, Error> {
    let mut cutter = Cutter {
        rest: script,
        line: 1,
        begin: 1,
        text: String::new(),
        redirected: None,
        is_piped: false,
        commands: Vec::new(),
    };
    while let Some(letter) = cutter.next() {
        cutter.plain(letter)?;
    }
    cutter.end(false)?;
    Ok(cutter.commands)
}

/// What was cut so far, and what is left.
struct Cutter<'a> {
    rest: &'a str,
    /// Where `rest` begins.
    line: usize,
    /// Where the current command begins.
    begin: usize,
    /// The current command, in the syntax of `shell_words`.
    text: String,
    /// Where in `text` the name of a file begins that is written to.
    redirected: Option<usize>,
    is_piped: bool,
    commands: Vec<Command>,
}

impl Cutter<'_> {
    fn next(&mut self) -> Option<char> {
        let letter = self.rest.chars().next()?;
        self.rest = &self.rest[letter.len_utf8()..];
        self.line += usize::from(letter == '\n');
        Some(letter)
    }

    /// Goes on behind `text` if it comes next.
    fn skip(&mut self, text: &str) -> bool {
        let found = self.rest.strip_prefix(text);
        self.line += found.map_or(0, |_| text.matches('\n').count());
        self.rest = found.unwrap_or(self.rest);
        found.is_some()
    }

    /// A character outside of quotes.
    fn plain(&mut self, letter: char) -> Result<(), Error> {
        if self.text.trim().is_empty() && !letter.is_whitespace() {
            self.begin = self.line;
        }
        match letter {
            '\\' => self.escape()?,
            '\'' => self.single()?,
            '"' => self.double()?,
            '$' if self.skip("'") => {
                let word = self.ansi()?;
                self.text.push_str(&shell_words::quote(&word));
            }
            '$' | '`' => self.variable(letter)?,
            '#' if self.is_between_words() => {
                let end = self.rest.find('\n').unwrap_or(self.rest.len());
                self.rest = &self.rest[end..];
            }
            '\r' if self.rest.starts_with('\n') => {}
            '^' if self.rest.starts_with(['\r', '\n']) => {
                let hint = "copy it for another shell: \"Copy as cURL (bash)\" in a browser";
                let message = "a line that goes on behind `^` is for cmd.exe";
                return Err(Error::malformed(self.line, message, hint));
            }
            '\n' | ';' => self.end(false)?,
            '&' if self.skip("&") => self.end(false)?,
            '|' => {
                let is_or = self.skip("|");
                self.end(!is_or)?;
            }
            '&' if !self.rest.starts_with(|next: char| !next.is_whitespace()) => self.end(false)?,
            '&' if !self.rest.starts_with('>') => {
                let hint = "put the address in single quotes";
                let message = "the shell would end the command at this `&`";
                return Err(Error::malformed(self.line, message, hint));
            }
            '&' => {}
            '>' => self.redirection(),
            '<' => {
                let message = "the shell would read a file here";
                let hint = "put its text into the command: --data-raw '…'";
                return Err(Error::unsupported(self.line, message, hint));
            }
            letter => {
                if letter.is_whitespace() {
                    self.end_redirection();
                }
                self.text.push(letter);
            }
        }
        Ok(())
    }

    fn is_between_words(&self) -> bool {
        self.text.is_empty() || self.text.ends_with(char::is_whitespace)
    }

    fn escape(&mut self) -> Result<(), Error> {
        if self.skip("\n") || self.skip("\r\n") {
            return Ok(());
        }
        let behind = self.rest.trim_start_matches([' ', '\t']);
        if behind.starts_with(['\r', '\n']) {
            let message = "there are blanks between `\\` and the end of the line";
            return Err(Error::malformed(self.line, message, "take them away"));
        }
        let Some(next) = self.next() else {
            return Err(cut_off(self.line, "the text ends behind a `\\`"));
        };
        self.text.push('\\');
        self.text.push(next);
        Ok(())
    }

    fn single(&mut self) -> Result<(), Error> {
        let opened = self.line;
        self.text.push('\'');
        while let Some(letter) = self.next() {
            self.text.push(letter);
            if letter == '\'' {
                return Ok(());
            }
        }
        Err(unclosed(opened, "'"))
    }

    fn double(&mut self) -> Result<(), Error> {
        let opened = self.line;
        self.text.push('"');
        while let Some(letter) = self.next() {
            match letter {
                '\\' => {
                    self.text.push('\\');
                    let next = self.next();
                    self.text.extend(next);
                }
                '$' | '`' => self.variable(letter)?,
                letter => self.text.push(letter),
            }
            if letter == '"' {
                return Ok(());
            }
        }
        Err(unclosed(opened, "\""))
    }

    /// What stands between `$'` and `'`.
    fn ansi(&mut self) -> Result<String, Error> {
        let opened = self.line;
        let mut inner = String::new();
        loop {
            match self.next() {
                None => return Err(unclosed(opened, "$'")),
                Some('\'') => break,
                Some('\\') => {
                    inner.push('\\');
                    let next = self.next();
                    inner.extend(next);
                }
                Some(letter) => inner.push(letter),
            }
        }
        ansi::unescape(&inner).ok_or_else(|| {
            let message = "the bytes of `$'…'` are not UTF-8";
            let hint = "a scenario is text; write other bytes percent-encoded, or leave them out";
            Error::unsupported(opened, message, hint)
        })
    }

    /// What begins with `$` or a backtick.
    fn variable(&mut self, letter: char) -> Result<(), Error> {
        let is_word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
        let (opening, closing) = if self.rest.starts_with('{') {
            ("{", "}")
        } else {
            ("", "")
        };
        let behind = &self.rest[opening.len()..];
        let name = &behind[..behind.find(|next| !is_word(next)).unwrap_or(behind.len())];
        let is_name = name.starts_with(|first: char| !first.is_ascii_digit());
        if letter == '$' && is_name && behind[name.len()..].starts_with(closing) {
            self.text.push_str(&mark(&format!("env.{name}")));
            self.rest = &behind[name.len() + closing.len()..];
        } else if letter == '`'
            || self.rest.starts_with(['(', '{', '@', '*', '?', '!'])
            || !name.is_empty()
        {
            let message = format!("only a shell can tell what `{letter}` stands for here");
            let hint = "put the value in its place, or a variable: $NAME";
            return Err(Error::unsupported(self.line, message, hint));
        } else {
            self.text.push_str("\\$");
        }
        Ok(())
    }

    /// Drops `2>` and what it is followed by.
    fn redirection(&mut self) {
        let number = self
            .text
            .trim_end_matches(|letter: char| letter.is_ascii_digit());
        if number.is_empty() || number.ends_with(char::is_whitespace) {
            self.text.truncate(number.len());
        }
        let file = self.rest.trim_start_matches(['>', '&', ' ', '\t']);
        self.rest = file;
        self.redirected = Some(self.text.len());
    }

    fn end_redirection(&mut self) {
        if let Some(begin) = self.redirected.take() {
            self.text.truncate(begin);
        }
    }

    /// The current command is complete.
    fn end(&mut self, is_next_piped: bool) -> Result<(), Error> {
        self.end_redirection();
        let text = std::mem::take(&mut self.text);
        // All quotes are known to be closed.
        let words =
            shell_words::split(&text).map_err(|error| cut_off(self.begin, &error.to_string()))?;
        if !words.is_empty() {
            self.commands.push(Command {
                line: self.begin,
                words,
                is_piped: self.is_piped,
            });
        }
        self.is_piped = is_next_piped;
        Ok(())
    }
}

fn unclosed(line: usize, quote: &str) -> Error {
    cut_off(
        line,
        &format!("the quote that {quote} opens here is never closed"),
    )
}

fn cut_off(line: usize, message: &str) -> Error {
    Error::malformed(line, message, "the rest of the command seems to be missing")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_are_cut_as_a_shell_does() {
        let check = |script: &str, expected: &[&[&str]]| {
            let seen: Vec<_> = commands(script)
                .unwrap()
                .into_iter()
                .map(|each| each.words)
                .collect();
            assert_eq!(seen, expected, "{script}");
        };
        check("", &[]);
        check("a 'b c' \"d\\\"e\" f\\ g", &[&["a", "b c", "d\"e", "f g"]]);
        check("a \\\r\n  b\\\nc\r\nd", &[&["a", "bc"], &["d"]]);
        check(
            "a; b && c || d &\ne",
            &[&["a"], &["b"], &["c"], &["d"], &["e"]],
        );
        check("a $'b\\'\\n\\u00fc\\x21'c", &[&["a", "b'\nü!c"]]);
        check("a '$b' \"$\" $", &[&["a", "$b", "$", "$"]]);
        let (b, c) = (mark("env.B"), mark("env.C_1"));
        check("a $B \"x${C_1}y\"", &[&["a", &b, &format!("x{c}y")]]);
        check("# no\na # b\n b#c", &[&["a"], &["b#c"]]);
        check("a >b c 2>&1 d2> e &>/dev/null f", &[&["a", "c", "d2", "f"]]);
        check("a ''", &[&["a", ""]]);
        // A line's end within quotes is part of the word.
        check("a 'b\r\nc'", &[&["a", "b\r\nc"]]);
    }

    #[test]
    fn commands_know_their_line_and_their_pipe() {
        let seen: Vec<_> = commands("\na '\n' | b\n\\\n\n  c \\\n d")
            .unwrap()
            .into_iter()
            .map(|each| (each.line, each.is_piped))
            .collect();
        assert_eq!(seen, [(2, false), (3, true), (6, false)]);
    }

    #[test]
    fn what_cannot_be_read_is_said_with_its_line() {
        let check = |script: &str, expected: &str| {
            assert_eq!(commands(script).unwrap_err().to_string(), expected);
        };
        check(
            "a\n'b\nc",
            "line 2: the quote that ' opens here is never closed",
        );
        check(
            "a \"b",
            "line 1: the quote that \" opens here is never closed",
        );
        check(
            "a $'b\\'",
            "line 1: the quote that $' opens here is never closed",
        );
        check(
            "a ^\n b",
            "line 1: a line that goes on behind `^` is for cmd.exe",
        );
        check(
            "a http://x/?b=1&c=2",
            "line 1: the shell would end the command at this `&`",
        );
        check("a <b", "line 1: the shell would read a file here");
        check(
            "a \\ \nb",
            "line 1: there are blanks between `\\` and the end of the line",
        );
        check("a \\", "line 1: the text ends behind a `\\`");
        check("a $'\\xff'", "line 1: the bytes of `$'…'` are not UTF-8");
        for script in ["a $(b)", "a \"$(b)\"", "a ${b:-c}", "a $1", "a $?"] {
            check(
                script,
                "line 1: only a shell can tell what `$` stands for here",
            );
        }
        check(
            "a `b`",
            "line 1: only a shell can tell what ``` stands for here",
        );
    }
}
