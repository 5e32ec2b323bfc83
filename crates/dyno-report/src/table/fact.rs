//! Columns of what is told beside speed: of a whole run, and of hashes.

/// What a column shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fact {
    Listens,
    Ready,
    First,
    Stop,
    Idle,
    IdleShare,
    Peak,
    After,
    AfterShare,
    Code,
    Packed,
    Dependencies,
    Artefact,
    Build,
    Copies,
    Planned,
    PerHour,
    PerMillion,
    Instances,
    Hashes,
    HashCeiling,
    HashReached,
    HashTime,
}

impl Fact {
    /// The head of the column.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Listens => "listens",
            Self::Ready => "ready",
            Self::First => "first answer",
            Self::Stop => "stops in",
            Self::Idle => "idle RSS",
            Self::IdleShare => "idle PSS",
            Self::Peak => "peak RSS",
            Self::After => "after RSS",
            Self::AfterShare => "after PSS",
            Self::Code => "code lines",
            Self::Packed => "gzipped",
            Self::Dependencies => "dependencies",
            Self::Artefact => "artefact",
            Self::Build => "build",
            Self::Copies => "copies",
            Self::Planned => "planned req/s",
            Self::PerHour => "USD/hour",
            Self::PerMillion => "USD/million",
            Self::Instances => "for 1,000 req/s",
            Self::Hashes => "hashes/s",
            Self::HashCeiling => "hash-bound ceiling",
            Self::HashReached => "of ceiling",
            Self::HashTime => "one hash",
        }
    }
}
