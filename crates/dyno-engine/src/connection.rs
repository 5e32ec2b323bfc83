//! Opens connections to an address, whatever is spoken on them.

use std::cell::RefCell;
use std::net::IpAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use dyno_result::FailureKind;

use crate::address::Protocol;
use crate::answer::{Answer, Familiar};
use crate::check::Verifier;
use crate::exchange::{Exchange, Reader};
use crate::http1::Http1;
use crate::http2::{Client, Shared};
use crate::limit::Limit;
use crate::request::Rendered;
use crate::route::Route;

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
        answer.expect(request.is_head);
        verifier.begin();
        match self {
            Self::Http1(connection) => {
                connection
                    .exchange(request, answer, verifier, limit, exchange)
                    .await
            }
            // Boxed to keep the tasks of HTTP/1.1 small; hyper allocates anyway.
            Self::Http2(client) => {
                let message = request.message.clone();
                let message = message.expect("requests are rendered for the protocol of the route");
                Box::pin(client.exchange(message, answer, verifier, limit, exchange)).await
            }
        }
    }
}
