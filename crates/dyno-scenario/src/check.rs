//! What a right answer looks like.

use std::time::Duration;

/// One thing that must hold of an answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Check {
    /// The status is one of these.
    Status(Vec<StatusRange>),
    /// The body is this, byte for byte.
    BodyEquals(Vec<u8>),
    /// These bytes stand in it.
    BodyContains(Vec<u8>),
    /// This regular expression matches somewhere in it.
    BodyMatches(String),
    /// Its size in bytes, decoded from chunks; both ends included.
    BodyBytes(u64, u64),
    /// A header, its name in lower case.
    Header(String, Text),
    /// What the JSONPath (RFC 9535) selects.
    Json(String, Node),
    /// The service time is at most this.
    Within(Duration),
}

/// Statuses from one to another, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatusRange {
    /// The lowest, at least 100.
    pub low: u16,
    /// The highest, at most 599.
    pub high: u16,
}

/// What must hold of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Text {
    /// It is there.
    Exists,
    /// It is this.
    Equals(String),
    /// This stands in it.
    Contains(String),
    /// This regular expression matches somewhere in it.
    Matches(String),
}

/// What must hold of the nodes that a JSONPath selects.
#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// There is one, or there is none.
    Exists(bool),
    /// The first is this value.
    Equals(serde_json::Value),
    /// The first is of this type.
    Type(JsonType),
    /// There are so many, both ends included.
    Count(u64, u64),
}

/// A type of JSON value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JsonType {
    /// `null`
    Null,
    /// `true` or `false`
    Boolean,
    /// A number without a fraction.
    Integer,
    /// Any number.
    Number,
    /// A text.
    String,
    /// A list.
    Array,
    /// An object.
    Object,
}
