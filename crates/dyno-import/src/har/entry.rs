//! A recorded request as one of a flow, and what was not taken over.

use crate::Warning;
use crate::body;
use crate::draft::{Request, Status, counted};
use crate::header::{Refused, refused, same};
use crate::recorded::entry::{Taken, Why};
use crate::text::{Text, without_marks};

/// Says why so many entries are not taken over.
pub(super) fn left_out(why: &Why, count: usize) -> Warning {
    let because = match why {
        Why::Elsewhere(origin) => {
            let requests = counted(count, "request");
            let text = format!("{requests} to {origin} left out: another server");
            return Warning::new(text);
        }
        Why::Malformed => "no usable address, method or time",
        Why::Cached => "answered from the browser's cache",
        Why::Unanswered => "never answered",
        Why::Socket => "web sockets",
        Why::Asset => "images, fonts, style sheets, scripts; --assets keeps them",
    };
    Warning::new(format!("{} left out: {because}", counted(count, "request")))
}

/// Whether the answer set a cookie.
pub(super) fn sets_cookies(taken: &Taken<'_>) -> bool {
    let mut headers = taken.entry.response.headers.iter();
    headers.any(|header| same(&header.name, "Set-Cookie"))
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
    let (asked, recorded) = (&taken.asked, &taken.entry.request);
    let mut request = Request::new(&asked.method, Text::literal(&asked.path));
    request.status = vec![Status::One(taken.status)];
    for (name, value) in &asked.headers {
        let value = Text::literal(&without_marks(value));
        let is_kept = request.headers.add(name, value).is_ok();
        dropped.names_origin |= is_kept && (same(name, "Origin") || same(name, "Referer"));
    }
    for header in &recorded.headers {
        let name = &header.name;
        match refused(name, &header.value) {
            None if same(name, "Cookie") => dropped.cookies += 1,
            Some(Refused::Hop) if !dropped.hop.iter().any(|other| same(other, name)) => {
                dropped.hop.push(name.clone());
            }
            Some(Refused::Unfit) => {
                let text = format!("{}: the header {name} cannot be sent, left out", asked.path);
                warnings.push(Warning::new(text));
            }
            // dyno sends its own.
            None | Some(Refused::Hop | Refused::SetByDyno | Refused::Pseudo) => {}
        }
    }
    if recorded.post_data.is_none() && recorded.body_size.is_some_and(|size| size > 0.0) {
        let (method, path) = (&asked.method, &asked.path);
        let text = format!("{method} {path}: it had a body that was not recorded");
        warnings.push(Warning::new(text));
    }
    body::put(&mut request, &without_marks(&asked.body));
    request
}
