//! A request as a check wants it, byte for byte, and its answer with what was
//! asked, so that a problem can be told in one line.

use std::net::SocketAddr;

use serde_json::Value;

use crate::finding::{Verdict, excerpt};
use crate::probe::{Answer, Connection, Failure};

/// A request. The fields of HTTP that frame a body are added to it.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    method: &'static str,
    target: String,
    fields: Vec<String>,
    body: Option<Vec<u8>>,
    framing: Framing,
}

/// How the end of the body is told.
#[derive(Debug, Clone, Copy)]
enum Framing {
    Length,
    /// In chunks of at most this many bytes.
    Chunks(usize),
}

impl Ask {
    pub(crate) fn new(method: &'static str, target: impl Into<String>) -> Self {
        Self {
            method,
            target: target.into(),
            fields: Vec::new(),
            body: None,
            framing: Framing::Length,
        }
    }

    pub(crate) fn get(target: impl Into<String>) -> Self {
        Self::new("GET", target)
    }

    pub(crate) fn post(target: impl Into<String>) -> Self {
        Self::new("POST", target)
    }

    /// One more header field, `Name: value`.
    pub(crate) fn field(mut self, field: impl Into<String>) -> Self {
        self.fields.push(field.into());
        self
    }

    pub(crate) fn token(self, token: &str) -> Self {
        self.field(format!("Authorization: Bearer {token}"))
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.typed("application/json", body.to_string())
    }

    /// A body with this `Content-Type`.
    pub(crate) fn typed(self, media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.field(format!("Content-Type: {media_type}")).body(body)
    }

    /// A body without a `Content-Type`.
    pub(crate) fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// The body comes in chunks of at most so many bytes.
    pub(crate) fn chunked(mut self, bytes: usize) -> Self {
        self.framing = Framing::Chunks(bytes);
        self
    }

    /// As in `POST /auth/login`.
    pub(crate) fn name(&self) -> String {
        const LONGEST: usize = 80;
        let mut name = format!("{} {}", self.method, self.target);
        if let Some((end, _)) = name.char_indices().nth(LONGEST) {
            name.truncate(end);
            name.push('…');
        }
        name
    }

    /// Everything up to the empty line, including it.
    pub(crate) fn head(&self) -> Vec<u8> {
        let mut text = format!("{} {} HTTP/1.1\r\n", self.method, self.target);
        text += "Host: dyno.test\r\n";
        for field in &self.fields {
            text += field;
            text += "\r\n";
        }
        match (&self.body, self.framing) {
            (None, _) => {}
            (Some(body), Framing::Length) => {
                text += &format!("Content-Length: {}\r\n", body.len());
            }
            (Some(_), Framing::Chunks(_)) => text += "Transfer-Encoding: chunked\r\n",
        }
        text += "\r\n";
        text.into_bytes()
    }

    pub(crate) fn text(&self) -> Vec<u8> {
        let mut text = self.head();
        match (&self.body, self.framing) {
            (None, _) => {}
            (Some(body), Framing::Length) => text.extend(body),
            (Some(body), Framing::Chunks(bytes)) => {
                for chunk in body.chunks(bytes) {
                    text.extend(format!("{:x}\r\n", chunk.len()).bytes());
                    text.extend(chunk);
                    text.extend(b"\r\n");
                }
                text.extend(b"0\r\n\r\n");
            }
        }
        text
    }

    /// Asks on a connection of its own.
    pub(crate) async fn at(&self, address: SocketAddr) -> Result<Reply, String> {
        let told = |failure: Failure| format!("{}: {failure}", self.name());
        let mut connection = Connection::open(address).await.map_err(told)?;
        // A target that refuses a long body may close before it has read it all;
        // its answer is there all the same.
        let sent = connection.send(self.text()).await;
        let answer = connection.answer().await;
        let answer = answer.map_err(|failure| told(sent.err().unwrap_or(failure)))?;
        Ok(Reply {
            asked: self.name(),
            answer,
        })
    }
}

/// An answer, and what it is the answer to.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) asked: String,
    pub(crate) answer: Answer,
}

impl Reply {
    /// The sentence of a problem with this answer.
    pub(crate) fn wrong(&self, wanted: &str) -> String {
        let Answer { status, body, .. } = &self.answer;
        let body = excerpt(body);
        format!(
            "{} answered status {status}, {body}, wanted {wanted}",
            self.asked
        )
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.answer.header(name)
    }

    /// This answer, if it has the status.
    pub(crate) fn status(self, wanted: u16) -> Result<Self, String> {
        if self.answer.status == wanted {
            Ok(self)
        } else {
            Err(self.wrong(&wanted.to_string()))
        }
    }

    /// This answer, if it is any 2xx.
    pub(crate) fn success(self) -> Result<Self, String> {
        if (200..300).contains(&self.answer.status) {
            Ok(self)
        } else {
            Err(self.wrong("2xx"))
        }
    }

    /// Its body, read as JSON.
    pub(crate) fn json(&self) -> Result<Value, String> {
        let read = serde_json::from_slice(&self.answer.body);
        read.map_err(|error| self.wrong(&format!("JSON ({error})")))
    }

    /// Whether it is this error, as far as status and code go.
    pub(crate) fn error(&self, status: u16, code: &str) -> Verdict {
        let seen = self.json().ok();
        let seen = seen
            .as_ref()
            .and_then(|body| body["error"]["code"].as_str());
        if self.answer.status == status && seen == Some(code) {
            Ok(())
        } else {
            Err(self.wrong(&format!("{status} {code}")))
        }
    }

    /// Whether it is a 422 with exactly these fields, each `required` or
    /// `invalid`.
    pub(crate) fn fields(&self, wanted: &[(&str, &str)]) -> Verdict {
        self.error(422, "validation_failed")?;
        let list: Value = wanted
            .iter()
            .map(|(field, fault)| ((*field).to_owned(), Value::from(*fault)))
            .collect();
        if self.json()?["error"]["fields"] == list {
            Ok(())
        } else {
            Err(self.wrong(&format!("fields {list}")))
        }
    }
}
