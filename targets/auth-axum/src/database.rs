//! The table of users: every statement, and behind `Database` the driver that
//! runs them on a pool of fixed size.

#[cfg(feature = "sqlx")]
mod sqlx;
#[cfg(not(feature = "sqlx"))]
mod tokio_postgres;

#[cfg(feature = "sqlx")]
pub(crate) use sqlx::Database;
#[cfg(not(feature = "sqlx"))]
pub(crate) use tokio_postgres::Database;

const PING: &str = "SELECT 1";
const INSERT: &str = "INSERT INTO users (email, name, password_hash) VALUES ($1, $2, $3) \
    RETURNING id, email, name, created_at, updated_at";
const CREDENTIALS: &str = "SELECT id, password_hash FROM users WHERE email = $1";
const BY_ID: &str = "SELECT id, email, name, created_at, updated_at FROM users WHERE id = $1";
const RENAME: &str = "UPDATE users SET name = $2, updated_at = now() WHERE id = $1 \
    RETURNING id, email, name, created_at, updated_at";
const DELETE: &str = "DELETE FROM users WHERE id = $1 RETURNING id";
const PUBLIC: &str = "SELECT id, name, created_at FROM users WHERE id = $1";
const PAGE: &str = "SELECT id, name, created_at FROM users WHERE id > $1 ORDER BY id LIMIT $2";
