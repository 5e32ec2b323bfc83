//! A token bucket for each client, asked before everything else.

#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::num::NonZero;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use governor::clock::{Clock, MonotonicClock};
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::StateStore;
use governor::{Quota, RateLimiter};
use lru::LruCache;

use crate::errors::Failure;

/// Bounds the table: a client may be a header of the client's choice.
const MAX_CLIENTS: NonZero<usize> = NonZero::new(100_000).expect("not zero");

/// The buckets of all clients. Whoever was seen longest ago is forgotten when
/// there are too many; governor's own tables forget nobody.
struct Buckets(Mutex<LruCache<String, Nanos>>);

impl Buckets {
    fn new(max_clients: NonZero<usize>) -> Self {
        Self(Mutex::new(LruCache::new(max_clients)))
    }
}

impl StateStore for Buckets {
    type Key = String;

    fn measure_and_replace<T, F, E>(&self, client: &String, measure: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bucket) = buckets.get_mut(client) {
            let (admitted, filled) = measure(Some(*bucket))?;
            *bucket = filled;
            return Ok(admitted);
        }
        let (admitted, filled) = measure(None)?;
        buckets.put(client.clone(), filled);
        Ok(admitted)
    }
}

/// Who may ask, and how often.
pub(crate) struct Limiter<C: Clock = MonotonicClock> {
    buckets: RateLimiter<String, Buckets, C, NoOpMiddleware<C::Instant>>,
    clock: C,
    trust_proxy: bool,
}

impl Limiter {
    pub(crate) fn new(rps: f64, burst: NonZero<u32>, trust_proxy: bool) -> Self {
        Self::with(rps, burst, trust_proxy, MAX_CLIENTS, MonotonicClock)
    }
}

impl<C: Clock + Clone> Limiter<C> {
    fn with(
        rps: f64,
        burst: NonZero<u32>,
        trust_proxy: bool,
        max_clients: NonZero<usize>,
        clock: C,
    ) -> Self {
        let period = Duration::from_secs_f64(1.0 / rps);
        // A period of no nanoseconds is no quota.
        let period = period.max(Duration::from_nanos(1));
        let quota = Quota::with_period(period).expect("the period is not zero");
        let buckets = Buckets::new(max_clients);
        Self {
            buckets: RateLimiter::new(quota.allow_burst(burst), buckets, clock.clone()),
            clock,
            trust_proxy,
        }
    }

    /// Takes a token out of a client's bucket.
    fn admit(&self, client: &String) -> Result<(), Failure> {
        self.buckets.check_key(client).map_err(|refused| {
            let wait = refused.wait_time_from(self.clock.now());
            let retry_after_s = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            Failure::RateLimited {
                retry_after_s: retry_after_s.max(1),
            }
        })
    }

    /// Whose bucket it is: of whom the proxy says, or of the peer.
    fn client(&self, headers: &HeaderMap, peer: SocketAddr) -> String {
        let forwarded = headers.get("x-forwarded-for").filter(|_| self.trust_proxy);
        let forwarded = forwarded.and_then(|value| value.to_str().ok());
        let first = forwarded.and_then(|list| list.split(',').next());
        match first.map(str::trim) {
            Some(first) if !first.is_empty() => first.to_owned(),
            _ => peer.ip().to_string(),
        }
    }
}

/// Passes a request on, or refuses it. Whether the target is well can always be
/// asked.
pub(crate) async fn limit(
    State(limiter): State<Arc<Limiter>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
    next: Next,
) -> Response {
    if !matches!(request.uri().path(), "/healthz" | "/readyz") {
        let client = limiter.client(request.headers(), peer);
        if let Err(refused) = limiter.admit(&client) {
            return refused.into_response();
        }
    }
    next.run(request).await
}
