//! The cause of an I/O error as a kind of failure, by the phase it arose in.

use std::io;

use dyno_result::FailureKind;
use nix::errno::Errno;
use tokio_rustls::rustls;

fn errno(error: &io::Error) -> Option<Errno> {
    error.raw_os_error().map(Errno::from_raw)
}

pub(crate) fn connect_failure(error: &io::Error) -> FailureKind {
    match errno(error) {
        // A Unix socket that is not there.
        Some(Errno::ECONNREFUSED | Errno::ENOENT) => FailureKind::ConnectRefused,
        Some(Errno::ECONNRESET | Errno::ECONNABORTED | Errno::EPIPE) => FailureKind::ConnectReset,
        Some(Errno::ETIMEDOUT) => FailureKind::ConnectTimeout,
        Some(Errno::ENETUNREACH | Errno::EHOSTUNREACH) => FailureKind::ConnectUnreachable,
        Some(Errno::EMFILE | Errno::ENFILE) => FailureKind::GeneratorOpenFiles,
        Some(Errno::EADDRNOTAVAIL | Errno::EADDRINUSE) => FailureKind::GeneratorPorts,
        Some(Errno::ENOBUFS | Errno::ENOMEM) => FailureKind::GeneratorMemory,
        _ => FailureKind::ConnectOther,
    }
}

/// Why a TLS handshake failed.
pub(crate) fn handshake_failure(error: &io::Error) -> FailureKind {
    use rustls::{AlertDescription, Error};
    match tls(error) {
        Some(Error::InvalidCertificate(_)) => FailureKind::TlsCertificate,
        Some(Error::AlertReceived(AlertDescription::NoApplicationProtocol)) => {
            FailureKind::H2NotOffered
        }
        _ if errno(error) == Some(Errno::ETIMEDOUT) => FailureKind::TlsTimeout,
        _ => FailureKind::TlsHandshake,
    }
}

pub(crate) fn send_failure(error: &io::Error) -> FailureKind {
    match errno(error) {
        Some(Errno::ECONNRESET | Errno::EPIPE) => FailureKind::SendReset,
        Some(Errno::ETIMEDOUT) => FailureKind::SendTimeout,
        Some(Errno::ENOBUFS | Errno::ENOMEM) => FailureKind::GeneratorMemory,
        None if tls(error).is_some() => FailureKind::TlsAlert,
        _ => FailureKind::SendOther,
    }
}

pub(crate) fn receive_failure(error: &io::Error) -> FailureKind {
    match errno(error) {
        Some(Errno::ECONNRESET | Errno::EPIPE) => FailureKind::ReceiveReset,
        Some(Errno::ETIMEDOUT) => FailureKind::ReceiveTimeout,
        None if tls(error).is_some() => FailureKind::TlsAlert,
        // TLS without its own goodbye: somebody may have cut the answer short.
        None if error.kind() == io::ErrorKind::UnexpectedEof => FailureKind::ReceiveEndEarly,
        // HTTP/2 keeps only the kind of error; a closed connection is this one.
        None if error.kind() == io::ErrorKind::BrokenPipe => FailureKind::ReceiveEndEarly,
        None if error.kind() == io::ErrorKind::ConnectionReset => FailureKind::ReceiveReset,
        _ => FailureKind::ReceiveOther,
    }
}

/// What TLS itself has to say.
fn tls(error: &io::Error) -> Option<&rustls::Error> {
    error.get_ref()?.downcast_ref()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_are_told_apart() {
        let check = |number: Errno, connect, send, receive| {
            let error = io::Error::from_raw_os_error(number as i32);
            let seen = (
                connect_failure(&error),
                send_failure(&error),
                receive_failure(&error),
            );
            assert_eq!(seen, (connect, send, receive), "{number}");
        };
        use FailureKind as K;
        check(
            Errno::ECONNREFUSED,
            K::ConnectRefused,
            K::SendOther,
            K::ReceiveOther,
        );
        check(
            Errno::ECONNRESET,
            K::ConnectReset,
            K::SendReset,
            K::ReceiveReset,
        );
        check(Errno::EPIPE, K::ConnectReset, K::SendReset, K::ReceiveReset);
        check(
            Errno::ETIMEDOUT,
            K::ConnectTimeout,
            K::SendTimeout,
            K::ReceiveTimeout,
        );
        check(
            Errno::EMFILE,
            K::GeneratorOpenFiles,
            K::SendOther,
            K::ReceiveOther,
        );
        check(
            Errno::EADDRNOTAVAIL,
            K::GeneratorPorts,
            K::SendOther,
            K::ReceiveOther,
        );
        check(
            Errno::ENETUNREACH,
            K::ConnectUnreachable,
            K::SendOther,
            K::ReceiveOther,
        );
    }

    #[test]
    fn what_tls_says_is_told_apart() {
        use FailureKind as K;
        use rustls::{AlertDescription, CertificateError, Error};
        let check = |error: Error, handshake, receive| {
            let error = io::Error::new(io::ErrorKind::InvalidData, error);
            let seen = (handshake_failure(&error), receive_failure(&error));
            assert_eq!(seen, (handshake, receive), "{error}");
        };
        let expired = Error::InvalidCertificate(CertificateError::Expired);
        check(expired, K::TlsCertificate, K::TlsAlert);
        let alert = Error::AlertReceived(AlertDescription::NoApplicationProtocol);
        check(alert, K::H2NotOffered, K::TlsAlert);
        let alert = Error::AlertReceived(AlertDescription::HandshakeFailure);
        check(alert, K::TlsHandshake, K::TlsAlert);
    }
}
