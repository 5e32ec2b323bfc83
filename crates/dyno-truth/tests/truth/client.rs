//! The load generator under test. The ground-truth tests know only [`Client`],
//! so that another path (HTTP/2, another library) can be held to the same truth.

use std::net::SocketAddr;
use std::time::Duration;

use dyno_engine::{Address, Event, Play, Played, Stock, Stop, play};
use dyno_result::{Histogram, Pacing};
use dyno_scenario::{Arrivals, Check, Load, Plan, Profile, Rate, Request, Step, Until};

/// What a client is asked to do.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    pub(crate) method: &'static str,
    /// Request targets; they take turns.
    pub(crate) paths: Vec<String>,
    pub(crate) load: Load,
    pub(crate) timeout: Duration,
    /// The body that every answer must have.
    pub(crate) body: Option<&'static str>,
    /// CPUs of the load threads.
    pub(crate) cpus: Vec<u32>,
    pub(crate) seed: u64,
    pub(crate) pacing: Pacing,
    /// End after so many one-second slices.
    pub(crate) stop_after: Option<usize>,
}

/// Something that makes load and says what it saw.
pub(crate) trait Client {
    fn play(&self, address: SocketAddr, ask: &Ask) -> Played;
}

/// dyno's own engine, HTTP/1.1.
pub(crate) struct Engine;

impl Client for Engine {
    fn play(&self, address: SocketAddr, ask: &Ask) -> Played {
        let request = |path: &String| Request {
            checks: ask
                .body
                .map(|text| Check::BodyEquals(text.into()))
                .into_iter()
                .collect(),
            ..Request::new(ask.method, path)
        };
        let plan = Plan::of(ask.paths.iter().map(request).collect());
        let step = Step {
            id: "truth".to_owned(),
            name: "truth".to_owned(),
            load: ask.load.clone(),
            search: None,
            warmup: Duration::ZERO,
            timeout: ask.timeout,
            keepalive: true,
        };
        let address = Address::plain(address, address.to_string());
        let threads: Vec<Option<u32>> = ask.cpus.iter().copied().map(Some).collect();
        let stop = Stop::default();
        let what = Play {
            step: &step,
            plan: &plan,
            stock: &Stock::default(),
            address: &address,
            threads: &threads,
            seed: ask.seed,
            pacing: ask.pacing,
            stop: &stop,
        };
        let mut slices = 0;
        let mut on = |event: Event| {
            slices += usize::from(matches!(event, Event::Interval(_)));
            if ask.stop_after.is_some_and(|after| slices >= after) {
                stop.set();
            }
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(play(what, &mut on)).unwrap()
    }
}

impl Ask {
    /// Requests for `path` as `load` says.
    pub(crate) fn new(path: impl Into<String>, load: Load) -> Self {
        Self {
            method: "GET",
            paths: vec![path.into()],
            load,
            timeout: Duration::from_secs(20),
            body: None,
            cpus: Vec::new(),
            seed: 1,
            pacing: Pacing::Hybrid,
            stop_after: None,
        }
    }
}

/// Starts at equal distances.
pub(crate) fn constant(per_second: u64, connections: u32, duration: Duration) -> Load {
    open(per_second, Arrivals::Constant, connections, duration)
}

/// Starts at random.
pub(crate) fn poisson(per_second: u64, connections: u32, duration: Duration) -> Load {
    open(per_second, Arrivals::Poisson, connections, duration)
}

fn open(per_second: u64, arrivals: Arrivals, connections: u32, duration: Duration) -> Load {
    let rate = Rate {
        starts: per_second,
        per_ns: 1_000_000_000,
    };
    Load::Open {
        profile: Profile::Steady { rate, duration },
        arrivals,
        connections,
    }
}

/// Each connection asks again as soon as it has its answer.
pub(crate) fn closed(connections: u32, until: Until) -> Load {
    Load::Closed { connections, until }
}

/// Response times of right answers.
pub(crate) fn response(played: &Played) -> Histogram {
    played.histograms.whole(|interval| &interval.response)
}

/// Service times of right answers: they came in one piece, so that their first
/// byte came with the last.
pub(crate) fn service(played: &Played) -> Histogram {
    played.histograms.whole(|interval| &interval.first_byte)
}

/// The value at quantile `q`, ms.
pub(crate) fn at(histogram: &Histogram, q: f64) -> f64 {
    histogram.value_at_quantile(q) as f64 / 1e6
}

/// Every value, ms, ascending; to three digits.
pub(crate) fn values(histogram: &Histogram) -> Vec<f64> {
    let repeat = |step: hdrhistogram::iterators::IterationValue<u64>| {
        let value = histogram.median_equivalent(step.value_iterated_to()) as f64 / 1e6;
        std::iter::repeat_n(value, step.count_at_value() as usize)
    };
    histogram.iter_recorded().flat_map(repeat).collect()
}
