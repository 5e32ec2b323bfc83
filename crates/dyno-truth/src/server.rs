//! The event loop: one thread, epoll, and a timer that wakes shortly before
//! something is due; the rest is polled, so that answers leave within a few
//! microseconds of their time. Asked to stay awake it polls all the time, so that
//! arrivals are noticed as soon.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io;
use std::net::TcpListener;
use std::os::fd::AsFd;

use nix::errno::Errno;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use nix::sys::prctl::set_timerslack;
use nix::sys::socket::{Backlog, listen};
use nix::sys::time::TimeSpec;
use nix::sys::timerfd::{ClockId, Expiration, TimerFd, TimerFlags, TimerSetTimeFlags};

use crate::books::Books;
use crate::clock::{SECOND_NS, now_ns};
use crate::connection::{Connection, Pending, Progress, State, ok};
use crate::mode::{Asked, Departures, What};
use crate::request::{Request, Wish};
use crate::zoo::{self, Answer, End};

/// How long before something is due the loop begins to poll: longer than a
/// sleeping CPU takes to wake.
const POLL_NS: u64 = 150_000;

/// Epoll's words for what is not a connection.
const UNTIL: u64 = u64::MAX;
const LISTENER: u64 = u64::MAX - 1;
const TIMER: u64 = u64::MAX - 2;

/// Serves `listener` in this thread until `until` can be read or is closed.
///
/// # Errors
/// The kernel refuses epoll, a timer or (no descriptors left) a connection.
pub fn serve(listener: TcpListener, until: impl AsFd) -> io::Result<()> {
    let mut server = Server::new(listener)?;
    let event = EpollEvent::new(EpollFlags::EPOLLIN, UNTIL);
    server.epoll.add(&until, event)?;
    server.run()
}

struct Server {
    epoll: Epoll,
    listener: TcpListener,
    timer: TimerFd,
    /// Never sleeps: a sleeping CPU notices an arrival tens of microseconds late.
    awake: bool,
    /// For when the timer is set; 0 for not at all.
    armed_ns: u64,
    connections: Vec<Option<Connection>>,
    free: Vec<usize>,
    /// When, which connection, and the number of its timer.
    due: BinaryHeap<Reverse<(u64, usize, u64)>>,
    timers: u64,
    departures: Departures,
    books: Books,
    buffer: Box<[u8]>,
}

impl Server {
    fn new(listener: TcpListener) -> io::Result<Self> {
        // Without it answers may be 50 us later; they still tell their time.
        let _ = set_timerslack(1);
        listener.set_nonblocking(true)?;
        // The standard library asks for 128 only.
        listen(&listener, Backlog::MAXCONN)?;
        let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
        let timer = TimerFd::new(
            ClockId::CLOCK_MONOTONIC,
            TimerFlags::TFD_NONBLOCK | TimerFlags::TFD_CLOEXEC,
        )?;
        epoll.add(&listener, EpollEvent::new(EpollFlags::EPOLLIN, LISTENER))?;
        epoll.add(&timer, EpollEvent::new(EpollFlags::EPOLLIN, TIMER))?;
        Ok(Self {
            epoll,
            listener,
            timer,
            awake: false,
            armed_ns: 0,
            connections: Vec::new(),
            free: Vec::new(),
            due: BinaryHeap::new(),
            timers: 0,
            departures: Departures::new(now_ns()),
            books: Books::new(),
            buffer: vec![0; 64 * 1024].into_boxed_slice(),
        })
    }

    fn run(&mut self) -> io::Result<()> {
        let mut events = [EpollEvent::empty(); 256];
        loop {
            let timeout = self.timeout()?;
            let count = match self.epoll.wait(&mut events, timeout) {
                Ok(count) => count,
                Err(Errno::EINTR) => 0,
                Err(error) => return Err(error.into()),
            };
            for event in &events[..count] {
                match event.data() {
                    UNTIL => return Ok(()),
                    LISTENER => self.accept()?,
                    TIMER => {
                        let _ = self.timer.wait();
                        self.armed_ns = 0;
                    }
                    index => self.ready(index as usize, event.events()),
                }
                self.depart_due();
            }
            self.depart_due();
        }
    }

