//! What a browser recorded: one flow of the requests to the page's own server, with
//! the pauses between them.

mod entry;
mod token;

use std::time::Duration;

use dyno_scenario::LogFormat;

use crate::draft::{Asked, Draft, Flow, replay, stem};
use crate::recorded::entry::{Kind, Taken, Why, kind, take};
use crate::recorded::har::Log;
use crate::{Error, Imported, Source, Warning};

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
/// Requests that were answered
/// from a cache, or not at all, are left out; so are headers of the connection, and
/// the recorded cookies: the flow keeps those that it is given itself.
pub fn har(source: Source<'_>, text: &str, assets: Assets) -> Result<Imported, Error> {
    let log = Log::read(text)?;
    let hint = "record a visit with the network panel open, then export it with content";
    let Some(origin) = log.origin() else {
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
    entries.sort_by_key(|taken| taken.at);
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
        let think = free.map_or(0, |free: i128| (taken.at - free).max(0));
        // In whole milliseconds, which is all that browsers record.
        let think = Duration::from_millis(u64::try_from(think / 1_000_000).unwrap_or(u64::MAX));
        request.think = if think < SHORTEST_THINK {
            Duration::ZERO
        } else {
            think
        };
        let took = Duration::try_from_secs_f64(taken.entry.time / 1000.0).unwrap_or_default();
        free = free.max(Some(taken.at + took.as_nanos().cast_signed()));
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
        name: stem(source.name).to_owned(),
        question: format!(
            "Made by `dyno import har` from {}: a visit to {origin} at {first}{by}.",
            source.name
        ),
        play: format!("dyno run FILE --url {origin}"),
        notes,
        vars: Vec::new(),
        data: Vec::new(),
        asked: Asked::Flows(vec![Flow {
            name: "visit".to_owned(),
            weight: 1,
            cookies: entries.iter().any(entry::sets_cookies),
            comment: None,
            requests,
        }]),
        closing: replay(source, LogFormat::Har),
        warnings,
    };
    Ok(draft.finish())
}

/// The entries that are taken over; of the others is said how many and why.
fn chosen<'a>(
    log: &'a Log,
    origin: &str,
    assets: Assets,
    warnings: &mut Vec<Warning>,
) -> Vec<Taken<'a>> {
    let mut taken = Vec::new();
    let mut left_out: Vec<(Why, usize)> = Vec::new();
    for entry in &log.entries {
        let is_asset = || kind(entry) == Kind::Asset;
        let decided = match take(entry, origin) {
            Ok(_) if assets == Assets::LeaveOut && is_asset() => Err(Why::Asset),
            decided => decided,
        };
        match decided {
            Ok(entry) => taken.push(entry),
            Err(why) => match left_out.iter_mut().find(|(other, _)| *other == why) {
                Some((_, count)) => *count += 1,
                None => left_out.push((why, 1)),
            },
        }
    }
    let left_out = left_out.iter();
    warnings.extend(left_out.map(|(why, count)| entry::left_out(why, *count)));
    taken
}
