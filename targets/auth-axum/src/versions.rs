//! What this program was built with.

use std::collections::BTreeMap;

/// Of which crates the version is told.
const REPORTED: &[&str] = &[
    "axum",
    "bcrypt",
    "governor",
    "hyper",
    "jsonwebtoken",
    "serde_json",
    "tokio",
    "tower-http",
];

const DRIVER: &[&str] = if cfg!(feature = "sqlx") {
    &["sqlx"]
} else {
    &["deadpool-postgres", "tokio-postgres"]
};

/// Prints it as JSON.
pub(crate) fn print() -> anyhow::Result<()> {
    println!("{}", serde_json::to_string(&versions())?);
    Ok(())
}

/// Versions by name: the compiler's, and those of the lock file that cargo,
/// called with `--locked`, kept to.
fn versions() -> BTreeMap<&'static str, &'static str> {
    let lock = include_str!("../Cargo.lock");
    let packages = lock.split("[[package]]\n").filter_map(|package| {
        let mut lines = package.lines();
        let name = lines.next()?.strip_prefix("name = \"")?.strip_suffix('"')?;
        let version = lines.next()?.strip_prefix("version = \"")?;
        Some((name, version.strip_suffix('"')?))
    });
    let mut versions: BTreeMap<_, _> = packages
        .filter(|(name, _)| REPORTED.contains(name) || DRIVER.contains(name))
        .collect();
    versions.insert("rust", env!("RUSTC_VERSION"));
    versions
}
