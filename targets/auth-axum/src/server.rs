//! Connections: accepted, served, and closed when it is time to stop.
//!
//! `axum::serve` has no limit for idle connections and slow heads; this is its
//! loop with one, as axum's documentation suggests for whoever needs settings.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::http::Request;
use axum::serve::{Listener, ListenerExt};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpSocket};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tower::Service;

/// `TcpListener::bind` would listen with a backlog of 128.
const BACKLOG: u32 = 4096;

/// From the end of an answer, or the connect, to the end of the next head.
const IDLE: Duration = Duration::from_secs(75);

/// Listens at `address`.
pub(crate) fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Serves until `stop`, then lets requests in flight end for as long as
/// `patience`. Nothing of `app` is left when it returns.
pub(crate) async fn serve(
    listener: TcpListener,
    app: Router,
    stop: impl Future<Output = ()>,
    patience: Duration,
) {
    let mut listener = listener.tap_io(|stream| {
        // A connection that is gone already cannot be set; it ends by itself.
        let _ = stream.set_nodelay(true);
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(IDLE);
    let graceful = GracefulShutdown::new();
    let mut connections = JoinSet::new();

    tokio::pin!(stop);
    loop {
        tokio::select! {
            (stream, peer) = listener.accept() => {
                let app = app.clone();
                let service = service_fn(move |mut request: Request<Incoming>| {
                    request.extensions_mut().insert(ConnectInfo::<SocketAddr>(peer));
                    app.clone().call(request)
                });
                let connection = http.serve_connection(TokioIo::new(stream), service);
                connections.spawn(graceful.watch(connection));
            }
            // How a connection ended is its client's business.
            Some(_) = connections.join_next() => {}
            () = &mut stop => break,
        }
    }
    drop(listener);
    if timeout(patience, graceful.shutdown()).await.is_err() {
        tracing::warn!("gave up on requests in flight");
    }
    connections.shutdown().await;
}