    /// How long the loop may sleep; sets the timer if something will be due.
    fn timeout(&mut self) -> io::Result<EpollTimeout> {
        if self.awake {
            return Ok(EpollTimeout::ZERO);
        }
        let Some(Reverse((due_ns, ..))) = self.due.peek() else {
            return Ok(EpollTimeout::NONE);
        };
        let wake_ns = due_ns.saturating_sub(POLL_NS);
        if wake_ns <= now_ns() {
            return Ok(EpollTimeout::ZERO);
        }
        if self.armed_ns == 0 || wake_ns < self.armed_ns {
            let at = TimeSpec::new((wake_ns / SECOND_NS) as i64, (wake_ns % SECOND_NS) as i64);
            let flags = TimerSetTimeFlags::TFD_TIMER_ABSTIME;
            self.timer.set(Expiration::OneShot(at), flags)?;
            self.armed_ns = wake_ns;
        }
        Ok(EpollTimeout::NONE)
    }

    /// Sends every answer, or piece of one, that is due.
    fn depart_due(&mut self) {
        while let Some(&Reverse((due_ns, index, timer))) = self.due.peek() {
            if due_ns > now_ns() {
                return;
            }
            self.due.pop();
            let waits = (self.connections.get(index).and_then(Option::as_ref))
                .is_some_and(|connection| connection.timer == timer);
            if waits {
                self.depart(index);
                self.understand(index);
            }
        }
    }

    fn accept(&mut self) -> io::Result<()> {
        loop {
            let stream = match self.listener.accept() {
                Ok((stream, _)) => stream,
                Err(error) => match error.kind() {
                    io::ErrorKind::WouldBlock => return Ok(()),
                    io::ErrorKind::Interrupted | io::ErrorKind::ConnectionAborted => continue,
                    _ => return Err(error),
                },
            };
            let connection = Connection::new(stream)?;
            self.books.counts.connections += 1;
            let index = self.free.pop().unwrap_or(self.connections.len());
            let event = EpollEvent::new(EpollFlags::EPOLLIN, index as u64);
            self.epoll.add(&connection.stream, event)?;
            if index == self.connections.len() {
                self.connections.push(None);
            }
            self.connections[index] = Some(connection);
        }
    }

    fn ready(&mut self, index: usize, events: EpollFlags) {
        let Some(connection) = self.connections.get_mut(index).and_then(Option::as_mut) else {
            return;
        };
        if events.contains(EpollFlags::EPOLLOUT) {
            self.write(index);
        } else if connection.read(&mut self.buffer) {
            self.understand(index);
        } else {
            self.remove(index);
        }
    }

    /// Takes the complete requests from the inbox, one at a time.
    fn understand(&mut self, index: usize) {
        while let Some(connection) = self.connections.get_mut(index).and_then(Option::as_mut) {
            if !matches!(connection.state, State::Idle) || connection.inbox.is_empty() {
                return;
            }
            let inbox = std::mem::take(&mut connection.inbox);
            match Request::read(&inbox) {
                Ok(Some(request)) => {
                    connection.wish = request.wish;
                    connection.inbox.extend_from_slice(&inbox[request.bytes..]);
                    self.take_up(index, &request);
                }
                Ok(None) => {
                    connection.inbox = inbox;
                    return;
                }
                Err(_) => return self.remove(index),
            }
        }
    }

    /// Decides when and how to answer.
    fn take_up(&mut self, index: usize, request: &Request<'_>) {
        let arrival_ns = now_ns();
        if request.target.starts_with("/truth/") {
            self.not_load(index);
        }
        if let Some(body) = self.control(request.target) {
            // What is told about the load is not part of it.
            let written_bytes = self.books.counts.written_bytes;
            self.send(index, told(&body));
            self.books.counts.written_bytes = written_bytes;
            return;
        }
        let number = self.books.counts.requests;
        self.books.counts.requests += 1;
        let asked = match Asked::read(request.target) {
            Ok(asked) => asked,
            Err(problem) => return self.send(index, not_found(&problem)),
        };
        match asked.what {
            What::Zoo(name) => {
                self.close_untold(index);
                let answer = zoo::answer(name, request.is_head);
                let answer = answer.unwrap_or_else(|| not_found(&format!("there is no {name}")));
                self.books.counts.answers += 1;
                self.send(index, answer);
            }
            What::Timing(told) => {
                self.books.counts.answers += 1;
                self.send(index, told.answer(number));
            }
            What::Ok {
                body_bytes,
                timed: false,
            } => {
                self.books.counts.answers += 1;
                self.send(index, ok(body_bytes, request.is_head, None));
            }
            What::Ok {
                body_bytes,
                timed: true,
            } => {
                let k = asked.k.unwrap_or(number);
                let pending = Pending {
                    body_bytes,
                    is_head: request.is_head,
                    arrival_ns,
                    place: self.books.arrived(k, arrival_ns),
                };
                let due_ns = self.departures.of(asked.timing, k, arrival_ns);
                self.set_state(index, State::Waiting(pending));
                if due_ns <= arrival_ns {
                    self.depart(index);
                } else {
                    self.schedule(index, due_ns);
                }
            }
        }
    }

