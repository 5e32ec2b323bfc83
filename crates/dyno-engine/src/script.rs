//! The flows of a plan, made ready for one load thread.

use dyno_scenario::{Mix, Think};
use fastrand::Rng;

use crate::Error;
use crate::address::Address;
use crate::check::Check;
use crate::exam::Exam;
use crate::request::{Blank, Rendered};
use crate::stock::Stock;
use crate::wall::Wall;

/// Flows that are more than fixed requests in turn.
#[derive(Debug, Clone)]
pub(crate) struct Script {
    pub(crate) flows: Vec<Flow>,
    /// Captures, and data.
    pub(crate) sizes: (usize, usize),
    pub(crate) wall: Wall,
    /// Connections are encrypted.
    pub(crate) is_secure: bool,
}

/// Requests that follow each other.
#[derive(Debug, Clone)]
pub(crate) struct Flow {
    pub(crate) requests: Vec<Request>,
    pub(crate) cookies: bool,
    /// The data of which it wants a row, each once.
    pub(crate) data: Vec<usize>,
}

/// One request, ready to be filled and its answer to be looked at.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    /// Its number among all requests of all flows.
    pub(crate) place: usize,
    pub(crate) form: Form,
    pub(crate) check: Check,
    /// The same for an answer that is not sampled.
    pub(crate) status: Check,
    pub(crate) exam: Exam,
    pub(crate) sample: f64,
    pub(crate) think: Think,
    pub(crate) repeat: u32,
}

#[derive(Debug, Clone)]
pub(crate) enum Form {
    Fixed(Box<Rendered>),
    Filled(Box<Blank>),
}

/// A request that is always the same, and so is what is right about its answer:
/// all that most loads need.
#[derive(Debug, Clone)]
pub(crate) struct Fixed {
    pub(crate) request: Rendered,
    pub(crate) check: Check,
}

impl Script {
    /// Makes `flows` ready for the server at `address`.
    pub(crate) fn new(
        flows: &[dyno_scenario::Flow],
        address: &Address,
        keepalive: bool,
        stock: &Stock,
    ) -> Result<Self, Error> {
        let mut places = 0..;
        let flows = flows.iter().map(|flow| {
            let mut data = Vec::new();
            let requests = flow.requests.iter().map(|request| {
                let blank = Blank::new(request, address, keepalive, stock)?;
                data.extend(blank.data());
                let fixed = match flow.cookies {
                    true => None,
                    false => blank.as_fixed()?,
                };
                Ok(Request {
                    place: places.next().unwrap_or_default(),
                    form: match fixed {
                        Some(rendered) => Form::Fixed(Box::new(rendered)),
                        None => Form::Filled(Box::new(blank)),
                    },
                    check: Check::new(&request.checks),
                    status: Check::of_status(&request.checks),
                    exam: Exam::new(&request.checks, &request.captures)?,
                    sample: request.sample,
                    think: request.think,
                    repeat: request.repeat.max(1),
                })
            });
            let requests = requests.collect::<Result<_, Error>>()?;
            data.sort_unstable();
            data.dedup();
            Ok(Flow {
                requests,
                cookies: flow.cookies,
                data,
            })
        });
        Ok(Self {
            flows: flows.collect::<Result<_, Error>>()?,
            sizes: stock.sizes(),
            wall: stock.wall,
            is_secure: address.tls.is_some(),
        })
    }

    /// The requests alone, if they are all fixed, stand alone, and take turns.
    pub(crate) fn as_fixed(&self, mix: Mix) -> Option<Vec<Fixed>> {
        let in_turns = mix == Mix::Turns || self.flows.len() == 1;
        let fixed = |flow: &Flow| match flow.requests.as_slice() {
            [
                Request {
                    form: Form::Fixed(rendered),
                    check,
                    exam,
                    think: Think::None,
                    repeat: 1,
                    sample,
                    ..
                },
            ] if exam.is_empty() && *sample >= 1.0 => Some(Fixed {
                request: (**rendered).clone(),
                check: check.clone(),
            }),
            _ => None,
        };
        let fixed: Option<Vec<Fixed>> = self.flows.iter().map(fixed).collect();
        fixed.filter(|fixed| in_turns && !fixed.is_empty())
    }

