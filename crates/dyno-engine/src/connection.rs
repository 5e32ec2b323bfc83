//! HTTP/1.1 on one socket: connect, send, receive; I/O errors become kinds of
//! failure.

use std::cell::RefCell;
use std::future::Future as _;
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::time::{Duration, Instant};

use dyno_result::FailureKind;
use nix::errno::Errno;
use tokio::io::{AsyncRead as _, AsyncWrite as _, ReadBuf};
use tokio::net::TcpStream;

use crate::answer::{Answer, Progress};
use crate::batch;
use crate::check::Verifier;
use crate::limit::Limit;
use crate::request::Rendered;

/// The buffer that all connections of a thread read into: answers are parsed in
/// place, and only incomplete heads are copied.
pub(crate) type ReadBuffer = Rc<RefCell<Box<[u8]>>>;

/// A read buffer large enough for most answers in one call.
pub(crate) fn read_buffer() -> ReadBuffer {
    Rc::new(RefCell::new(vec![0; 64 * 1024].into_boxed_slice()))
}

/// An open connection.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: ReadBuffer,
    /// Has answered before: closing it now is the keep-alive race.
    used: bool,
}

/// One request sent and its answer received.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Exchange {
    /// When the first byte of the answer was there.
    pub(crate) first_byte: Option<Instant>,
    /// How long it may have been there before.
    pub(crate) loop_delay: Duration,
    /// When the last one was there.
    pub(crate) end: Option<Instant>,
    /// Bytes written.
    pub(crate) sent: u64,
    /// Bytes read.
    pub(crate) received: u64,
    /// The connection can carry another request.
    pub(crate) reusable: bool,
}

/// Opens a connection before `limit`.
pub(crate) async fn connect(
    address: SocketAddr,
    buffer: &ReadBuffer,
    limit: &mut Limit,
) -> Result<Connection, FailureKind> {
    let mut connecting = pin!(TcpStream::connect(address));
    let stream = limit
        .within(|context| connecting.as_mut().poll(context))
        .await
        .map_err(|_| FailureKind::ConnectTimeout)?
        .map_err(|error| connect_failure(&error))?;
    stream
        .set_nodelay(true)
        .map_err(|error| connect_failure(&error))?;
    Ok(Connection {
        stream,
        buffer: Rc::clone(buffer),
        used: false,
    })
}

impl Exchange {
    /// Digests one read; no bytes mean that the other side has closed.
    fn receive(
        &mut self,
        bytes: &[u8],
        answer: &mut Answer,
        verifier: &mut Verifier<'_>,
    ) -> Result<Progress, FailureKind> {
        let now = Instant::now();
        let progress = if bytes.is_empty() {
            answer.end()?
        } else {
            if self.first_byte.is_none() {
                self.first_byte = Some(now);
                self.loop_delay = batch::age(now);
            }
            self.received += bytes.len() as u64;
            answer.feed(bytes, verifier)?
        };
        if progress != Progress::More {
            self.end = Some(now);
            self.reusable = progress == Progress::Reusable;
        }
        Ok(progress)
    }
}

impl Connection {
    /// Sends `request` and receives its answer, as far as it goes: `exchange`
    /// tells how far that was.
    pub(crate) async fn exchange(
        &mut self,
        request: &Rendered,
        answer: &mut Answer,
        limit: &mut Limit,
        exchange: &mut Exchange,
    ) -> Result<(), FailureKind> {
        answer.expect(request.is_head);
        let mut verifier = request.check.verifier();
        let received = match self.send(&request.bytes, limit, exchange).await {
            Ok(()) => self.receive(answer, &mut verifier, limit, exchange).await,
            Err(kind) => Err(kind),
        };
        received.map_err(|kind| self.stale(kind, exchange))?;
        self.used = true;
        verifier.verdict()
    }

    async fn send(
        &mut self,
        bytes: &[u8],
        limit: &mut Limit,
        exchange: &mut Exchange,
    ) -> Result<(), FailureKind> {
        let mut rest = bytes;
        while !rest.is_empty() {
            let written = limit
                .within(|context| Pin::new(&mut self.stream).poll_write(context, rest))
                .await
                .map_err(|_| FailureKind::SendTimeout)?
                .map_err(|error| send_failure(&error))?;
            rest = &rest[written..];
            exchange.sent += written as u64;
        }
        Ok(())
    }

