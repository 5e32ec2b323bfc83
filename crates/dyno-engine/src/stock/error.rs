//! Why something that a scenario names is not to be had.

use std::ops::Range;
use std::path::PathBuf;

use crate::data::DataError;

/// A value that a scenario names is not to be had.
#[derive(Debug, thiserror::Error)]
pub enum StockError {
    /// A variable of the environment is missing.
    #[error("the environment has no variable {name}: set it, or give it under [env]")]
    Env {
        /// Its name.
        name: String,
        /// Where the scenario names it, in bytes.
        place: Range<usize>,
    },
    /// The variable of a secret is missing.
    #[error("the environment has no variable {variable} for the secret {name:?}: set it")]
    SecretEnv {
        /// The secret.
        name: String,
        /// The variable.
        variable: String,
    },
    /// The file of a secret cannot be read.
    #[error("could not read the secret {name:?} from {path}", path = path.display())]
    SecretFile {
        /// The secret.
        name: String,
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A value cannot be written where a template has it.
    #[error(
        "{what} cannot be written here: a header takes no control characters, JSON is UTF-8, \
         and `number` takes a number only"
    )]
    Unfit {
        /// Which value.
        what: String,
        /// Where the scenario names it, in bytes.
        place: Range<usize>,
    },
    /// Rows of data cannot be had.
    #[error("could not use the data {name:?}")]
    Data {
        /// Its name.
        name: String,
        /// Where a template first names it, in bytes.
        place: Range<usize>,
        /// Why.
        source: DataError,
    },
    /// The scenario was made by hand and names something that it does not have.
    #[error("a template names {what}, which the plan does not have")]
    Unknown {
        /// What it names.
        what: String,
        /// Where, in bytes.
        place: Range<usize>,
    },
}

impl StockError {
    /// Where the scenario names it, in bytes of its text, if it is known.
    pub fn place(&self) -> Option<&Range<usize>> {
        match self {
            Self::Env { place, .. }
            | Self::Unfit { place, .. }
            | Self::Data { place, .. }
            | Self::Unknown { place, .. } => Some(place),
            Self::SecretEnv { .. } | Self::SecretFile { .. } => None,
        }
    }
}
