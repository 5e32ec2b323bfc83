//! The way to an address: what is dialled, and with which handshakes.

use std::net::IpAddr;
use std::pin::pin;

use dyno_result::FailureKind;

use crate::Error;
use crate::address::{Address, Endpoint, Protocol};
use crate::cause::connect_failure;
use crate::limit::Limit;
use crate::socket::{self, Stream};
use crate::tls::Handshake;

/// The way to an address, ready to be taken.
#[derive(Debug, Clone)]
pub(crate) struct Route {
    endpoint: Endpoint,
    handshake: Option<Handshake>,
    pub(crate) protocol: Protocol,
    pub(crate) sources: Vec<IpAddr>,
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
