//! Where the load goes and how it gets there: plain data.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

/// Where the load goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// What connections are opened to.
    pub endpoint: Endpoint,
    /// `host:port` for the `Host` field, or `:authority` of HTTP/2.
    pub authority: String,
    /// How connections are encrypted; none for plain HTTP.
    pub tls: Option<Tls>,
    /// What is spoken on them.
    pub protocol: Protocol,
    /// Local addresses that connections start from, in turn; none for the
    /// kernel's choice. Of no use for a Unix socket.
    pub sources: Vec<IpAddr>,
}

impl Address {
    /// Plain HTTP/1.1 over TCP.
    pub fn plain(socket: SocketAddr, authority: impl Into<String>) -> Self {
        Self {
            endpoint: Endpoint::Tcp(socket),
            authority: authority.into(),
            tls: None,
            protocol: Protocol::Http1,
            sources: Vec::new(),
        }
    }
}

/// What connections are opened to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Endpoint {
    /// Address and port.
    Tcp(SocketAddr),
    /// Path of a Unix socket.
    Unix(PathBuf),
}

/// How connections are encrypted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// Host name or IP address that the certificate must be for.
    pub server_name: String,
    /// Who is believed.
    pub trust: Trust,
}

/// Whose certificates are believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trust {
    /// Those signed by an authority that this machine trusts.
    System,
    /// Those signed by an authority in this PEM file, and no other.
    File(PathBuf),
    /// Every certificate: nothing is verified.
    Anyone,
}

/// What is spoken on a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// HTTP/1.1, one request at a time.
    Http1,
    /// HTTP/2: agreed on in the TLS handshake, or by prior knowledge without TLS.
    Http2 {
        /// Requests at a time on each connection, 1 and up: a step with `c`
        /// connections has up to `c * streams` requests in flight.
        streams: u32,
    },
}
