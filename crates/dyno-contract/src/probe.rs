//! One HTTP/1.1 exchange at a time over a plain socket, for the checks.
//!
//! Every byte is the check's own: targets are sent as written, and answers are
//! kept as they came. Load is made by `dyno-engine`; this is in no hurry.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use thiserror::Error;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long an answer may take. Two retransmitted SYNs fit in.
const ANSWER_LIMIT: Duration = Duration::from_secs(5);
const MAX_BYTES: usize = 1 << 20;
const MAX_HEADERS: usize = 64;
/// The status of an answer that has no body, whatever its fields say.
const NO_CONTENT: u16 = 204;

/// Why there was no answer.
#[derive(Debug, Error)]
pub(super) enum Failure {
    /// No connection came about.
    #[error("could not connect: {0}")]
    Connect(io::Error),
    /// The connection broke.
    #[error("the connection broke: {0}")]
    Broken(io::Error),
    /// The connection ended where an answer was due.
    #[error("the connection was closed after {0} bytes of an answer")]
    Closed(usize),
    /// Nothing, or not all of it, came in time.
    #[error("no whole answer within {} s", ANSWER_LIMIT.as_secs())]
    Late,
    /// It is no HTTP/1.x.
    #[error("the answer is no HTTP/1.x: {0}")]
    Malformed(String),
}

impl From<Failure> for String {
    fn from(failure: Failure) -> Self {
        failure.to_string()
    }
}

/// How an answer says where its body ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    /// `Content-Length`.
    Length(usize),
    /// `Transfer-Encoding: chunked`.
    Chunked,
    /// The connection ends with it.
    Close,
}

/// An answer as it came.
#[derive(Debug)]
pub(super) struct Answer {
    /// The 1 of HTTP/1.1.
    pub(super) minor_version: u8,
    pub(super) status: u16,
    headers: Vec<(String, String)>,
    pub(super) framing: Framing,
    /// Without the framing of chunks.
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// The first field of this name.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut fields = self.headers.iter();
        let field = fields.find(|(other, _)| other.eq_ignore_ascii_case(name));
        field.map(|(_, value)| value.as_str())
    }
}

/// The bytes of a `GET` for `target`, with further header `fields`.
pub(super) fn request(target: &str, fields: &[&str]) -> String {
    let mut text = format!("GET {target} HTTP/1.1\r\nHost: dyno.test\r\n");
    for field in fields {
        text += field;
        text += "\r\n";
    }
    text + "\r\n"
}

/// Asks once on a connection of its own.
pub(super) async fn get(address: SocketAddr, target: &str) -> Result<Answer, Failure> {
    let mut connection = Connection::open(address).await?;
    connection.send(&request(target, &[])).await?;
    connection.answer().await
}

/// A connection to a target, and what came of it but was not used yet.
pub(super) struct Connection {
    stream: TcpStream,
    unread: Vec<u8>,
}

impl Connection {
    pub(super) async fn open(address: SocketAddr) -> Result<Self, Failure> {
        let stream = timeout(ANSWER_LIMIT, TcpStream::connect(address)).await;
        let stream = stream.map_err(|_late| Failure::Late)?;
        let stream = stream.map_err(Failure::Connect)?;
        stream.set_nodelay(true).map_err(Failure::Connect)?;
        Ok(Self {
            stream,
            unread: Vec::new(),
        })
    }

    /// Sends `text` in one write.
    pub(super) async fn send(&mut self, text: impl AsRef<[u8]>) -> Result<(), Failure> {
        let sent = self.stream.write_all(text.as_ref()).await;
        sent.map_err(Failure::Broken)
    }

    /// Reads one answer; what comes behind it is left for the next.
    pub(super) async fn answer(&mut self) -> Result<Answer, Failure> {
        let answer = timeout(ANSWER_LIMIT, self.read_answer()).await;
        answer.map_err(|_late| Failure::Late)?
    }

