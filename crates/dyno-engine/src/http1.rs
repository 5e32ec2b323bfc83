//! HTTP/1.1 on one stream: send, receive.

use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use dyno_result::FailureKind;
use tokio::io::{AsyncRead as _, AsyncWrite as _, ReadBuf};

use crate::answer::{Answer, Familiar, Progress};
use crate::cause::{receive_failure, send_failure};
use crate::check::Verifier;
use crate::exchange::{Exchange, Reader};
use crate::limit::Limit;
use crate::request::Rendered;
use crate::socket::Stream;
use crate::thread_clock::since_woken;

/// An open connection.
#[derive(Debug)]
pub(crate) struct Http1 {
    stream: Stream,
    reader: Rc<RefCell<Reader>>,
    /// Bytes of the current request that are written.
    written: usize,
    /// Nothing of it is kept back.
    flushed: bool,
    /// Has answered before: closing it now is the keep-alive race.
    used: bool,
}

impl Exchange {
    /// Digests one read; no bytes mean that the other side has closed.
    fn receive(
        &mut self,
        bytes: &[u8],
        answer: &mut Answer,
        familiar: &mut Familiar,
        verifier: &mut Verifier<'_>,
    ) -> Result<Progress, FailureKind> {
        let now = Instant::now();
        let progress = if bytes.is_empty() {
            answer.end()?
        } else {
            if self.first_byte.is_none() {
                self.first_byte = Some(now);
                self.loop_delay = since_woken(now);
            }
            self.received += bytes.len() as u64;
            answer.feed(bytes, familiar, verifier)?
        };
        if progress != Progress::More {
            self.end = Some(now);
            self.reusable = progress == Progress::Reusable;
        }
        Ok(progress)
    }
}

impl Http1 {
    pub(crate) fn new(stream: Stream, reader: Rc<RefCell<Reader>>) -> Self {
        Self {
            stream,
            reader,
            written: 0,
            flushed: false,
            used: false,
        }
    }

    /// Sends `request` and receives its answer, as far as it goes: `exchange`
    /// tells how far that was.
    pub(crate) async fn exchange(
        &mut self,
        request: &Rendered,
        answer: &mut Answer,
        verifier: &mut Verifier<'_>,
        limit: &mut Limit,
        exchange: &mut Exchange,
    ) -> Result<(), FailureKind> {
        self.written = 0;
        self.flushed = false;
        let received = poll_fn(|context| {
            let sent = ready!(self.poll_send(context, &request.bytes, limit, exchange));
            match sent {
                Ok(()) => self.poll_receive(context, answer, verifier, limit, exchange),
                Err(kind) => Poll::Ready(Err(kind)),
            }
        })
        .await;
        received.map_err(|kind| self.stale(kind, exchange))?;
        self.used = true;
        Ok(())
    }

    fn poll_send(
        &mut self,
        context: &mut Context<'_>,
        bytes: &[u8],
        limit: &mut Limit,
        exchange: &mut Exchange,
    ) -> Poll<Result<(), FailureKind>> {
        while self.written < bytes.len() {
            let rest = &bytes[self.written..];
            match Pin::new(&mut self.stream).poll_write(context, rest) {
                Poll::Ready(Ok(written)) => {
                    self.written += written;
                    exchange.sent += written as u64;
                }
                Poll::Ready(Err(error)) => return Poll::Ready(Err(send_failure(&error))),
                Poll::Pending => return late(context, limit, FailureKind::SendTimeout),
            }
        }
        // TLS may have kept some of it; a socket has nothing to flush.
        if !self.flushed {
            match Pin::new(&mut self.stream).poll_flush(context) {
                Poll::Ready(Ok(())) => self.flushed = true,
                Poll::Ready(Err(error)) => return Poll::Ready(Err(send_failure(&error))),
                Poll::Pending => return late(context, limit, FailureKind::SendTimeout),
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Reads until the answer is complete. The shared reader is borrowed only
    /// while a read is digested, never across a wait.
    fn poll_receive(
        &mut self,
        context: &mut Context<'_>,
        answer: &mut Answer,
        verifier: &mut Verifier<'_>,
        limit: &mut Limit,
        exchange: &mut Exchange,
    ) -> Poll<Result<(), FailureKind>> {
        loop {
            let Reader { buffer, familiar } = &mut *self.reader.borrow_mut();
            let mut read = ReadBuf::new(buffer);
            match Pin::new(&mut self.stream).poll_read(context, &mut read) {
                Poll::Ready(Ok(())) => {
                    match exchange.receive(read.filled(), answer, familiar, verifier) {
                        Ok(Progress::More) => {}
                        Ok(_) => return Poll::Ready(Ok(())),
                        Err(kind) => return Poll::Ready(Err(kind)),
                    }
                }
                Poll::Ready(Err(error)) => return Poll::Ready(Err(receive_failure(&error))),
                Poll::Pending => return late(context, limit, FailureKind::ReceiveTimeout),
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

/// Waits on, or fails with `kind` when the limit has passed.
fn late<T>(
    context: &mut Context<'_>,
    limit: &mut Limit,
    kind: FailureKind,
) -> Poll<Result<T, FailureKind>> {
    limit.poll_expired(context).map(|_| Err(kind))
}
