//! One recorded request: whether it is taken over, and as what.

use std::time::Duration;

use jiff::Timestamp;

use crate::Warning;
use crate::address::Address;
use crate::body;
use crate::draft::{Request, Status, counted};
use crate::header::{Refused, same};
use crate::text::Text;

use super::Assets;
use super::record::{Entry, PostData};

/// An entry that is taken over.
#[derive(Debug)]
pub(super) struct Taken<'a> {
    pub(super) entry: &'a Entry,
    path: String,
    status: u16,
    /// Since 1970.
    pub(super) start: Duration,
    /// From its start to the end of the answer.
    pub(super) took: Duration,
}

/// What was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A page.
    Document,
    /// An image, a font, a style sheet, a script, a film.
    Asset,
    /// Anything else: data.
    Data,
}

/// Why an entry is not taken over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Why {
    /// It went to another origin.
    Elsewhere(String),
    /// It has no usable address, method or time.
    Malformed,
    /// Nothing was asked.
    Cached,
    /// Nothing was answered.
    Unanswered,
    /// It became a web socket.
    Socket,
    /// It asked for an asset.
    Asset,
}

impl Why {
    /// With its number.
    pub(super) fn message(&self, count: usize) -> String {
        let requests = counted(count, "request");
        match self {
            Self::Elsewhere(origin) => format!("{requests} to {origin} left out: another server"),
            Self::Malformed => format!("{requests} left out: no usable address, method or time"),
            Self::Cached => format!("{requests} left out: answered from the browser's cache"),
            Self::Unanswered => format!("{requests} left out: never answered"),
            Self::Socket => format!("{requests} left out: web sockets"),
            Self::Asset => format!(
                "{requests} left out: images, fonts, style sheets, scripts; --assets keeps them"
            ),
        }
    }
}

/// Decides on an entry.
pub(super) fn take<'a>(entry: &'a Entry, origin: &str, assets: Assets) -> Result<Taken<'a>, Why> {
    let address = Address::of(&entry.request.url).ok_or(Why::Malformed)?;
    if !dyno_scenario::is_token(&entry.request.method) {
        return Err(Why::Malformed);
    }
    if ["ws", "wss"].contains(&address.scheme()) || entry.response.status == 101 {
        return Err(Why::Socket);
    }
    if address.origin != origin {
        return Err(Why::Elsewhere(address.origin));
    }
    if entry.from_cache.is_some() {
        return Err(Why::Cached);
    }
    let status = u16::try_from(entry.response.status).ok();
    let status = status.filter(|status| (100..600).contains(status));
    let status = status.ok_or(Why::Unanswered)?;
    if assets == Assets::LeaveOut && kind(entry) == Kind::Asset {
        return Err(Why::Asset);
    }
    let start: Timestamp = entry
        .started_date_time
        .parse()
        .map_err(|_| Why::Malformed)?;
    let start = Duration::try_from(start.duration_since(Timestamp::UNIX_EPOCH));
    Ok(Taken {
        entry,
        path: address.path,
        status,
        start: start.map_err(|_| Why::Malformed)?,
        took: Duration::try_from_secs_f64(entry.time / 1000.0).unwrap_or_default(),
    })
}

/// What was asked for: as the browser says, or by the type of the answer.
pub(super) fn kind(entry: &Entry) -> Kind {
    if let Some(kind) = &entry.resource_type {
        return match kind.as_str() {
            "document" => Kind::Document,
            "stylesheet" | "script" | "image" | "font" | "media" | "manifest" | "texttrack" => {
                Kind::Asset
            }
            // Chromium says `other` of icons and preloads, but also of plain data.
            "other" if by_type(entry) == Kind::Asset => Kind::Asset,
            _ => Kind::Data,
        };
    }
    by_type(entry)
}

fn by_type(entry: &Entry) -> Kind {
    let content = entry.response.content.as_ref();
    let media_type = content.map_or("", |content| content.mime_type.as_str());
    let media_type = media_type.to_ascii_lowercase();
    let media_type = media_type.split(';').next().unwrap_or_default().trim();
    let begins = |prefix: &&str| media_type.starts_with(prefix);
    match media_type {
        "text/html" | "application/xhtml+xml" => Kind::Document,
        "text/css" | "text/javascript" | "application/javascript" | "application/wasm" => {
            Kind::Asset
        }
        _ if ["image/", "font/", "audio/", "video/"].iter().any(begins) => Kind::Asset,
        _ => Kind::Data,
    }
}

impl Taken<'_> {
    /// Whether its answer sets a cookie.
    pub(super) fn sets_cookies(&self) -> bool {
        let mut headers = self.entry.response.headers.iter();
        headers.any(|header| same(&header.name, "Set-Cookie"))
    }
}

/// What was not taken over of the requests.
#[derive(Debug, Default)]
pub(super) struct Dropped {
    cookies: usize,
    /// Names of headers about the connection.
    hop: Vec<String>,
    /// Whether a header that was kept names the server.
    pub(super) names_origin: bool,
}

impl Dropped {
    /// Says so.
    pub(super) fn warn(&self, warnings: &mut Vec<Warning>) {
        if self.cookies > 0 {
            let text = format!(
                "the recorded cookies of {} left out: the flow keeps those that it is given",
                counted(self.cookies, "request")
            );
            warnings.push(Warning::new(text));
        }
        if !self.hop.is_empty() {
            let text = format!(
                "headers of the connection left out: {}",
                self.hop.join(", ")
            );
            warnings.push(Warning::new(text));
        }
    }
}

/// The request as it was sent.
pub(super) fn request(
    taken: &Taken<'_>,
    dropped: &mut Dropped,
    warnings: &mut Vec<Warning>,
) -> Request {
    let recorded = &taken.entry.request;
    let mut request = Request::new(&recorded.method, Text::literal(&taken.path));
    request.status = vec![Status::One(taken.status)];
    for header in &recorded.headers {
        let (name, value) = (header.name.as_str(), header.value.as_str());
        // Host is that of the recording; dyno sends that of the target.
        if same(name, "Host") {
            continue;
        }
        if same(name, "Cookie") {
            dropped.cookies += 1;
            continue;
        }
        match request.headers.add(name, Text::literal(value)) {
            Ok(()) => {
                dropped.names_origin |= same(name, "Origin") || same(name, "Referer");
            }
            Err(Refused::Hop) => {
                if !dropped.hop.iter().any(|other| same(other, name)) {
                    dropped.hop.push(name.to_owned());
                }
            }
            Err(Refused::SetByDyno | Refused::Pseudo) => {}
            Err(Refused::Unfit) => {
                let text = format!("{}: the header {name} cannot be sent, left out", taken.path);
                warnings.push(Warning::new(text));
            }
        }
    }
    match &recorded.post_data {
        Some(data) => put_body(&mut request, data),
        None if recorded.body_size.is_some_and(|size| size > 0.0) => {
            let text = format!(
                "{} {}: it had a body that was not recorded",
                recorded.method, taken.path
            );
            warnings.push(Warning::new(text));
        }
        None => {}
    }
    request
}

fn put_body(request: &mut Request, data: &PostData) {
    if !data.mime_type.is_empty() {
        request.headers.add_default("Content-Type", &data.mime_type);
    }
    if let Some(text) = &data.text {
        return body::put(request, text);
    }
    let field = |field: &super::record::Parameter| format!("{}={}", field.name, field.value);
    let fields: Vec<_> = data.params.iter().map(field).collect();
    body::put(request, &fields.join("&"));
}
