//! One entry of a HAR file: whether it is asked for again, and as what.

use crate::address::Address;
use crate::header::{refused, same};

use super::har::{Entry, Request};
use super::{Asked, moment};

/// An entry that is taken over.
#[derive(Debug)]
pub(crate) struct Taken<'a> {
    pub(crate) entry: &'a Entry,
    /// Its start, ns since 1970.
    pub(crate) at: i128,
    pub(crate) asked: Asked,
    pub(crate) status: u16,
}

/// What was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A page.
    Document,
    /// An image, a font, a style sheet, a script, a film.
    Asset,
    /// Anything else: data.
    Data,
}

/// Why an entry is not taken over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Why {
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
    /// It asked for an asset, and none are wanted.
    Asset,
}

/// Decides on an entry; all kinds are wanted.
pub(crate) fn take<'a>(entry: &'a Entry, origin: &str) -> Result<Taken<'a>, Why> {
    let request = &entry.request;
    let address = Address::of(&request.url).ok_or(Why::Malformed)?;
    let asked = Asked::new(&request.method, &address.path).ok_or(Why::Malformed)?;
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
    Ok(Taken {
        entry,
        status: status.ok_or(Why::Unanswered)?,
        at: moment(&entry.started_date_time).ok_or(Why::Malformed)?,
        asked: Asked {
            headers: headers(request),
            body: body(request),
            ..asked
        },
    })
}

/// Those that are sent again. Host is that of the recording, dyno sends that of the
/// target; and cookies are those of the visit.
fn headers(request: &Request) -> Vec<(String, String)> {
    let recorded = request.headers.iter();
    let mut headers: Vec<_> = recorded
        .map(|h| (h.name.clone(), h.value.clone()))
        .collect();
    let content_type = request.post_data.as_ref().map(|data| &data.mime_type);
    let is_given = headers.iter().any(|(name, _)| same(name, "Content-Type"));
    if let Some(value) = content_type.filter(|value| !is_given && !value.is_empty()) {
        headers.push(("Content-Type".to_owned(), value.clone()));
    }
    headers.retain(|(name, value)| {
        let is_of_visit = same(name, "Host") || same(name, "Cookie");
        !is_of_visit && refused(name, value).is_none()
    });
    headers
}

/// As it was sent; of a form some tools keep nothing but its fields.
fn body(request: &Request) -> String {
    let Some(data) = &request.post_data else {
        return String::new();
    };
    data.text.clone().unwrap_or_else(|| {
        let fields = data.params.iter();
        let fields: Vec<_> = fields.map(|f| format!("{}={}", f.name, f.value)).collect();
        fields.join("&")
    })
}

/// What was asked for: as the browser says, or by the type of the answer.
pub(crate) fn kind(entry: &Entry) -> Kind {
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
