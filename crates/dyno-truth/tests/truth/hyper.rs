//! Another client for the same truth: hyper's HTTP/1.1 under a plain open loop. It
//! shares questions, histogram and timer with the engine, and nothing else.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use dyno_engine::Played;
use dyno_result::{
    Bytes, Counts, Distribution, Generator, Histogram, Interval, IntervalHistograms, Packed, Step,
    StepHistograms, new_histogram,
};
use dyno_scenario::{Arrivals, Load, Profile};
use http_body_util::{BodyExt as _, Empty};
use hyper::body::Bytes as Chunk;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Method, Request, StatusCode, Uri, header};
use hyper_util::rt::TokioIo;
use nix::sched::{CpuSet, sched_setaffinity};
use nix::unistd::Pid;
use tokio::net::TcpStream;
use tokio::task::{LocalSet, spawn_local, yield_now};

use crate::client::{Ask, Client};

/// The runtime's own timer works in milliseconds.
#[path = "../../../dyno-engine/src/timer.rs"]
mod timer;
use timer::Timer;

/// Before it is due, a start is polled for: a thread that sleeps is woken late. One
/// that never sleeps is held back by the kernel as soon as others want its CPU.
const POLLED: Duration = Duration::from_micros(100);

/// hyper's HTTP/1.1, constant arrivals, one thread.
pub(crate) struct Hyper;

impl Client for Hyper {
    fn play(&self, address: SocketAddr, ask: &Ask) -> Played {
        // The thread of the test must not stay on a CPU.
        std::thread::scope(|scope| {
            let playing = scope.spawn(|| {
                let mut cpus = CpuSet::new();
                cpus.set(ask.cpus[0] as usize).unwrap();
                sched_setaffinity(Pid::from_raw(0), &cpus).unwrap();
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_io()
                    .build()
                    .unwrap();
                LocalSet::new().block_on(&runtime, drive(address, ask))
            });
            playing.join().unwrap()
        })
    }
}

/// Connections and starts that wait for each other, and what was seen.
struct Pool {
    idle: VecDeque<Sender>,
    waiting: VecDeque<Start>,
    response: Histogram,
    service: Histogram,
    last_end: Instant,
}

type Sender = SendRequest<Empty<Chunk>>;

struct Start {
    intended: Instant,
    request: Request<Empty<Chunk>>,
}

async fn drive(address: SocketAddr, ask: &Ask) -> Played {
    let Load::Open {
        profile: Profile::Steady { rate, duration },
        arrivals: Arrivals::Constant,
        connections,
    } = ask.load
    else {
        panic!("this client plays constant arrivals only");
    };
    let host = address.to_string();
    let uris: Vec<Uri> = ask.paths.iter().map(|path| path.parse().unwrap()).collect();
    let method: Method = ask.method.parse().unwrap();
    let mut idle = VecDeque::new();
    for _ in 0..connections {
        idle.push_back(connect(address).await);
    }
    let pool = Rc::new(RefCell::new(Pool {
        idle,
        waiting: VecDeque::new(),
        response: new_histogram(),
        service: new_histogram(),
        last_end: Instant::now(),
    }));
    let timer = Timer::new().unwrap();
    let t0 = Instant::now() + Duration::from_millis(10);
    let due = |number: u64| Duration::from_nanos(number * rate.per_ns / rate.starts);
    let mut count = 0;
    while due(count) < duration {
        let intended = t0 + due(count);
        let uri = uris[count as usize % uris.len()].clone();
        let request = Request::builder().method(method.clone()).uri(uri);
        let request = request.header(header::HOST, &host).body(Empty::new());
        let start = Start {
            intended,
            request: request.unwrap(),
        };
        timer.sleep_until(intended - POLLED).await.unwrap();
        while Instant::now() < intended {
            yield_now().await;
        }
        let sender = pool.borrow_mut().idle.pop_front();
        match sender {
            Some(sender) => {
                spawn_local(carry_out(sender, start, Rc::clone(&pool)));
            }
            None => pool.borrow_mut().waiting.push_back(start),
        }
        count += 1;
    }
    while pool.borrow().response.len() < count {
        let soon = Instant::now() + Duration::from_millis(1);
        timer.sleep_until(soon).await.unwrap();
    }
    let pool = pool.borrow();
    played(&pool, count, duration, pool.last_end - t0)
}

async fn connect(address: SocketAddr) -> Sender {
    let stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let (sender, connection) = handshake(TokioIo::new(stream)).await.unwrap();
    spawn_local(connection);
    sender
}

/// Sends `start` and then what waits, until nothing does.
async fn carry_out(mut sender: Sender, mut start: Start, pool: Rc<RefCell<Pool>>) {
    loop {
        sender.ready().await.unwrap();
        let sent = Instant::now();
        let response = sender.send_request(start.request).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        response.into_body().collect().await.unwrap();
        let end = Instant::now();
        let mut pool = pool.borrow_mut();
        let ns = |from: Instant| (end - from).as_nanos() as u64;
        pool.response.record(ns(start.intended)).unwrap();
        pool.service.record(ns(sent)).unwrap();
        pool.last_end = end;
        match pool.waiting.pop_front() {
            Some(next) => start = next,
            None => return pool.idle.push_back(sender),
        }
    }
}

/// What the tests look at; the rest is left empty.
fn played(pool: &Pool, count: u64, window: Duration, length: Duration) -> Played {
    let distribution = |histogram: &Histogram| Distribution::of(histogram, 0, 0, None);
    let nothing = distribution(&new_histogram());
    let window_ns = window.as_nanos() as u64;
    let length_ns = length.as_nanos() as u64;
    let per_second = count as f64 / window.as_secs_f64();
    Played {
        step: Step {
            id: "truth".to_owned(),
            window_ns,
            drain_ns: length_ns.saturating_sub(window_ns),
            counts: Counts {
                due: count,
                sent: count,
                succeeded: count,
                ..Counts::default()
            },
            failures: Vec::new(),
            ran_out: false,
            statuses: [(200, count)].into(),
            bytes: Bytes::default(),
            throughput_per_s: per_second,
            goodput_per_s: per_second,
            response: distribution(&pool.response),
            service: Some(distribution(&pool.service)),
            send_lag: None,
            pool_wait: None,
            first_byte: nothing.clone(),
            connect: nothing,
            resources: None,
            generator: Generator {
                threads: 1,
                cpu_user_ns: 0,
                cpu_system_ns: 0,
                cpu_per_request_ns: None,
                busy_fraction: 1.0,
                rss_peak_bytes: 0,
                pacing: Some(dyno_result::Pacing::Spin),
                hiccup: None,
                loop_delay: None,
                late_starts: None,
                poisson_p: None,
                kernel: None,
            },
            warmup: None,
            verdict: None,
            flows: Vec::new(),
            requests: Vec::new(),
            examples: Vec::new(),
            search: None,
        },
        histograms: StepHistograms {
            intervals: vec![IntervalHistograms {
                start_s: 0.0,
                length_s: length.as_secs_f64(),
                response: Packed::of(&pool.response),
                first_byte: Packed::of(&new_histogram()),
                connect: Packed::of(&new_histogram()),
            }],
        },
        intervals: vec![Interval {
            step: "truth".to_owned(),
            start_ns: 0,
            length_ns,
            succeeded: count,
            failed: 0,
            response_p50_ns: None,
            response_p99_ns: None,
            response_max_ns: None,
        }],
    }
}
