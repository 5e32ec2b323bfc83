//! Are connections treated well? Kept, closed, opened many at once.

use std::net::SocketAddr;
use std::time::Duration;

use fastrand::Rng;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use super::super::probe::{Connection, Failure, Framing, request};
use super::super::{CHECK_LIMIT, Verdict};
use super::{expect_greeting, paths};

const KEPT_REQUESTS: usize = 100;
const FAST: Duration = Duration::from_millis(5);
/// Delayed ACKs wait 40 ms on Linux, up to 200 ms elsewhere.
const DELAYED_ACK: Duration = Duration::from_millis(30);
const CONNECTS: usize = 200;
/// A SYN that found the backlog full is sent again after 1 s.
const CONNECT_LIMIT: Duration = Duration::from_millis(900);
/// How soon a connection that should be closed is.
const CLOSE_LIMIT: Duration = Duration::from_secs(2);

/// Clauses 4.1 and 4.2, on one and the same connection.
pub(super) async fn keepalive(address: SocketAddr, rng: &mut Rng) -> (Verdict, Verdict) {
    let mut times = Vec::with_capacity(KEPT_REQUESTS);
    let exchanges = exchanges(address, rng, &mut times);
    let kept = timeout(CHECK_LIMIT, exchanges).await.unwrap_or(Ok(()));
    let kept = match kept {
        Ok(()) if times.len() < KEPT_REQUESTS => Err(format!(
            "{} of {KEPT_REQUESTS} requests on one connection were answered within {} s",
            times.len(),
            CHECK_LIMIT.as_secs()
        )),
        verdict => verdict,
    };
    (kept, fast(&mut times))
}

async fn exchanges(address: SocketAddr, rng: &mut Rng, times: &mut Vec<Duration>) -> Verdict {
    let mut connection = Connection::open(address).await?;
    for answered in 0..KEPT_REQUESTS {
        let target = paths::path(rng);
        let start = Instant::now();
        let answer = async {
            connection.send(&request(&target, &[])).await?;
            connection.answer().await
        };
        let answer = answer.await.map_err(|failure| {
            format!("{answered} of {KEPT_REQUESTS} requests on one connection were answered, then {failure}")
        })?;
        expect_greeting(&target, &answer)?;
        if answer.framing == Framing::Close {
            return Err(format!(
                "the connection was closed after answer {} of {KEPT_REQUESTS} (HTTP/1.{}), wanted it kept",
                answered + 1,
                answer.minor_version
            ));
        }
        times.push(start.elapsed());
    }
    Ok(())
}

fn fast(times: &mut [Duration]) -> Verdict {
    // Fewer say nothing: the first answers of a connection are never delayed.
    if times.len() < KEPT_REQUESTS / 2 {
        return Err("not known: too few requests were answered on one connection".to_owned());
    }
    times.sort_unstable();
    let median = times[times.len() / 2];
    if median < FAST {
        return Ok(());
    }
    let mut problem = format!(
        "the median exchange on a kept connection took {:.1} ms, wanted less than {} ms",
        median.as_secs_f64() * 1e3,
        FAST.as_millis()
    );
    if median >= DELAYED_ACK {
        problem += "; that is how long Nagle's algorithm waits for a delayed ACK when head and body \
                    leave in two writes: send them in one (Python: wbufsize = -1) or set TCP_NODELAY";
    }
    Err(problem)
}

/// Clause 4.3.
pub(super) async fn simultaneous_connects(address: SocketAddr, rng: &mut Rng) -> Verdict {
    let mut visits = JoinSet::new();
    for _ in 0..CONNECTS {
        visits.spawn(visit(address, paths::path(rng)));
    }
    let outcomes = visits.join_all().await;
    let mut late = 0;
    let mut problems = Vec::new();
    for outcome in outcomes {
        match outcome {
            Ok(()) => {}
            Err(Missed::Connect) => late += 1,
            Err(Missed::Answer(problem)) => problems.push(problem),
        }
    }
    let mut seen = Vec::new();
    if late > 0 {
        let limit = CONNECT_LIMIT.as_millis();
        seen.push(format!(
            "{late} of {CONNECTS} simultaneous connects took more than {limit} ms: the listen \
             backlog overflowed, and a SYN is sent again after 1 s (listen with 4096)"
        ));
    }
    if let Some(first) = problems.first() {
        let count = problems.len();
        seen.push(format!(
            "{count} of {CONNECTS} that connected at once had no right answer: {first}"
        ));
    }
    if seen.is_empty() {
        Ok(())
    } else {
        Err(seen.join("; "))
    }
}

enum Missed {
    Connect,
    Answer(String),
}

async fn visit(address: SocketAddr, target: String) -> Result<(), Missed> {
    let wrong = |failure: Failure| Missed::Answer(failure.to_string());
    let connection = timeout(CONNECT_LIMIT, Connection::open(address)).await;
    let mut connection = connection
        .map_err(|_late| Missed::Connect)?
        .map_err(wrong)?;
    connection
        .send(&request(&target, &[]))
        .await
        .map_err(wrong)?;
    let answer = connection.answer().await.map_err(wrong)?;
    expect_greeting(&target, &answer).map_err(Missed::Answer)
}

/// Clause 4.4.
pub(super) async fn split_request(address: SocketAddr, rng: &mut Rng) -> Verdict {
    let target = paths::path(rng);
    let text = request(&target, &["Accept: text/plain"]);
    // Inside the request line, and inside the empty line at the end.
    let (start, rest) = text.split_at("GET /".len());
    let (middle, end) = rest.split_at(rest.len() - 1);
    let mut connection = Connection::open(address).await?;
    for part in [start, middle, end] {
        connection.send(part).await?;
        sleep(Duration::from_millis(20)).await;
    }
    let answer = connection.answer().await;
    let answer = answer.map_err(|failure| format!("a head in three TCP writes: {failure}"))?;
    expect_greeting(&target, &answer)
        .map_err(|problem| format!("a head in three TCP writes: {problem}"))
}

/// Clause 4.5.
pub(super) async fn http10(address: SocketAddr, rng: &mut Rng) -> Verdict {
    let target = paths::path(rng);
    let text = format!("GET {target} HTTP/1.0\r\n\r\n");
    answered_and_closed(address, &target, &text)
        .await
        .map_err(|problem| format!("after an HTTP/1.0 request: {problem}"))
}

/// Clause 4.6.
pub(super) async fn connection_close(address: SocketAddr, rng: &mut Rng) -> Verdict {
    let target = paths::path(rng);
    let text = request(&target, &["Connection: close"]);
    answered_and_closed(address, &target, &text)
        .await
        .map_err(|problem| format!("after a request with Connection: close: {problem}"))
}

async fn answered_and_closed(address: SocketAddr, target: &str, text: &str) -> Verdict {
    let mut connection = Connection::open(address).await?;
    connection.send(text).await?;
    let answer = connection.answer().await?;
    expect_greeting(target, &answer)?;
    match connection.rest(CLOSE_LIMIT).await {
        Some(_) => Ok(()),
        None => Err(format!(
            "the connection is still open {} s after the answer",
            CLOSE_LIMIT.as_secs()
        )),
    }
}
