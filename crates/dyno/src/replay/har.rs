//! A file as browsers export it: HTTP Archive 1.2.

use std::io::Read;

use serde::Deserialize;
use url::Url;

use super::line::{Asked, Line, moment};

#[derive(Debug, Deserialize)]
struct File {
    log: Log,
}

#[derive(Debug, Deserialize)]
struct Log {
    entries: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    started_date_time: String,
    request: Request,
    response: Response,
    /// `memory` or `disk` if nothing was asked; Chromium's.
    #[serde(rename = "_fromCache")]
    from_cache: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    method: String,
    url: String,
    #[serde(default)]
    headers: Vec<Header>,
    post_data: Option<PostData>,
}

#[derive(Debug, Deserialize)]
struct Header {
    name: String,
    value: String,
}

#[derive(Debug, Deserialize)]
struct PostData {
    text: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Response {
    /// 0 if there was no answer.
    status: i64,
}

/// Headers of the connection, and what belongs to the visit that was recorded.
const LEFT_OUT: [&str; 11] = [
    "accept-encoding",
    "connection",
    "content-length",
    "cookie",
    "host",
    "if-modified-since",
    "if-none-match",
    "keep-alive",
    "te",
    "transfer-encoding",
    "upgrade",
];

/// What was asked of the server of the first entry. What came from a cache, or was
/// not answered, is left out.
pub(super) fn read(file: impl Read) -> Result<Vec<Line>, String> {
    let file: File =
        serde_json::from_reader(file).map_err(|error| format!("it is no HAR file: {error}"))?;
    let mut origin = None;
    let mut lines = Vec::new();
    for entry in &file.log.entries {
        let Ok(url) = Url::parse(&entry.request.url) else {
            continue;
        };
        let is_asked = entry.from_cache.is_none() && entry.response.status > 0;
        if !is_asked || !matches!(url.scheme(), "http" | "https") {
            continue;
        }
        let wanted = origin.get_or_insert_with(|| url.origin());
        if *wanted == url.origin() {
            lines.extend(line(entry));
        }
    }
    Ok(lines)
}

fn line(entry: &Entry) -> Option<Line> {
    let Entry {
        request, response, ..
    } = entry;
    let mut asked = Asked::new(&request.method, &request.url)?;
    let is_sent = |header: &&Header| {
        let name = header.name.to_ascii_lowercase();
        let is_fit = |byte: u8| byte == b'\t' || byte >= b' ' && byte != 0x7f;
        dyno_scenario::is_token(&name)
            && !LEFT_OUT.contains(&name.as_str())
            && header.value.bytes().all(is_fit)
    };
    let headers = request.headers.iter().filter(is_sent);
    asked.headers = headers
        .map(|header| (header.name.clone(), header.value.clone()))
        .collect();
    let body = request
        .post_data
        .as_ref()
        .and_then(|data| data.text.clone());
    asked.body = body.unwrap_or_default();
    Some(Line {
        at: moment(&entry.started_date_time)?,
        asked,
        status: u16::try_from(response.status).ok(),
    })
}
