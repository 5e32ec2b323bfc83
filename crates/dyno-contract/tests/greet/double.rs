//! A target in this process that keeps contract greet/1, but for one fault.

use std::io;
use std::net::SocketAddr;
use std::time::{SystemTime, UNIX_EPOCH};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

/// What is wrong with the double.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    Nothing,
    Status201,
    OneBodyForAll,
    DecodesEscapes,
    UppercasesEscapes,
    KeepsQuery,
    CutsAtLastQuestionMark,
    NoContentType,
    Html,
    Chunked,
    MoreThanContentLength,
    NoDate,
    OtherDateFormat,
    FrozenDate,
    ClosesAlways,
    TwoWrites,
    ReadsOneSegment,
    RefusesHttp10,
    KeepsHttp10,
    IgnoresConnectionClose,
    SmallBacklog,
}

use Fault::*;

/// Serves for as long as the test's runtime lives.
pub(crate) async fn serve(fault: Fault) -> SocketAddr {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let backlog = if fault == SmallBacklog { 5 } else { 4096 };
    let listener = socket.listen(backlog).unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(accept(listener, fault));
    address
}

async fn accept(listener: TcpListener, fault: Fault) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        // A client that has gone is no matter of the double.
        if fault == SmallBacklog {
            let _ = connection(stream, fault).await;
        } else {
            tokio::spawn(connection(stream, fault));
        }
    }
}

async fn connection(mut stream: TcpStream, fault: Fault) -> io::Result<()> {
    stream.set_nodelay(fault != TwoWrites)?;
    while let Some(request) = read_head(&mut stream, fault).await? {
        let http10 = request.contains("HTTP/1.0\r\n");
        let asked = request.contains("Connection: close\r\n");
        let answer = Answer::to(&request, fault);
        if fault == TwoWrites {
            stream.write_all(answer.head.as_bytes()).await?;
            stream.write_all(answer.body.as_bytes()).await?;
        } else {
            let text = answer.head + &answer.body;
            stream.write_all(text.as_bytes()).await?;
        }
        let close = match fault {
            ClosesAlways => true,
            KeepsHttp10 => asked,
            IgnoresConnectionClose => http10,
            _ => asked || http10,
        };
        if close {
            break;
        }
    }
    Ok(())
}

/// Bytes up to the empty line; `None` when the client has closed.
async fn read_head(stream: &mut TcpStream, fault: Fault) -> io::Result<Option<String>> {
    let mut head = Vec::with_capacity(4096);
    loop {
        if stream.read_buf(&mut head).await? == 0 {
            return Ok(None);
        }
        if fault == ReadsOneSegment || head.ends_with(b"\r\n\r\n") {
            return Ok(Some(String::from_utf8_lossy(&head).into_owned()));
        }
    }
}

struct Answer {
    head: String,
    body: String,
}

impl Answer {
    fn to(request: &str, fault: Fault) -> Self {
        let target = request.split(' ').nth(1).unwrap_or_default();
        let mut body = format!(
            "Hello, visitor! You've requested: {}\n",
            path(target, fault)
        );
        let status = match fault {
            Status201 => "201 Created",
            RefusesHttp10 if request.contains("HTTP/1.0\r\n") => "505 HTTP Version Not Supported",
            ReadsOneSegment if !request.ends_with("\r\n\r\n") => "400 Bad Request",
            _ => "200 OK",
        };
        let mut head = format!("HTTP/1.1 {status}\r\n");
        match fault {
            NoContentType => {}
            Html => head += "Content-Type: text/html; charset=utf-8\r\n",
            _ => head += "content-type: Text/Plain;charset=UTF-8\r\n",
        }
        match fault {
            NoDate => {}
            OtherDateFormat => head += &format!("Date: {}\r\n", seconds()),
            FrozenDate => head += "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n",
            _ => head += &format!("Date: {}\r\n", date()),
        }
        if fault == Chunked {
            head += "Transfer-Encoding: chunked\r\n";
            body = format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
        } else {
            head += &format!("Content-Length: {}\r\n", body.len());
        }
        // Kept connections would make other checks stumble over it.
        if fault == MoreThanContentLength && request.contains("Connection: close\r\n") {
            body += "more";
        }
        head += "\r\n";
        Self { head, body }
    }
}

fn path(target: &str, fault: Fault) -> String {
    let cut = match fault {
        KeepsQuery => None,
        CutsAtLastQuestionMark => target.rfind('?'),
        _ => target.find('?'),
    };
    let path = &target[..cut.unwrap_or(target.len())];
    match fault {
        OneBodyForAll => "/abc".to_owned(),
        DecodesEscapes => escapes(path, |byte| char::from(byte).to_string()),
        UppercasesEscapes => escapes(path, |byte| format!("%{byte:02X}")),
        _ => path.to_owned(),
    }
}

fn escapes(path: &str, rewrite: impl Fn(u8) -> String) -> String {
    let mut parts = path.split('%');
    let mut rewritten = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (digits, rest) = part.split_at(2);
        rewritten += &rewrite(u8::from_str_radix(digits, 16).unwrap());
        rewritten += rest;
    }
    rewritten
}

fn seconds() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    since.as_secs()
}

/// A date that moves; its day never does.
fn date() -> String {
    let of_day = seconds() % 86_400;
    let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    format!("Sun, 22 Nov 2026 {hour:02}:{minute:02}:{second:02} GMT")
}
