//! HTTP/1.1 as the double speaks it: bytes → [`Request`], [`Answer`] → bytes.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use crate::answer::Answer;
use crate::double::Double;
use crate::fault::Fault::*;
use crate::{clock, routes};

/// A request that was read whole.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) target: String,
    minor_version: u8,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) is_chunked: bool,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let header = headers.find(|(other, _)| other.eq_ignore_ascii_case(name));
        header.map(|(_, value)| value.as_str())
    }
}

pub(crate) async fn accept(listener: TcpListener, double: Arc<Double>) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let double = Arc::clone(&double);
        // A client that has gone is no matter of the double.
        tokio::spawn(async move { drop(connection(stream, &double).await) });
    }
}

async fn connection(mut stream: TcpStream, double: &Double) -> io::Result<()> {
    stream.set_nodelay(!double.has(TwoWrites))?;
    let mut unread = Vec::with_capacity(1 << 16);
    loop {
        let limit = match double.fault {
            ClosesIdle => double.settings.idle / 2,
            _ => Duration::from_secs(60),
        };
        let read = timeout(limit, read(&mut stream, &mut unread, double)).await;
        let request = match read.map_err(|_idle| io::ErrorKind::TimedOut)?? {
            Read::Request(request) => request,
            Read::Refused(answer) => return write(&mut stream, double, answer, false).await,
            Read::End => return Ok(()),
        };
        if double.has(DropsPipelined) {
            unread.clear();
        }
        let answer = routes::answer(double, &request).await;
        let asked = request.header("Connection") == Some("close");
        let is_closing = match double.fault {
            ClosesAlways => true,
            KeepsHttp10 => asked,
            IgnoresConnectionClose => request.minor_version == 0,
            _ => asked || request.minor_version == 0,
        };
        let says_more = double.has(MoreThanLength) && asked;
        write(&mut stream, double, answer, says_more).await?;
        if is_closing || double.has(EndsWithConnection) {
            return Ok(());
        }
    }
}

enum Read {
    Request(Request),
    Refused(Answer),
    End,
}

async fn read(stream: &mut TcpStream, unread: &mut Vec<u8>, double: &Double) -> io::Result<Read> {
    let refused = |status| Ok(Read::Refused(Answer::empty(status)));
    let (mut request, length) = loop {
        if let Some(read) = head(unread) {
            break read;
        }
        if double.has(WantsHeadAtOnce) && !unread.is_empty() {
            return refused(400);
        }
        if stream.read_buf(unread).await? == 0 {
            return Ok(Read::End);
        }
    };
    unread.drain(..length);
    if double.has(HeadOf4KiB) && length > 4096 {
        return refused(431);
    }
    if double.has(RefusesHttp10) && request.minor_version == 0 {
        return refused(505);
    }
    if request.minor_version == 1 && request.header("Host").is_none() {
        return refused(if double.has(AbsentHostCrashes) {
            500
        } else {
            400
        });
    }
    if let Some(length) = request.header("Content-Length") {
        let length: usize = length.parse().unwrap();
        while unread.len() < length {
            more(stream, unread).await?;
        }
        request.body = unread.drain(..length).collect();
    }
    request.is_chunked = request.header("Transfer-Encoding").is_some();
    if request.is_chunked {
        if double.has(RefusesChunked) {
            return refused(411);
        }
        request.body = chunks(stream, unread).await?;
    }
    Ok(Read::Request(request))
}

async fn more(stream: &mut TcpStream, unread: &mut Vec<u8>) -> io::Result<()> {
    match stream.read_buf(unread).await? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        _ => Ok(()),
    }
}

async fn chunks(stream: &mut TcpStream, unread: &mut Vec<u8>) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = loop {
            match unread.windows(2).position(|pair| pair == b"\r\n") {
                Some(end) => break end,
                None => more(stream, unread).await?,
            }
        };
        let line = String::from_utf8_lossy(&unread[..end]).into_owned();
        let size = usize::from_str_radix(&line, 16).unwrap();
        while unread.len() < end + 2 + size + 2 {
            more(stream, unread).await?;
        }
        body.extend(&unread[end + 2..end + 2 + size]);
        unread.drain(..end + 2 + size + 2);
        if size == 0 {
            return Ok(body);
        }
    }
}

/// The head at the start of `bytes`, and its length.
fn head(bytes: &[u8]) -> Option<(Request, usize)> {
    let mut fields = [httparse::EMPTY_HEADER; 32];
    let mut parsed = httparse::Request::new(&mut fields);
    let httparse::Status::Complete(length) = parsed.parse(bytes).unwrap() else {
        return None;
    };
    let headers = parsed.headers.iter().map(|field| {
        let value = String::from_utf8_lossy(field.value).into_owned();
        (field.name.to_owned(), value)
    });
    let request = Request {
        method: parsed.method.unwrap().to_owned(),
        target: parsed.path.unwrap().to_owned(),
        minor_version: parsed.version.unwrap(),
        headers: headers.collect(),
        body: Vec::new(),
        is_chunked: false,
    };
    Some((request, length))
}

async fn write(
    stream: &mut TcpStream,
    double: &Double,
    answer: Answer,
    says_more: bool,
) -> io::Result<()> {
    let mut head = format!("HTTP/1.1 {} Some Reason\r\n", answer.status);
    match double.fault {
        NoDateOnErrors if answer.status >= 400 => {}
        FrozenDate => head += "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n",
        _ => head += &format!("Date: {}\r\n", clock::date()),
    }
    for (name, value) in &answer.headers {
        head += &format!("{name}: {value}\r\n");
    }
    let mut body = answer.body.unwrap_or_default();
    if answer.status != 204 && !double.has(EndsWithConnection) {
        head += &format!("Content-Length: {}\r\n", body.len());
    }
    if says_more && !body.is_empty() {
        body += "more";
    }
    head += "\r\n";
    if double.has(TwoWrites) {
        stream.write_all(head.as_bytes()).await?;
        stream.write_all(body.as_bytes()).await
    } else {
        stream.write_all((head + &body).as_bytes()).await
    }
}
