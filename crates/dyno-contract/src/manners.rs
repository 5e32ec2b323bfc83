//! How a target treats connections, whatever it is asked on them: kept, closed,
//! opened many at once, requests in pieces. Contracts say what is asked and what
//! is right.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use crate::finding::{CHECK_LIMIT, Verdict};
use crate::http_date::is_http_date;
use crate::probe::{Answer, Connection, Failure, Framing};

const KEPT_REQUESTS: usize = 100;
const FAST: Duration = Duration::from_millis(5);
/// Delayed ACKs wait 40 ms on Linux, up to 200 ms elsewhere.
const DELAYED_ACK: Duration = Duration::from_millis(30);
const CONNECTS: usize = 200;
/// A SYN that found the backlog full is sent again after 1 s.
const CONNECT_LIMIT: Duration = Duration::from_millis(900);
/// How soon a connection that should be closed is.
const CLOSE_LIMIT: Duration = Duration::from_secs(2);
/// Between the pieces of a request: enough for each to be read alone.
const PIECE_PAUSE: Duration = Duration::from_millis(20);

/// A request, and what makes its answer a right one.
pub(crate) struct Exchange {
    pub(crate) text: Vec<u8>,
    pub(crate) right: Box<dyn Fn(&Answer) -> Verdict + Send + Sync>,
}

/// A hundred exchanges on one connection: whether it is kept, and whether the
/// median of them is fast.
pub(crate) async fn keepalive(
    address: SocketAddr,
    next: impl FnMut() -> Exchange,
) -> (Verdict, Verdict) {
    let mut times = Vec::with_capacity(KEPT_REQUESTS);
    let exchanges = exchanges(address, next, &mut times);
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

async fn exchanges(
    address: SocketAddr,
    mut next: impl FnMut() -> Exchange,
    times: &mut Vec<Duration>,
) -> Verdict {
    let mut connection = Connection::open(address).await?;
    for answered in 0..KEPT_REQUESTS {
        let exchange = next();
        let start = Instant::now();
        let answer = async {
            connection.send(&exchange.text).await?;
            connection.answer().await
        };
        let answer = answer.await.map_err(|failure| {
            format!("{answered} of {KEPT_REQUESTS} requests on one connection were answered, then {failure}")
        })?;
        (exchange.right)(&answer)?;
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

/// Two hundred connections at one moment, each with one exchange.
pub(crate) async fn simultaneous_connects(
    address: SocketAddr,
    mut next: impl FnMut() -> Exchange,
) -> Verdict {
    let mut visits = JoinSet::new();
    for _ in 0..CONNECTS {
        visits.spawn(visit(address, next()));
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

async fn visit(address: SocketAddr, exchange: Exchange) -> Result<(), Missed> {
    let wrong = |failure: Failure| Missed::Answer(failure.to_string());
    let connection = timeout(CONNECT_LIMIT, Connection::open(address)).await;
    let mut connection = connection
        .map_err(|_late| Missed::Connect)?
        .map_err(wrong)?;
    connection.send(&exchange.text).await.map_err(wrong)?;
    let answer = connection.answer().await.map_err(wrong)?;
    (exchange.right)(&answer).map_err(Missed::Answer)
}

/// One request in pieces, each a TCP segment of its own; cut `at` these places,
/// which must grow.
pub(crate) async fn in_pieces(address: SocketAddr, exchange: &Exchange, at: &[usize]) -> Verdict {
    let told = |problem: String| format!("a request in {} TCP writes: {problem}", at.len() + 1);
    let mut connection = Connection::open(address).await?;
    let mut start = 0;
    for &end in at.iter().chain([&exchange.text.len()]) {
        if start > 0 {
            sleep(PIECE_PAUSE).await;
        }
        connection.send(&exchange.text[start..end]).await?;
        start = end;
    }
    let answer = connection.answer().await;
    let answer = answer.map_err(|failure| told(failure.to_string()))?;
    (exchange.right)(&answer).map_err(told)
}

/// One exchange after which the connection must be closed.
pub(crate) async fn answered_and_closed(address: SocketAddr, exchange: &Exchange) -> Verdict {
    let mut connection = Connection::open(address).await?;
    connection.send(&exchange.text).await?;
    let answer = connection.answer().await?;
    (exchange.right)(&answer)?;
    match connection.rest(CLOSE_LIMIT).await {
        Some(_) => Ok(()),
        None => Err(format!(
            "the connection is still open {} s after the answer",
            CLOSE_LIMIT.as_secs()
        )),
    }
}

/// Two answers 2.1 s apart have a `Date` each, and not the same.
pub(crate) async fn moving_date(address: SocketAddr, text: &[u8]) -> Verdict {
    let before = date(address, text).await?;
    sleep(Duration::from_millis(2100)).await;
    let after = date(address, text).await?;
    if before == after {
        return Err(format!(
            "two answers 2.1 s apart both have Date {before:?}, wanted two times"
        ));
    }
    Ok(())
}

async fn date(address: SocketAddr, text: &[u8]) -> Result<String, String> {
    let mut connection = Connection::open(address).await?;
    connection.send(text).await?;
    let answer = connection.answer().await?;
    match answer.header("Date") {
        None => Err("there is no Date".to_owned()),
        Some(date) if is_http_date(date) => Ok(date.to_owned()),
        Some(date) => Err(format!(
            "Date is {date:?}, wanted the form \"Sun, 06 Nov 1994 08:49:37 GMT\""
        )),
    }
}