    /// What comes until the connection is closed; `None` when it stays open for
    /// `limit`.
    pub(super) async fn rest(&mut self, limit: Duration) -> Option<Vec<u8>> {
        let read = timeout(limit, async {
            // A reset closes a connection as well.
            while matches!(self.read().await, Ok(1..)) {}
        });
        let closed = read.await.is_ok();
        closed.then(|| std::mem::take(&mut self.unread))
    }

    /// The bytes that came and belong to no answer so far.
    pub(super) fn unread(&self) -> &[u8] {
        &self.unread
    }

    async fn read_answer(&mut self) -> Result<Answer, Failure> {
        let mut answer = loop {
            if let Some((answer, length)) = head(&self.unread)? {
                self.unread.drain(..length);
                break answer;
            }
            self.read_more().await?;
        };
        answer.body = match answer.framing {
            Framing::Length(length) => self.read_exactly(length).await?,
            Framing::Chunked => self.read_chunks().await?,
            Framing::Close => {
                while self.read().await? > 0 {}
                std::mem::take(&mut self.unread)
            }
        };
        Ok(answer)
    }

    async fn read_chunks(&mut self) -> Result<Vec<u8>, Failure> {
        let mut body = Vec::new();
        loop {
            let line = self.read_line().await?;
            let size = line.split(';').next().unwrap_or_default().trim();
            let size = usize::from_str_radix(size, 16).ok();
            let size = size.filter(|size| body.len() + size <= MAX_BYTES);
            let Some(size) = size else {
                return Err(Failure::Malformed(format!("{line:?} as a chunk's size")));
            };
            if size == 0 {
                while !self.read_line().await?.is_empty() {}
                return Ok(body);
            }
            body.extend(self.read_exactly(size).await?);
            self.read_line().await?;
        }
    }

    async fn read_line(&mut self) -> Result<String, Failure> {
        loop {
            if let Some(end) = self.unread.windows(2).position(|pair| pair == b"\r\n") {
                let line: Vec<u8> = self.unread.drain(..end + 2).collect();
                return Ok(String::from_utf8_lossy(&line[..end]).into_owned());
            }
            self.read_more().await?;
        }
    }

    async fn read_exactly(&mut self, length: usize) -> Result<Vec<u8>, Failure> {
        while self.unread.len() < length {
            self.read_more().await?;
        }
        Ok(self.unread.drain(..length).collect())
    }

    async fn read_more(&mut self) -> Result<(), Failure> {
        match self.read().await? {
            0 => Err(Failure::Closed(self.unread.len())),
            _ => Ok(()),
        }
    }

    async fn read(&mut self) -> Result<usize, Failure> {
        if self.unread.len() > MAX_BYTES {
            return Err(Failure::Malformed(format!("more than {MAX_BYTES} bytes")));
        }
        let read = self.stream.read_buf(&mut self.unread).await;
        read.map_err(Failure::Broken)
    }
}

/// The head at the start of `bytes` and its length; `None` when it is not
/// complete.
fn head(bytes: &[u8]) -> Result<Option<(Answer, usize)>, Failure> {
    let mut fields = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut response = httparse::Response::new(&mut fields);
    let parsed = response.parse(bytes);
    let parsed = parsed.map_err(|error| Failure::Malformed(error.to_string()))?;
    let httparse::Status::Complete(length) = parsed else {
        return Ok(None);
    };
    let fields = response.headers.iter().map(|field| {
        let value = String::from_utf8_lossy(field.value).into_owned();
        (field.name.to_owned(), value)
    });
    let mut answer = Answer {
        minor_version: response.version.unwrap_or_default(),
        status: response.code.unwrap_or_default(),
        headers: fields.collect(),
        framing: Framing::Close,
        body: Vec::new(),
    };
    if answer.status == NO_CONTENT {
        answer.framing = Framing::Length(0);
    } else if answer.header("Transfer-Encoding").is_some() {
        answer.framing = Framing::Chunked;
    } else if let Some(text) = answer.header("Content-Length") {
        let bad = || Failure::Malformed(format!("Content-Length is {text:?}"));
        answer.framing = Framing::Length(text.parse().map_err(|_not| bad())?);
    }
    Ok(Some((answer, length)))
}
