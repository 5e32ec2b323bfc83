//! The arguments of one curl command: which there are, and what becomes of each.

use std::collections::BTreeMap;

use lexopt::Arg;

use crate::{Error, Warning};

use super::data;
use super::known::{QUIET, QUIET_VALUE, REFUSED, SHORT};

/// What the arguments of one transfer ask for.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Options {
    pub(super) urls: Vec<String>,
    pub(super) method: Option<String>,
    /// As given: `Name: value`.
    pub(super) headers: Vec<String>,
    /// Headers of options of their own; one that was given as such goes before.
    pub(super) special: BTreeMap<&'static str, String>,
    pub(super) body: Option<String>,
    /// `--json` was among the options of the body.
    pub(super) is_json: bool,
    /// The body goes into the query.
    pub(super) is_get: bool,
    pub(super) is_head: bool,
    /// Parts of the query beside that of the URL.
    pub(super) query: Vec<String>,
    /// Path and query, in place of the URL's.
    pub(super) target: Option<String>,
    pub(super) credentials: Option<String>,
    pub(super) cookies: Vec<String>,
    /// Options of `dyno run` that go with it.
    pub(super) flags: Vec<&'static str>,
    /// Brackets and braces in a URL are what they are.
    pub(super) is_glob_off: bool,
    /// `..` in a path is sent.
    pub(super) is_path_as_is: bool,
}

/// Reads the arguments of one command; a part for each `--next`.
pub(super) fn options(
    words: &[String],
    line: usize,
    warnings: &mut Vec<Warning>,
) -> Result<Vec<Options>, Error> {
    let mut parser = lexopt::Parser::from_args(words);
    let mut parts = vec![Options::default()];
    loop {
        let (name, shown) = match parser.next().map_err(|error| unreadable(line, &error))? {
            None => return Ok(parts),
            Some(Arg::Value(url)) => {
                let url = url.to_string_lossy().into_owned();
                last(&mut parts).urls.push(url);
                continue;
            }
            Some(Arg::Long(name)) => (name.to_owned(), format!("--{name}")),
            Some(Arg::Short(letter)) => {
                let long = SHORT.iter().find(|(short, _)| *short == letter);
                let Some((_, name)) = long else {
                    return Err(unknown(line, &format!("-{letter}")));
                };
                ((*name).to_owned(), format!("-{letter}"))
            }
        };
        if name == "next" {
            parts.push(Options::default());
            continue;
        }
        let mut value = || match parser.value() {
            Ok(value) => Ok(value.to_string_lossy().into_owned()),
            Err(error) => Err(unreadable(line, &error)),
        };
        let place = Place { line, shown };
        let options = last(&mut parts);
        if !options.take(&name, &place, &mut value)? {
            place.set_aside(&name, &mut value, options, warnings)?;
        }
    }
}

/// An option, as messages name it.
pub(super) struct Place {
    pub(super) line: usize,
    pub(super) shown: String,
}

/// Reads the value of the current option.
type Value<'a> = &'a mut dyn FnMut() -> Result<String, Error>;

