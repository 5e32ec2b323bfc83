//! HTTP/1.1 on one stream: send, receive.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::time::Instant;

use dyno_result::FailureKind;
use tokio::io::{AsyncRead as _, AsyncWrite as _, ReadBuf};

use crate::answer::{Answer, Familiar, Progress};
use crate::cause::{receive_failure, send_failure};
use crate::check::Verifier;
use crate::connection::{Exchange, Reader};
use crate::limit::Limit;
use crate::request::Rendered;
use crate::socket::Stream;
use crate::thread_clock::since_woken;

/// An open connection.
#[derive(Debug)]
pub(crate) struct Http1 {
    stream: Stream,
    reader: Rc<RefCell<Reader>>,
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
            used: false,
        }
    }

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
        // TLS may have kept some of it; a socket has nothing to flush.
        limit
            .within(|context| Pin::new(&mut self.stream).poll_flush(context))
            .await
            .map_err(|_| FailureKind::SendTimeout)?
            .map_err(|error| send_failure(&error))
    }

    /// Reads until the answer is complete. The shared reader is borrowed only
    /// while a read is digested, never across a wait.
    async fn receive(
        &mut self,
        answer: &mut Answer,
        verifier: &mut Verifier<'_>,
        limit: &mut Limit,
        exchange: &mut Exchange,
    ) -> Result<(), FailureKind> {
        let Self { stream, reader, .. } = self;
        loop {
            let progress = limit
                .within(|context| {
                    let Reader { buffer, familiar } = &mut *reader.borrow_mut();
                    let mut read = ReadBuf::new(buffer);
                    Pin::new(&mut *stream).poll_read(context, &mut read).map(
                        |result| match result {
                            Ok(()) => exchange.receive(read.filled(), answer, familiar, verifier),
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
