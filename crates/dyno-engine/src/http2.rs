//! HTTP/2 by hyper: connections that several workers share, a stream each.

use std::cell::Cell;
use std::error::Error as StdError;
use std::io;
use std::net::IpAddr;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use dyno_result::FailureKind;
use http_body_util::Full;
use hyper::body::Body as _;
use hyper::client::conn::TrySendError;
use hyper::client::conn::http2::{Builder, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::Mutex;

use crate::answer::Answer;
use crate::cause::receive_failure;
use crate::check::Verifier;
use crate::exchange::Exchange;
use crate::limit::Limit;
use crate::route::Route;
use crate::server_timing;
use crate::socket::Stream;
use crate::thread_clock::since_woken;

/// A request as hyper takes it.
pub(crate) type Message = http::Request<Full<Bytes>>;

/// A connection that several workers use, opened by the first that needs it.
#[derive(Debug, Default)]
pub(crate) struct Shared(Mutex<Option<Client>>);

/// One worker's hold on a connection.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    sender: SendRequest<Full<Bytes>>,
    state: Rc<State>,
}

/// What is known of a connection beside hyper.
#[derive(Debug, Default)]
struct State {
    sent: Cell<i64>,
    received: Cell<i64>,
    /// The server has sent something.
    heard: Cell<bool>,
    /// It takes no new requests, though hyper may not have said so yet.
    leaving: Cell<bool>,
    /// Why it is no more.
    ending: Cell<Option<FailureKind>>,
}

impl Shared {
    /// The connection, and how long it took to open if it was opened now.
    pub(crate) async fn client(
        &self,
        route: &Route,
        source: Option<IpAddr>,
        limit: &mut Limit,
    ) -> Result<(Client, Option<Duration>), FailureKind> {
        let mut lock = pin!(self.0.lock());
        let mut client = limit
            .within(|context| lock.as_mut().poll(context))
            .await
            .map_err(|_| FailureKind::ConnectTimeout)?;
        if let Some(client) = client.as_ref().filter(|client| client.is_open()) {
            return Ok((client.clone(), None));
        }
        let begin = Instant::now();
        let stream = route.dial(source, limit).await?;
        let opened = start(stream, limit).await?;
        *client = Some(opened.clone());
        Ok((opened, Some(begin.elapsed())))
    }
}

/// Begins HTTP/2 on `stream`.
async fn start(stream: Stream, limit: &mut Limit) -> Result<Client, FailureKind> {
    let state = Rc::new(State::default());
    let stream = Counted {
        stream,
        state: Rc::clone(&state),
    };
    let mut builder = Builder::new(LocalTasks);
    builder
        // Timeouts reset streams; many of them are no reason to give up the
        // connection.
        .max_concurrent_reset_streams(1 << 16)
        .max_local_error_reset_streams(None);
    let mut beginning = pin!(builder.handshake(TokioIo::new(stream)));
    let (sender, connection) = limit
        .within(|context| beginning.as_mut().poll(context))
        .await
        .map_err(|_| FailureKind::ConnectTimeout)?
        .map_err(|error| cause(&error))?;
    tokio::task::spawn_local({
        let state = Rc::clone(&state);
        async move {
            let kind = match connection.await {
                Err(error) => cause(&error),
                // Without an error only a GOAWAY ends it; closing alone is one.
                Ok(()) => FailureKind::H2Goaway,
            };
            state.ending.set(Some(kind));
        }
    });
    Ok(Client { sender, state })
}

impl Client {
    pub(crate) fn is_open(&self) -> bool {
        !self.sender.is_closed() && !self.state.leaving.get()
    }

    /// Sends `message` on a stream of its own and receives its answer. A failed
    /// exchange ends the stream and leaves the connection to the others.
    pub(crate) async fn exchange(
        &mut self,
        message: Message,
        answer: &mut Answer,
        verifier: &mut Verifier<'_>,
        limit: &mut Limit,
        exchange: &mut Exchange,
    ) -> Result<(), FailureKind> {
        let received = self
            .receive(message, answer, verifier, limit, exchange)
            .await;
        exchange.received += claim(&self.state.received, 0);
        exchange.reusable = self.is_open();
        received
    }

