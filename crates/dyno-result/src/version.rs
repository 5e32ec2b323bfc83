//! The version of the stored schema and which files this program can read.

use thiserror::Error;

/// Name of the stored structure, without its version.
pub const SCHEMA: &str = "dyno-result";

/// Version of what this program writes. A larger minor only adds fields; a
/// larger major changes their meaning and comes with a migration.
pub const SCHEMA_VERSION: &str = "1.4.0";

/// Why a file was refused.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum VersionError {
    /// Some other JSON.
    #[error("not a dyno result: `schema` is {0:?}, wanted {SCHEMA:?}")]
    NotAResult(String),
    /// Written by a newer dyno.
    #[error(
        "the result has schema version {found}, this dyno reads up to {SCHEMA_VERSION}: \
         read it with a newer dyno"
    )]
    Newer {
        /// Version in the file.
        found: String,
    },
    /// Not a version at all.
    #[error("`schema_version` is {0:?}, wanted something like {SCHEMA_VERSION:?}")]
    Malformed(String),
}

/// Whether a file with this envelope can be read.
pub(crate) fn accept(schema: &str, version: &str) -> Result<(), VersionError> {
    if schema != SCHEMA {
        return Err(VersionError::NotAResult(schema.to_owned()));
    }
    let major = |version: &str| version.split('.').next()?.parse::<u32>().ok();
    let malformed = || VersionError::Malformed(version.to_owned());
    let found = major(version).ok_or_else(malformed)?;
    let ours = major(SCHEMA_VERSION).ok_or_else(malformed)?;
    if found > ours {
        return Err(VersionError::Newer {
            found: version.to_owned(),
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn newer_minors_are_read_and_newer_majors_refused() {
        assert_eq!(accept(SCHEMA, "1.0.0"), Ok(()));
        assert_eq!(accept(SCHEMA, "1.7.2"), Ok(()));
        let found = "2.0.0".to_owned();
        assert_eq!(accept(SCHEMA, "2.0.0"), Err(VersionError::Newer { found }));
        assert!(matches!(
            accept(SCHEMA, "x"),
            Err(VersionError::Malformed(_))
        ));
        assert!(matches!(
            accept("other", "1.0.0"),
            Err(VersionError::NotAResult(_))
        ));
    }
}
