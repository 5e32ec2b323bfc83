//! One connection's loop: take a start, send, receive, record, again.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use dyno_result::FailureKind;
use tokio::task::JoinHandle;

use crate::answer::Answer;
use crate::check::Verifier;
use crate::connection::{Connection, Line, Opened, connect};
use crate::exam::Wrong;
use crate::exchange::Exchange;
use crate::idle::Seat;
use crate::kept::Kept;
use crate::limit::Limit;
use crate::player::{Player, keep};
use crate::recorder::{Recorder, Times};
use crate::request::Rendered;
use crate::route::Route;
use crate::script::{Fixed, Script};
use crate::share::back_off;
use crate::start::Start;
use crate::starts::Starts;

mod flows;

pub(crate) use flows::Stage;

/// How often a request is sent again that the server surely did not process. A
/// server that ends its connections now and then is met once, by chance twice; one
/// that takes fewer requests on a connection than it has streams, or refuses them
/// all, must show as failures, not as slow answers, and not be asked many times
/// as often as the load says.
const REPEATS: u32 = 3;

/// What all connections of a step have in common.
#[derive(Debug)]
pub(crate) struct Setting {
    pub(crate) route: Route,
    /// What is asked, if fixed requests take turns.
    pub(crate) requests: Vec<Fixed>,
    /// And otherwise.
    pub(crate) script: Option<Script>,
    pub(crate) timeout: Duration,
    pub(crate) keepalive: bool,
}

/// One of the step's connections, or one stream of it, open or not.
#[derive(Debug)]
pub(crate) struct Worker {
    state: State,
    /// Where it waits for starts from a clock.
    seat: Rc<Seat>,
    limit: Limit,
    answer: Answer,
    line: Line,
    /// Connects that failed in a row.
    refusals: u32,
    /// What flows need beside.
    player: Option<Box<Player>>,
}

/// A request that was carried out: its end, and why it failed.
struct Ended {
    at: Instant,
    failure: Option<FailureKind>,
}

#[derive(Debug)]
enum State {
    Closed,
    /// Still opening when the phase began.
    Opening(JoinHandle<Opened>),
    Open(Connection),
}

/// Room for a wrong answer, as an example.
#[cold]
fn curious(kept: &mut Option<Box<Kept>>) -> &mut Kept {
    let kept = kept.get_or_insert_default();
    kept.keep = keep(kept.keep, false, true);
    kept
}

impl Worker {
    pub(crate) fn new(line: Line) -> Self {
        Self {
            state: State::Closed,
            seat: Rc::default(),
            limit: Limit::new(),
            answer: Answer::new(),
            line,
            refusals: 0,
            player: None,
        }
    }

    /// Uses what `opening` will give for the first request.
    pub(crate) fn opening(&mut self, opening: JoinHandle<Opened>) {
        self.state = State::Opening(opening);
    }

    /// Carries out starts until there are none left. `t0` is the first intended
    /// start: a connection that is not open by then keeps its request waiting.
    pub(crate) async fn run(
        &mut self,
        setting: &Setting,
        starts: &Starts,
        recorder: &RefCell<Recorder>,
        t0: Instant,
    ) {
        let mut free = self.begin(starts, t0).await;
        // Answers are kept only once there was a wrong one.
        let mut kept: Option<Box<Kept>> = None;
        loop {
            if starts.is_open() && setting.keepalive && self.reopened(setting, recorder).await {
                free = Instant::now();
            }
            let Some(start) = starts.next(&self.seat, free, self.is_open()).await else {
                break;
            };
            let place = (start.number % setting.requests.len() as u64) as usize;
            let Fixed { request, check } = &setting.requests[place];
            let is_curious = recorder.borrow_mut().examples().is_curious;
            let mut verifier = check.keeping(match is_curious {
                false => None,
                true => Some(curious(&mut kept)),
            });
            let judge = |verifier: &mut Verifier<'_>, _, _| verifier.verdict().map_err(Wrong::from);
            let what = (place, request);
            let ended = self
                .carry_out(&start, what, &mut verifier, judge, setting, recorder)
                .await;
            free = ended.at;
            starts.done();
            if self.refusals > 1 {
                tokio::time::sleep(back_off(self.refusals)).await;
                free = Instant::now();
            }
        }
    }

    /// Since when the connection is free as a phase begins.
    async fn begin(&mut self, starts: &Starts, t0: Instant) -> Instant {
        if starts.is_open() {
            // Others are idle: a start need not wait for this one.
            self.opened().await;
        }
        if self.is_waiting().await {
            t0
        } else {
            Instant::now()
        }
    }

    /// Opens a connection that was closed, before a start needs it. If it cannot
    /// be had, the start that finds no other will try, and fail, by itself.
    async fn reopened(&mut self, setting: &Setting, recorder: &RefCell<Recorder>) -> bool {
        if self.is_open() || self.refusals > 0 {
            return false;
        }
        self.limit.set(Instant::now() + setting.timeout);
        self.open(setting, recorder).await.is_ok()
    }

    fn is_open(&self) -> bool {
        matches!(&self.state, State::Open(connection) if connection.is_open())
    }