    async fn receive(
        &mut self,
        message: Message,
        answer: &mut Answer,
        verifier: &mut Verifier<'_>,
        limit: &mut Limit,
        exchange: &mut Exchange,
    ) -> Result<(), FailureKind> {
        let state = &self.state;
        let mut answering = pin!(self.sender.try_send_request(message));
        let answered = limit
            .within(|context| answering.as_mut().poll(context))
            .await;
        if !matches!(&answered, Ok(Err(error)) if error.message().is_some()) {
            // Other streams may have claimed this request's bytes already; then
            // it claims one in advance, and the sum stays right.
            exchange.sent += claim(&state.sent, 1);
        }
        let response = match answered {
            Err(_) => return Err(FailureKind::ReceiveTimeout),
            Ok(Err(error)) => {
                exchange.unprocessed = state.is_unprocessed(&error);
                return Err(state.why(error.error()).await);
            }
            Ok(Ok(response)) => response,
        };
        let now = Instant::now();
        exchange.first_byte = Some(now);
        exchange.loop_delay = since_woken(now);
        answer.status = response.status().as_u16();
        verifier.status(answer.status);
        if verifier.wants_head() {
            verifier.head(&head_of(&response));
        }
        for value in response.headers().get_all(server_timing::FIELD) {
            server_timing::add(value.as_bytes(), &mut answer.timing);
        }
        let mut body = response.into_body();
        while !body.is_end_stream() {
            let frame = limit
                .within(|context| Pin::new(&mut body).poll_frame(context))
                .await
                .map_err(|_| FailureKind::ReceiveTimeout)?;
            let data = match frame {
                None => break,
                Some(Err(error)) => return Err(state.why(&error).await),
                Some(Ok(frame)) => frame.into_data().unwrap_or_default(),
            };
            answer.body_bytes += data.len() as u64;
            verifier.body(&data);
        }
        exchange.end = Some(Instant::now());
        Ok(())
    }
}

/// The head of an answer as HTTP/1.1 would write it.
fn head_of<B>(response: &http::Response<B>) -> Vec<u8> {
    let mut head = format!("HTTP/2 {}\r\n", response.status()).into_bytes();
    for (name, value) in response.headers() {
        for part in [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
            head.extend_from_slice(part);
        }
    }
    head
}

impl State {
    /// Whether the server surely did not process a request that failed with
    /// `error` before there was an answer (RFC 9113, 6.8 and 8.7). A GOAWAY with
    /// an error is a complaint, and what fails with it a failure; so is the one
    /// request that hyper keeps waiting when the server allows no more streams,
    /// for nobody knows how far it came.
    fn is_unprocessed(&self, error: &TrySendError<Message>) -> bool {
        // Handed back: nothing of it was written. Somebody who has never said a
        // word does not speak HTTP/2, and will not the next time.
        if error.message().is_some() {
            self.leaving.set(true);
            return self.heard.get();
        }
        let Some(error) = h2_error(error.error()).filter(|error| error.is_remote()) else {
            return false;
        };
        // h2 gives this error to those streams only that are above the last one
        // of the GOAWAY, and to requests that come after it.
        let left = error.is_go_away() && error.reason() == Some(h2::Reason::NO_ERROR);
        if left {
            self.leaving.set(true);
        }
        left || error.is_reset() && error.reason() == Some(h2::Reason::REFUSED_STREAM)
    }

    /// Why a request on this connection failed with `error`.
    async fn why(&self, error: &hyper::Error) -> FailureKind {
        // Often the request was only cancelled or cut off, and the reason is where
        // the connection ended, in a task that may come after this one.
        tokio::task::yield_now().await;
        match (cause(error), self.ending.get()) {
            (_, Some(FailureKind::H2Goaway)) => FailureKind::H2Goaway,
            (FailureKind::ReceiveOther, Some(kind)) | (kind, _) if self.heard.get() => kind,
            // Not one frame: it does not know the protocol.
            _ => FailureKind::H2Protocol,
        }
    }
}

/// Takes what has been counted, and at least `least`.
fn claim(count: &Cell<i64>, least: i64) -> u64 {
    let claimed = count.get().max(least);
    count.set(count.get() - claimed);
    claimed.unsigned_abs()
}

/// The errors that led to `error`, itself first.
fn chain<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |error| (*error).source())
}

fn h2_error(error: &hyper::Error) -> Option<&h2::Error> {
    chain(error).find_map(|error| error.downcast_ref())
}

/// The cause of `error`; `ReceiveOther` if it says nothing.
fn cause(error: &hyper::Error) -> FailureKind {
    for error in chain(error) {
        if let Some(error) = error.downcast_ref::<io::Error>() {
            return receive_failure(error);
        }
        if let Some(error) = error.downcast_ref::<h2::Error>() {
            return match error.get_io() {
                Some(error) => receive_failure(error),
                None if !error.is_remote() => FailureKind::H2Protocol,
                None if error.is_go_away() => FailureKind::H2Goaway,
                None => FailureKind::H2Reset,
            };
        }
    }
    FailureKind::ReceiveOther
}

/// hyper's tasks stay on their load thread.
#[derive(Debug, Clone, Copy)]
struct LocalTasks;

impl<F: Future + 'static> hyper::rt::Executor<F> for LocalTasks {
    fn execute(&self, future: F) {
        tokio::task::spawn_local(async move {
            future.await;
        });
    }
}

/// A stream whose bytes are counted.
struct Counted {
    stream: Stream,
    state: Rc<State>,
}

impl AsyncRead for Counted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        let bytes = buffer.filled().len() - before;
        let received = &self.state.received;
        received.set(received.get() + bytes as i64);
        self.state.heard.set(self.state.heard.get() || bytes > 0);
        read
    }
}

impl AsyncWrite for Counted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        if let Poll::Ready(Ok(bytes)) = &written {
            self.state.sent.set(self.state.sent.get() + *bytes as i64);
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
