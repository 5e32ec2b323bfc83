//! Kinds of failed request: a closed list of phase and cause.
//!
//! A *failure* is data about the target: an answer wrong, late or absent. The
//! `generator.*` kinds are dyno's own limits and are kept apart from it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How often a kind was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FailureCount {
    /// The kind.
    pub kind: FailureKind,
    /// Requests.
    pub count: u64,
}

impl FailureCount {
    /// The kinds that were seen, most frequent first. `counts` is in the order of
    /// [`FailureKind::ALL`].
    pub fn of(counts: &[u64]) -> Vec<Self> {
        let kinds = FailureKind::ALL.iter().zip(counts);
        let mut seen: Vec<Self> = kinds
            .filter(|(_, count)| **count > 0)
            .map(|(&kind, &count)| Self { kind, count })
            .collect();
        seen.sort_by_key(|failure| std::cmp::Reverse(failure.count));
        seen
    }
}

/// On whose side a failure arose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// The backend answered wrongly, late or not at all.
    Target,
    /// Between the two: unreachable, no route.
    Network,
    /// dyno or its machine ran out of something.
    Generator,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $id:literal, $fault:ident;)*) => {
        /// What went wrong with a request, by phase and cause. The strings are
        /// stable: they stand in result files.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        pub enum FailureKind { $($(#[$doc])* #[serde(rename = $id)] $name,)* }

        impl FailureKind {
            /// Every kind, in the order of a request's life.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The stable name, `phase.cause`.
            pub fn id(self) -> &'static str { match self { $(Self::$name => $id,)* } }

            /// On whose side it arose.
            pub fn fault(self) -> Fault { match self { $(Self::$name => Fault::$fault,)* } }
        }
    };
}

kinds! {
    /// Nobody listens there.
    ConnectRefused = "connect.refused", Target;
    /// The connection was reset before it was up.
    ConnectReset = "connect.reset", Target;
    /// No connection within the time limit.
    ConnectTimeout = "connect.timeout", Target;
    /// No way to that host or network.
    ConnectUnreachable = "connect.unreachable", Network;
    /// Any other way of not connecting.
    ConnectOther = "connect.other", Network;
    /// The certificate is not trusted, not valid now, or for another name.
    TlsCertificate = "tls.certificate", Target;
    /// Any other way of not agreeing on encryption.
    TlsHandshake = "tls.handshake", Target;
    /// No agreement on encryption within the time limit.
    TlsTimeout = "tls.timeout", Target;
    /// The server does not offer HTTP/2 in the TLS handshake.
    H2NotOffered = "h2.not_offered", Target;
    /// Reset or closed while the request was written.
    SendReset = "send.reset", Target;
    /// The request could not be written within the time limit.
    SendTimeout = "send.timeout", Target;
    /// Any other way of not being able to write.
    SendOther = "send.other", Network;
    /// Reset before the answer was complete.
    ReceiveReset = "receive.reset", Target;
    /// Closed before the answer was complete.
    ReceiveEndEarly = "receive.end_early", Target;
    /// Closed or reset before the first byte on a connection that had already
    /// answered: the keep-alive race.
    ReceiveStaleKeepalive = "receive.stale_keepalive", Target;
    /// No complete answer within the time limit.
    ReceiveTimeout = "receive.timeout", Target;
    /// Any other way of not being able to read.
    ReceiveOther = "receive.other", Network;
    /// Encryption broken off by an alert or a bad record.
    TlsAlert = "tls.alert", Target;
    /// The server gave up the HTTP/2 connection (GOAWAY) without an answer to
    /// this request.
    H2Goaway = "h2.goaway", Target;
    /// The server reset the HTTP/2 stream.
    H2Reset = "h2.reset", Target;
    /// Against the rules of HTTP/2, or closed without one frame of it.
    H2Protocol = "h2.protocol", Target;
    /// Not HTTP/1.x, or framing that contradicts itself.
    HttpMalformed = "http.malformed", Target;
    /// The head is larger than dyno's buffer or has too many fields.
    HttpHeadTooLarge = "http.head_too_large", Target;
    /// Bytes beyond the end of the answer.
    HttpExtraBytes = "http.extra_bytes", Target;
    /// The connection was switched to another protocol, which was not asked for.
    HttpUpgrade = "http.upgrade", Target;
    /// A 4xx status that was not expected.
    Status4xx = "status.4xx", Target;
    /// A 5xx status that was not expected.
    Status5xx = "status.5xx", Target;
    /// Any other status that was not expected.
    StatusOther = "status.other", Target;
    /// The body is not the expected one.
    CheckBody = "check.body", Target;
    /// A header is not the expected one.
    CheckHeader = "check.header", Target;
    /// Right, but later than the scenario allows.
    CheckTime = "check.time", Target;
    /// There is no value where one is to be captured.
    CheckCapture = "check.capture", Target;
    /// No row of data left, where the scenario wants that to be a failure; or it
    /// could not be read any more.
    GeneratorData = "generator.data", Generator;
    /// A value cannot be written where a template has it.
    GeneratorTemplate = "generator.template", Generator;
    /// No file descriptor left for a socket.
    GeneratorOpenFiles = "generator.open_files", Generator;
    /// No local port left for a connection.
    GeneratorPorts = "generator.ports", Generator;
    /// The kernel had no memory left for a socket.
    GeneratorMemory = "generator.memory", Generator;
}

impl FailureKind {
    /// The phase of a request's life in which it happened: `receive`.
    pub fn phase(self) -> &'static str {
        self.id().split_once('.').map_or("", |(phase, _)| phase)
    }

    /// What happened there: `reset`.
    pub fn cause(self) -> &'static str {
        self.id().split_once('.').map_or("", |(_, cause)| cause)
    }

    /// Whether there was no connection yet on which to send.
    pub fn is_before_sending(self) -> bool {
        matches!(self.phase(), "connect" | "tls" | "generator")
    }

    /// Whether the answer is known only to be later than the time limit.
    pub fn is_timeout(self) -> bool {
        matches!(
            self,
            Self::ConnectTimeout | Self::TlsTimeout | Self::SendTimeout | Self::ReceiveTimeout
        )
    }

    /// Whether there was a complete answer, though a wrong one.
    pub fn is_answer(self) -> bool {
        self.id().starts_with("status.") || self.id().starts_with("check.")
    }

    /// Position in [`Self::ALL`], for arrays of counters.
    pub fn index(self) -> usize {
        self as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_survive_a_round_trip() {
        for (index, kind) in FailureKind::ALL.iter().enumerate() {
            assert_eq!(kind.index(), index);
            let text = serde_json::to_string(kind).unwrap();
            assert_eq!(text, format!("{:?}", kind.id()));
            assert_eq!(serde_json::from_str::<FailureKind>(&text).unwrap(), *kind);
            assert_eq!(format!("{}.{}", kind.phase(), kind.cause()), kind.id());
            let is_own = kind.fault() == Fault::Generator;
            assert_eq!(is_own, kind.phase() == "generator", "{}", kind.id());
        }
        let mut ids: Vec<_> = FailureKind::ALL.iter().map(|kind| kind.id()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), FailureKind::ALL.len());
    }
}
