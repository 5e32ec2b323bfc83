//! How large a target is: its own code, and what it depends on.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The files that a target's manifest calls its source, and its dependencies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Size {
    /// Lines of code of all files, without comments, documentation and blank lines;
    /// null when those of some file are not known.
    pub code_lines: Option<u64>,
    /// All files one after the other, compressed by gzip, bytes.
    pub gzip_bytes: u64,
    /// Each file, in the order of their paths.
    pub files: Vec<SourceFile>,
    /// Null when nothing tells of them.
    pub dependencies: Option<Dependencies>,
}

/// A file of a target's source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SourceFile {
    /// From the target's folder.
    pub path: String,
    /// Its language; null when it is not known.
    pub language: Option<String>,
    /// Lines of code; null when the language is not known.
    pub code_lines: Option<u64>,
}

/// What a target runs with besides its own code and its language's own library.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Dependencies {
    /// Those that the target names itself; null when that is not known.
    pub direct: Option<u32>,
    /// Those and all that they bring along.
    pub total: u32,
    /// What was counted: `cargo tree -e normal`, `modules in auth-gin`,
    /// `requirements.lock`.
    pub counted: String,
}
