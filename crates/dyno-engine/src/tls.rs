//! TLS as a client: who is believed, and the handshake.

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;

use dyno_result::FailureKind;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::client::Resumption;
use tokio_rustls::rustls::client::danger::{
    HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier,
};
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{
    self, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
};

use crate::address::{Protocol, Tls, Trust};
use crate::cause::handshake_failure;
use crate::limit::Limit;
use crate::socket::{Socket, Stream};
use crate::{Error, TlsError};

/// What every handshake needs, made once.
#[derive(Clone)]
pub(crate) struct Handshake {
    config: Arc<ClientConfig>,
    server_name: ServerName<'static>,
    protocol: &'static [u8],
}

impl Handshake {
    /// Reads the certificates of whoever is believed.
    pub(crate) fn new(tls: &Tls, protocol: Protocol) -> Result<Self, Error> {
        let failed = |error: TlsError| Error::Tls(error);
        let name = tls.server_name.clone();
        let server_name = ServerName::try_from(name)
            .map_err(|_| failed(TlsError::ServerName(tls.server_name.clone())))?;
        let provider = Arc::new(ring::default_provider());
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| failed(TlsError::Setup(error)))?;
        let mut config = match &tls.trust {
            Trust::System => builder.with_root_certificates(system().map_err(failed)?),
            Trust::File(path) => builder.with_root_certificates(file(path).map_err(failed)?),
            Trust::Anyone => builder
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(Anyone(provider))),
        }
        .with_no_client_auth();
        let protocol: &[u8] = match protocol {
            Protocol::Http1 => b"http/1.1",
            Protocol::Http2 { .. } => b"h2",
        };
        config.alpn_protocols = vec![protocol.to_vec()];
        // Every connection is that of a new client: a full handshake, and no
        // store of sessions that load threads would share.
        config.resumption = Resumption::disabled();
        Ok(Self {
            config: Arc::new(config),
            server_name,
            protocol,
        })
    }

    /// Shakes hands before `limit`.
    pub(crate) async fn shake(
        &self,
        socket: Socket,
        limit: &mut Limit,
    ) -> Result<Stream, FailureKind> {
        let connector = TlsConnector::from(Arc::clone(&self.config));
        let mut handshake = connector.connect(self.server_name.clone(), socket);
        let stream = limit
            .within(|context| Future::poll(std::pin::Pin::new(&mut handshake), context))
            .await
            .map_err(|_| FailureKind::TlsTimeout)?
            .map_err(|error| handshake_failure(&error))?;
        // Servers that know nothing of the negotiation speak HTTP/1.1.
        let agreed = stream.get_ref().1.alpn_protocol().unwrap_or(b"http/1.1");
        if agreed != self.protocol {
            return Err(FailureKind::H2NotOffered);
        }
        Ok(Stream::Tls(Box::new(stream)))
    }
}

impl fmt::Debug for Handshake {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.server_name.fmt(formatter)
    }
}

/// The authorities that this machine trusts. Single certificates that cannot be
/// read are left out.
fn system() -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        return Err(TlsError::NoAuthorities);
    }
    Ok(roots)
}

fn file(path: &Path) -> Result<RootCertStore, TlsError> {
    let unreadable = |source: io::Error| TlsError::File {
        path: path.to_owned(),
        source,
    };
    let text = std::fs::read(path).map_err(unreadable)?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&text) {
        let certificate = certificate.map_err(io::Error::other).map_err(unreadable)?;
        (roots.add(certificate))
            .map_err(io::Error::other)
            .map_err(unreadable)?;
    }
    if roots.is_empty() {
        return Err(unreadable(io::Error::other("no certificate in it")));
    }
    Ok(roots)
}

/// Believes every certificate; the signature of the handshake must still fit it.
#[derive(Debug)]
struct Anyone(Arc<CryptoProvider>);

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, cert, dss, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, cert, dss, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
