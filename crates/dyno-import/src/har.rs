//! What a browser recorded: one flow of the requests to the page's own server, with
//! the pauses between them.

mod entry;
mod record;
mod token;

use std::time::Duration;

use dyno_scenario::LogFormat;

use crate::address::Address;
use crate::draft::{Asked, Draft, Flow, replay, stem};
use crate::text::without_marks;
use crate::{Error, Imported, Warning};

use record::{Entry, Log};

/// Pauses shorter than this are the browser's own work, not a visitor's.
const SHORTEST_THINK: Duration = Duration::from_millis(10);

/// What becomes of images, fonts, style sheets and scripts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Assets {
    /// They are left out: most servers give them to something else to send.
    #[default]
    LeaveOut,
    /// They are asked for, too.
    Keep,
}

/// Makes a scenario of a HAR 1.2 file: a flow of all requests to the origin of its
/// first page, in their order, each expecting the status that was recorded.
///
/// `source` is the file's name, for the first comment. Requests that were answered
/// from a cache, or not at all, are left out; so are headers of the connection, and
/// the recorded cookies: the flow keeps those that it is given itself.
pub fn har(source: &str, text: &str, assets: Assets) -> Result<Imported, Error> {
    let log = record::read(&without_marks(text))?;
    let hint = "record a visit with the network panel open, then export it with content";
    let Some(origin) = main_origin(&log) else {
        let message = "no entry of the HAR file has an address of a web server";
        return Err(Error::nothing(message, hint));
    };
    let mut warnings = Vec::new();
    let mut entries = chosen(&log, &origin, assets, &mut warnings);
    if entries.is_empty() {
        let message = format!("nothing is left to ask of {origin}");
        let hint = "keep images, style sheets and scripts: --assets";
        return Err(Error::nothing(message, hint));
    }
    entries.sort_by_key(|taken| taken.start);
    let mut notes = vec![
        "Values that the server gave out, such as ids, are those of the recording: `capture` \
         them from the answer that has them."
            .to_owned(),
    ];
    let mut requests = Vec::new();
    let mut free = None;
    let mut dropped = entry::Dropped::default();
    for taken in &entries {
        let mut request = entry::request(taken, &mut dropped, &mut warnings);
        let think = free.map_or(Duration::ZERO, |free| taken.start.saturating_sub(free));
        // In whole milliseconds, which is all that browsers record.
        let think = Duration::from_millis(u64::try_from(think.as_millis()).unwrap_or(u64::MAX));
        request.think = if think < SHORTEST_THINK {
            Duration::ZERO
        } else {
            think
        };
        free = free.max(Some(taken.start + taken.took));
        requests.push(request);
    }
    dropped.warn(&mut warnings);
    token::follow(&entries, &mut requests, &mut notes, &mut warnings);
    if dropped.names_origin {
        notes.push(format!("Some headers name {origin}: Origin, Referer."));
    }
    let creator = log
        .creator
        .as_ref()
        .map_or("", |creator| creator.name.as_str());
    let by = if creator.is_empty() {
        String::new()
    } else {
        format!(", recorded by {creator}")
    };
    let first = &entries[0].entry.started_date_time;
    let draft = Draft {
        name: stem(source).to_owned(),
        question: format!(
            "Made by `dyno import har` from {source}: a visit to {origin} at {first}{by}."
        ),
        play: format!("dyno run FILE --url {origin}"),
        notes,
        vars: Vec::new(),
        data: Vec::new(),
        asked: Asked::Flows(vec![Flow {
            name: "visit".to_owned(),
            weight: 1,
            cookies: entries.iter().any(|taken| taken.sets_cookies()),
            comment: None,
            requests,
        }]),
        closing: replay(source, LogFormat::Har),
        warnings,
    };
    Ok(draft.finish())
}

/// That of the first page that was shown, or of the first entry that has one: a
/// redirect to another origin is no page.
fn main_origin(log: &Log) -> Option<String> {
    let web = |entry: &Entry| {
        let address = Address::of(&entry.request.url)?;
        let is_web = ["http", "https"].contains(&address.scheme());
        is_web.then_some(address.origin)
    };
    let is_page = |entry: &&Entry| {
        entry::kind(entry) == entry::Kind::Document && !(300..400).contains(&entry.response.status)
    };
    let pages = log.entries.iter().filter(is_page).filter_map(web);
    pages.chain(log.entries.iter().filter_map(web)).next()
}

/// The entries that are taken over; of the others is said how many and why.
fn chosen<'a>(
    log: &'a Log,
    origin: &str,
    assets: Assets,
    warnings: &mut Vec<Warning>,
) -> Vec<entry::Taken<'a>> {
    let mut taken = Vec::new();
    let mut left_out: Vec<(entry::Why, usize)> = Vec::new();
    for entry in &log.entries {
        match entry::take(entry, origin, assets) {
            Ok(entry) => taken.push(entry),
            Err(why) => match left_out.iter_mut().find(|(other, _)| *other == why) {
                Some((_, count)) => *count += 1,
                None => left_out.push((why, 1)),
            },
        }
    }
    for (why, count) in left_out {
        warnings.push(Warning::new(why.message(count)));
    }
    taken
}
