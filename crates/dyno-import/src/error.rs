//! Why a text could not be made into a scenario, and the way out.

/// Why a text could not be made into a scenario.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The text is not what it was said to be.
    #[error("line {line}: {message}")]
    Malformed {
        /// Where, from 1.
        line: usize,
        /// What is wrong.
        message: String,
        /// The way out.
        hint: String,
    },
    /// It asks for something that dyno cannot do, or cannot know.
    #[error("line {line}: {message}")]
    Unsupported {
        /// Where, from 1.
        line: usize,
        /// What.
        message: String,
        /// The way out.
        hint: String,
    },
    /// A part of a description does not fit the rest.
    #[error("{place}: {message}")]
    Inconsistent {
        /// The way to it, from the root: `paths./users.get`.
        place: String,
        /// What is wrong.
        message: String,
        /// The way out.
        hint: String,
    },
    /// There is nothing in it that could be asked.
    #[error("{message}")]
    Nothing {
        /// What was looked for.
        message: String,
        /// The way out.
        hint: String,
    },
}

impl Error {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> &str {
        match self {
            Self::Malformed { hint, .. }
            | Self::Unsupported { hint, .. }
            | Self::Inconsistent { hint, .. }
            | Self::Nothing { hint, .. } => hint,
        }
    }

    pub(crate) fn malformed(
        line: usize,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        let (message, hint) = (message.into(), hint.into());
        Self::Malformed {
            line,
            message,
            hint,
        }
    }

    pub(crate) fn unsupported(
        line: usize,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        let (message, hint) = (message.into(), hint.into());
        Self::Unsupported {
            line,
            message,
            hint,
        }
    }

    pub(crate) fn nothing(message: impl Into<String>, hint: impl Into<String>) -> Self {
        let (message, hint) = (message.into(), hint.into());
        Self::Nothing { message, hint }
    }
}
