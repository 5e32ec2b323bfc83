//! A server of known behaviour that speaks HTTP/1.1 or HTTP/2, over TCP or a
//! Unix socket, with or without TLS. The path says what to answer.

use std::convert::Infallible;
use std::future::pending;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::Full;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedKey, IsCa, KeyPair, generate_simple_self_signed,
};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, UnixListener};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

mod frames;
/// The engine's own timer: the runtime's rounds to milliseconds, by a phase that
/// differs between protocols.
#[path = "../../../src/timer.rs"]
mod timer;

pub(crate) use frames::Habit;
use timer::Timer;

/// What a server speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Speaks {
    Http1,
    Http2,
    /// HTTP/2 that does something wrong to the fifth request of each connection.
    FifthGoes(Fault),
    /// HTTP/2 that ends each connection gracefully after so many requests, as the
    /// library does it: first it says that it will leave, then with which request.
    Retires(u32),
    /// HTTP/2 with a habit.
    Frames(Habit),
    /// Accepts and says nothing.
    Nothing,
}

/// What is done to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Its stream is reset.
    Reset,
    /// The connection is given up.
    Goaway,
    /// The connection is closed without a word.
    Close,
}

/// A server in a thread of its own, and what it has seen.
pub(crate) struct Speaker {
    pub(crate) address: SocketAddr,
    seen: Arc<Seen>,
}

#[derive(Default)]
struct Seen {
    connections: AtomicU64,
    requests: AtomicU64,
    refused: AtomicU64,
    peers: Mutex<Vec<IpAddr>>,
}

/// A certificate for `localhost` that signs itself.
pub(crate) fn certificate() -> CertifiedKey<KeyPair> {
    generate_simple_self_signed(["localhost".to_owned()]).unwrap()
}

/// The same as an authority, the way `openssl req -x509` makes it.
pub(crate) fn authority() -> CertifiedKey<KeyPair> {
    let signing_key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let cert = params.self_signed(&signing_key).unwrap();
    CertifiedKey { cert, signing_key }
}

impl Speaker {
    pub(crate) fn start(speaks: Speaks, tls: Option<&CertifiedKey<KeyPair>>) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Seen::default());
        let acceptor = tls.map(|certified| acceptor(speaks, certified));
        in_thread({
            let seen = Arc::clone(&seen);
            async move {
                let listener = TcpListener::from_std(listener).unwrap();
                while let Ok((stream, peer)) = listener.accept().await {
                    stream.set_nodelay(true).unwrap();
                    seen.peers.lock().unwrap().push(peer.ip());
                    let (seen, acceptor) = (Arc::clone(&seen), acceptor.clone());
                    tokio::spawn(async move {
                        seen.connections.fetch_add(1, Ordering::Relaxed);
                        match acceptor {
                            None => serve(stream, speaks, seen).await,
                            Some(_) if speaks == Speaks::Nothing => pending().await,
                            Some(acceptor) => {
                                if let Ok(stream) = acceptor.accept(stream).await {
                                    serve(stream, speaks, seen).await;
                                }
                            }
                        }
                    });
                }
            }
        });
        Self { address, seen }
    }

    /// The same at a Unix socket; its `address` leads nowhere.
    pub(crate) fn start_unix(speaks: Speaks, path: &Path) -> Self {
        let listener = std::os::unix::net::UnixListener::bind(path).unwrap();
        listener.set_nonblocking(true).unwrap();
        let seen = Arc::new(Seen::default());
        in_thread({
            let seen = Arc::clone(&seen);
            async move {
                let listener = UnixListener::from_std(listener).unwrap();
                while let Ok((stream, _)) = listener.accept().await {
                    seen.connections.fetch_add(1, Ordering::Relaxed);
                    tokio::spawn(serve(stream, speaks, Arc::clone(&seen)));
                }
            }
        });
        Self {
            address: SocketAddr::from(([127, 0, 0, 1], 1)),
            seen,
        }
    }

    pub(crate) fn connections(&self) -> u64 {
        self.seen.connections.load(Ordering::Relaxed)
    }

    pub(crate) fn requests(&self) -> u64 {
        self.seen.requests.load(Ordering::Relaxed)
    }

    /// Requests that came and were not processed.
    pub(crate) fn refused(&self) -> u64 {
        self.seen.refused.load(Ordering::Relaxed)
    }

    pub(crate) fn peers(&self) -> Vec<IpAddr> {
        self.seen.peers.lock().unwrap().clone()
    }
}

fn in_thread(work: impl Future<Output = ()> + Send + 'static) {
    std::thread::spawn(move || {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
            .block_on(work);
    });
}

