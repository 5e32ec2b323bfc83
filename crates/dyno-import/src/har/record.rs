//! The parts of a HAR 1.2 file that matter here. All others are passed over, so
//! that files of any browser or proxy can be read.

use serde::Deserialize;

use crate::Error;

#[derive(Debug, Deserialize)]
struct File {
    log: Log,
}

/// What was recorded.
#[derive(Debug, Deserialize)]
pub(super) struct Log {
    pub(super) creator: Option<Creator>,
    pub(super) entries: Vec<Entry>,
}

/// What recorded it.
#[derive(Debug, Deserialize)]
pub(super) struct Creator {
    pub(super) name: String,
}

/// One request and its answer.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Entry {
    pub(super) started_date_time: String,
    /// Milliseconds.
    #[serde(default)]
    pub(super) time: f64,
    pub(super) request: Request,
    pub(super) response: Response,
    /// `document`, `fetch`, `image`, …; Chromium's.
    #[serde(rename = "_resourceType")]
    pub(super) resource_type: Option<String>,
    /// `memory` or `disk` if nothing was asked; Chromium's.
    #[serde(rename = "_fromCache")]
    pub(super) from_cache: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) url: String,
    #[serde(default)]
    pub(super) headers: Vec<Header>,
    pub(super) post_data: Option<PostData>,
    /// −1 if unknown.
    pub(super) body_size: Option<f64>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PostData {
    #[serde(default)]
    pub(super) mime_type: String,
    pub(super) text: Option<String>,
    #[serde(default)]
    pub(super) params: Vec<Parameter>,
}

/// A field of a form, percent-encoded as it was sent.
#[derive(Debug, Deserialize)]
pub(super) struct Parameter {
    pub(super) name: String,
    #[serde(default)]
    pub(super) value: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Header {
    pub(super) name: String,
    pub(super) value: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Response {
    /// 0 if there was no answer.
    pub(super) status: i64,
    #[serde(default)]
    pub(super) headers: Vec<Header>,
    pub(super) content: Option<Content>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Content {
    #[serde(default)]
    pub(super) mime_type: String,
    pub(super) text: Option<String>,
}

/// Reads the file.
pub(super) fn read(text: &str) -> Result<Log, Error> {
    match serde_json::from_str::<File>(text.trim_start_matches('\u{feff}')) {
        Ok(file) => Ok(file.log),
        Err(error) => {
            let message = format!("this is no HAR file: {error}");
            let hint = "save it from the network panel of a browser: \"Export HAR\"";
            Err(Error::malformed(error.line().max(1), message, hint))
        }
    }
}
