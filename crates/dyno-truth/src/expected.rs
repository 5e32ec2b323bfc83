//! What is true of the server's modes, in closed form. Times of queues are in
//! units of the mean service time, unless the name says ns.

/// A server frozen for `length` of every period, which is the `share` of it:
/// the extra response time at quantile `q`, in the unit of `length`.
pub fn stall(q: f64, share: f64, length: f64) -> f64 {
    (length * (q - (1.0 - share)) / share).max(0.0)
}

/// The mean of [`stall`].
pub fn stall_mean(share: f64, length: f64) -> f64 {
    share * length / 2.0
}

/// Response times of one first-come-first-served queue: `starts_ns` in order,
/// each with its service time (Lindley 1952).
pub fn lindley(requests: impl IntoIterator<Item = (u64, u64)>) -> Vec<u64> {
    let mut free_ns = 0;
    let response = |(start_ns, service_ns): (u64, u64)| {
        free_ns = start_ns.max(free_ns) + service_ns;
        free_ns - start_ns
    };
    requests.into_iter().map(response).collect()
}

/// A queue with a utilisation of its server in (0, 1).
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Queue {
    /// Constant arrivals, exponential service.
    Dm1(f64),
    /// Poisson arrivals, constant service.
    Md1(f64),
    /// Poisson arrivals, exponential service.
    Mm1(f64),
}

impl Queue {
    /// The mean response time.
    pub fn mean(self) -> f64 {
        match self {
            Self::Dm1(load) => 1.0 / (1.0 - root(load)),
            Self::Md1(load) => 1.0 + load / (2.0 * (1.0 - load)),
            Self::Mm1(load) => 1.0 / (1.0 - load),
        }
    }

    /// The response time at quantile `q` in (0, 1).
    pub fn quantile(self, q: f64) -> f64 {
        match self {
            // Response times of these two are exponential.
            Self::Dm1(_) | Self::Mm1(_) => -(1.0 - q).ln() * self.mean(),
            Self::Md1(load) => {
                let (mut low, mut high) = (0.0, 60.0 / (1.0 - load));
                for _ in 0..60 {
                    let middle = (low + high) / 2.0;
                    if md1_wait(load, middle) < q {
                        low = middle;
                    } else {
                        high = middle;
                    }
                }
                1.0 + high
            }
        }
    }
}

/// The root in (0, 1) of x = exp(−(1 − x)/load): the chance that a constant
/// arrival finds an exponential server busy (Kendall 1953).
fn root(load: f64) -> f64 {
    (0..200).fold(0.5, |x: f64, _| (-(1.0 - x) / load).exp())
}

/// The chance that a request of M/D/1 waits no longer than `t` (Erlang 1909).
/// Beyond a few dozen service times the sum cancels itself out; there the
/// chance is as good as its exponential tail.
fn md1_wait(load: f64, t: f64) -> f64 {
    const EXACT: f64 = 12.0;
    if t > EXACT {
        let (near, far) = (
            1.0 - md1_wait(load, EXACT - 1.0),
            1.0 - md1_wait(load, EXACT),
        );
        return 1.0 - far * (far / near).powf(t - EXACT);
    }
    let mut sum = 0.0;
    for k in 0..=t.floor() as u32 {
        let x = load * (t - f64::from(k));
        let power: f64 = (1..=k).map(|i| -x / f64::from(i)).product();
        sum += power * x.exp();
    }
    (1.0 - load) * sum
}

/// A closed loop of `n` clients that think for `think` and then queue at one
/// server with exponential service: throughput, and mean response time at the
/// server (exact mean value analysis, Reiser and Lavenberg 1980).
pub fn closed_loop(n: u32, think: f64) -> (f64, f64) {
    let (mut throughput, mut response, mut queue) = (0.0, 1.0, 0.0);
    for clients in 1..=n {
        response = 1.0 + queue;
        throughput = f64::from(clients) / (response + think);
        queue = throughput * response;
    }
    (throughput, response)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(what: &str, seen: f64, expected: f64) {
        assert!(
            (seen / expected - 1.0).abs() < 0.004,
            "{what}: {seen}, not {expected}"
        );
    }

    /// The values of the design, computed apart from this code.
    #[test]
    fn queues_have_their_published_values() {
        for (queue, mean, quantiles) in [
            (Queue::Dm1(0.5), 1.255, vec![(0.5, 0.870), (0.99, 5.78)]),
            (
                Queue::Dm1(0.8),
                2.693,
                vec![(0.9, 6.20), (0.99, 12.4), (0.999, 18.6)],
            ),
            (Queue::Md1(0.5), 1.5, vec![(0.9, 2.52), (0.99, 4.34)]),
            (Queue::Md1(0.8), 3.0, vec![(0.9, 6.01), (0.99, 11.4)]),
            (Queue::Md1(0.9), 5.5, vec![(0.9, 11.8), (0.99, 22.9)]),
            (Queue::Mm1(0.5), 2.0, vec![(0.5, 1.386), (0.99, 9.21)]),
            (
                Queue::Mm1(0.8),
                5.0,
                vec![(0.5, 3.466), (0.9, 11.5), (0.99, 23.0), (0.999, 34.5)],
            ),
        ] {
            check(&format!("{queue:?}"), queue.mean(), mean);
            for (q, expected) in quantiles {
                check(&format!("{queue:?} {q}"), queue.quantile(q), expected);
            }
        }
    }

    #[test]
    fn closed_loops_have_their_published_values() {
        for (n, throughput, response) in [(5, 436.1, 1.467), (10, 785.4, 2.732), (20, 998.1, 10.04)]
        {
            let seen = closed_loop(n, 10.0);
            check("throughput", seen.0 * 1000.0, throughput);
            check("response", seen.1, response);
        }
    }

    #[test]
    fn stalls_are_even_over_their_share() {
        for (q, expected) in [
            (0.5, 0.0),
            (0.9, 0.0),
            (0.95, 50.0),
            (0.99, 90.0),
            (0.999, 99.0),
        ] {
            assert!((stall(q, 0.1, 100.0) - expected).abs() < 1e-9, "{q}");
        }
        assert!((stall_mean(0.1, 100.0) - 5.0).abs() < 1e-9);
    }

    #[test]
    fn a_queue_is_served_in_turn() {
        assert_eq!(lindley([(0, 10), (4, 10), (30, 5)]), [10, 16, 5]);
    }
}