    /// Whether the connection is still opening. If it is done, it is used; if it
    /// failed, nobody waited for it, and the first request tries again.
    async fn is_waiting(&mut self) -> bool {
        match &mut self.state {
            State::Opening(opening) if opening.is_finished() => {
                self.opened().await;
                false
            }
            State::Opening(_) => true,
            State::Closed | State::Open(_) => false,
        }
    }

    /// Waits until the connection is open, or was not to be had.
    async fn opened(&mut self) {
        if let State::Opening(opening) = &mut self.state {
            self.state = match opening.await {
                Ok(Ok((open, _))) => State::Open(open),
                _ => State::Closed,
            };
        }
    }

    /// Sends the request at `place`, receives its answer, has it judged and records
    /// what came of it. `judge` gets the service time and the length of the body.
    async fn carry_out(
        &mut self,
        start: &Start,
        (place, request): (usize, &Rendered),
        verifier: &mut Verifier<'_>,
        judge: impl FnOnce(&mut Verifier<'_>, Duration, u64) -> Result<(), Wrong>,
        setting: &Setting,
        recorder: &RefCell<Recorder>,
    ) -> Ended {
        recorder.borrow_mut().began(place);
        // In the closed model the intended start is the actual one, and the
        // clock need not be read again.
        let begin = if start.clocked {
            Instant::now()
        } else {
            start.intended
        };
        self.limit.set(begin + setting.timeout);
        let mut exchange = Exchange::default();
        let mut first_sent = None;
        let mut repeats_left = REPEATS;
        // What the server surely did not process is asked again: the same request,
        // with the same start and the same limit. Its bytes add up; that it was
        // sent more than once is not counted anywhere.
        let result = loop {
            let opened_at = match self.open(setting, recorder).await {
                Ok(opened_at) => opened_at,
                Err(kind) => {
                    // The last answer is another request's.
                    self.answer.expect(false);
                    break Err(kind);
                }
            };
            if first_sent.is_none() {
                first_sent = Some(opened_at.unwrap_or(begin));
                if start.clocked {
                    recorder.borrow_mut().punctual(start, begin);
                }
            }
            let State::Open(connection) = &mut self.state else {
                unreachable!("the connection is open now")
            };
            exchange.unprocessed = false;
            let result = connection
                .exchange(
                    request,
                    verifier,
                    &mut self.answer,
                    &mut self.limit,
                    &mut exchange,
                )
                .await;
            // A wrong answer leaves the connection usable, an absent one does not.
            if !exchange.reusable || !setting.keepalive {
                self.state = State::Closed;
            }
            if !exchange.unprocessed || repeats_left == 0 {
                break result;
            }
            repeats_left -= 1;
        };
        let end = exchange.end.unwrap_or_else(Instant::now);
        let sent = first_sent.unwrap_or(begin);
        let body = self.answer.body_bytes;
        let judged = match result {
            Ok(()) => judge(verifier, end.saturating_duration_since(sent), body),
            Err(kind) => Err(Wrong::from(kind)),
        };
        let mut recorder = recorder.borrow_mut();
        recorder.traffic(exchange.sent, exchange.received, body, self.answer.status);
        let times = Times {
            intended: start.intended,
            sent,
            first_byte: exchange.first_byte.unwrap_or(end),
            loop_delay: exchange.loop_delay,
            end,
        };
        match &judged {
            Ok(()) => {
                recorder.succeeded(place, &times);
                if !self.answer.timing.is_empty() {
                    let service = end.saturating_duration_since(sent);
                    recorder.told(place, &self.answer.timing, service);
                }
            }
            Err(wrong) => {
                recorder.failed(place, wrong.kind, end, exchange.end.is_some());
                if wrong.kind.is_answer() {
                    recorder.examples().note(place, wrong, verifier);
                }
            }
        }
        Ended {
            at: end,
            failure: judged.err().map(|wrong| wrong.kind),
        }
    }

    /// Boxed, so that what every request goes through stays small: with hundreds
    /// of connections the caches decide.
    async fn connect(&mut self, setting: &Setting) -> Opened {
        Box::pin(connect(&setting.route, &self.line, &mut self.limit)).await
    }

    /// Opens the connection if need be, and tells when it did.
    async fn open(
        &mut self,
        setting: &Setting,
        recorder: &RefCell<Recorder>,
    ) -> Result<Option<Instant>, FailureKind> {
        let opened = match &mut self.state {
            State::Open(connection) if connection.is_open() => return Ok(None),
            State::Opening(opening) => match opening.await {
                Ok(opened) => opened.map(|(open, _)| open),
                Err(_) => Err(FailureKind::ConnectOther),
            },
            State::Closed | State::Open(_) => {
                let opened = self.connect(setting).await;
                opened.map(|(open, time)| {
                    if let Some(time) = time {
                        recorder.borrow_mut().connected(time);
                    }
                    open
                })
            }
        };
        match opened {
            Ok(open) => {
                self.refusals = 0;
                self.state = State::Open(open);
                Ok(Some(Instant::now()))
            }
            Err(kind) => {
                self.refusals += 1;
                self.state = State::Closed;
                Err(kind)
            }
        }
    }
}
