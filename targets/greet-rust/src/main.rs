//! Contract greet/1 with axum.

use std::{env, error::Error, io, net::SocketAddr, sync::Arc, sync::atomic};

use atomic::{AtomicU64, Ordering::Relaxed};
use axum::{
    Router,
    extract::{Request, State},
    http::Uri,
    middleware::{self, Next},
    response::Response,
    serve::ListenerExt,
};
use tokio::net::{TcpListener, TcpSocket};
use tokio::signal::unix::{SignalKind, signal};

/// Names the path as it was sent, escapes included.
async fn greet(uri: Uri) -> String {
    format!("Hello, visitor! You've requested: {}\n", uri.path())
}

/// Adds one to `served` for every request that has been answered.
async fn count(State(served): State<Arc<AtomicU64>>, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    served.fetch_add(1, Relaxed);
    response
}

/// `TcpListener::bind` would listen with a backlog of 128.
fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(4096)
}

async fn serve(address: SocketAddr) -> Result<(), Box<dyn Error>> {
    let served = Arc::new(AtomicU64::new(0));
    let counting = env::var("COUNT_REQUESTS").is_ok_and(|value| value == "1");
    let mut app = Router::new().fallback(greet);
    if counting {
        app = app.layer(middleware::from_fn_with_state(Arc::clone(&served), count));
    }

    let mut stop = signal(SignalKind::terminate())?;
    let listener = listen(address)?.tap_io(|stream| {
        // A connection that is gone already cannot be set; it ends by itself.
        let _ = stream.set_nodelay(true);
    });
    axum::serve(listener, app)
        .with_graceful_shutdown(async move {
            stop.recv().await;
        })
        .await?;
    if counting {
        println!("requests served: {}", served.load(Relaxed));
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let address = SocketAddr::new(env::var("HOST")?.parse()?, env::var("PORT")?.parse()?);
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(env::var("WORKERS")?.parse()?)
        .enable_io()
        .enable_time()
        .build()?
        .block_on(serve(address))
}