    /// Whether any request has `{{seq}}` in it.
    pub(crate) fn has_numbers(&self) -> bool {
        let requests = self.flows.iter().flat_map(|flow| &flow.requests);
        requests.into_iter().any(|request| match &request.form {
            Form::Filled(blank) => blank.has_numbers(),
            Form::Fixed(_) => false,
        })
    }
}

/// How long to think this time, ns.
pub(crate) fn pause_ns(think: Think, random: &mut Rng) -> u64 {
    let ns = crate::time::ns;
    match think {
        Think::None => 0,
        Think::Fixed(time) => ns(time),
        Think::Uniform(low, high) => random.u64(ns(low.min(high))..=ns(high.max(low))),
        // 1 − u is in (0, 1]: its logarithm is finite.
        Think::Exponential(mean) => (-(1.0 - random.f64()).ln() * mean.as_nanos() as f64) as u64,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use dyno_scenario::{Capture, Check as Asked, Place, Plan, Text};

    use super::*;

    fn is_fixed(change: impl Fn(&mut Plan)) -> bool {
        let request = |path| dyno_scenario::Request::new("GET", path);
        let mut plan = Plan::of(vec![request("/a"), request("/b")]);
        plan.slots = vec!["x".to_owned()];
        change(&mut plan);
        let address = Address::plain(([127, 0, 0, 1], 1).into(), "h:1".to_owned());
        let script = Script::new(&plan.flows, &address, true, &Stock::default()).unwrap();
        script.as_fixed(plan.mix).is_some()
    }

    #[test]
    fn only_what_needs_more_than_a_fixed_request_gets_more() {
        assert!(is_fixed(|_| {}));
        let of_body = Asked::BodyEquals(b"ok".to_vec());
        assert!(is_fixed(
            |plan| plan.flows[0].requests[0].checks = vec![of_body.clone()]
        ));
        assert!(is_fixed(|plan| {
            plan.flows.truncate(1);
            plan.mix = Mix::Weights;
        }));
        assert!(!is_fixed(|plan| plan.mix = Mix::Weights));
        assert!(!is_fixed(|plan| plan.flows[1].cookies = true));
        let more = |change: fn(&mut dyno_scenario::Request)| {
            is_fixed(|plan| change(&mut plan.flows[1].requests[0]))
        };
        assert!(!more(|request| request.repeat = 2));
        assert!(!more(|request| request.sample = 0.5));
        assert!(!more(
            |request| request.think = Think::Fixed(Duration::from_millis(1))
        ));
        assert!(!more(|request| {
            request.checks = vec![Asked::Header("etag".to_owned(), Text::Exists)];
        }));
        assert!(!more(|request| {
            let from = Place::Header("etag".to_owned());
            request.captures = vec![Capture { slot: 0, from }];
        }));
        assert!(!is_fixed(|plan| {
            let request = plan.flows[0].requests[0].clone();
            plan.flows[0].requests.push(request);
        }));
    }

    #[test]
    fn pauses_are_spread_as_asked() {
        let mut random = Rng::with_seed(1);
        let ms = Duration::from_millis;
        let mut draw = |think| -> Vec<f64> {
            (0..10_000)
                .map(|_| pause_ns(think, &mut random) as f64 / 1e6)
                .collect()
        };
        let mean = |times: &[f64]| times.iter().sum::<f64>() / times.len() as f64;
        assert!(draw(Think::None).iter().all(|time| *time == 0.0));
        assert!(draw(Think::Fixed(ms(50))).iter().all(|time| *time == 50.0));
        let uniform = draw(Think::Uniform(ms(10), ms(100)));
        assert!(uniform.iter().all(|time| (10.0..=100.0).contains(time)));
        // Five standard errors: 90 / sqrt(12) / 100 and 50 / 100.
        assert!((mean(&uniform) - 55.0).abs() < 1.3, "{}", mean(&uniform));
        let exponential = draw(Think::Exponential(ms(50)));
        assert!(
            (mean(&exponential) - 50.0).abs() < 2.5,
            "{}",
            mean(&exponential)
        );
        let beyond = exponential.iter().filter(|time| **time > 50.0).count() as f64;
        assert!((beyond / 1e4 - (-1f64).exp()).abs() < 0.025, "{beyond}");
    }
}
