//! curl's command lines: exactly the requests that they send.

mod ansi;
mod command;
mod data;
mod known;
mod options;
mod request;

use crate::draft::{Asked, Draft};
use crate::text::without_marks;
use crate::{Error, Imported, Warning};

use command::{Command, commands};

/// Makes a scenario of the curl commands in `script`: one, or several on lines of
/// their own. Each becomes a request; several take turns.
///
/// Method, path, headers and body are those that curl would send, but for its own
/// `User-Agent` and `Accept: */*`. Variables of the shell (`$TOKEN`) become
/// `{{env.TOKEN}}`. What only curl or a shell can do, files above all, is an error.
pub fn curl(script: &str) -> Result<Imported, Error> {
    let script = without_marks(script);
    let mut warnings = Vec::new();
    let mut requests = Vec::new();
    let mut origins: Vec<String> = Vec::new();
    let mut flags = Vec::new();
    for command in commands(&script)? {
        let Some(words) = arguments(&command)? else {
            continue;
        };
        for options in options::options(words, command.line, &mut warnings)? {
            flags.extend(options.flags.iter().copied());
            for url in request::urls(&options, command.line)? {
                let (origin, request) =
                    request::request(&options, url, command.line, &mut warnings)?;
                if !origins.contains(&origin) {
                    origins.push(origin);
                }
                requests.push(request);
            }
        }
    }
    let Some(first) = origins.first() else {
        let hint = "give it in quotes: dyno import curl 'curl http://localhost:8080/'";
        return Err(Error::nothing("there is no curl command", hint));
    };
    if origins.len() > 1 {
        let text = format!(
            "a scenario has one address, the commands have several: {}; keep the requests of one",
            origins.join(", ")
        );
        warnings.push(Warning::new(text));
    }
    flags.sort_unstable();
    flags.dedup();
    let flags: String = flags.iter().map(|flag| format!(" {flag}")).collect();
    let count = match requests.len() {
        1 => "a curl command".to_owned(),
        several => format!("{several} curl requests"),
    };
    let draft = Draft {
        name: "curl".to_owned(),
        question: format!("Made by `dyno import curl` from {count} for {first}."),
        play: format!("dyno run FILE --url {first}{flags}"),
        notes: vec!["Nothing says what a right answer is but its status: add `expect`.".to_owned()],
        vars: Vec::new(),
        data: Vec::new(),
        asked: Asked::Requests(requests),
        closing: Vec::new(),
        warnings,
    };
    Ok(draft.finish())
}

/// The arguments of a curl command; `None` for a program that only reads its answer.
fn arguments(command: &Command) -> Result<Option<&[String]>, Error> {
    let words = match command.words.as_slice() {
        // The prompt was copied, too.
        [prompt, words @ ..] if ["$", "%", ">"].contains(&prompt.as_str()) => words,
        words => words,
    };
    let Some((program, arguments)) = words.split_first() else {
        return Ok(None);
    };
    let file = program.rsplit(['/', '\\']).next().unwrap_or(program);
    if ["curl", "curl.exe"].contains(&file) {
        return Ok(Some(arguments));
    }
    if command.is_piped {
        return Ok(None);
    }
    let message = format!("`{program}` is not curl");
    let hint = "give curl commands only, each on a line of its own or continued with `\\`";
    Err(Error::malformed(command.line, message, hint))
}
