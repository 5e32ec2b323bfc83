use governor::clock::FakeRelativeClock;

use super::*;

const MANY: NonZero<usize> = NonZero::new(100).unwrap();

fn limiter(max_clients: NonZero<usize>) -> (Limiter<FakeRelativeClock>, FakeRelativeClock) {
    let clock = FakeRelativeClock::default();
    let burst = NonZero::new(10).unwrap();
    let limiter = Limiter::with(5.0, burst, true, max_clients, clock.clone());
    (limiter, clock)
}

fn admitted(limiter: &Limiter<FakeRelativeClock>, client: &str, requests: usize) -> usize {
    let client = client.to_owned();
    let requests = 0..requests;
    requests.filter(|_| limiter.admit(&client).is_ok()).count()
}

#[test]
fn a_full_bucket_admits_a_burst_and_then_the_rate() {
    let (limiter, clock) = limiter(MANY);
    assert_eq!(admitted(&limiter, "a", 30), 10);
    clock.advance(Duration::from_secs(1));
    assert_eq!(admitted(&limiter, "a", 30), 5);
    clock.advance(Duration::from_secs(60));
    assert_eq!(admitted(&limiter, "a", 30), 10);
}

#[test]
fn clients_have_buckets_of_their_own() {
    let (limiter, _) = limiter(MANY);
    assert_eq!(admitted(&limiter, "a", 30), 10);
    assert_eq!(admitted(&limiter, "b", 30), 10);
}

#[test]
fn whoever_was_seen_longest_ago_is_forgotten() {
    let (limiter, _) = limiter(NonZero::new(2).unwrap());
    assert_eq!(admitted(&limiter, "a", 11), 10);
    assert_eq!(admitted(&limiter, "b", 11), 10);
    // Seen again, though refused: b is the older one now.
    assert_eq!(admitted(&limiter, "a", 1), 0);
    assert_eq!(admitted(&limiter, "c", 1), 1);
    assert_eq!(admitted(&limiter, "a", 1), 0);
    assert_eq!(admitted(&limiter, "b", 11), 10);
}

#[test]
fn the_refused_are_told_whole_seconds() {
    let clock = FakeRelativeClock::default();
    for (rps, expected) in [(5.0, 1), (1.0, 1), (0.4, 3), (0.1, 10)] {
        let burst = NonZero::new(1).unwrap();
        let limiter = Limiter::with(rps, burst, true, MANY, clock.clone());
        let client = "a".to_owned();
        assert_eq!(limiter.admit(&client), Ok(()));
        let refused = Failure::RateLimited {
            retry_after_s: expected,
        };
        assert_eq!(limiter.admit(&client), Err(refused), "{rps}");
    }
}

#[test]
fn a_client_is_whom_the_proxy_names_first() {
    let peer = SocketAddr::from(([127, 0, 0, 1], 4711));
    for (trust_proxy, forwarded, expected) in [
        (true, Some("1.2.3.4"), "1.2.3.4"),
        (true, Some(" ann , 5.6.7.8"), "ann"),
        (true, Some(""), "127.0.0.1"),
        (true, Some(",5.6.7.8"), "127.0.0.1"),
        (true, None, "127.0.0.1"),
        (false, Some("1.2.3.4"), "127.0.0.1"),
    ] {
        let limiter = Limiter::new(5.0, NonZero::new(1).unwrap(), trust_proxy);
        let mut headers = HeaderMap::new();
        if let Some(forwarded) = forwarded {
            headers.insert("x-forwarded-for", forwarded.parse().unwrap());
        }
        assert_eq!(limiter.client(&headers, peer), expected, "{forwarded:?}");
    }
}
