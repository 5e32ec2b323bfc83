//! Is the answer right? Status, body and header fields of single answers.

use std::net::SocketAddr;
use std::time::Duration;

use fastrand::Rng;

use super::{expect_body, paths};
use crate::finding::Verdict;
use crate::manners;
use crate::probe::{Connection, Framing, get, request};

/// Clause 2.2.
pub(super) async fn status(address: SocketAddr, rng: &mut Rng) -> Verdict {
    for target in ["/".to_owned(), "/abc".to_owned(), paths::path(rng)] {
        let status = get(address, &target).await?.status;
        if status != 200 {
            return Err(format!("GET {target} answered status {status}, wanted 200"));
        }
    }
    Ok(())
}

/// Clause 2.3.
pub(super) async fn body_paths(address: SocketAddr, rng: &mut Rng) -> Verdict {
    for _ in 0..32 {
        let target = paths::path(rng);
        expect_body(&target, &get(address, &target).await?)?;
    }
    Ok(())
}

/// Clause 2.3: byte for byte.
pub(super) async fn body_escapes(address: SocketAddr, rng: &mut Rng) -> Verdict {
    for _ in 0..8 {
        let target = paths::escaped_path(rng);
        expect_body(&target, &get(address, &target).await?)?;
    }
    Ok(())
}

/// Clause 2.4.
pub(super) async fn query_dropped(address: SocketAddr, rng: &mut Rng) -> Verdict {
    let path = paths::path(rng);
    let (first, second) = (paths::query(rng), paths::query(rng));
    for query in ["", &first, &second, &format!("{first}?{second}")] {
        let target = format!("{path}?{query}");
        expect_body(&target, &get(address, &target).await?)?;
    }
    Ok(())
}

/// Clause 3.1.
pub(super) async fn content_type(address: SocketAddr, rng: &mut Rng) -> Verdict {
    const WANTED: &str = "text/plain; charset=utf-8";
    let answer = get(address, &paths::path(rng)).await?;
    let Some(seen) = answer.header("Content-Type") else {
        return Err(format!("there is no Content-Type, wanted {WANTED}"));
    };
    let plain = |text: &str| text.replace(' ', "").to_ascii_lowercase();
    if plain(seen) == plain(WANTED) {
        Ok(())
    } else {
        Err(format!("Content-Type is {seen:?}, wanted {WANTED:?}"))
    }
}

/// Clause 3.2.
pub(super) async fn content_length(address: SocketAddr, rng: &mut Rng) -> Verdict {
    /// How long bytes behind the body are waited for where the target does not
    /// close; that it should have closed is another check.
    const GRACE: Duration = Duration::from_millis(300);
    let mut connection = Connection::open(address).await?;
    let asked = request(&paths::path(rng), &["Connection: close"]);
    connection.send(&asked).await?;
    let answer = connection.answer().await?;
    let length = match answer.framing {
        Framing::Length(length) => length,
        Framing::Chunked => {
            return Err("the body comes in chunks, wanted a Content-Length".to_owned());
        }
        Framing::Close => {
            return Err("there is no Content-Length: the body ends with the connection".to_owned());
        }
    };
    let more = match connection.rest(GRACE).await {
        Some(rest) => rest.len(),
        None => connection.unread().len(),
    };
    if more == 0 {
        return Ok(());
    }
    let sent = length + more;
    Err(format!(
        "Content-Length is {length}, but {sent} bytes of body came"
    ))
}

/// Clause 3.3.
pub(super) async fn date(address: SocketAddr) -> Verdict {
    // Closed at once: a target that serves one connection at a time must be
    // free for the other checks.
    let text = request("/date", &["Connection: close"]);
    manners::moving_date(address, text.as_bytes()).await
}