    /// Reads until the answer is complete. The shared buffer is borrowed only
    /// while a read is digested, never across a wait.
    async fn receive(
        &mut self,
        answer: &mut Answer,
        verifier: &mut Verifier<'_>,
        limit: &mut Limit,
        exchange: &mut Exchange,
    ) -> Result<(), FailureKind> {
        let Self { stream, buffer, .. } = self;
        loop {
            let progress = limit
                .within(|context| {
                    let mut buffer = buffer.borrow_mut();
                    let mut read = ReadBuf::new(&mut buffer);
                    Pin::new(&mut *stream).poll_read(context, &mut read).map(
                        |result| match result {
                            Ok(()) => exchange.receive(read.filled(), answer, verifier),
                            Err(error) => Err(receive_failure(&error)),
                        },
                    )
                })
                .await
                .map_err(|_| FailureKind::ReceiveTimeout)??;
            if progress != Progress::More {
                return Ok(());
            }
        }
    }

    /// A connection that had answered before and is gone before the first byte
    /// of this answer has lost the keep-alive race.
    fn stale(&self, kind: FailureKind, exchange: &Exchange) -> FailureKind {
        let gone = matches!(
            kind,
            FailureKind::SendReset | FailureKind::ReceiveReset | FailureKind::ReceiveEndEarly
        );
        if gone && self.used && exchange.received == 0 {
            FailureKind::ReceiveStaleKeepalive
        } else {
            kind
        }
    }
}

fn errno(error: &io::Error) -> Option<Errno> {
    error.raw_os_error().map(Errno::from_raw)
}

fn connect_failure(error: &io::Error) -> FailureKind {
    match errno(error) {
        Some(Errno::ECONNREFUSED) => FailureKind::ConnectRefused,
        Some(Errno::ECONNRESET | Errno::ECONNABORTED | Errno::EPIPE) => FailureKind::ConnectReset,
        Some(Errno::ETIMEDOUT) => FailureKind::ConnectTimeout,
        Some(Errno::ENETUNREACH | Errno::EHOSTUNREACH) => FailureKind::ConnectUnreachable,
        Some(Errno::EMFILE | Errno::ENFILE) => FailureKind::GeneratorOpenFiles,
        Some(Errno::EADDRNOTAVAIL | Errno::EADDRINUSE) => FailureKind::GeneratorPorts,
        Some(Errno::ENOBUFS | Errno::ENOMEM) => FailureKind::GeneratorMemory,
        _ => FailureKind::ConnectOther,
    }
}

fn send_failure(error: &io::Error) -> FailureKind {
    match errno(error) {
        Some(Errno::ECONNRESET | Errno::EPIPE) => FailureKind::SendReset,
        Some(Errno::ETIMEDOUT) => FailureKind::SendTimeout,
        Some(Errno::ENOBUFS | Errno::ENOMEM) => FailureKind::GeneratorMemory,
        _ => FailureKind::SendOther,
    }
}

fn receive_failure(error: &io::Error) -> FailureKind {
    match errno(error) {
        Some(Errno::ECONNRESET | Errno::EPIPE) => FailureKind::ReceiveReset,
        Some(Errno::ETIMEDOUT) => FailureKind::ReceiveTimeout,
        _ => FailureKind::ReceiveOther,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_are_told_apart() {
        let check = |number: Errno, connect, send, receive| {
            let error = io::Error::from_raw_os_error(number as i32);
            let seen = (
                connect_failure(&error),
                send_failure(&error),
                receive_failure(&error),
            );
            assert_eq!(seen, (connect, send, receive), "{number}");
        };
        use FailureKind as K;
        check(
            Errno::ECONNREFUSED,
            K::ConnectRefused,
            K::SendOther,
            K::ReceiveOther,
        );
        check(
            Errno::ECONNRESET,
            K::ConnectReset,
            K::SendReset,
            K::ReceiveReset,
        );
        check(Errno::EPIPE, K::ConnectReset, K::SendReset, K::ReceiveReset);
        check(
            Errno::ETIMEDOUT,
            K::ConnectTimeout,
            K::SendTimeout,
            K::ReceiveTimeout,
        );
        check(
            Errno::EMFILE,
            K::GeneratorOpenFiles,
            K::SendOther,
            K::ReceiveOther,
        );
        check(
            Errno::EADDRNOTAVAIL,
            K::GeneratorPorts,
            K::SendOther,
            K::ReceiveOther,
        );
        check(
            Errno::ENETUNREACH,
            K::ConnectUnreachable,
            K::SendOther,
            K::ReceiveOther,
        );
    }
}
