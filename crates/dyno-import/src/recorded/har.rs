//! HAR 1.2 files. Only the parts that matter here are read, all others are passed
//! over, so that files of any browser or proxy can be.

use serde::Deserialize;

use crate::Error;
use crate::address::Address;

use super::Line;
use super::entry::{Kind, Taken, kind, take};

/// The requests to the origin of the first page of a HAR 1.2 file, in the order of the
/// file, each with its time and status. Left out is what a cache answered, what nobody
/// did, and web sockets; and of the headers what dyno sets itself, what is about the
/// connection, and the cookies of the visit.
pub fn har(text: &str) -> Result<Vec<Line>, Error> {
    let log = Log::read(text)?;
    let origin = log.origin().unwrap_or_default();
    let taken = log
        .entries
        .iter()
        .filter_map(|entry| take(entry, &origin).ok());
    let line = |taken: Taken<'_>| Line {
        at: Some(taken.at),
        asked: taken.asked,
        status: Some(taken.status),
    };
    Ok(taken.map(line).collect())
}

#[derive(Debug, Deserialize)]
#[serde(expecting = "an object")]
struct File {
    log: Log,
}

/// What was recorded.
#[derive(Debug, Deserialize)]
#[serde(expecting = "an object")]
pub(crate) struct Log {
    pub(crate) creator: Option<Creator>,
    pub(crate) entries: Vec<Entry>,
}

/// What recorded it.
#[derive(Debug, Deserialize)]
#[serde(expecting = "an object")]
pub(crate) struct Creator {
    pub(crate) name: String,
}

/// One request and its answer.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an object")]
pub(crate) struct Entry {
    pub(crate) started_date_time: String,
    /// Milliseconds.
    #[serde(default)]
    pub(crate) time: f64,
    pub(crate) request: Request,
    pub(crate) response: Response,
    /// `document`, `fetch`, `image`, …; Chromium's.
    #[serde(rename = "_resourceType")]
    pub(crate) resource_type: Option<String>,
    /// `memory` or `disk` if nothing was asked; Chromium's.
    #[serde(rename = "_fromCache")]
    pub(crate) from_cache: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an object")]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) url: String,
    #[serde(default)]
    pub(crate) headers: Vec<Header>,
    pub(crate) post_data: Option<PostData>,
    /// −1 if unknown.
    pub(crate) body_size: Option<f64>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an object")]
pub(crate) struct PostData {
    #[serde(default)]
    pub(crate) mime_type: String,
    pub(crate) text: Option<String>,
    #[serde(default)]
    pub(crate) params: Vec<Parameter>,
}

/// A field of a form, percent-encoded as it was sent.
#[derive(Debug, Deserialize)]
#[serde(expecting = "an object")]
pub(crate) struct Parameter {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) value: String,
}

#[derive(Debug, Deserialize)]
#[serde(expecting = "an object")]
pub(crate) struct Header {
    pub(crate) name: String,
    pub(crate) value: String,
}

#[derive(Debug, Deserialize)]
#[serde(expecting = "an object")]
pub(crate) struct Response {
    /// 0 if there was no answer.
    pub(crate) status: i64,
    #[serde(default)]
    pub(crate) headers: Vec<Header>,
    pub(crate) content: Option<Content>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an object")]
pub(crate) struct Content {
    #[serde(default)]
    pub(crate) mime_type: String,
    pub(crate) text: Option<String>,
}

impl Log {
    /// Reads the file.
    pub(crate) fn read(text: &str) -> Result<Self, Error> {
        match serde_json::from_str::<File>(text.trim_start_matches('\u{feff}')) {
            Ok(file) => Ok(file.log),
            Err(error) => {
                let message = format!("this is no HAR file: {}", words(&error));
                let hint = "save it from the network panel of a browser: \"Export HAR\"";
                Err(Error::malformed(error.line().max(1), message, hint))
            }
        }
    }

    /// That of the first page that was shown, or of the first entry that has one: a
    /// redirect to another origin is no page.
    pub(crate) fn origin(&self) -> Option<String> {
        let web = |entry: &Entry| {
            let address = Address::of(&entry.request.url).filter(Address::is_web)?;
            Some(address.origin)
        };
        let is_page = |entry: &&Entry| {
            kind(entry) == Kind::Document && !(300..400).contains(&entry.response.status)
        };
        let pages = self.entries.iter().filter(is_page).filter_map(web);
        pages.chain(self.entries.iter().filter_map(web)).next()
    }
}

/// What is wrong, without the line, which is told before, and in the words of JSON. The column is kept: many HAR files are one long line.
fn words(error: &serde_json::Error) -> String {
    let all = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    let what = all.strip_suffix(&place).unwrap_or(&all);
    let words = [
        ("expected i64", "expected a number"),
        ("expected f64", "expected a number"),
        ("expected a sequence", "expected a list"),
        ("invalid type: sequence", "invalid type: list"),
        ("invalid type: map", "invalid type: object"),
    ];
    let what = (words.iter()).fold(what.to_owned(), |what, (from, to)| what.replace(from, to));
    format!("{what} (column {})", error.column())
}
