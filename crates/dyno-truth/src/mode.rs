//! What a path asks for: when the answer leaves, and what it looks like.
//!
//! | path | answer |
//! |---|---|
//! | `/ok?bytes=2` | at once |
//! | `/delay?time=10ms` | after a fixed time |
//! | `/stall?period=1s&length=100ms` | at once, but nothing leaves in the first `length` of each `period`, counted from the last reset |
//! | `/queue?service=1ms` | one at a time, first come, first served; `mean=1ms&seed=7` for exponential service times, `k=12` for the one of that number, `lane=3` for a queue of its own, `think=10ms` for a wait before joining it |
//! | `/slow?share=0.01&time=100ms&seed=7` | at once, but a random share after `time` |
//! | `/every?n=20&time=10s` | at once, but each n-th after `time` |
//! | `/timing?app=5ms&db=2ms&step=1us` | at once, with a Server-Timing field that tells these durations: `pool`, `db`, `hashq`, `hash` and `app`, each plus `step` times the number of the request modulo 100; one that is not given is not told. `more=1` for fields of other names around it |
//! | `/fault/NAME`, `/framing/NAME` | see `zoo.rs` |
//! | `/truth/…` | see `Server::control` in `server.rs` |

use crate::query::Query;
use crate::random::{exponential_ns, is_chosen};
use crate::timing::Told;

/// When an answer leaves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Timing {
    AtOnce,
    Delay {
        ns: u64,
    },
    Stall {
        period_ns: u64,
        length_ns: u64,
    },
    Queue {
        lane: usize,
        service: Service,
        think_ns: u64,
    },
    Slow {
        share: f64,
        ns: u64,
        seed: u64,
    },
    Every {
        n: u64,
        ns: u64,
    },
}

/// How long a queue serves one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    Fixed { ns: u64 },
    Exponential { mean_ns: u64, seed: u64 },
}

/// A request as asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Asked<'a> {
    pub(crate) timing: Timing,
    pub(crate) what: What<'a>,
    /// The number that random draws use instead of that of the arrival.
    pub(crate) k: Option<u64>,
}

/// What an answer looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What<'a> {
    /// 200 with a body of so many bytes, and the times of the request.
    Ok { body_bytes: usize, timed: bool },
    /// 200 with durations in its head.
    Timing(Told),
    /// An animal of the zoo, by its path.
    Zoo(&'a str),
}

/// Most lanes of a server.
pub(crate) const LANES: usize = 64;

impl<'a> Asked<'a> {
    /// Reads a request target, or says what is wrong with it.
    pub(crate) fn read(target: &'a str) -> Result<Self, String> {
        const MS: u64 = 1_000_000;
        let (path, query) = Query::split(target);
        let timing = match path {
            "/ok" => Timing::AtOnce,
            "/delay" => Timing::Delay {
                ns: query.time("time", 10 * MS)?,
            },
            "/stall" => Timing::Stall {
                period_ns: query.time("period", 1000 * MS)?.max(1),
                length_ns: query.time("length", 100 * MS)?,
            },
            "/queue" => Timing::Queue {
                lane: query.number::<usize>("lane", 0)?.min(LANES - 1),
                service: match query.text("mean") {
                    Some(_) => Service::Exponential {
                        mean_ns: query.time("mean", MS)?,
                        seed: query.number("seed", 0)?,
                    },
                    None => Service::Fixed {
                        ns: query.time("service", MS)?,
                    },
                },
                think_ns: query.time("think", 0)?,
            },
            "/slow" => Timing::Slow {
                share: query.number("share", 0.01)?,
                ns: query.time("time", 100 * MS)?,
                seed: query.number("seed", 0)?,
            },
            "/every" => Timing::Every {
                n: query.number::<u64>("n", 20)?.max(1),
                ns: query.time("time", 10_000 * MS)?,
            },
            "/timing" => {
                let timing = Timing::AtOnce;
                let what = What::Timing(Told::read(query)?);
                return Ok(Self {
                    timing,
                    what,
                    k: None,
                });
            }
            zoo if zoo.starts_with("/fault/") || zoo.starts_with("/framing/") => {
                let timing = Timing::AtOnce;
                return Ok(Self {
                    timing,
                    what: What::Zoo(zoo),
                    k: None,
                });
            }
            other => {
                return Err(format!(
                    "there is no {other} here; see mode.rs of dyno-truth"
                ));
            }
        };
        let what = What::Ok {
            body_bytes: query.number("bytes", 2)?,
            timed: timing != Timing::AtOnce,
        };
        let k = match query.text("k") {
            Some(_) => Some(query.number("k", 0)?),
            None => None,
        };
        Ok(Self { timing, what, k })
    }
}

