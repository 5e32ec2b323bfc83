//! Contract auth/1 with axum.
//!
//! This file starts the parts and stops them in order; `routes.rs` is the map.

mod auth;
mod config;
mod database;
mod errors;
mod health;
mod limiter;
mod password;
mod routes;
mod server;
mod tasks;
mod timing;
mod token;
mod users;
mod validate;
mod versions;
mod webhooks;

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::signal::unix::{SignalKind, signal};

use config::Config;
use database::Database;
use limiter::Limiter;
use password::Hasher;
use tasks::Queue;
use token::Tokens;

/// How long requests in flight, and then queued tasks, may take to end after
/// SIGTERM.
const PATIENCE: Duration = Duration::from_secs(5);

/// What the handlers share.
struct Api {
    users: Database,
    passwords: Hasher,
    tokens: Tokens,
    tasks: Queue,
}

/// Serves until SIGTERM or an interrupt.
async fn run(config: Config) -> anyhow::Result<()> {
    let mut terminated = signal(SignalKind::terminate())?;
    let mut interrupted = signal(SignalKind::interrupt())?;
    let stop = async move {
        tokio::select! {
            _ = terminated.recv() => {}
            _ = interrupted.recv() => {}
        }
    };

    let users = Database::open(&config.database_url, config.pool_size).await;
    let users = users.context("could not open the database")?;
    let passwords = Hasher::new(config.bcrypt_cost, config.hash_parallelism)?;
    let tokens = Tokens::new(&config.jwt_secret, config.jwt_ttl_s);
    let (tasks, deliverers) = tasks::start(&config.sink, config.queue_size, config.queue_workers);
    let limiter = Limiter::new(config.rate_rps, config.rate_burst, config.trust_proxy);
    let api = Api {
        users,
        passwords,
        tokens,
        tasks,
    };
    let app = routes::routes(Arc::new(api), Arc::new(limiter), config.server_timing);

    let listener = server::listen(config.address)
        .with_context(|| format!("could not listen at {}", config.address))?;
    server::serve(listener, app, stop, PATIENCE).await;
    // The last handler is gone, and with it whoever could queue a task.
    deliverers.drain(PATIENCE).await;
    Ok(())
}

fn main() -> anyhow::Result<()> {
    if std::env::args().nth(1).as_deref() == Some("versions") {
        return versions::print();
    }
    let config = Config::read(|name| std::env::var(name).ok())?;
    tracing_subscriber::fmt()
        .with_max_level(config.log_level)
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .init();
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(config.workers)
        .enable_all()
        .build()?
        .block_on(run(config))
}