impl Options {
    /// Takes an option that says what is sent; `false` for any other.
    fn take(&mut self, name: &str, place: &Place, value: Value<'_>) -> Result<bool, Error> {
        match name {
            "url" => self.urls.push(value()?),
            "request" => self.method = Some(value()?),
            "header" => self.headers.push(place.no_file(value()?)?),
            "data" | "data-ascii" | "data-binary" => {
                let text = place.no_file(value()?)?;
                self.add(&text);
            }
            "data-raw" => {
                let text = value()?;
                self.add(&text);
            }
            "data-urlencode" => {
                let text = data::urlencoded(&value()?, place)?;
                self.add(&text);
            }
            "json" => {
                self.is_json = true;
                let text = place.no_file(value()?)?;
                self.body.get_or_insert_default().push_str(&text);
            }
            "url-query" => {
                let text = value()?;
                let text = match text.strip_prefix('+') {
                    Some(text) => text.to_owned(),
                    None => data::urlencoded(&text, place)?,
                };
                self.query.push(text);
            }
            "get" => self.is_get = true,
            "head" => self.is_head = true,
            "request-target" => self.target = Some(value()?),
            "user" => self.credentials = Some(value()?),
            "oauth2-bearer" => {
                let bearer = format!("Bearer {}", value()?);
                self.special.insert("Authorization", bearer);
            }
            "user-agent" => {
                self.special.insert("User-Agent", value()?);
            }
            "range" => {
                self.special.insert("Range", format!("bytes={}", value()?));
            }
            "referer" => {
                let referer = value()?;
                let referer = referer.strip_suffix(";auto").unwrap_or(&referer);
                self.special.insert("Referer", referer.to_owned());
            }
            "compressed" => {
                let all = "deflate, gzip, br, zstd".to_owned();
                self.special.insert("Accept-Encoding", all);
            }
            "cookie" => {
                let cookies = value()?;
                if !cookies.contains('=') {
                    let message = format!("`{} {cookies}` reads a file", place.shown);
                    let hint = "give the cookies themselves: -b 'name=value'";
                    return Err(Error::unsupported(place.line, message, hint));
                }
                self.cookies.push(cookies);
            }
            "globoff" => self.is_glob_off = true,
            "path-as-is" => self.is_path_as_is = true,
            "insecure" => self.flags.push("--insecure"),
            "http2" | "http2-prior-knowledge" => self.flags.push("--http2"),
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Adds to the body, as curl joins what several options give.
    fn add(&mut self, text: &str) {
        match &mut self.body {
            None => self.body = Some(text.to_owned()),
            Some(body) => {
                body.push('&');
                body.push_str(text);
            }
        }
    }
}

impl Place {
    /// Refuses `@name`: what stands in a file is not known here.
    pub(super) fn no_file(&self, text: String) -> Result<String, Error> {
        if !text.starts_with('@') {
            return Ok(text);
        }
        let message = format!("`{} {text}` reads a file", self.shown);
        let hint = format!("put the text of the file in its place: {} '…'", self.shown);
        Err(Error::unsupported(self.line, message, hint))
    }

    /// What does not change the request, is worth a warning, or cannot be followed.
    fn set_aside(
        &self,
        name: &str,
        value: Value<'_>,
        options: &mut Options,
        warnings: &mut Vec<Warning>,
    ) -> Result<(), Error> {
        if QUIET.contains(&name) {
            return Ok(());
        }
        if QUIET_VALUE.contains(&name) {
            return value().map(drop);
        }
        if let Some((_, hint)) = REFUSED.iter().find(|(refused, _)| *refused == name) {
            let message = format!("`{}` is nothing that dyno can do", self.shown);
            return Err(Error::unsupported(self.line, message, *hint));
        }
        let mut warn = |text: String| warnings.push(Warning::at(self.line, text));
        let shown = &self.shown;
        match name {
            "location" | "location-trusted" => warn(format!(
                "{shown}: dyno follows no redirects; add the request that one leads to"
            )),
            "http1.0" => warn(format!("{shown}: dyno speaks HTTP/1.1, or 2 with --http2")),
            "http3" => warn(format!("{shown}: dyno speaks HTTP/1.1, or 2 with --http2")),
            "proxy" => {
                let proxy = value()?;
                warn(format!("{shown} {proxy}: dyno goes straight to the server"));
            }
            "cacert" => {
                value()?;
                options.flags.push("--cacert FILE");
            }
            "resolve" | "connect-to" | "unix-socket" | "interface" => {
                let value = value()?;
                warn(format!(
                    "{shown} {value}: left out; give the address with --url"
                ));
            }
            _ => return Err(unknown(self.line, shown)),
        }
        Ok(())
    }
}

/// There is always one.
fn last(parts: &mut Vec<Options>) -> &mut Options {
    if parts.is_empty() {
        parts.push(Options::default());
    }
    let end = parts.len() - 1;
    &mut parts[end]
}

fn unknown(line: usize, shown: &str) -> Error {
    let message = format!("`{shown}` is no option of curl that dyno knows");
    let hint = "leave it out if it does not change what is sent";
    Error::unsupported(line, message, hint)
}

fn unreadable(line: usize, error: &lexopt::Error) -> Error {
    let message = format!("the options cannot be read: {error}");
    Error::malformed(line, message, "see `curl --help all`")
}