/// What the departures of answers depend on.
#[derive(Debug)]
pub(crate) struct Departures {
    /// Stall windows are counted from here, CLOCK_MONOTONIC ns.
    pub(crate) origin_ns: u64,
    /// When the last request of each lane leaves.
    last_ns: Vec<u64>,
}

impl Departures {
    pub(crate) fn new(origin_ns: u64) -> Self {
        Self {
            origin_ns,
            last_ns: vec![0; LANES],
        }
    }

    /// When the answer to a request leaves that arrived `now_ns` with the number
    /// `k`.
    pub(crate) fn of(&mut self, timing: Timing, k: u64, now_ns: u64) -> u64 {
        match timing {
            Timing::AtOnce => now_ns,
            Timing::Delay { ns } => now_ns + ns,
            Timing::Stall {
                period_ns,
                length_ns,
            } => {
                let into_ns = now_ns.saturating_sub(self.origin_ns) % period_ns;
                now_ns + length_ns.saturating_sub(into_ns)
            }
            Timing::Queue {
                lane,
                service,
                think_ns,
            } => {
                let service_ns = match service {
                    Service::Fixed { ns } => ns,
                    Service::Exponential { mean_ns, seed } => exponential_ns(seed, k, mean_ns),
                };
                // With one think time for all, they join in the order of arrival.
                let begin_ns = self.last_ns[lane].max(now_ns + think_ns);
                self.last_ns[lane] = begin_ns + service_ns;
                self.last_ns[lane]
            }
            Timing::Slow { share, ns, seed } if is_chosen(seed, k, share) => now_ns + ns,
            Timing::Every { n, ns } if k % n == n - 1 => now_ns + ns,
            Timing::Slow { .. } | Timing::Every { .. } => now_ns,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    /// Departures of requests with the numbers 0, 1, …, in ms, for arrivals in ms.
    fn check(target: &str, arrivals_ms: &[u64], expected_ms: &[u64]) {
        let asked = Asked::read(target).unwrap();
        let mut departures = Departures::new(1000 * MS);
        let seen: Vec<u64> = (0..)
            .zip(arrivals_ms)
            .map(|(k, at)| departures.of(asked.timing, asked.k.unwrap_or(k), at * MS) / MS)
            .collect();
        assert_eq!(seen, expected_ms, "{target}");
    }

    #[test]
    fn answers_leave_when_they_should() {
        check("/ok", &[5, 7], &[5, 7]);
        check("/delay?time=10ms", &[5, 7], &[15, 17]);
        check(
            "/stall?period=1s&length=100ms",
            &[1000, 1099, 1100, 1999, 2050],
            &[1100, 1100, 1100, 1999, 2100],
        );
        check("/queue?service=3ms", &[10, 11, 12, 30], &[13, 16, 19, 33]);
        check("/queue?service=3ms&think=10ms", &[10, 11], &[23, 26]);
        check(
            "/every?n=3&time=1s",
            &[1, 2, 3, 4, 5, 6],
            &[1, 2, 1003, 4, 5, 1006],
        );
        check("/slow?share=1&time=2ms", &[1, 2], &[3, 4]);
        check("/slow?share=0&time=2ms", &[1, 2], &[1, 2]);
    }

    #[test]
    fn lanes_and_numbers_are_kept_apart() {
        let mut departures = Departures::new(0);
        let mut leaves = |target: &str, k: u64| {
            let asked = Asked::read(target).unwrap();
            departures.of(asked.timing, asked.k.unwrap_or(k), MS)
        };
        assert_eq!(leaves("/queue?service=1ms&lane=1", 0), 2 * MS);
        assert_eq!(leaves("/queue?service=1ms&lane=2", 0), 2 * MS);
        let drawn = exponential_ns(7, 12, MS);
        assert_eq!(leaves("/queue?mean=1ms&seed=7&k=12&lane=3", 99), MS + drawn);
    }

    #[test]
    fn nonsense_is_refused() {
        for target in [
            "/",
            "/nowhere",
            "/delay?time=soon",
            "/queue?lane=x",
            "/slow?share=much",
            "/timing?db=soon",
        ] {
            assert!(Asked::read(target).is_err(), "{target}");
        }
    }
}
