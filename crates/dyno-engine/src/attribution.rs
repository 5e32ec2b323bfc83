//! Where the time of right answers went, as their `Server-Timing` fields tell. Costs
//! nothing until there is such a field: memory is made for the first answer to each
//! request that has one.

use std::time::Duration;

use dyno_result::{
    AttributedPart, Attribution, AttributionDoubts, Distribution, Histogram, PARTS, QuantileValue,
    coarse_histogram, merge,
};

use crate::server_timing::durations;
use crate::time::{ns, record};

/// The parts that are told; with `outside` and `own` before them they are [`PARTS`].
const TOLD: usize = PARTS.len() - 2;

/// The name of the whole that they are parts of.
const APP: &str = "app";

/// Other names that are kept.
const MOST_OTHERS: usize = 8;
/// The longest of them, bytes.
const LONGEST_NAME: usize = 64;

/// What one thread heard in one phase.
#[derive(Debug)]
pub(crate) struct Timings {
    /// Of each request, or of all together.
    by_request: Box<[Option<Box<Told>>]>,
}

/// What the answers to one request told.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    answers: u64,
    service_ns: u64,
    /// In the order of [`PARTS`].
    parts: [Part; PARTS.len()],
    app: Part,
    /// Sums of other names, ns.
    others: Vec<(Box<[u8]>, u64)>,
    doubts: AttributionDoubts,
}

#[derive(Debug, Clone)]
struct Part {
    total_ns: u64,
    times: Histogram,
}

impl Timings {
    /// For so many requests, or for all together where there are none to be told
    /// apart.
    pub(crate) fn new(requests: usize) -> Self {
        Self {
            by_request: vec![None; requests.max(1)].into(),
        }
    }

    /// A right answer to request number `place` after `service`, with these `lines`
    /// of Server-Timing.
    pub(crate) fn note(&mut self, place: usize, lines: &[u8], service: Duration) {
        let place = place.min(self.by_request.len() - 1);
        let told = self.by_request[place].get_or_insert_with(Told::new);
        told.note(lines, ns(service));
    }

    /// Adds what another thread heard.
    pub(crate) fn add(&mut self, other: &Self) {
        for (sum, told) in self.by_request.iter_mut().zip(&other.by_request) {
            if let Some(told) = told {
                sum.get_or_insert_with(Told::new).add(told);
            }
        }
    }

    /// Figures of all requests together; none if no answer told a duration.
    pub(crate) fn whole(&self) -> Option<Attribution> {
        let mut told = self.by_request.iter().flatten();
        let mut sum = told.next()?.clone();
        told.for_each(|told| sum.add(told));
        Some(sum.figures())
    }

    /// Figures of request number `place`.
    pub(crate) fn of(&self, place: usize) -> Option<Attribution> {
        Some(self.by_request.get(place)?.as_ref()?.figures())
    }
}

impl Told {
    #[cold]
    fn new() -> Box<Self> {
        let part = || Part {
            total_ns: 0,
            times: coarse_histogram(),
        };
        Box::new(Self {
            answers: 0,
            service_ns: 0,
            parts: std::array::from_fn(|_| part()),
            app: part(),
            others: Vec::new(),
            doubts: AttributionDoubts::default(),
        })
    }

    fn note(&mut self, lines: &[u8], service_ns: u64) {
        let mut inner = [0_u64; TOLD];
        let (mut app, mut is_known) = (None, false);
        for (name, duration) in durations(lines) {
            let Some(duration) = duration else {
                self.doubts.unreadable += 1;
                continue;
            };
            let told = PARTS[PARTS.len() - TOLD..].iter();
            let mut told = told.zip(&mut inner);
            if let Some((_, sum)) = told.find(|(known, _)| known.as_bytes() == name) {
                *sum += duration;
                is_known = true;
            } else if name == APP.as_bytes() {
                *app.get_or_insert(0) += duration;
                is_known = true;
            } else {
                self.other(name, duration);
            }
        }
        if is_known {
            self.split(service_ns, app, inner);
        }
    }