fn acceptor(speaks: Speaks, certified: &CertifiedKey<KeyPair>) -> TlsAcceptor {
    let key = PrivateKeyDer::try_from(certified.signing_key.serialize_der()).unwrap();
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certified.cert.der().clone()], key)
        .unwrap();
    let protocol: &[u8] = match speaks {
        Speaks::Http1 | Speaks::Nothing => b"http/1.1",
        Speaks::Http2 | Speaks::FifthGoes(_) | Speaks::Retires(_) | Speaks::Frames(_) => b"h2",
    };
    config.alpn_protocols = vec![protocol.to_vec()];
    TlsAcceptor::from(Arc::new(config))
}

async fn serve(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    speaks: Speaks,
    seen: Arc<Seen>,
) {
    let service = service_fn(|request| answer(request, Arc::clone(&seen)));
    // What clients do to a connection in the end is their business.
    match speaks {
        Speaks::Http1 => {
            let builder = hyper::server::conn::http1::Builder::new();
            let _ = builder
                .serve_connection(TokioIo::new(stream), service)
                .await;
        }
        Speaks::Http2 => {
            let builder = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
            let _ = builder
                .serve_connection(TokioIo::new(stream), service)
                .await;
        }
        Speaks::FifthGoes(fault) => fifth_goes(stream, fault, &seen).await,
        Speaks::Retires(after) => retires(stream, after, &seen).await,
        Speaks::Frames(habit) => {
            let _ = frames::serve(stream, habit, &seen.requests, &seen.refused).await;
        }
        Speaks::Nothing => pending().await,
    }
}

/// Whether the n-th request of `/mixed` is slow, one in a hundred.
pub(crate) fn is_slow(number: u64) -> bool {
    number % 100 == 37
}

async fn answer(
    request: http::Request<hyper::body::Incoming>,
    seen: Arc<Seen>,
) -> Result<http::Response<Full<Bytes>>, Infallible> {
    let number = seen.requests.fetch_add(1, Ordering::Relaxed);
    let is_timed = request.uri().path() == "/timing";
    let (status, body) = match request.uri().path() {
        "/ok" | "/timing" => (200, Bytes::from_static(b"ok")),
        "/large" => (200, Bytes::from(vec![b'x'; 1_000_000])),
        "/404" => (404, Bytes::new()),
        "/hangs" if number % 10 == 9 => pending().await,
        "/hangs" => {
            tokio::time::sleep(Duration::from_millis(2)).await;
            (200, Bytes::from_static(b"ok"))
        }
        "/mixed" => {
            let ms = if is_slow(number) { 200 } else { 50 };
            let at = Instant::now() + Duration::from_millis(ms);
            Timer::new().unwrap().sleep_until(at).await.unwrap();
            (200, Bytes::from_static(b"ok"))
        }
        other => panic!("no such path {other}"),
    };
    let mut response = http::Response::new(Full::new(body));
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
    if is_timed {
        // A field of two metrics, and one of its own.
        for value in [
            "db;dur=0.002, hash;desc=\"a, b\";dur=0.001",
            "app;dur=0.004",
        ] {
            let value = http::HeaderValue::from_static(value);
            response.headers_mut().append("server-timing", value);
        }
    }
    Ok(response)
}

async fn fifth_goes(stream: impl AsyncRead + AsyncWrite + Unpin, fault: Fault, seen: &Arc<Seen>) {
    let mut connection = h2::server::handshake(stream).await.unwrap();
    let mut number = 0;
    while let Some(Ok((_, mut respond))) = connection.accept().await {
        seen.requests.fetch_add(1, Ordering::Relaxed);
        number += 1;
        match fault {
            _ if number % 5 != 0 => {
                let mut body = respond
                    .send_response(http::Response::new(()), false)
                    .unwrap();
                body.send_data(Bytes::from_static(b"ok"), true).unwrap();
            }
            Fault::Reset => respond.send_reset(h2::Reason::INTERNAL_ERROR),
            Fault::Goaway => connection.abrupt_shutdown(h2::Reason::ENHANCE_YOUR_CALM),
            Fault::Close => return,
        }
    }
}

async fn retires(stream: impl AsyncRead + AsyncWrite + Unpin, after: u32, seen: &Arc<Seen>) {
    let mut connection = h2::server::handshake(stream).await.unwrap();
    let mut number = 0;
    while let Some(Ok((_, mut respond))) = connection.accept().await {
        seen.requests.fetch_add(1, Ordering::Relaxed);
        number += 1;
        if number == after {
            connection.graceful_shutdown();
        }
        let response = http::Response::new(());
        let mut body = respond.send_response(response, false).unwrap();
        body.send_data(Bytes::from_static(b"ok"), true).unwrap();
    }
}
