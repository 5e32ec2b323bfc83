//! The live view of `dyno hit`: what is asked, what comes back, and whether dyno
//! keeps up, drawn again every second below the talk. Runs on the control thread,
//! from what the engine tells anyway: the load threads do nothing for it.

mod page;
mod spark;

use std::cell::{Cell, RefCell};
use std::convert::Infallible;
use std::time::{Duration, Instant};

use dyno_engine::{Event, Second};
use dyno_result::{Distribution, FailureCount};
use dyno_scenario::{Load, Step, Until};

use crate::interrupt::Interrupt;
use crate::screen;

/// Between two drawings when nothing happens: a server that stalls must not
/// stop the clock.
const REDRAW: Duration = Duration::from_millis(500);

/// Seconds that a sparkline may need.
const KEPT: usize = 400;

/// What the view shows.
#[derive(Debug, Clone)]
pub(crate) struct State {
    /// What is hit: method and URL.
    pub(crate) what: String,
    pub(crate) asked: Asked,
    pub(crate) stage: Stage,
    /// Since counting began.
    pub(crate) elapsed: Duration,
    /// The last full second.
    pub(crate) last: Option<Figures>,
    /// Everything up to its end.
    pub(crate) so_far: Option<Figures>,
    /// Share of the last second that the busiest load thread was on a CPU.
    pub(crate) busy_fraction: f64,
    /// Answers and p99 of the latest seconds, in their order.
    pub(crate) seconds: Vec<Mark>,
}

/// The load that was asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Asked {
    pub(crate) connections: u32,
    /// Starts per second; none in the closed model.
    pub(crate) starts_per_s: Option<f64>,
    pub(crate) until: Until,
}

/// How far the step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Connections are being opened.
    Opening,
    /// Counting.
    Measuring,
    /// The end was asked for or reached; answers are still awaited.
    Ending,
}

/// What was seen in some time.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Figures {
    pub(crate) length: Duration,
    /// Answers, right or wrong.
    pub(crate) answers: u64,
    pub(crate) failures: Vec<FailureCount>,
    pub(crate) response: Distribution,
    /// Open model only, as is `send_lag`.
    pub(crate) service: Option<Distribution>,
    pub(crate) send_lag: Option<Distribution>,
}

/// One second of a sparkline.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Mark {
    pub(crate) answers: u64,
    /// None where failures or too few answers leave no p99.
    pub(crate) p99_ns: Option<u64>,
}

/// The view on the screen; taken away when dropped.
#[derive(Debug)]
pub(crate) struct Live {
    state: RefCell<State>,
    begin: Cell<Option<Instant>>,
    interrupt: Interrupt,
}

impl State {
    pub(crate) fn new(what: String, step: &Step) -> Self {
        Self {
            what,
            asked: Asked::of(&step.load),
            stage: Stage::Opening,
            elapsed: Duration::ZERO,
            last: None,
            so_far: None,
            busy_fraction: 0.0,
            seconds: Vec::new(),
        }
    }

    /// Takes in what the engine tells.
    pub(crate) fn event(&mut self, event: &Event<'_>) {
        match event {
            Event::Warmup => {}
            Event::Measure => self.stage = Stage::Measuring,
            Event::Interval(second) => self.second(second),
            Event::Drained => self.stage = Stage::Ending,
        }
    }

    fn second(&mut self, second: &Second<'_>) {
        let length = Duration::from_nanos(second.interval.length_ns);
        let end = Duration::from_nanos(second.interval.start_ns) + length;
        if end > self.elapsed {
            // The last one, which the end of the step has cut short.
            return;
        }
        let last = Figures::of(&second.last, length);
        if self.seconds.len() == KEPT {
            self.seconds.remove(0);
        }
        self.seconds.push(Mark {
            answers: last.answers,
            p99_ns: page::p99(&last.response),
        });
        self.last = Some(last);
        self.so_far = Some(Figures::of(&second.so_far, end));
        self.busy_fraction = second.busy_fraction;
    }
}

impl Asked {
    fn of(load: &Load) -> Self {
        match load {
            Load::Closed { connections, until } => Self {
                connections: *connections,
                starts_per_s: None,
                until: *until,
            },
            Load::Open {
                profile,
                connections,
                ..
            } => Self {
                connections: *connections,
                starts_per_s: Some(profile.mean_per_second()),
                until: Until::Elapsed(profile.duration()),
            },
        }
    }
}

impl Figures {
    fn of(seen: &dyno_engine::Seen<'_>, length: Duration) -> Self {
        let failures = seen.failures();
        let wrong = failures.iter().filter(|failure| failure.kind.is_answer());
        Self {
            length,
            answers: seen.succeeded() + wrong.map(|failure| failure.count).sum::<u64>(),
            response: seen.response(),
            service: seen.service(),
            send_lag: seen.send_lag(),
            failures,
        }
    }
}

impl Live {
    /// Shows the view.
    pub(crate) fn new(state: State, interrupt: &Interrupt) -> Self {
        let live = Self {
            state: RefCell::new(state),
            begin: Cell::new(None),
            interrupt: interrupt.clone(),
        };
        live.draw();
        live
    }

    /// Takes in what the engine tells, and shows it.
    pub(crate) fn event(&self, event: &Event<'_>) {
        if matches!(event, Event::Measure) {
            self.begin.set(Some(Instant::now()));
        }
        let mut state = self.state.borrow_mut();
        state.elapsed = self.elapsed();
        state.event(event);
        drop(state);
        self.draw();
    }

    /// Keeps the clock of the view going; never ends.
    pub(crate) async fn tick(&self) -> Infallible {
        loop {
            tokio::time::sleep(REDRAW).await;
            self.draw();
        }
    }

    fn draw(&self) {
        let mut state = self.state.borrow_mut();
        state.elapsed = self.elapsed();
        if self.interrupt.is_asked() {
            state.stage = Stage::Ending;
        }
        screen::show(page::render(&state, screen::columns()));
    }

    fn elapsed(&self) -> Duration {
        (self.begin.get()).map_or(Duration::ZERO, |begin| begin.elapsed())
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        screen::erase();
    }
}
