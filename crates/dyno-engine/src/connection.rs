//! Opens connections to an address, whatever is spoken on them.

use std::cell::RefCell;
use std::net::IpAddr;
use std::pin::pin;
use std::rc::Rc;
use std::time::{Duration, Instant};

use dyno_result::FailureKind;

use crate::Error;
use crate::address::{Address, Endpoint, Protocol};
use crate::answer::{Answer, Familiar};
use crate::cause::connect_failure;
use crate::check::Verifier;
use crate::http1::Http1;
use crate::http2::{Client, Shared};
use crate::limit::Limit;
use crate::request::Rendered;
use crate::socket::{self, Stream};
use crate::tls::Handshake;

/// What all connections of a thread read with.
#[derive(Debug)]
pub(crate) struct Reader {
    /// Answers are parsed in place; only incomplete heads are copied.
    pub(crate) buffer: Box<[u8]>,
    pub(crate) familiar: Familiar,
}

/// The way to an address, ready to be taken.
#[derive(Debug, Clone)]
pub(crate) struct Route {
    endpoint: Endpoint,
    handshake: Option<Handshake>,
    protocol: Protocol,
    sources: Vec<IpAddr>,
}

impl Route {
    pub(crate) fn new(address: &Address) -> Result<Self, Error> {
        let handshake = address.tls.as_ref();
        let handshake = handshake.map(|tls| Handshake::new(tls, address.protocol));
        Ok(Self {
            endpoint: address.endpoint.clone(),
            handshake: handshake.transpose()?,
            protocol: address.protocol,
            sources: address.sources.clone(),
        })
    }

    /// The same way for a thread before which others have `connections`: it
    /// goes on where they end in the list of source addresses.
    pub(crate) fn after(mut self, connections: u64) -> Self {
        if let count @ 1.. = self.sources.len() {
            self.sources
                .rotate_left((connections % count as u64) as usize);
        }
        self
    }

    /// Opens a stream before `limit`, handshakes included.
    pub(crate) async fn dial(
        &self,
        source: Option<IpAddr>,
        limit: &mut Limit,
    ) -> Result<Stream, FailureKind> {
        let mut connecting = pin!(async {
            match &self.endpoint {
                Endpoint::Tcp(address) => socket::tcp(*address, source).await,
                Endpoint::Unix(path) => socket::unix(path).await,
            }
        });
        let socket = limit
            .within(|context| connecting.as_mut().poll(context))
            .await
            .map_err(|_| FailureKind::ConnectTimeout)?
            .map_err(|error| connect_failure(&error))?;
        match &self.handshake {
            None => Ok(Stream::Plain(socket)),
            Some(handshake) => handshake.shake(socket, limit).await,
        }
    }
}

/// What a worker opens its connections with.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    reader: Rc<RefCell<Reader>>,
    source: Option<IpAddr>,
    /// The HTTP/2 connection that this line is one stream of.
    shared: Option<Rc<Shared>>,
}

/// The lines of a thread with so many connections: one for each request at a
/// time.
pub(crate) fn lines(route: &Route, connections: u32) -> Vec<Line> {
    // Large enough for most answers in one call.
    let reader = Rc::new(RefCell::new(Reader {
        buffer: vec![0; 64 * 1024].into_boxed_slice(),
        familiar: Familiar::default(),
    }));
    let (streams, is_shared) = match route.protocol {
        Protocol::Http1 => (1, false),
        Protocol::Http2 { streams } => (streams.max(1), true),
    };
    let mut sources = route.sources.iter().copied().cycle();
    let connections: Vec<Line> = (0..connections)
        .map(|_| Line {
            reader: Rc::clone(&reader),
            source: sources.next(),
            shared: is_shared.then(Rc::default),
        })
        .collect();
    // Neighbours are on different connections, so that few requests spread out.
    let count = connections.len() * streams as usize;
    connections.into_iter().cycle().take(count).collect()
}

/// An open connection, or one stream of it.
#[derive(Debug)]
pub(crate) enum Connection {
    Http1(Http1),
    Http2(Client),
}

/// A connection and how long it took to open, handshakes included; no time if
/// another stream had opened it. Or why there is none.
pub(crate) type Opened = Result<(Connection, Option<Duration>), FailureKind>;

/// One request sent and its answer received.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Exchange {
    /// When the first byte of the answer was there.
    pub(crate) first_byte: Option<Instant>,
    /// How long it may have been there before.
    pub(crate) loop_delay: Duration,
    /// When the last one was there.
    pub(crate) end: Option<Instant>,
    /// Bytes written, before encryption.
    pub(crate) sent: u64,
    /// Bytes read, after decryption.
    pub(crate) received: u64,
    /// The connection can carry another request.
    pub(crate) reusable: bool,
    /// There is no answer, and the server surely did not process the request: it
    /// may be sent again.
    pub(crate) unprocessed: bool,
}

/// Opens a connection before `limit`.
pub(crate) async fn connect(route: &Route, line: &Line, limit: &mut Limit) -> Opened {
    if let Some(shared) = &line.shared {
        let (client, time) = shared.client(route, line.source, limit).await?;
        return Ok((Connection::Http2(client), time));
    }
    let begin = Instant::now();
    let stream = route.dial(line.source, limit).await?;
    let connection = Connection::Http1(Http1::new(stream, Rc::clone(&line.reader)));
    Ok((connection, Some(begin.elapsed())))
}

impl Connection {
    /// Whether it can still be used, as far as is known here.
    pub(crate) fn is_open(&self) -> bool {
        match self {
            Self::Http1(_) => true,
            Self::Http2(client) => client.is_open(),
        }
    }

    /// Sends `request` and receives its answer, as far as it goes: `exchange`
    /// tells how far that was. Whether the answer is right is left to `verifier`.
    pub(crate) async fn exchange(
        &mut self,
        request: &Rendered,
        verifier: &mut Verifier<'_>,
        answer: &mut Answer,
        limit: &mut Limit,
        exchange: &mut Exchange,
    ) -> Result<(), FailureKind> {
        match self {
            Self::Http1(connection) => {
                (connection.exchange(request, verifier, answer, limit, exchange)).await
            }
            // Boxed to keep the tasks of HTTP/1.1 small; hyper allocates anyway.
            Self::Http2(client) => {
                Box::pin(client.exchange(request, verifier, answer, limit, exchange)).await
            }
        }
    }
}