    /// The time of a connection has come: its answer, or the next piece of it.
    fn depart(&mut self, index: usize) {
        let Some(connection) = self.connections[index].as_ref() else {
            return;
        };
        let State::Waiting(pending) = connection.state else {
            return self.write(index);
        };
        let sojourn_ns = now_ns() - pending.arrival_ns;
        self.books.departed(pending.place, sojourn_ns);
        self.books.counts.answers += 1;
        let times = Some((pending.arrival_ns, sojourn_ns));
        self.send(index, ok(pending.body_bytes, pending.is_head, times));
    }

    fn send(&mut self, index: usize, mut answer: Answer) {
        let connection = self.connections.get(index).and_then(Option::as_ref);
        if connection.is_some_and(|connection| connection.wish == Wish::KeepIfTold) {
            answer.tell_kept();
        }
        self.set_state(index, State::Writing(answer));
        self.write(index);
    }

    fn write(&mut self, index: usize) {
        let Some(connection) = self.connections[index].as_mut() else {
            return;
        };
        let progress = connection.write();
        self.books.counts.written_bytes += std::mem::take(&mut connection.sent_bytes);
        let watches_room = progress == Some(Progress::Blocked);
        if watches_room != connection.watches_room {
            connection.watches_room = watches_room;
            let mut flags = EpollFlags::EPOLLIN;
            flags.set(EpollFlags::EPOLLOUT, watches_room);
            let mut event = EpollEvent::new(flags, index as u64);
            // Fails only for a socket that is gone; then a read tells.
            let _ = self.epoll.modify(&connection.stream, &mut event);
        }
        match progress {
            Some(Progress::Blocked) => {}
            Some(Progress::Pause(ns)) => self.schedule(index, now_ns() + ns),
            Some(Progress::Done(End::Keep)) if connection.wish != Wish::Close => {
                connection.state = State::Idle;
            }
            Some(Progress::Done(End::Reset)) => {
                connection.reset_on_close();
                self.remove(index);
            }
            Some(Progress::Done(End::Keep | End::Close)) | None => self.remove(index),
        }
    }

    fn schedule(&mut self, index: usize, due_ns: u64) {
        self.timers += 1;
        if let Some(connection) = self.connections[index].as_mut() {
            connection.timer = self.timers;
            self.due.push(Reverse((due_ns, index, self.timers)));
        }
    }

    fn set_state(&mut self, index: usize, state: State) {
        if let Some(connection) = self.connections[index].as_mut() {
            connection.state = state;
        }
    }

    /// The bytes of an answer of the zoo are given: who must be told that the
    /// connection is kept is not, and it is closed.
    fn close_untold(&mut self, index: usize) {
        if let Some(connection) = self.connections[index].as_mut()
            && connection.wish == Wish::KeepIfTold
        {
            connection.wish = Wish::Close;
        }
    }

    fn remove(&mut self, index: usize) {
        if self.connections[index].take().is_some() {
            self.free.push(index);
        }
    }

    /// A connection that asks about the server is none of the load's.
    fn not_load(&mut self, index: usize) {
        if let Some(connection) = self.connections[index].as_mut() {
            let connections = &mut self.books.counts.connections;
            *connections = connections.saturating_sub(u64::from(connection.is_load));
            connection.is_load = false;
        }
    }

    /// The answer to a question about the server itself.
    fn control(&mut self, target: &str) -> Option<String> {
        match target {
            "/truth/counts" => Some(self.books.counts_text()),
            "/truth/log" => Some(self.books.log_text()),
            "/truth/arrivals" => Some(self.books.arrivals_text()),
            "/truth/awake" => {
                self.awake = true;
                Some(String::new())
            }
            "/truth/reset" => {
                let origin_ns = now_ns();
                self.books.reset();
                self.departures = Departures::new(origin_ns);
                Some(format!("{origin_ns}\n"))
            }
            _ => None,
        }
    }
}

fn told(body: &str) -> Answer {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
    Answer::whole((head + body).into_bytes(), End::Keep)
}

fn not_found(problem: &str) -> Answer {
    let length = problem.len() + 1;
    let text = format!("HTTP/1.1 404 Not Found\r\nContent-Length: {length}\r\n\r\n{problem}\n");
    Answer::whole(text.into_bytes(), End::Keep)
}
