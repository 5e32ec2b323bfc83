//! The commands: one function a file.

pub(crate) mod check;
pub(crate) mod db;
pub(crate) mod doctor;
pub(crate) mod hit;
pub(crate) mod import;
pub(crate) mod man;
pub(crate) mod report;
pub(crate) mod run;
pub(crate) mod schema;
pub(crate) mod self_test;
pub(crate) mod targets;
