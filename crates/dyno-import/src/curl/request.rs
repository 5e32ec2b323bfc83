//! One transfer of curl as a request of a scenario.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::address::{Address, sendable};
use crate::body::{self, FORM, JSON};
use crate::draft::Request;
use crate::header::{Refused, same};
use crate::text::{Text, is_mark, is_sayable, mark, shown};
use crate::{Error, Warning};

use super::data;
use super::options::Options;

/// The URLs that the options name, at least one.
pub(super) fn urls(options: &Options, line: usize) -> Result<&[String], Error> {
    if options.urls.is_empty() {
        let hint = "add it in single quotes, such as 'http://localhost:8080/'";
        return Err(Error::malformed(line, "the command has no URL", hint));
    }
    Ok(&options.urls)
}

/// The address that is asked, and for what.
pub(super) fn request(
    options: &Options,
    url: &str,
    line: usize,
    warnings: &mut Vec<Warning>,
) -> Result<(String, Request), Error> {
    if !options.is_glob_off && data::is_glob(url) {
        let message = format!("curl makes several URLs of `{}`", shown(url));
        let hint = "write each of them, or add -g if the brackets mean themselves";
        return Err(Error::unsupported(line, message, hint));
    }
    let url = data::with_scheme(url);
    let address = Address::of(&url);
    let address = address.filter(|address| ["http", "https"].contains(&address.scheme()));
    let Some(address) = address else {
        let message = format!("`{}` is no address of a web server", shown(&url));
        let hint = "such as 'http://localhost:8080/path'";
        return Err(Error::malformed(line, message, hint));
    };
    if address.origin.contains(is_mark) {
        let text = "the address has a variable of the shell; give the real one with --url";
        warnings.push(Warning::at(line, text));
    }

    let method = match (&options.method, &options.body) {
        (Some(method), _) => method,
        (None, _) if options.is_head => "HEAD",
        (None, Some(_)) if !options.is_get => "POST",
        (None, _) => "GET",
    };
    if !dyno_scenario::is_token(method) {
        let message = format!("`{}` cannot be a method", shown(method));
        return Err(Error::malformed(line, message, "one word, such as -X PUT"));
    }
    let mut request = Request::new(method, Text::literal(&say(path(options, &address), line)?));
    let removed = add_headers(&mut request, options, line, warnings)?;
    let of_url = address.credentials.as_deref().map(data::decoded);
    if let Some(credentials) = options.credentials.as_ref().or(of_url.as_ref()) {
        add_credentials(&mut request, credentials, line, warnings);
    }
    if !options.cookies.is_empty() && request.headers.get("Cookie").is_none() {
        let cookies = say(options.cookies.join("; "), line)?;
        add(&mut request, "Cookie", &cookies, line, warnings);
    }
    if let Some(body) = options.body.as_ref().filter(|_| !options.is_get) {
        let default = |request: &mut Request, name: &str, value: &str| {
            if !removed.iter().any(|other| same(other, name)) {
                request.headers.add_default(name, value);
            }
        };
        default(
            &mut request,
            "Content-Type",
            if options.is_json { JSON } else { FORM },
        );
        if options.is_json {
            default(&mut request, "Accept", JSON);
        }
        body::put(&mut request, &say(body.clone(), line)?);
    }
    Ok((shown(&address.origin), request))
}

/// Path and query, with what the options add to it.
fn path(options: &Options, address: &Address) -> String {
    if let Some(target) = &options.target {
        return sendable(target);
    }
    let mut path = if options.is_path_as_is {
        address.path.clone()
    } else {
        data::without_dots(&address.path)
    };
    let body = options.body.as_ref().filter(|_| options.is_get);
    for part in body.into_iter().chain(&options.query) {
        let between = match path.split_once('?') {
            None => "?",
            Some((_, "")) => "",
            Some(_) => "&",
        };
        path.push_str(between);
        path.push_str(part);
    }
    sendable(&path)
}

/// Adds the headers of the options; gives the names of those that curl would not
/// send.
fn add_headers(
    request: &mut Request,
    options: &Options,
    line: usize,
    warnings: &mut Vec<Warning>,
) -> Result<Vec<String>, Error> {
    let mut removed = Vec::new();
    for header in &options.headers {
        let header = say(header.clone(), line)?;
        match header.split_once(':') {
            Some((name, value)) if value.trim().is_empty() => removed.push(name.to_owned()),
            Some((name, value)) => add(request, name, value.trim(), line, warnings),
            // curl's way to send a header without a value.
            None if header.ends_with(';') => {
                add(request, header.trim_end_matches(';'), "", line, warnings);
            }
            None => {
                let message = format!("`{}` is no header", shown(&header));
                let hint = "a name, a colon and a value: -H 'Accept: text/html'";
                return Err(Error::malformed(line, message, hint));
            }
        }
    }
    for (name, value) in &options.special {
        let is_given = request.headers.get(name).is_some();
        if !is_given && !removed.iter().any(|other| same(other, name)) {
            add(request, name, &say(value.clone(), line)?, line, warnings);
        }
    }
    Ok(removed)
}

fn add(request: &mut Request, name: &str, value: &str, line: usize, warnings: &mut Vec<Warning>) {
    let reason = match request.headers.add(name, Text::literal(value)) {
        Ok(()) => return,
        // It follows from the body, which is the same.
        Err(Refused::SetByDyno) if same(name, "Content-Length") => return,
        Err(Refused::SetByDyno) => "is set by dyno",
        Err(Refused::Hop) => "is about the connection, which is dyno's",
        Err(Refused::Pseudo | Refused::Unfit) => "cannot be sent as it is written",
    };
    warnings.push(Warning::at(
        line,
        shown(&format!("the header {name} {reason}: left out")),
    ));
}

fn add_credentials(
    request: &mut Request,
    credentials: &str,
    line: usize,
    warnings: &mut Vec<Warning>,
) {
    // A header that was given goes before.
    if request.headers.get("Authorization").is_some() {
        return;
    }
    // A name alone is asked for its password; without one, it is the empty one.
    let pair = if credentials.contains(':') {
        credentials.to_owned()
    } else {
        format!("{credentials}:")
    };
    let value = if pair.contains(is_mark) {
        let text = "name and password have a variable of the shell: set BASIC to their base64";
        warnings.push(Warning::at(line, text));
        format!("Basic {}", mark("env.BASIC"))
    } else {
        let text = "name and password stand in the header Authorization; \
                    keep the file to yourself, or write {{env.NAME}} there";
        warnings.push(Warning::at(line, text));
        format!("Basic {}", STANDARD.encode(pair))
    };
    request.headers.add_default("Authorization", &value);
}

/// Refuses what no template can say.
fn say(text: String, line: usize) -> Result<String, Error> {
    if is_sayable(&text) {
        return Ok(text);
    }
    let message = "a `{` stands right before a variable of the shell";
    let hint = "put a blank between them, or the value in place of the variable";
    Err(Error::unsupported(line, message, hint))
}
