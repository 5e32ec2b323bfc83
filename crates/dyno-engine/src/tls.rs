//! TLS as a client: who is believed, and the handshake.

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;

use dyno_result::FailureKind;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::client::danger::{
    HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier,
};
use tokio_rustls::rustls::client::{Resumption, WebPkiServerVerifier, verify_server_name};
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::server::ParsedCertificate;
use tokio_rustls::rustls::{
    self, CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
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
            Trust::File(path) => {
                let named = Named::new(file(path).map_err(failed)?, Arc::clone(&provider));
                let believer = Believer::new(Some(named.map_err(failed)?), provider);
                builder
                    .dangerous()
                    .with_custom_certificate_verifier(believer)
            }
            Trust::Anyone => builder
                .dangerous()
                .with_custom_certificate_verifier(Believer::new(None, provider)),
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

fn file(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let unreadable = |source: io::Error| TlsError::File {
        path: path.to_owned(),
        source,
    };
    let text = std::fs::read(path).map_err(unreadable)?;
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(&text)
        .collect::<Result<_, _>>()
        .map_err(|error| unreadable(io::Error::other(error)))?;
    if certificates.is_empty() {
        return Err(unreadable(io::Error::other("no certificate in it")));
    }
    Ok(certificates)
}

/// Believes the authorities of a file, and a server that shows a certificate of
/// that file: `openssl req -x509` makes it an authority, which a server's
/// otherwise must not be. curl accepts it, too.
#[derive(Debug)]
struct Named {
    authorities: Arc<WebPkiServerVerifier>,
    certificates: Vec<CertificateDer<'static>>,
}

impl Named {
    fn new(
        certificates: Vec<CertificateDer<'static>>,
        provider: Arc<CryptoProvider>,
    ) -> Result<Self, TlsError> {
        let mut roots = RootCertStore::empty();
        for certificate in &certificates {
            roots.add(certificate.clone()).map_err(TlsError::Setup)?;
        }
        let builder = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider);
        let authorities = builder
            .build()
            .map_err(|error| TlsError::Setup(rustls::Error::General(error.to_string())))?;
        Ok(Self {
            authorities,
            certificates,
        })
    }
}

/// Believes who is named, or without names everyone; the signature of the handshake
/// must fit the certificate in any case.
#[derive(Debug)]
struct Believer {
    named: Option<Named>,
    provider: Arc<CryptoProvider>,
}

impl Believer {
    fn new(named: Option<Named>, provider: Arc<CryptoProvider>) -> Arc<Self> {
        Arc::new(Self { named, provider })
    }
}

impl ServerCertVerifier for Believer {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let Some(named) = &self.named else {
            return Ok(ServerCertVerified::assertion());
        };
        let verified = named.authorities.verify_server_cert(
            end_entity,
            intermediates,
            server_name,
            ocsp_response,
            now,
        );
        match verified {
            // Its time was looked at before, its name was not.
            Err(rustls::Error::InvalidCertificate(CertificateError::Other(_)))
                if named.certificates.contains(end_entity) =>
            {
                verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
                Ok(ServerCertVerified::assertion())
            }
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, cert, dss, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, cert, dss, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}