    /// One answer in parts.
    fn split(&mut self, service_ns: u64, app: Option<u64>, inner: [u64; TOLD]) {
        let sum = inner.iter().fold(0, |sum: u64, ns| sum.saturating_add(*ns));
        let app_ns = app.unwrap_or(sum);
        self.doubts.without_app += u64::from(app.is_none());
        self.doubts.app_exceeded += u64::from(sum > app_ns);
        // What is told inside of `app` takes its time, whatever `app` says.
        let covered = app_ns.max(sum);
        self.doubts.service_exceeded += u64::from(covered > service_ns);
        self.answers += 1;
        self.service_ns = self.service_ns.saturating_add(service_ns);
        self.app.note(app_ns);
        let outside = service_ns.saturating_sub(covered);
        let own = app_ns.saturating_sub(sum);
        let all = [outside, own].into_iter().chain(inner);
        for (part, ns) in self.parts.iter_mut().zip(all) {
            part.note(ns);
        }
    }

    fn other(&mut self, name: &[u8], duration_ns: u64) {
        let mut others = self.others.iter_mut();
        if let Some((_, sum)) = others.find(|(known, _)| **known == *name) {
            *sum = sum.saturating_add(duration_ns);
        } else if self.others.len() < MOST_OTHERS && name.len() <= LONGEST_NAME {
            self.others.push((name.into(), duration_ns));
        } else {
            self.doubts.left_out += 1;
        }
    }

    fn add(&mut self, other: &Self) {
        self.answers += other.answers;
        self.service_ns = self.service_ns.saturating_add(other.service_ns);
        for (sum, part) in self.parts.iter_mut().zip(&other.parts) {
            sum.add(part);
        }
        self.app.add(&other.app);
        for (name, sum) in &other.others {
            self.other(name, *sum);
        }
        let (doubts, more) = (&mut self.doubts, &other.doubts);
        doubts.without_app += more.without_app;
        doubts.app_exceeded += more.app_exceeded;
        doubts.service_exceeded += more.service_exceeded;
        doubts.unreadable += more.unreadable;
        doubts.left_out += more.left_out;
    }

    fn figures(&self) -> Attribution {
        let totals = self.parts.iter().map(|part| part.total_ns);
        let whole_ns = totals.fold(0, u64::saturating_add);
        let share = |ns: u64| (whole_ns > 0).then(|| ns as f64 / whole_ns as f64);
        let figure = |name: &str, part: &Part| AttributedPart {
            name: name.to_owned(),
            total_ns: part.total_ns,
            share: share(part.total_ns),
            p50_ns: part.quantile(0.5),
            p99_ns: part.quantile(0.99),
        };
        let others = self.others.iter().map(|(name, sum)| AttributedPart {
            name: String::from_utf8_lossy(name).into_owned(),
            total_ns: *sum,
            share: share(*sum),
            p50_ns: None,
            p99_ns: None,
        });
        let mut others: Vec<_> = others.collect();
        others.sort_by(|a, b| (b.total_ns.cmp(&a.total_ns)).then_with(|| a.name.cmp(&b.name)));
        let app = (self.answers > self.doubts.without_app).then(|| figure(APP, &self.app));
        Attribution {
            answers: self.answers,
            service_ns: self.service_ns,
            parts: (PARTS.iter().zip(&self.parts))
                .map(|(name, part)| figure(name, part))
                .collect(),
            others: app.into_iter().chain(others).collect(),
            doubts: self.doubts,
        }
    }
}

impl Part {
    fn note(&mut self, ns: u64) {
        self.total_ns = self.total_ns.saturating_add(ns);
        record(&mut self.times, Duration::from_nanos(ns));
    }

    fn add(&mut self, other: &Self) {
        self.total_ns = self.total_ns.saturating_add(other.total_ns);
        merge(&mut self.times, &other.times);
    }

    /// Nothing is recorded as 1 ns.
    fn quantile(&self, q: f64) -> Option<u64> {
        match Distribution::of(&self.times, 0, 0, None).quantile(q)? {
            QuantileValue::Ns(1) => Some(0),
            QuantileValue::Ns(ns) => Some(ns),
            QuantileValue::AtLeastNs(_) | QuantileValue::Failed => None,
        }
    }
}

#[cfg(test)]
#[path = "attribution_tests.rs"]
mod tests;
