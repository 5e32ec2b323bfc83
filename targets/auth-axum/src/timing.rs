//! The Server-Timing header: where the time of a request went.

#[cfg(test)]
mod tests;

use std::cell::Cell;
use std::fmt::Write;
use std::time::{Duration, Instant};

use axum::extract::Request;
use axum::http::HeaderValue;
use axum::middleware::Next;
use axum::response::Response;

/// Something that a request spends time on.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Part {
    /// Waiting for a connection to the database.
    Pool,
    /// From a statement's sending to its last row.
    Database,
    /// Waiting for a slot to hash in.
    HashQueue,
    /// Inside of bcrypt.
    Hash,
}

const NAMES: [&str; 4] = ["pool", "db", "hashq", "hash"];

/// By part.
type Spent = [Duration; NAMES.len()];

tokio::task_local! {
    /// Of the request that is being handled, if it is timed.
    static SPENT: Cell<Spent>;
}

/// Adds to a part of the request that is being handled, if it is timed.
pub(crate) fn add(part: Part, time: Duration) {
    // Without SERVER_TIMING=1 there is nothing to add to.
    let _ = SPENT.try_with(|cell| {
        let mut spent = cell.get();
        spent[part as usize] += time;
        cell.set(spent);
    });
}

/// Times a request; only used with SERVER_TIMING=1, as the outermost layer.
pub(crate) async fn timed(request: Request, next: Next) -> Response {
    let started = Instant::now();
    let spent = Cell::new(Spent::default());
    let timed = async {
        let mut response = next.run(request).await;
        let value = header(&SPENT.with(Cell::get), started.elapsed());
        if let Ok(value) = HeaderValue::try_from(value) {
            response.headers_mut().insert("server-timing", value);
        }
        response
    };
    SPENT.scope(spent, timed).await
}

/// The header's value; `app` is the whole time in the program. What would read
/// 0.000 is left out.
fn header(spent: &Spent, app: Duration) -> String {
    let mut line = String::with_capacity(96);
    for (name, time) in NAMES.into_iter().zip(*spent).chain([("app", app)]) {
        let milliseconds = time.as_secs_f64() * 1e3;
        if milliseconds >= 0.0005 {
            let separator = if line.is_empty() { "" } else { ", " };
            // Writing to a String cannot fail.
            let _ = write!(line, "{separator}{name};dur={milliseconds:.3}");
        }
    }
    line
}
