//! What must not be shown is taken out of what is kept for people to look at:
//! secrets however they are written, and the values of fields that are credentials.

use std::borrow::Cow;

use dyno_scenario::Escape;

use crate::escape::escape;
use crate::stock::Stock;

/// Fields whose values are not shown, in lower case.
const FIELDS: [&str; 5] = [
    "authorization",
    "proxy-authorization",
    "cookie",
    "set-cookie",
    "authentication-info",
];

/// Knows what must not be shown.
#[derive(Debug)]
pub(crate) struct Redactor {
    /// Each secret as it is written anywhere, and what stands for it; the longest
    /// first, for one may be a part of another.
    secrets: Vec<(Vec<u8>, String)>,
}

impl Redactor {
    pub(crate) fn new(stock: &Stock) -> Self {
        let mut secrets = Vec::new();
        for (name, value) in stock
            .secrets()
            .iter()
            .filter(|(_, value)| !value.is_empty())
        {
            let shown = format!("[secret {name}]");
            for how in [Escape::None, Escape::JsonString, Escape::Url] {
                let mut written = Vec::new();
                if escape(value, how, &mut written).is_ok() {
                    secrets.push((written, shown.clone()));
                }
            }
        }
        secrets.sort_by_key(|(written, _)| std::cmp::Reverse(written.len()));
        secrets.dedup();
        Self { secrets }
    }

    /// The text of a head, to be shown.
    pub(crate) fn head(&self, head: &[u8], is_cut: bool) -> String {
        let text = self.text(head, is_cut);
        let lines = text.lines().map(|line| match line.split_once(':') {
            Some((name, _)) if FIELDS.iter().any(|field| name.eq_ignore_ascii_case(field)) => {
                Cow::Owned(format!("{name}: [redacted]"))
            }
            _ => Cow::Borrowed(line),
        });
        lines.collect::<Vec<_>>().join("\n").trim_end().to_owned()
    }

    /// A text, to be shown. Of one that was cut, the end may be the beginning of a
    /// secret.
    pub(crate) fn text(&self, text: &[u8], is_cut: bool) -> String {
        let mut text = text.to_vec();
        for (secret, shown) in &self.secrets {
            let finder = memchr::memmem::Finder::new(secret);
            while let Some(at) = finder.find(&text) {
                text.splice(at..at + secret.len(), shown.bytes());
            }
            let begins = |length: &usize| text.ends_with(&secret[..*length]);
            if is_cut && let Some(length) = (1..secret.len()).rev().find(begins) {
                text.truncate(text.len() - length);
            }
        }
        String::from_utf8_lossy(&text).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redactor(secrets: &[(&str, &str)]) -> Redactor {
        let secrets = secrets.iter();
        Redactor::new(&Stock::with_secrets(
            secrets.map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec())),
        ))
    }

    #[test]
    fn secrets_are_not_shown_however_they_are_written() {
        let redactor = redactor(&[("a", "s3\"cret/x"), ("b", "s3"), ("none", "")]);
        for (text, is_cut, expected) in [
            ("plain", false, "plain"),
            ("<s3\"cret/x>", false, "<[secret a]>"),
            ("\"s3\\\"cret/x\"", false, "\"[secret a]\""),
            ("?q=s3%22cret%2Fx&s3", false, "?q=[secret a]&[secret b]"),
            ("cut s3\"cre", true, "cut "),
            ("cut s", true, "cut "),
            ("cut s", false, "cut s"),
        ] {
            assert_eq!(redactor.text(text.as_bytes(), is_cut), expected, "{text}");
        }
    }

    #[test]
    fn credentials_are_not_shown() {
        let head = "HTTP/1.1 200 OK\r\nset-cookie: s=1; Path=/\r\nX: k3y\r\n\
                    AUTHORIZATION: Bearer x\r\nCookie:a=b\r\nDate: now\r\n\r\n";
        let expected = "HTTP/1.1 200 OK\nset-cookie: [redacted]\nX: [secret k]\n\
                        AUTHORIZATION: [redacted]\nCookie: [redacted]\nDate: now";
        assert_eq!(
            redactor(&[("k", "k3y")]).head(head.as_bytes(), false),
            expected
        );
    }
}
